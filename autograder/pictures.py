"""Makes the pictures of plots with less work than the inline back end does, and the same to look at.

That draws a figure twice, the first time with nothing to draw on, to learn its margins; layout and measuring need no
such draw where all axes are plain ones. It measures labels for metadata that nobody here keeps. And it compresses hard.
"""

from __future__ import annotations

import contextlib
import functools
import weakref
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

    _lay_out_each_text_once()
    _find_ticks_once()

    # What mypy is told to pass over here is the purpose: methods of matplotlib, two of them private, are replaced.
    Figure.draw = draw_or_lay_out  # type: ignore[method-assign, assignment]
    FigureCanvasAgg.print_png = print_quickly  # type: ignore[method-assign]
    RendererAgg._draw_disabled = measure  # type: ignore[attr-defined]
    backend_inline._fetch_figure_metadata = lambda figure: None


def _lay_out_each_text_once() -> None:
    """Remember for each renderer how texts were laid out, as matplotlib remembers their sizes."""
    from matplotlib.text import Text

    lay_out = Text._get_layout  # type: ignore[attr-defined]
    known: weakref.WeakKeyDictionary[Any, dict[Any, Any]] = weakref.WeakKeyDictionary()

    @functools.wraps(lay_out)
    def lay_out_once(text: Any, renderer: Any) -> Any:
        if text.get_wrap():  # depends on where the text stands
            return lay_out(text, renderer)
        key = (
            text.get_text(),
            hash(text.get_fontproperties()),
            text.get_figure(root=True).dpi,
            text.get_usetex(),
            text.get_parse_math(),
            text._linespacing,
            text._get_multialignment(),
            text.get_rotation(),
            text.get_horizontalalignment(),
            text.get_verticalalignment(),
            text.get_rotation_mode(),
        )
        layouts = known.setdefault(renderer, {})
        if key not in layouts:
            layouts[key] = lay_out(text, renderer)
        return layouts[key]

    Text._get_layout = lay_out_once  # type: ignore[attr-defined]


def _find_ticks_once() -> None:
    """Have the ticks of an axis computed once, and not ten times, while its axes are measured or it is drawn."""
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

    update = Axis._update_ticks  # type: ignore[attr-defined]
    found: dict[Any, list[Any]] | None = None

    def remembering(method: Any) -> Any:
        @functools.wraps(method)
        def remember(*arguments: Any, **named: Any) -> Any:
            nonlocal found
            if found is not None:
                return method(*arguments, **named)
            found = {}
            try:
                return method(*arguments, **named)
            finally:
                found = None

        return remember

    @functools.wraps(update)
    def update_once(axis: Any) -> Any:
        if found is None:
            return update(axis)
        key = axis, tuple(axis.get_view_interval()), axis.axes.bbox.bounds
        if key not in found:
            found[key] = update(axis)
        return [*found[key]]

    Axis._update_ticks = update_once  # type: ignore[attr-defined]
    Axes.get_tightbbox = remembering(Axes.get_tightbbox)  # type: ignore[method-assign]
    Axis.get_tightbbox = remembering(Axis.get_tightbbox)  # type: ignore[method-assign]
    Axis.draw = remembering(Axis.draw)  # type: ignore[method-assign]
