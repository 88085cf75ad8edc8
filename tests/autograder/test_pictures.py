"""Pictures made with less work are the pictures that the inline back end makes, to the last pixel."""

import base64
import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from autograder.inert import picture
from autograder.pictures import png

ROOT = Path(__file__).resolve().parents[2]

FIGURES = """
def line(plt, np):
    plt.plot([1, 4, 2], label="one"); plt.title("A title"); plt.xlabel("steps"); plt.legend()

def no_axes_shown(plt, np):
    plt.imshow(np.arange(12).reshape(3, 4)); plt.axis("off")

def constrained(plt, np):
    figure, axes = plt.subplots(2, 2, layout="constrained", figsize=(5, 4))
    for number, ax in enumerate(axes.flat):
        ax.plot(np.arange(5) ** number); ax.set_ylabel("a long label"); ax.set_title(str(number))
    figure.suptitle("four")

def tight(plt, np):
    figure, axes = plt.subplots(1, 2, layout="tight")
    axes[0].bar(["a", "b"], [1, 2]); axes[1].scatter([1, 2], [3, 1])

def colour_bar(plt, np):
    figure, ax = plt.subplots(layout="constrained")
    figure.colorbar(ax.imshow(np.eye(3)), ax=ax, label="weight")

def colour_bar_without_layout(plt, np):
    plt.contourf(np.add.outer(np.arange(9), np.arange(7))); plt.colorbar(label="level")

def text_outside(plt, np):
    plt.plot([0, 1]); plt.text(1.3, 0.5, "far to the right"); plt.annotate("look", (0, 0), (-0.4, 1.3), arrowprops={})

def legend_outside(plt, np):
    plt.plot([0, 1], label="outside"); plt.legend(loc="upper left", bbox_to_anchor=(1.05, 1))

def table(plt, np):
    plt.table([["1", "2"], ["3", "4"]], loc="bottom")

def twins_and_insets(plt, np):
    figure, ax = plt.subplots()
    ax.plot([1, 2]); ax.twinx().plot([30, 10]); ax.inset_axes([0.6, 0.1, 0.3, 0.3]).plot([1, 0]); ax.set_aspect(0.5)

def arrows(plt, np):
    plt.quiver([0, 1], [0, 1], [1, 0], [0, 1]); plt.pie([1, 2])

def polar(plt, np):
    plt.subplot(projection="polar").plot([0, 1, 2], [1, 2, 1])

def three_dimensions(plt, np):
    plt.figure(layout="constrained").add_subplot(projection="3d").plot([0, 1], [0, 1], [0, 2])

def subfigures(plt, np):
    left, right = plt.figure(layout="constrained").subfigures(1, 2)
    left.subplots().plot([1, 2]); right.suptitle("right"); right.subplots(2).flat[0].plot([2, 1])

def dates_and_logs(plt, np):
    plt.semilogy(np.datetime64("2026-01-01") + np.arange(40), np.exp(np.arange(40))); plt.gcf().autofmt_xdate()

def in_the_course_style(plt, np):
    from course_lib import plots
    figure, axes = plots.new_axes(columns=2)
    for ax in axes:
        ax.plot([0, 1e-7]); plots.label(ax, "x", "y", title="t")
"""

COMPARE = """
import io, json, os
os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
import matplotlib.pyplot as plt, numpy as np
from IPython.core.pylabtools import print_figure
from PIL import Image
from autograder.pictures import make_pictures_quickly

def drawn():
    found = {}
    for name, draw in figures.items():
        plt.close("all")
        with plt.rc_context():
            draw(plt, np)
            found[name] = print_figure(plt.gcf())
    return found

figures = {}
exec(FIGURES, figures)
figures = {name: value for name, value in figures.items() if callable(value)}
before = drawn()
make_pictures_quickly()
same = {}
for name, picture in drawn().items():
    ours, theirs = (np.asarray(Image.open(io.BytesIO(data))) for data in (picture, before[name]))
    same[name] = picture != before[name] and bool((theirs < 255).any()) and np.array_equal(ours, theirs)
print(json.dumps(same))
"""


@pytest.fixture(scope="module")
def compared() -> dict[str, bool]:
    """Return for each figure whether both ways gave the same pixels; the quick one has to have been at work."""
    program = f"FIGURES = {FIGURES!r}\n{COMPARE}"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout.splitlines()[-1]))


def test_many_kinds_of_figures_are_compared(compared: dict[str, bool]) -> None:
    assert len(compared) == FIGURES.count("\ndef ")


def test_the_pictures_are_the_same(compared: dict[str, bool]) -> None:
    assert [name for name, same in compared.items() if not same] == []


@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (7, 1), (40, 33)])
def test_a_png_holds_the_pixels_and_is_taken_for_a_picture(shape: tuple[int, int]) -> None:
    pixels = np.random.default_rng(3).integers(0, 256, (*shape, 4), dtype=np.uint8)
    data = png(pixels, dpi=110)
    image = Image.open(io.BytesIO(data))
    assert np.array_equal(np.asarray(image), pixels)
    assert [round(dots) for dots in image.info["dpi"]] == [110, 110]
    text = base64.b64encode(data).decode()
    assert picture("image/png", text) == text
