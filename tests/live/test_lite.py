"""An assignment is done in the browser, from the chapter's link to the points, and the site is asked for all of it."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import lite
import pytest
import runtime
from book_site import ROOT
from browser import Reader, reading, serving_with_shared_memory
from playwright.sync_api import Browser, Locator, TimeoutError

from autograder.course import Course
from autograder.grading import grade
from autograder.manifest import Manifest
from autograder.release import release
from autograder.runner import JudgeExecutor
from autograder.submission import parse_submission

NAME, NOTEBOOK = "05_finite_differences", "finite_differences.ipynb"
ANSWER = '''def one_sided_gradient(f, x, step):
    """Return the gradient of f at x by differences with the signed step; same shape as x."""
    here = np.array(x, dtype=float)
    slopes = np.zeros(here.shape)
    for place in np.ndindex(here.shape):
        there = here.copy()
        there[place] += step
        slopes[place] = (f(there) - f(here)) / step
    return slopes
'''
POINTS = 15.0  # of question 1
KEPT = 3 * 1000 * lite.SAVED_EVERY  # milliseconds in which the browser has kept what was typed


class Student:
    """Somebody with an assignment open in the browser."""

    def __init__(self, reader: Reader) -> None:
        self.reader, self.page = reader, reader.page

    def wait(self) -> None:
        """Wait until Python is ready; what is run before that is lost, as in every Jupyter."""
        python = ".jp-Notebook-ExecutionIndicator"  # it says "idle" for a moment before there is a kernel
        self.page.locator(f"{python}:not([data-status=idle])").wait_for(timeout=60_000, state="attached")
        self.page.locator(f"{python}[data-status=idle]").wait_for(timeout=60_000, state="attached")

    def cell(self, text: str) -> Locator:
        """Return the one code cell that holds a text; the notebook draws a cell when it is near."""
        return self.page.locator(".jp-CodeCell", has=self.page.locator(".cm-content", has_text=text)).first

    def run(self, text: str, number: int) -> str:
        """Run a cell with the keyboard, as the notebook's run with this number; return what it shows."""
        cell = self.cell(text)
        begun = cell.locator(".jp-InputPrompt", has_text=re.compile(rf"\[(\*|{number})\]:"))
        for _ in range(3):  # who sees no star presses again
            cell.locator(".cm-content").click()
            self.page.keyboard.press("Control+Enter")
            with suppress(TimeoutError):
                begun.wait_for(timeout=15_000)
                break
        cell.locator(".jp-InputPrompt", has_text=f"[{number}]:").wait_for(timeout=90_000)
        return "".join(cell.locator(".jp-OutputArea-output").all_text_contents())

    def write(self, text: str, code: str) -> None:
        """Replace what is in a cell, with the keyboard."""
        self.cell(text).locator(".cm-content").click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(code)

    def download(self, folder: Path) -> Path:
        with self.page.expect_download() as started:
            self.page.get_by_role("button", name="Download", exact=True).click()
        target = folder / started.value.suggested_filename
        started.value.save_as(target)
        return target


@pytest.fixture
def lab(site: Path, with_python: dict) -> Path:
    """Return the folder in which the assignments open."""
    if not (site / lite.NAME / lite.MADE).is_file():
        pytest.skip("JupyterLite could not be had: the assignments were not tried in a browser")
    return site / lite.NAME


@pytest.fixture(scope="module")
def executor() -> Iterator[JudgeExecutor]:
    runner = JudgeExecutor(trusted=True)
    yield runner
    runner.close()


@pytest.fixture(scope="module")
def assignment(tmp_path_factory) -> Manifest:
    return release(Course(ROOT), NAME, tmp_path_factory.mktemp("released")).manifest


def done_elsewhere() -> bytes:
    """Return the released notebook with the same answer in it, as JupyterLab's server writes it."""
    notebook = json.loads((ROOT / "exercises" / NAME / NOTEBOOK).read_text("utf-8"))
    cell = next(cell for cell in notebook["cells"] if "def one_sided_gradient" in "".join(cell["source"]))
    cell["source"] = ANSWER.splitlines(keepends=True)
    return json.dumps(notebook, indent=1).encode()


def test_an_assignment_is_done_kept_and_handed_in(reader: Reader, lab: Path, tmp_path, executor, assignment) -> None:
    reader.open(f"book/{NAME}")
    reader.page.get_by_role("link", name="Open it in the browser").click()
    student = Student(reader)
    student.wait()
    assert student.run("checks.withhold", 1) == ""
    assert student.run("def one_sided_gradient", 2) == ""
    assert "Question 1: not answered yet." in student.run("the forward slope of x³", 3)
    student.write("def one_sided_gradient", ANSWER)
    assert student.run("def one_sided_gradient", 4) == ""
    shown = student.run("the forward slope of x³", 5)
    assert "12.61" in shown
    assert "Error" not in shown

    reader.page.wait_for_timeout(KEPT)  # nobody presses Save
    reader.page.reload()
    student.wait()
    file = student.download(tmp_path)
    assert file.name == NOTEBOOK
    here = parse_submission(file.read_bytes(), assignment, "someone")
    elsewhere = parse_submission(done_elsewhere(), assignment, "someone")
    untouched = parse_submission((lab / "files" / NOTEBOOK).read_bytes(), assignment, "someone")
    assert here.sources["one-sided"].strip() == ANSWER.strip()
    assert here.hash == elsewhere.hash != untouched.hash
    result = grade(assignment, here, executor=executor)
    assert sum(question.points for question in result.questions) == POINTS
    assert result.questions == grade(assignment, elsewhere, executor=executor).questions


def test_it_works_as_well_where_pages_share_memory_with_their_python(chrome: Browser, lab: Path) -> None:
    with serving_with_shared_memory() as address, reading(chrome, address) as reader:
        reader.page.goto(f"{address}lab/notebooks/index.html?path={NOTEBOOK}")
        student = Student(reader)
        student.wait()
        assert reader.page.evaluate("crossOriginIsolated")
        assert student.run("checks.withhold", 1) == ""


def test_every_released_notebook_is_there_and_listed(lab: Path) -> None:
    released = {path.name: path.read_bytes() for path in (ROOT / "exercises").glob("*/*.ipynb")}
    assert {path.name: path.read_bytes() for path in (lab / "files").iterdir()} == released
    entries = json.loads((lab / "api/contents/all.json").read_text("utf-8"))["content"]
    assert {entry["path"] for entry in entries} == set(released)


def test_every_wheel_that_the_kernel_loads_is_in_the_site_and_is_the_pinned_one(lab: Path) -> None:
    lock = json.loads(next((lab / "wheels").glob("lock-*.json")).read_text("utf-8"))["packages"]
    assert {*lite.PRELOADED, *lite.pinned(lite.WHEELS)} <= set(lock)
    for entry in lock.values():
        assert runtime.sha256((lab / "wheels" / entry["file_name"]).read_bytes()) == entry["sha256"]
    for name, (version, digest) in lite.pinned(lite.WHEELS).items():
        assert (lock[name]["version"], lock[name]["sha256"]) == (version, digest)
    assert set(lock["course-lib"]["depends"]) <= set(lock)


def test_only_the_kernel_got_into_the_site(lab: Path) -> None:
    settings = json.loads((lab / "jupyter-lite.json").read_text("utf-8"))["jupyter-config-data"]
    assert [extension["name"] for extension in settings["federated_extensions"]] == [lite.KERNEL]


def test_switched_off_there_is_one_line_and_no_folder(tmp_path: Path, monkeypatch) -> None:
    made, site = tmp_path / "made", tmp_path / "site"
    for folder in (made, site / lite.NAME):
        folder.mkdir(parents=True)
        (folder / lite.MADE).write_text("before")
    monkeypatch.setenv(runtime.SETTING, "off")
    said: list[str] = []
    assert lite.make(made, said.append) is False
    lite.place(made, site)
    assert said == ["assignments in the browser: left out (it was built with COURSE_PYODIDE=off)"]
    assert not made.exists()
    assert not (site / lite.NAME).exists()


def test_a_damaged_wheel_in_the_cache_is_not_taken(tmp_path: Path, monkeypatch) -> None:
    good = b"a wheel"
    pins = tmp_path / "wheels.txt"
    pins.write_text(f"# why\none==1.0 --hash=sha256:{runtime.sha256(good)}\n")
    monkeypatch.setattr(lite, "WHEELS", pins)
    file = tmp_path / "one-1.0-py3-none-any.whl"
    file.write_bytes(good)
    assert lite.kernel_wheels(tmp_path) == {file.name: good}
    file.write_bytes(b"another")
    asked: list[tuple[str, ...]] = []
    monkeypatch.setattr(lite, "pip", lambda *arguments: asked.append(arguments))
    assert lite.kernel_wheels(tmp_path) == {}
    assert not file.exists()
    assert "--require-hashes" in asked[0]
