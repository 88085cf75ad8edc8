"""The build and the server on a small book of its own: quick when nothing changed, loud when something is wrong."""

import importlib.util
import json
import logging
import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from book_site import ROOT

FRONT = """---
jupytext:
  text_representation: {extension: .md, format_name: myst}
kernelspec: {display_name: Python 3, language: python, name: python3}
---

"""
CHAPTER = (
    FRONT
    + """# 7. A small chapter

$$
y = 2x
$$ (double)

By {eq}`double`:

```{library-source} tiny.double
```

```{code-cell} ipython3
---
mystnb:
  image:
    alt: ALT TEXT
tags: []
---
print("twice three is", 2 * 3)
```

```{quiz} What is $1 + 1$?
- [ ] one
  That is $1 + 0$.
- [x] two
  Count on your fingers.
```
"""
)
TINY = '''"""A library of one function."""


def double(x):
    """Return twice x. Equation :eq:`double`."""
    return 2 * x  # the formula
'''


class Book:
    """A project with one chapter, which borrows the real tools, extensions and settings."""

    def __init__(self, folder: Path) -> None:
        self.root = folder
        for name in ("book/_ext", "book/_static", "book/_tools", "book/_templates"):
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "_config.yml", folder / "_config.yml")
        self.write("_toc.yml", "format: jb-book\nroot: book/index\nchapters:\n  - file: book/07_small\n")
        self.write("book/index.md", "# Cover\n\nRead {doc}`07_small`.\n")
        self.write("book/not_listed.md", "# Never built\n")
        self.write("book/references.bib", "")
        self.write("book/07_small.md", CHAPTER)
        self.write("course_lib/tiny.py", TINY)
        # The library's entry in the API reference is not the subject here.
        config = (folder / "_config.yml").read_text("utf-8")
        self.write("_config.yml", config.replace("nitpick_ignore_regex: [", 'nitpick_ignore_regex: [["py:.*", ".*"], '))

    def write(self, name: str, text: str) -> None:
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")

    def build(self) -> subprocess.CompletedProcess:
        return self.run("build.py")

    def run(self, tool: str, *arguments: str) -> subprocess.CompletedProcess:
        command = [sys.executable, str(self.root / "book/_tools" / tool), *arguments]
        # What the reader's browser runs is the subject of tests/live.
        environment = os.environ | {"COURSE_PYODIDE": "off"}
        return subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment)

    def page(self) -> str:
        return (self.root / "_build/html/book/07_small.html").read_text("utf-8")


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return Book(tmp_path / "project")


def test_a_book_from_nothing_to_unchanged_to_changed(book: Book) -> None:
    first = book.build()
    assert first.returncode == 0, first.stderr
    assert re.search(r"book/07_small\.md [\d.]+ s", first.stdout)
    shown = book.page()
    assert "twice three is 6" in shown
    assert ">(7.1)" in shown
    assert "the formula" in shown
    assert "Return twice x" not in shown
    assert not (book.root / "_build/html/book/not_listed.html").exists()
    assert (book.root / "_build/html/index.html").is_file()

    # The cell can be run where there is a Python for the browser; there is none, and the build and the page say so.
    assert 'id="code-cell-1"' in shown
    assert "_static/live/live.js" in shown
    assert "_static/live/live.js" not in (book.root / "_build/html/book/index.html").read_text("utf-8")
    assert "live cells: the pages cannot run code (it was built with COURSE_PYODIDE=off)" in first.stdout
    manifest = json.loads((book.root / "_build/html/_static/live/runtime.json").read_text("utf-8"))
    assert manifest["available"] is False

    again = book.build()
    assert again.returncode == 0
    assert "nothing changed" in again.stdout

    # Words changed: the page is made anew, nothing is executed.
    book.write("book/07_small.md", CHAPTER.replace("By {eq}", "As in {eq}"))
    reworded = book.build()
    assert reworded.returncode == 0, reworded.stderr
    assert "none changed" in reworded.stdout
    assert "As in" in book.page()

    # Tags and alternative texts of a cell: the page takes them from the executed notebook, so that is renewed.
    book.write("book/07_small.md", CHAPTER.replace("tags: []", "tags: [hide-input]"))
    retagged = book.build()
    assert retagged.returncode == 0, retagged.stderr
    assert "tag_hide-input" in book.page()

    # The library changed: its source is shown anew and every chapter is executed again.
    book.write("course_lib/tiny.py", TINY.replace("the formula", "the new formula"))
    renewed = book.build()
    assert renewed.returncode == 0, renewed.stderr
    assert "executing 1 of 1" in renewed.stdout
    assert "the new formula" in book.page()


def test_a_failing_cell_is_named_and_no_site_is_left(book: Book) -> None:
    book.write("book/07_small.md", CHAPTER.replace("2 * 3)", "2 / 0)"))
    result = book.build()
    assert result.returncode == 1
    assert "book/07_small.md, code cell 1 fails with ZeroDivisionError: division by zero" in result.stderr
    assert "Traceback" not in result.stderr
    assert not (book.root / "_build/book.json").exists()
    assert not (book.root / "_build/html").exists()
    served = book.run("serve.py")
    assert served.returncode == 1
    assert "not built" in served.stderr
    assert len(served.stderr.splitlines()) == 1


def test_a_cell_that_warns_fails_the_build(book: Book) -> None:
    cell = "import warnings; warnings.warn('mind this')"
    book.write("book/07_small.md", CHAPTER.replace('print("twice three is", 2 * 3)', cell))
    result = book.build()
    assert result.returncode == 1
    assert "code cell 1 warns" in result.stderr
    assert "mind this" in result.stderr


WRONG_PAGES = {
    "library has no 'trouble'": "```{library-source} tiny.trouble\n```",
    "library has no 'missing'": "```{library-source} missing.double\n```",
    "exactly one option must be right ([x]), but 2 are": "```{quiz} Q?\n- [x] a\n  why\n- [x] b\n  why\n```",
    "exactly one option must be right ([x]), but 0 are": "```{quiz} Q?\n- [ ] a\n  why\n- [ ] b\n  why\n```",
    "'[x] lonely' has no explanation": "```{quiz} Q?\n- [ ] a\n  why\n- [x] lonely\n```",
    "'plain\\nwhy' does not begin with [ ] or [x]": "```{quiz} Q?\n- [x] a\n  why\n- plain\n  why\n```",
    "the options must be a list at the end": "```{quiz} Q?\nno options\n```",
    "the question is missing": "```{quiz}\n- [x] a\n  why\n- [ ] b\n  why\n```",
    "equation not found: nowhere": "See {eq}`nowhere`.",
    "no chapter 99": "```{syllabus-map} 99\n```",
}


def test_mistakes_on_a_page_fail_the_build_each_by_name_and_twice(book: Book) -> None:
    shutil.copy(ROOT / "book/syllabus.yml", book.root / "book/syllabus.yml")
    book.write("book/07_small.md", CHAPTER + "\n\n".join(WRONG_PAGES.values()))
    for _ in range(2):  # Sphinx alone would forget the warnings of pages it has read
        result = book.build()
        assert result.returncode == 1
        assert [message for message in WRONG_PAGES if message not in result.stderr] == []
        assert not (book.root / "_build/html").exists()
        assert (book.root / "_build/failed/book/07_small.html").is_file()


def test_a_page_that_does_not_exist_is_named(book: Book) -> None:
    book.write("_toc.yml", "format: jb-book\nroot: book/index\nchapters:\n  - file: book/08_none\n")
    result = book.build()
    assert result.returncode == 1
    assert "_toc.yml lists pages that do not exist: book/08_none.md" in result.stderr


def test_a_port_in_use_gets_one_sentence(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "book/_tools", tmp_path / "book/_tools")
    (tmp_path / "_build/html").mkdir(parents=True)
    (tmp_path / "_build/html/index.html").write_text("x")
    (tmp_path / "_build/book.json").write_text("{}")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        command = [sys.executable, str(tmp_path / "book/_tools/serve.py"), "--port", str(port)]
        result = subprocess.run(command, capture_output=True, text=True, timeout=20)
    assert result.returncode == 1
    assert f"Port {port} cannot be used" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_kernel_client_that_logs_while_closing_is_not_news() -> None:
    def record(message: str) -> logging.LogRecord:
        return logging.LogRecord("tornado.general", logging.ERROR, "", 0, message, None, None)

    spec = importlib.util.spec_from_file_location("build", ROOT / "book/_tools/build.py")
    assert spec is not None
    assert spec.loader is not None
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)
    assert not build.is_news(record("Uncaught exception in zmqstream callback"))
    assert build.is_news(record("Uncaught exception in something else"))
