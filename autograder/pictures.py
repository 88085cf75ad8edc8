"""Makes the pictures of plots with less work than the inline back end does, and the same to look at.

That draws a figure twice, the first time with nothing to draw on, to learn its margins; layout and measuring need no
such draw where all axes are plain ones. It measures labels for metadata that nobody here keeps, lays out each text and
finds the ticks of each axis many times over, and compresses hard.
"""

from __future__ import annotations

import contextlib
import functools
import struct
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np

QUICK_COMPRESSION = 1  # of zlib's nine
INCH = 0.0254  # metres


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
        if metadata or pil_kwargs or not hasattr(target, "write"):
            level = {"compress_level": QUICK_COMPRESSION, **(pil_kwargs or {})}
            print_png(canvas, target, metadata=metadata, pil_kwargs=level)
        else:
            FigureCanvasAgg.draw(canvas)
            target.write(png(np.asarray(canvas.buffer_rgba()), canvas.figure.dpi))

    _lay_out_each_text_once()
    _find_ticks_once()

    # What mypy is told to pass over here is the purpose: methods of matplotlib, two of them private, are replaced.
    Figure.draw = draw_or_lay_out  # type: ignore[method-assign, assignment]
    FigureCanvasAgg.print_png = print_quickly  # type: ignore[method-assign]
    RendererAgg._draw_disabled = measure  # type: ignore[attr-defined]
    backend_inline._fetch_figure_metadata = lambda figure: None


def png(pixels: Any, dpi: float) -> bytes:
    """Return pixels, an array of bytes (height, width, 4), as a PNG file.

    Each row is stored as its difference to the one above; to try all five ways of PNG for every row takes longer.
    """
    height, width = pixels.shape[:2]
    rows = np.empty((height, 1 + 4 * width), np.uint8)
    rows[:, 0] = 2  # the way of storing that PNG calls "up"
    flat = pixels.reshape(height, 4 * width)
    rows[0, 1:] = flat[0]
    np.subtract(flat[1:], flat[:-1], out=rows[1:, 1:])
    density = round(dpi / INCH)
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)),  # eight bits each of red, green, blue, alpha
        (b"pHYs", struct.pack(">IIB", density, density, 1)),
        (b"IDAT", zlib.compress(rows.data, QUICK_COMPRESSION)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


def _lay_out_each_text_once() -> None:
    """Remember how texts were laid out while one picture is made: it is asked for ten times, of two renderers."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
    from matplotlib.text import Text

    lay_out, print_figure = Text._get_layout, FigureCanvasAgg.print_figure  # type: ignore[attr-defined]
    known: dict[Any, Any] | None = None

    @functools.wraps(print_figure)
    def print_and_remember(*arguments: Any, **named: Any) -> Any:
        nonlocal known
        known = {}
        try:
            return print_figure(*arguments, **named)
        finally:
            known = None

    @functools.wraps(lay_out)
    def lay_out_once(text: Any, renderer: Any) -> Any:
        if known is None or type(renderer) is not RendererAgg or text.get_wrap():  # that depends on where it stands
            return lay_out(text, renderer)
        key = (
            text.get_text(),
            hash(text.get_fontproperties()),
            renderer.dpi,
            text.get_figure(root=True).dpi,
            text.get_usetex(),
            text.get_parse_math(),
            text.get_linespacing(),
            text._get_multialignment(),
            text.get_rotation(),
            text.get_horizontalalignment(),
            text.get_verticalalignment(),
            text.get_rotation_mode(),
        )
        if key not in known:
            known[key] = lay_out(text, renderer)
        return known[key]

    Text._get_layout = lay_out_once  # type: ignore[attr-defined]
    FigureCanvasAgg.print_figure = print_and_remember  # type: ignore[method-assign]


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
