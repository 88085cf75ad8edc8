"""Hostile content: nothing a student writes runs in a feedback page, in formgrader, in the class's page or in a table.

Each vector is first shown to be live where nothing guards: nbconvert's page of the same outputs carries it.
"""

import base64
import csv
import json
import struct
import zlib
from pathlib import Path

import pytest
import tiny
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from autograder import inert
from autograder.classroom import notebook, solution_sources
from autograder.feedback import write_feedback
from autograder.grading import grade
from autograder.recorder import gradebook, record
from autograder.results import open_store
from autograder.submission import Extra, Submission, parse_submission

MARK = "pwned"
HTML = [
    f"<script>{MARK}(1)</script>",
    f'<img src=x onerror="{MARK}(2)">',
    f'<svg onload="{MARK}(3)"></svg>',
    f'<a href="javascript:{MARK}(4)">here</a>',
    f'<iframe srcdoc="<script>{MARK}(5)</script>"></iframe>',
    f'<details open ontoggle="{MARK}(6)"><summary>s</summary></details>',
    f"</pre></textarea></title></style><script>{MARK}(7)</script>",
    f'<math><mi xlink:href="javascript:{MARK}(8)">x</mi></math>',
    f'<form action="javascript:{MARK}(9)"><input type=submit></form>',
    f'<meta http-equiv="refresh" content="0;url=javascript:{MARK}(10)">',
    f'<base href="https://evil.example/">{MARK}',
    f'<link rel=stylesheet href="https://evil.example/{MARK}.css">',
]
MARKDOWN = [
    f"[click](javascript:{MARK}(20))",
    f"[click](JaVaScRiPt:{MARK}(21))",
    f"[click](&#106;avascript:{MARK}(22))",
    f"[click](java&Tab;script:{MARK}(23))",
    f"[click]( javascript:{MARK}(24))",
    f"[click](<javascript:{MARK}(25)>)",
    f"[click][r]\n\n[r]: javascript:{MARK}(26)",
    f"<javascript:{MARK}(27)>",
    f"![x](javascript:{MARK}(28))",
    f"![x](https://evil.example/{MARK}.png)",
    f"![x][r]\n\n[r]: https://evil.example/{MARK}.png",
    f"> - [click][q]\n>\n> [q]: javascript:{MARK}(38)",
    f"[click][q]\n\n[q]:\n  javascript:{MARK}(39)",
    f"[cl\\]ick](javascript:{MARK}(40))",
    f"[![x](a)](javascript:{MARK}(41))",
    f"[^1]\n\n[^1]: [click](javascript:{MARK}(42))",
    f'![x](x.png"onerror="{MARK}(29))',
    f'[x](https://example.org"onmouseover="{MARK}(30))',
    f"$\\href{{javascript:{MARK}(31)}}{{x}}$",
    f"$$\\require{{html}}\\style{{background:url(//evil.example/{MARK})}}{{x}}$$",
    f"| a |\n|---|\n| <script>{MARK}(32)</script> |",
    f"    code\n\n<script\n>{MARK}(33)</script\n>",
    f"<<script>script>{MARK}(34)<</script>/script>",
    f"<!--><script>{MARK}(35)</script>-->",
    f"<?php ?><script>{MARK}(36)</script>",
    f"`<script>`{MARK}(37)`</script>`",
]


def png(width, height, extra=b"", tail=b""):
    """Return a small picture that says it is of this size."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\x00" * 2)) + extra + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body + tail


def jpeg(width, height, tail=b"\xff\xd9"):
    frame = struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00"
    return b"\xff\xd8\xff\xc0" + struct.pack(">H", 2 + len(frame)) + frame + tail


def encoded(data):
    return base64.b64encode(data).decode()


def outputs():
    """Return everything that an output can carry, and outputs of no known shape."""
    made = []
    for text in HTML:
        for kind in (
            "text/html",
            "text/markdown",
            "text/latex",
            "image/svg+xml",
            "application/javascript",
            "text/plain",
        ):
            made.append({"output_type": "display_data", "data": {kind: text}, "metadata": {"isolated": False}})
        made.append({"output_type": "stream", "name": "stdout", "text": text})
        made.append({"output_type": "error", "ename": text, "evalue": text, "traceback": [text, f"\x1b[31m{text}"]})
        made.append({"output_type": "display_data", "data": {"image/png": text, "image/jpeg": text}, "metadata": {}})
        made.append({"output_type": text, "data": {text: text}, "name": text})
    made.append({"output_type": "stream", "name": "stdout", "text": f'see https://x.example/"onmouseover="{MARK}(50)'})
    broken = [None, 3, "x", [], {}, {"output_type": "stream"}, {"output_type": "stream", "text": 3, "name": []}]
    broken += [{"output_type": "display_data"}, {"output_type": "display_data", "data": [1]}, {"output_type": []}]
    broken += [{"output_type": "execute_result", "data": {"text/plain": ["a"]}, "execution_count": "x"}]
    broken += [{"output_type": "error", "ename": 3, "evalue": None, "traceback": "text"}]
    return made + broken


def live(page):
    """Return whatever in a page carries our mark in a place that runs or loads: scripts, handlers, addresses."""
    soup = BeautifulSoup(page, "html.parser")
    found = [str(tag)[:200] for tag in soup.find_all("script") if MARK in tag.get_text()]
    for tag in soup.find_all(True):
        for name, value in tag.attrs.items():
            text = " ".join(value) if isinstance(value, list) else str(value)
            active = name.startswith("on") or name in ("srcdoc", "style", "http-equiv", "action", "formaction")
            address = name in ("href", "src", "xlink:href", "data", "content") and (
                "javascript:" in text.lower().replace("\t", "").replace("\n", "")
                or ("evil.example" in text and (name != "href" or tag.name in ("link", "base", "use", "image")))
            )
            if (active and MARK in text) or address:
                found.append(f"{tag.name} {name}={text[:100]}")
    return found


def formgraders_page(path):
    """Return the page that formgrader shows of a graded notebook."""
    import nbgrader.server_extensions.formgrader as formgrader
    from nbconvert.exporters import HTMLExporter

    folder = Path(formgrader.__file__).parent / "templates"
    exporter = HTMLExporter(template_name="formgrade", extra_template_basedirs=[str(folder)])
    names = ("assignment_id", "notebook_id", "submission_id", "base_url", "student", "last_name", "first_name")
    resources = {**dict.fromkeys([*names, "notebook_path"], ""), "index": 0, "total": 1}
    page, _ = exporter.from_filename(str(path), resources=resources)
    return page


@pytest.fixture
def hostile(course, manifest, executor):
    """Grade and record eve's work, with everything hostile in its outputs, answers, extra cells and messages."""

    def run():
        answers = solution_sources(manifest) | {
            "words": "\n\n".join([*HTML, *MARKDOWN]),
            "column-mean": f"def column_mean(x):\n    raise ValueError({' '.join(HTML)!r})",
        }
        submission = parse_submission(json.dumps(notebook(manifest, answers)).encode(), manifest, "eve")
        extras = [Extra(0, f"# {' '.join(HTML)}"), Extra(-1, "\n".join(f"# {text}" for text in HTML))]
        submission = Submission("eve", submission.sources, extras)
        result = grade(manifest, submission, executor=executor)
        for key in list(result.outputs):
            result.outputs[key] += outputs()
        with open_store(course) as store:
            assert record(course, manifest, store, [store.save("k", submission, result)]) == 1
        return submission, result

    return run


def test_the_vectors_are_live_where_nothing_guards(tmp_path, manifest):
    document = notebook(manifest, {"words": "\n\n".join([*HTML, *MARKDOWN])})
    shown = [item for item in outputs() if isinstance(item, dict) and item.get("output_type") == "display_data"]
    document["cells"][1]["outputs"] = [item for item in shown if isinstance(item.get("data"), dict)]
    (tmp_path / "raw.ipynb").write_text(json.dumps(document))
    found = live(formgraders_page(tmp_path / "raw.ipynb"))
    assert len(found) > 20
    assert any("onerror" in item for item in found)
    assert any("<script>" in item for item in found)


def test_nothing_of_a_students_runs_in_formgrader(course, hostile):
    hostile()
    page = formgraders_page(course.autograded / "eve" / tiny.NAME / "means.ipynb")
    assert page.count(MARK) > 50  # it is shown
    assert live(page) == []


@pytest.mark.parametrize("text", [*HTML, *MARKDOWN])
def test_no_written_answer_runs_anything_in_formgrader(tmp_path, text):
    cell = {"cell_type": "markdown", "id": "a", "metadata": {}, "source": inert.markdown(text)}
    document = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (tmp_path / "one.ipynb").write_text(json.dumps(document))
    page = formgraders_page(tmp_path / "one.ipynb")
    assert MARK in page
    assert live(page) == []
    assert "\\href" not in page.partition("<body")[2]
    assert "\\style{" not in page.partition("<body")[2]


def test_formulas_and_ordinary_text_are_left_as_they_are():
    text = (
        "For $a < b$ and `x <- 3`, see [the book](https://example.org/?a=b&c), [1] and **bold**; $\\frac{1}{2}\\sigma$."
    )
    assert inert.markdown(text) == text


def test_nothing_of_a_students_runs_in_the_feedback_page_or_the_classs(course, hostile):
    hostile()
    write_feedback(course, [tiny.NAME])
    for path in (course.feedback / "eve" / f"{tiny.NAME}.html", course.feedback / "index.html"):
        page = path.read_text()
        assert live(page) == []
        soup = BeautifulSoup(page, "html.parser")
        assert soup.find_all(["script", "iframe", "object", "embed", "form", "base", "svg", "math", "link"]) == []
        assert not [name for tag in soup.find_all(True) for name in tag.attrs if name.startswith("on")]
        assert all(str(tag["href"]).startswith(("#", "eve/")) for tag in soup.find_all(href=True))
        assert all(str(tag["src"]).startswith("data:image/") for tag in soup.find_all(src=True))
        policy = soup.find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"]
        assert policy.startswith("default-src 'none'")
    assert MARK in (course.feedback / "eve" / f"{tiny.NAME}.html").read_text()


def test_nothing_runs_in_nbgraders_own_feedback_and_comments(course, manifest, hostile, monkeypatch):
    import subprocess
    import sys

    hostile()
    with gradebook(course) as book:
        comments = [item.auto_comment or "" for item in book.find_submission(tiny.NAME, "eve").notebooks[0].comments]
    assert any(MARK in comment for comment in comments)
    assert not [comment for comment in comments if inert.TAG.search(comment)]
    program = Path(sys.executable).parent / "nbgrader"
    done = subprocess.run([program, "generate_feedback", tiny.NAME], cwd=course.root, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert live((course.feedback / "eve" / tiny.NAME / "means.html").read_text()) == []


def test_outputs_of_any_shape_become_valid_ones(course, manifest, hostile):
    import nbformat

    hostile()
    nbformat.validate(nbformat.read(course.autograded / "eve" / tiny.NAME / "means.ipynb", as_version=4))


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
output_like = st.dictionaries(
    st.sampled_from(["output_type", "data", "text", "name", "ename", "evalue", "traceback", "execution_count"]),
    anything | st.sampled_from(["stream", "error", "display_data", "execute_result"])
    | st.dictionaries(st.sampled_from(["text/plain", "text/html", "image/png", "image/jpeg"]), anything, max_size=3),
    max_size=6,
)  # fmt: skip


@given(anything | st.lists(output_like | anything, max_size=4))
def test_whatever_stands_for_outputs_ends_as_text_and_pictures(found):
    for item in inert.outputs(found):
        assert item["output_type"] in ("stream", "error", "display_data", "execute_result")
        assert set(item.get("data", {})) <= {"text/plain", "image/png", "image/jpeg"}
        json.dumps(item)


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("image/png", png(2, 3)),
        ("image/jpeg", jpeg(2, 3)),
    ],
)
def test_a_picture_is_kept(kind, data):
    assert inert.picture(kind, encoded(data)) == encoded(data)


FALSE = {
    "a page": ("image/png", encoded(f"<html><script>{MARK}()</script>".encode())),
    "a page behind the first bytes": ("image/png", encoded(b"\x89PNG\r\n\x1a\n<script>alert(1)</script>")),
    "a page behind the end": ("image/png", encoded(png(2, 2, tail=b"<script>alert(1)</script>"))),
    "a jpeg that is called png": ("image/png", encoded(jpeg(2, 2))),
    "a png that is called jpeg": ("image/jpeg", encoded(png(2, 2))),
    "a page that begins as a jpeg": ("image/jpeg", encoded(b"\xff\xd8\xff<script>alert(1)</script>")),
    "a jpeg without a frame": ("image/jpeg", encoded(b"\xff\xd8\xff\xd9")),
    "svg": ("image/svg+xml", f"<svg onload='{MARK}()'/>"),
    "svg that is called png": ("image/png", encoded(b"<svg onload='alert(1)'/>")),
    "a way out of the attribute": ("image/png", encoded(png(2, 2)) + '"><script>alert(1)</script>'),
    "a picture of ten gigapixels": ("image/png", encoded(png(100_000, 100_000))),
    "a jpeg of four gigapixels": ("image/jpeg", encoded(jpeg(65_000, 65_000))),
    "a picture without area": ("image/png", encoded(png(0, 5))),
    "a chunk that is longer than the file": ("image/png", encoded(png(2, 2, extra=b"\xff\xff\xff\xffIDAT"))),
    "no base64": ("image/png", "!!!!"),
    "bytes": ("image/png", b"\x89PNG"),
    "nothing": ("image/png", None),
    "a list": ("image/png", [encoded(png(2, 2))]),
}


@pytest.mark.parametrize("name", FALSE)
def test_what_only_claims_to_be_a_picture_is_dropped(name):
    assert inert.picture(*FALSE[name]) is None


@given(st.binary(max_size=300))
def test_no_bytes_behind_a_pictures_first_ones_raise(tail):
    for kind, first in inert.PICTURES.items():
        inert.picture(kind, encoded(first + tail))


def test_pictures_of_matplotlib_are_kept(manifest, executor):
    plot = Extra(0, "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()")
    result = grade(manifest, Submission("eve", {}, [plot]), executor=executor)
    [shown] = [item for item in inert.outputs(result.outputs["extra-1-0"]) if "image/png" in item.get("data", {})]
    assert shown["data"]["image/png"]


def test_formulas_stay_text_in_the_exported_table(course, manifest, executor, tmp_path):
    from autograder.export import export

    with open_store(course) as store:
        kept = [
            store.save(student, Submission(student), grade(manifest, Submission(student), executor=executor))
            for student in ("zoe", "=1+1", "+cmd|' /C calc'!A0", "@SUM(1)", "-2", "\tx", 'a"b,c')
        ]
        record(course, manifest, store, kept)
    export(course, [tiny.NAME], tmp_path / "grades.csv")
    text = (tmp_path / "grades.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.reader(text.splitlines()))
    assert len(rows) == 8
    for row in rows[1:]:
        assert row[0][0] not in "=+-@\t\r"
    assert "'=1+1" in {row[0] for row in rows}
