"""How the course draws: one style that reads on white and on near-black, and figures a reader can scrub.

The only module that needs matplotlib. Chapters import it in plotting cells alone; it knows no formula.
"""

import base64
import html
import io
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image  # comes with matplotlib, which writes its pictures with it

# Grey text must reach about the same contrast on white as on near-black; this value does (4.3 and 4.2 to 1).
GREY = "#7a7a7a"
# Okabe & Ito's colours without black and yellow, which vanish on one of the two backgrounds.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9")

STYLE: Any = {
    "figure.figsize": (6.4, 3.6),
    "figure.dpi": 110,
    "figure.facecolor": "none",
    "figure.constrained_layout.use": True,
    "savefig.facecolor": "none",
    "savefig.transparent": True,
    "axes.facecolor": "none",
    "axes.edgecolor": GREY,
    "axes.labelcolor": GREY,
    "axes.titlecolor": GREY,
    "axes.titlesize": "medium",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.prop_cycle": cycler(color=COLOURS),
    "grid.color": GREY,
    "grid.alpha": 0.25,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "text.color": GREY,
    "legend.frameon": False,
    "legend.labelcolor": GREY,
    "lines.linewidth": 2.0,
    "image.cmap": "cividis",
    "svg.hashsalt": "course",
}


def use_style() -> None:
    """Set the course's matplotlib style: transparent, mid-grey text, a cycle safe for colour-blind readers."""
    mpl.rcParams.update(STYLE)


def new_axes(
    columns: int = 1, width: float = 6.4, height: float = 3.6, rows: int = 1, **subplot_options: Any
) -> tuple[Figure, Any]:
    """Return a figure and its axes (one, or an array of them) in the course's style.

    Parameters
    ----------
    columns, rows : int
        The grid of axes.
    width, height : float
        The whole figure, in inches.
    **subplot_options
        Passed to `matplotlib.pyplot.subplots`.
    """
    use_style()
    return plt.subplots(rows, columns, figsize=(width, height), **subplot_options)


def label(axes: Axes, x: str, y: str, title: str = "", legend: bool = False) -> None:
    """Name both axes, and give a title and a legend where wanted."""
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    if title:
        axes.set_title(title)
    if legend:
        axes.legend()


def draw_graph(
    axes: Axes,
    nodes: Mapping[str, tuple[Any, ...]],
    edges: Sequence[tuple[str, ...]],
    highlight: Sequence[str] = (),
) -> None:
    """Draw quantities as circles and what depends on what as arrows, with a text in each circle and on each arrow.

    Parameters
    ----------
    axes : Axes
        Where to draw; its frame is switched off.
    nodes : mapping
        For each name (x, y, text), or (x, y, text, inside, second text). The text stands below the name's circle, what
        is inside it instead of the name; the second text follows below in a colour of its own.
    edges : sequence
        (from, to, text) by the names of the nodes, or (from, to, text, second text): the text on one side of the
        arrow and the second, in its colour, on the other, such as a value and the gradient that flows back.
    highlight : sequence of str
        Names of nodes drawn in the accent colour.
    """
    xs, ys = [x for x, *_ in nodes.values()], [y for _, y, *_ in nodes.values()]
    axes.set_axis_off()
    axes.set_xlim(min(xs) - 0.4, max(xs) + 0.4)
    axes.set_ylim(min(ys) - 0.75, max(ys) + 0.4)
    at = 0.36  # nearer to where the arrow starts, so that the texts of crossing arrows do not meet
    for start, end, *texts in edges:
        (x0, y0, *_), (x1, y1, *_) = nodes[start], nodes[end]
        arrow = {"arrowstyle": "-|>", "color": GREY, "shrinkA": 17, "shrinkB": 17, "linewidth": 1.2}
        axes.annotate("", xy=(x1, y1), xytext=(x0, y0), arrowprops=arrow)
        x, y = x0 + at * (x1 - x0), y0 + at * (y1 - y0)
        if len(texts) == 1:
            axes.text(x, y + 0.06, texts[0], ha="center", va="bottom", fontsize=9)
            continue
        (left, low), (right, high) = axes.transData.transform([(x0, y0), (x1, y1)])
        length = math.hypot(right - left, high - low)
        along, up = (right - left) / length, (high - low) / length
        distance = 9 + 8 * abs(up)  # points; a steep arrow has the texts' width beside it, not their height
        for text, side, colour in zip(texts, (1, -1), (GREY, COLOURS[3]), strict=True):
            offset = (-side * up * distance, side * along * distance)
            axes.annotate(
                text, (x, y), offset, textcoords="offset points", ha="center", va="center", fontsize=9, color=colour
            )
    for name, (x, y, text, *more) in nodes.items():
        colour = COLOURS[1] if name in highlight else GREY
        axes.plot(x, y, "o", markersize=30, markerfacecolor="none", markeredgecolor=colour, markeredgewidth=1.5)
        inside, below = more or (name, "")
        size = max(6.0, 40 / len(inside)) if more and len(inside) > 3 else None
        axes.text(x, y, inside, ha="center", va="center", fontsize=size)
        axes.text(x, y - 0.27, text, ha="center", va="top", fontsize=9, color=colour)
        if below:
            lines = "\n" * (1 + text.count("\n") if text else 0)
            axes.text(x, y - 0.27, lines + below, ha="center", va="top", fontsize=9, color=COLOURS[3])


def arrange_graph(
    nodes: Mapping[str, Mapping[str, Any]],
    edges: Sequence[Mapping[str, Any]],
    places: Mapping[str, tuple[float, float]] | None = None,
) -> tuple[dict[str, tuple[float, float, str, str, str]], list[tuple[str, str, str, str]]]:
    """Return a computational graph as `draw_graph` takes it: values above the edges, what flows back below them.

    Columns follow the longest way to the output; inputs stand below each other and a gate in the middle of its inputs,
    lower where an edge would cross it. A number without a name is shown in the gate that uses it: +1. Below the output
    stand its value and gradient, below a node that is used several times the sum of what reaches it.

    Parameters
    ----------
    nodes, edges : mapping, sequence
        What `graph.as_data` returns.
    places : mapping, optional
        (x, y) for nodes that shall stand elsewhere, by name.

    Returns
    -------
    nodes : dict
        For each name (x, y, value below, text inside, gradient below).
    edges : list of tuple
        (from, to, text above, text below); two edges between the same nodes are drawn as one.

    Raises
    ------
    ValueError
        If a place is given for a name that is not drawn.
    """
    inside = _constants_into_gates(nodes, edges)
    shares: dict[tuple[str, str], list[str]] = {}
    for edge in edges:
        if edge["from"] in inside:
            shares.setdefault((edge["from"], edge["to"]), []).append(short(edge["share"]))
    unknown = set(places or ()) - set(inside)
    if unknown:
        raise ValueError(f"places names {sorted(unknown)}, but the nodes drawn are {list(inside)}")
    where = _layout(list(inside), list(shares)) | dict(places or {})
    drawn = {}
    for name, symbol in inside.items():
        value, gradient = short(nodes[name]["value"]), short(nodes[name]["gradient"])
        uses = sum(len(paths) for (start, _), paths in shares.items() if start == name)
        below = gradient if uses == 0 else f"Σ {gradient}" if uses > 1 and gradient else ""
        drawn[name] = (*where[name], "" if uses else value, symbol, below)
    arrows = [
        (start, end, short(nodes[start]["value"]), " + ".join(filter(None, paths)).replace("+ −", "− "))
        for (start, end), paths in shares.items()
    ]
    return drawn, arrows


def short(value: Any) -> str:
    """Return a number with two decimals at most, of an array its shape, nothing for None."""
    if value is None:
        return ""
    if np.ndim(value):
        return str(np.shape(value))
    plain = value == 0 or 0.005 <= abs(value) < 1e5 or not np.isfinite(value)
    text = f"{value:.2f}".rstrip("0").rstrip(".") if plain else f"{value:.1e}"
    return text.replace("-", "−")


def _constants_into_gates(nodes: Mapping[str, Mapping[str, Any]], edges: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return the nodes to draw with what they show: a number without a name stands in the gate of two that uses it."""
    inside = {name: node["symbol"] for name, node in nodes.items()}
    starts, ends = [edge["from"] for edge in edges], [edge["to"] for edge in edges]
    constants = {
        name
        for name, node in nodes.items()
        if not node["name"] and name not in ends and starts.count(name) == 1 and np.ndim(node["value"]) == 0
    }
    for name, node in nodes.items():
        sources = [start for start, end in zip(starts, ends, strict=True) if end == name]
        constant = [source for source in sources if source in constants]
        if len(sources) == 2 and len(constant) == 1:
            del inside[constant[0]]
            number = short(nodes[constant[0]]["value"])
            first = constant[0] == sources[0] and node["symbol"] not in ("+", "×")
            inside[name] = f"{number}{node['symbol']}" if first else f"{node['symbol']}{number}"
    return inside


def _layout(names: list[str], edges: list[tuple[str, str]]) -> dict[str, tuple[float, float]]:
    """Return a place for each of the names, which are in topological order."""
    steps = dict.fromkeys(names, 0)  # the longest way to the output
    for name in reversed(names):
        for start, end in edges:
            if end == name:
                steps[start] = max(steps[start], steps[name] + 1)
    column = {name: max(steps.values()) - steps[name] for name in names}
    height: dict[str, float] = {}
    lowest = 0.0
    for name in names:
        before = list(dict.fromkeys(start for start, end in edges if end == name))
        y = sum(height[start] for start in before) / len(before) if before else lowest
        # what already stands in this column, and edges that pass it on their way to a later one
        busy = [height[other] for other in height if column[other] == column[name]]
        busy += [height[a] for a, b in edges if a in height and b != name and column[a] < column[name] < column[b]]
        while any(abs(y - other) < 0.5 for other in busy):
            y -= 0.5
        height[name] = y
        if not before:
            lowest = y - 1.0
    bottom = min(height.values())
    return {name: (column[name], height[name] - bottom) for name in names}


class Scrub:
    """A figure of several frames that a reader can play, step through or drag; shown by Jupyter and in the book.

    It is one piece of HTML with the frames inside: no kernel, no address outside the page, the same text each time.
    """

    def __init__(self, name: str, frames: Sequence[bytes], captions: Sequence[str], alts: Sequence[str]) -> None:
        if not frames:
            raise ValueError("frames is empty; a figure to scrub needs at least one frame")
        if not len(frames) == len(captions) == len(alts):
            raise ValueError(
                f"frames, captions and alts must be equally many, but are {len(frames)}, {len(captions)}, {len(alts)}"
            )
        self.name, self.frames, self.captions, self.alts = name, frames, captions, alts

    def __repr__(self) -> str:
        return f"<figure to scrub: {self.name}, {len(self.frames)} frames>"

    def _repr_html_(self) -> str:
        images = "\n".join(
            f'<img src="data:image/png;base64,{base64.b64encode(frame).decode()}" alt="{html.escape(alt)}" '
            f'data-caption="{html.escape(caption)}"{"" if i == 0 else " hidden"}>'
            for i, (frame, caption, alt) in enumerate(zip(self.frames, self.captions, self.alts, strict=True))
        )
        return _SCRUB_TEMPLATE.format(
            id=f"scrub-{html.escape(self.name)}",
            images=images,
            last=len(self.frames) - 1,
            caption=html.escape(self.captions[0]),
        )


def scrub(
    name: str,
    draw: Callable[[Axes, Any], None],
    values: Sequence[Any],
    caption: Callable[[Any], str],
    alt: Callable[[Any], str],
    width: float = 6.4,
    height: float = 3.6,
) -> Scrub:
    """Draw one frame for each value and return them as a figure with a slider.

    Parameters
    ----------
    name : str
        Unique on its page; becomes the figure's id.
    draw : callable
        ``draw(axes, value)`` draws a frame.
    values : sequence
        What is varied, in order.
    caption, alt : callable
        ``caption(value)`` is the line under the frame; ``alt(value)`` says in words what the frame shows.
    width, height : float
        Inches.
    """
    frames = []
    for value in values:
        figure, axes = new_axes(width=width, height=height)
        draw(axes, value)
        frames.append(_small_png(figure))
        plt.close(figure)
    return Scrub(name, frames, [caption(value) for value in values], [alt(value) for value in values])


def _small_png(figure: Figure) -> bytes:
    """Return the figure as a PNG of at most 256 colours: a quarter of the bytes, and no difference that one sees."""
    full, small = io.BytesIO(), io.BytesIO()
    figure.savefig(full, format="png")
    with Image.open(full) as image:
        image.quantize(256, Image.Quantize.FASTOCTREE).save(small, format="png", optimize=True)
    return small.getvalue()


_SCRUB_TEMPLATE = """<div class="scrub" id="{id}">
{images}
<div class="scrub-controls">
<button type="button" data-step="-1" aria-label="Previous frame">&#9664;&#xFE0E;</button>
<button type="button" data-play aria-label="Play">Play</button>
<button type="button" data-step="1" aria-label="Next frame">&#9654;&#xFE0E;</button>
<input type="range" min="0" max="{last}" value="0" aria-label="Frame" aria-valuetext="{caption}">
</div>
<div class="scrub-caption" aria-live="polite">{caption}</div>
</div>
<script>
(() => {{
  const root = document.getElementById("{id}");
  const images = root.querySelectorAll("img"), slider = root.querySelector("input");
  const play = root.querySelector("[data-play]"), caption = root.querySelector(".scrub-caption");
  let timer = null;
  const show = (index) => {{
    slider.value = index;
    images.forEach((image, i) => {{ image.hidden = i !== index; }});
    caption.textContent = images[index].dataset.caption;
    slider.setAttribute("aria-valuetext", caption.textContent);
  }};
  const stop = () => {{ clearInterval(timer); timer = null; play.textContent = "Play"; }};
  const move = (by) => show((Number(slider.value) + by + images.length) % images.length);
  slider.addEventListener("input", () => {{ stop(); show(Number(slider.value)); }});
  root.querySelectorAll("[data-step]").forEach((button) =>
    button.addEventListener("click", () => {{ stop(); move(Number(button.dataset.step)); }}));
  play.addEventListener("click", () => {{
    if (timer) return stop();
    play.textContent = "Pause";
    timer = setInterval(() => {{ move(1); if (Number(slider.value) === images.length - 1) stop(); }}, 900);
  }});
}})();
</script>"""
