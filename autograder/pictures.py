"""Makes the pictures of plots with less work than the inline back end does, and the same to look at.

That draws a figure twice, the first time with nothing to draw on, to learn its margins; layout and measuring need no
such draw where all axes are plain ones. It measures labels for metadata that nobody here keeps. And it compresses hard.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator
from typing import Any

QUICK_COMPRESSION = 1  # of zlib's nine


def make_pictures_quickly() -> None:
    """Change matplotlib in this process; what a notebook itself asks of matplotlib keeps its meaning."""
    from matplotlib.axes import Axes
    from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
    from matplotlib.figure import Figure
    from matplotlib_inline import backend_inline

    draw, print_png, disabled = Figure.draw, FigureCanvasAgg.print_png, RendererAgg._draw_disabled  # type: ignore[attr-defined]
    measuring: list[Any] = []

    @contextlib.contextmanager
    def measure(renderer: Any) -> Iterator[None]:
        measuring.append(renderer)
        try:
            with disabled(renderer):
                yield
        finally:
            measuring.pop()

    @functools.wraps(draw)
    def draw_or_lay_out(figure: Any, renderer: Any) -> None:
        plain = not figure.subfigs and all(type(axes) is Axes for axes in figure.axes)
        if not (renderer in measuring and plain and figure.canvas.is_saving()):
            draw(figure, renderer)
        elif figure.axes and (engine := figure.get_layout_engine()) is not None:
            with contextlib.suppress(ValueError):  # as in matplotlib's own draw
                engine.execute(figure)

    @functools.wraps(print_png)
    def print_quickly(canvas: Any, target: Any, *, metadata: Any = None, pil_kwargs: Any = None) -> None:
        print_png(
            canvas, target, metadata=metadata, pil_kwargs={"compress_level": QUICK_COMPRESSION, **(pil_kwargs or {})}
        )

    # What mypy is told to pass over here is the purpose: methods of matplotlib, two of them private, are replaced.
    Figure.draw = draw_or_lay_out  # type: ignore[method-assign, assignment]
    FigureCanvasAgg.print_png = print_quickly  # type: ignore[method-assign]
    RendererAgg._draw_disabled = measure  # type: ignore[attr-defined]
    backend_inline._fetch_figure_metadata = lambda figure: None
