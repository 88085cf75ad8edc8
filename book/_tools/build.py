"""Build the book: execute the chapters that changed, in parallel, then make the pages, warnings being errors.

    python book/_tools/build.py

Executed notebooks are kept in `_build/.jupyter_cache`, the pages in `_build/html`. Nothing is done when no input
changed; everything is executed again when the library or the versions of NumPy or matplotlib did. When a build
fails, its pages are moved to `_build/failed`, so that `_build/html` is either good or absent. At the end the Python
for the reader's browser is added (see runtime.py) and the place to do the assignments in (see lite.py); where they
cannot be had, the next build asks for them again.
"""

import contextlib
import fcntl
import hashlib
import json
import logging
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "_build"
HTML, FAILED, DOCTREES = BUILD / "html", BUILD / "failed", BUILD / ".doctrees"
CACHE, STATE, LOCK = BUILD / ".jupyter_cache", BUILD / "book.json", BUILD / ".book.lock"
LAB = BUILD / "lab"
TIMEOUT = 120  # seconds a cell, as in _config.yml
PACKAGES = ("numpy", "matplotlib")
TOOLS = ("jupyter-book", "sphinx", "myst-nb", "sphinx-book-theme", "pydata-sphinx-theme", "sphinxcontrib-bibtex")


class BuildError(Exception):
    """Says in one message what went wrong and where."""


def say(message: str) -> None:
    print(message, flush=True)


def digest(files: list[Path], *more: str) -> str:
    """Return one hash of the names and contents of files, and of further strings."""
    total = hashlib.sha256("\n".join(more).encode())
    for file in sorted(files):
        total.update(f"\n{file.relative_to(ROOT)}\n".encode())
        total.update(file.read_bytes())
    return total.hexdigest()


def files_below(*folders: str) -> list[Path]:
    """Return the files in these folders that a build could read."""
    return [
        file
        for folder in folders
        for file in (ROOT / folder).rglob("*")
        if file.is_file() and not {"__pycache__", ".ipynb_checkpoints", "node_modules"} & set(file.parts)
    ]


def library_hash() -> str:
    """Return what the outputs of every chapter depend on, besides the chapter itself."""
    return digest(
        files_below("course_lib"), platform.python_version(), *(f"{name} {version(name)}" for name in PACKAGES)
    )


def input_hash() -> str:
    """Return what the pages depend on."""
    files = [ROOT / "_config.yml", ROOT / "_toc.yml", *files_below("book", "course_lib", "exercises")]
    return digest(files, platform.python_version(), *(f"{name} {version(name)}" for name in (*PACKAGES, *TOOLS)))


def frame_hash() -> str:
    """Return what every page depends on, whatever is written in it: settings, extensions, templates, scripts."""
    return digest([ROOT / "_config.yml", *files_below("book/_ext", "book/_templates", "book/_static")])


def read_state() -> dict[str, str]:
    """Return the hashes of the last good build; empty if there is none."""
    try:
        state = json.loads(STATE.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return state if isinstance(state, dict) else {}


@contextlib.contextmanager
def only_one_build() -> Iterator[None]:
    """Wait until no other build of this book is running."""
    try:
        BUILD.mkdir(exist_ok=True)
        lock = LOCK.open("w")
    except OSError as error:
        raise BuildError(f"cannot write to {BUILD}: {error.strerror}. Give yourself write permission there.") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another build of this book is running; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def pages_in_contents() -> list[Path]:
    """Return the files that the table of contents names."""
    from sphinx_external_toc.parsing import MalformedError, parse_toc_yaml

    try:
        site_map = parse_toc_yaml(ROOT / "_toc.yml")
    except (OSError, MalformedError) as error:
        raise BuildError(f"_toc.yml cannot be read: {error}") from None
    pages = [ROOT / f"{name.removesuffix('.md')}.md" for name in site_map]
    missing = [str(page.relative_to(ROOT)) for page in pages if not page.is_file()]
    if missing:
        raise BuildError(f"_toc.yml lists pages that do not exist: {', '.join(missing)}")
    return pages


def execute_chapters(pages: list[Path]) -> None:
    """Execute every page that has code cells and is not in the cache yet, on all cores."""
    from jupyter_cache import get_cache
    from myst_nb.core.read import is_myst_markdown_notebook, myst_nb_reader_plugin

    cache = get_cache(str(CACHE))
    notebooks = {p: myst_nb_reader_plugin(str(p)) for p in pages if is_myst_markdown_notebook(p.read_text("utf-8"))}
    todo = [page for page, notebook in notebooks.items() if not is_cached(cache, notebook)]
    if not todo:
        say(f"chapters: {len(notebooks)} executed before, none changed")
        return
    workers = min(len(todo), len(os.sched_getaffinity(0)))
    say(f"chapters: executing {len(todo)} of {len(notebooks)}, {workers} at a time")
    failures = []
    with ThreadPoolExecutor(workers) as pool:
        running = {pool.submit(execute, page, notebooks[page]): page for page in todo}
        for done, future in enumerate(as_completed(running), start=1):
            page, result = running[future], future.result()
            name = page.relative_to(ROOT)
            if isinstance(result, str):
                failures.append(result)
                say(f"  [{done}/{len(todo)}] {name} FAILED")
                continue
            store(cache, page, notebooks[page], result)
            say(f"  [{done}/{len(todo)}] {name} {result:.1f} s")
    if failures:
        raise BuildError("\n".join(failures))


def is_cached(cache: Any, notebook: Any) -> bool:
    """Say whether the outputs of these very cells, metadata included, are in the cache."""
    try:
        cache.match_cache_notebook(notebook)
    except KeyError:
        return False
    return True


def is_news(record: logging.LogRecord) -> bool:
    """Say whether a line of the kernel client's log is worth the reader's time.

    When a kernel is shut down after a failing cell, a last message of it may arrive at a socket that is being closed.
    The client then logs a traceback of its own; the failure itself has been raised and is reported by `execute`.
    """
    return "Uncaught exception in zmqstream callback" not in record.getMessage()


def execute(page: Path, notebook: Any) -> float | str:
    """Execute a notebook in place; return the seconds it took, or a message that names chapter and cell."""
    from jupyter_cache.executors.utils import single_nb_execution
    from nbclient.exceptions import DeadKernelError

    name = page.relative_to(ROOT)
    logging.getLogger("tornado.general").addFilter(is_news)
    try:
        quiet = ["--IPKernelApp.log_level=ERROR"]
        result = single_nb_execution(
            notebook, cwd=str(page.parent), timeout=TIMEOUT, allow_errors=False, extra_arguments=quiet
        )
    except DeadKernelError:
        return f"{name}: the kernel died while the page was executed"
    if result.err is None:
        warned = warning_message(name, notebook)
        return warned or result.time
    return failure_message(name, notebook, result.err)


def failure_message(name: Path, notebook: Any, error: Exception) -> str:
    """Say which cell failed, with what, and show it."""
    for number, cell in enumerate((c for c in notebook.cells if c.cell_type == "code"), start=1):
        for output in cell.get("outputs", []):
            if output.output_type == "error" and "raises-exception" not in cell.metadata.get("tags", []):
                reason = f"{output.ename}: {output.evalue}"
                return f"{name}, code cell {number} fails with {reason}\n{indented(cell.source)}"
    running = next(
        (n for n, c in enumerate((c for c in notebook.cells if c.cell_type == "code"), 1) if c.execution_count is None),
        "?",
    )
    return f"{name}, code cell {running}: {type(error).__name__} (the limit is {TIMEOUT} s a cell)"


def warning_message(name: Path, notebook: Any) -> str | None:
    """Say which cell wrote to standard error: in a book that is a warning nobody dealt with."""
    for number, cell in enumerate((c for c in notebook.cells if c.cell_type == "code"), start=1):
        for output in cell.get("outputs", []):
            if (
                output.output_type == "stream"
                and output.name == "stderr"
                and "remove-stderr" not in cell.metadata.get("tags", [])
            ):
                return f"{name}, code cell {number} warns: {output.text.strip()}\n{indented(cell.source)}"
    return None


def indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())


def store(cache: Any, page: Path, notebook: Any, seconds: float) -> None:
    from jupyter_cache.base import CacheBundleIn

    bundle = CacheBundleIn(notebook, str(page), data={"execution_seconds": seconds})
    cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)


def make_pages(lab: str) -> None:
    """Run Jupyter Book on the executed chapters and show its progress."""
    command = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()"]
    command += ["build", str(ROOT), "-W", "-n", "--keep-going"]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ | {"COURSE_LAB": LAB.name if lab else ""},  # for the links to the assignments
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        bufsize=1,
    )
    assert process.stdout is not None
    warnings: list[str] = []
    tail: list[str] = []
    stage = ""
    for raw in process.stdout:
        line = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", raw).rstrip()
        tail = [*tail[-30:], line]
        if re.search(r"\b(WARNING|ERROR|CRITICAL|SEVERE)\b:?", line):
            warnings.append(line.replace(f"{ROOT}/", ""))
        found = re.match(r"(reading sources|writing output)\.\.\. \[ *(\d+)%\]", line)
        if found and found[1] != stage:
            stage = found[1]
            say(f"pages: {stage}")
    process.wait()
    if process.returncode != 0 or warnings:
        problems = "\n".join(f"  {line}" for line in dict.fromkeys(warnings)) or "\n".join(f"  {line}" for line in tail)
        raise BuildError(f"the pages have problems:\n{problems}")


def set_aside_failed_pages() -> None:
    """Move pages of a failed build away; without its doctrees the next build repeats every warning."""
    shutil.rmtree(FAILED, ignore_errors=True)
    if HTML.exists():
        HTML.rename(FAILED)
        say(f"the pages of this failed build are in {FAILED.relative_to(ROOT)}, to look at")
    shutil.rmtree(DOCTREES, ignore_errors=True)


def make_lab() -> str:
    """Make what the assignments are opened in, before the pages that link to it; return what to remember of it."""
    import lite  # this file's folder is on the path when it is run

    return "made" if lite.make(LAB, say) else ""


def add_browser_python(lab: str) -> str:
    """Put the runtime of the live cells and the assignments into the site; return what to remember of it."""
    import lite
    import runtime

    setting = os.environ.get(runtime.SETTING, "")
    complete = runtime.provide(HTML / "_static" / "live", say) and bool(lab)
    lite.place(LAB, HTML)
    return f"with {setting}" if complete or setting == "off" else ""


def build() -> None:
    """Bring `_build/html` up to date.

    Raises
    ------
    BuildError
        With one message for the person who can mend it.
    """
    started = time.monotonic()
    with only_one_build():
        state, library, inputs, frame = read_state(), library_hash(), input_hash(), frame_hash()
        unchanged = state.get("inputs") == inputs and (HTML / "index.html").is_file()
        complete = unchanged and state.get("python") == f"with {os.environ.get('COURSE_PYODIDE', '')}"
        lab = state.get("lab", "") if complete else make_lab()
        if unchanged and state.get("lab") == lab:
            if not complete:
                STATE.write_text(json.dumps(state | {"python": add_browser_python(lab)}), "utf-8")
            say(f"book: nothing changed ({time.monotonic() - started:.1f} s)")
            return
        previous_library = LIBRARY_STATE.read_text("utf-8") if LIBRARY_STATE.exists() else ""
        if previous_library != library:
            say("chapters: the library or its versions changed, so every chapter is executed")
            shutil.rmtree(CACHE, ignore_errors=True)
        if not state or previous_library != library or state.get("frame") != frame:
            shutil.rmtree(DOCTREES, ignore_errors=True)
            shutil.rmtree(HTML, ignore_errors=True)
        STATE.unlink(missing_ok=True)  # until this build is good, there is no good build
        CACHE.mkdir(parents=True, exist_ok=True)
        LIBRARY_STATE.write_text(library, "utf-8")
        execute_chapters(pages_in_contents())
        if library_hash() != library:
            LIBRARY_STATE.unlink()
            raise BuildError("the library was changed while the chapters were executed; build again")
        try:
            make_pages(lab)
        except BaseException:
            set_aside_failed_pages()
            raise
        made = {"inputs": inputs, "frame": frame, "lab": lab, "python": add_browser_python(lab)}
        STATE.write_text(json.dumps(made), "utf-8")
    pages = sum(1 for page in HTML.rglob("*.html") if page.relative_to(HTML).parts[0] != LAB.name)
    say(f"book: {pages} pages in {HTML.relative_to(ROOT)} ({time.monotonic() - started:.1f} s)")


LIBRARY_STATE = CACHE / "library.sha256"


def main() -> int:
    # One thread a kernel: the chapters share the cores, and sums come out the same on every machine.
    os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", PYDEVD_DISABLE_FILE_VALIDATION="1")
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    try:
        build()
    except BuildError as error:
        print(f"The book was not built: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("The book was not built: interrupted.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
