"""Runs the cells of a page inside Pyodide and says what came of them, as Jupyter would.

worker.js imports this module into the browser's Python. It is matplotlib's backend there as well: a figure that a cell
leaves open is shown under the cell. Everything is said by one function, `connect`, which takes a kind and JSON.
"""

import ast
import base64
import builtins
import importlib.util
import io
import json
import linecache
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from typing import Any

from pyodide.code import CodeRunner

TEXT_LIMIT = 200_000  # characters of output a cell; an endless loop that prints would stop the page
SHOW_LIMIT = 50  # figures and values a cell
PAUSE = 0.05  # seconds between two messages of text, at least
RICH = (("text/html", "_repr_html_"), ("image/svg+xml", "_repr_svg_"), ("image/png", "_repr_png_"))

namespace: dict[str, Any] = {"__name__": "__main__", "__builtins__": builtins}
_send: Callable[[str, str], None]


def connect(send: Callable[[str, str], None]) -> None:
    """Send what cells print and show to `send(kind, content as JSON)` from now on."""
    global _send
    _send = send
    sys.stdout = Stream("stdout")
    sys.stderr = Stream("stderr", sys.stdout)
    namespace["display"] = display
    builtins.input = no_input


def say(kind: str, content: Any) -> None:
    _send(kind, json.dumps(content))


def no_input(prompt: object = "") -> str:
    raise RuntimeError("input() cannot ask anything on this page; write the value into the cell")


# --- what a cell needs -------------------------------------------------------------------------------------------


def packages_for(source: str) -> list[str]:
    """Return the packages to load before this code runs: those it imports, itself or through the library."""
    found: set[str] = set()
    todo, seen = list(imported(source)), set()
    while todo:
        module = todo.pop()
        if module in seen:
            continue
        seen.add(module)
        if module.split(".")[0] == "matplotlib":
            found.add("matplotlib")
        elif module.split(".")[0] == "course_lib":
            todo += imported(library_source(module))
    return sorted(found)


def imported(source: str) -> Iterator[str]:
    """Yield the modules, and what might be modules, that some code imports; none if it does not parse."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def library_source(module: str) -> str:
    """Return the text of a module of the library without importing it; nothing if there is no such module."""
    try:
        spec = importlib.util.find_spec(module)
        return importlib.util.decode_source(spec.loader.get_data(spec.origin))
    except (ImportError, AttributeError, OSError):
        return ""


# --- what a cell says --------------------------------------------------------------------------------------------


class Stream(io.TextIOBase):
    """Standard output or error of the cells: sent on a few times a second, and cut where it grows too long."""

    def __init__(self, name: str, other: "Stream | None" = None) -> None:
        self.name, self.other = name, other
        if other is not None:
            other.other = self
        self.begin()

    def begin(self) -> None:
        """Forget what the last cell printed."""
        self.waiting: list[str] = []
        self.length = 0
        self.sent = time.monotonic()

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if self.other is not None and self.other.waiting:
            self.other.flush()  # what was printed before is shown before
        room = TEXT_LIMIT - self.length
        self.length += len(text)
        if room > 0:
            self.waiting.append(text[:room])
            if len(text) > room:
                self.waiting.append(f"\n[cut off after {TEXT_LIMIT:,} characters]\n")
        if time.monotonic() - self.sent > PAUSE:
            self.flush()
        return len(text)

    def flush(self) -> None:
        if self.waiting:
            say("stream", {"name": self.name, "text": "".join(self.waiting)})
        self.waiting, self.sent = [], time.monotonic()


def flush() -> None:
    sys.stdout.flush()
    sys.stderr.flush()


_shown = 0


def display(*values: object) -> None:
    """Show values below the cell, each as the richest of what it offers."""
    global _shown
    for value in values:
        flush()
        _shown += 1
        if _shown <= SHOW_LIMIT:
            say("display", richest(value))
        elif _shown == SHOW_LIMIT + 1:
            print(f"[cut off after {SHOW_LIMIT} figures and values]", file=sys.stderr)


def richest(value: object) -> dict[str, str]:
    """Return the mime type and content of what shows a value best."""
    if "matplotlib.figure" in sys.modules and isinstance(value, sys.modules["matplotlib.figure"].Figure):
        return {"mime": "image/png", "content": base64.b64encode(png(value)).decode(), "text": repr(value)}
    for mime, method in RICH:
        represent = None if isinstance(value, type) else getattr(value, method, None)
        content = represent() if callable(represent) else None
        if content is not None:
            encoded = base64.b64encode(content).decode() if isinstance(content, bytes) else str(content)
            return {"mime": mime, "content": encoded, "text": repr(value)}
    return {"mime": "text/plain", "content": repr(value)}


# --- matplotlib --------------------------------------------------------------------------------------------------


def png(figure: Any) -> bytes:
    """Return a figure as it would appear under a cell of a notebook."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=figure.dpi, facecolor=figure.get_facecolor(), bbox_inches="tight")
    return buffer.getvalue()


def show(*args: object, **options: object) -> None:
    """Show and close the open figures; matplotlib calls it for `plt.show()`."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None:
        for number in pyplot.get_fignums():
            display(pyplot.figure(number))
        pyplot.close("all")


def is_open_figure(value: object) -> bool:
    """Say whether this is a figure that `show` will show anyway."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    return pyplot is not None and any(pyplot.figure(number) is value for number in pyplot.get_fignums())


def loaded(packages: list[str]) -> None:
    """Become matplotlib's backend once it is there: it asks this module for the two classes."""
    if "matplotlib" in packages:
        from matplotlib.backend_bases import FigureManagerBase
        from matplotlib.backends.backend_agg import FigureCanvasAgg

        globals().update(FigureCanvas=FigureCanvasAgg, FigureManager=FigureManagerBase)


# --- running -----------------------------------------------------------------------------------------------------


async def run(source: str, number: int) -> str:
    """Run a cell; say what it prints, its last value and its figures; return "ok", "error" or "stopped"."""
    global _shown
    _shown = 0
    sys.stdout.begin()
    sys.stderr.begin()
    name = f"<cell {number}>"
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    try:
        flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        runner = CodeRunner(source, return_mode="last_expr", filename=name, flags=flags)
        value = await runner.compile().run_async(namespace)
        if value is not None:
            namespace["_"] = value
            if not is_open_figure(value):  # that is shown below, once
                display(value)
        show()
    except KeyboardInterrupt:
        flush()
        return "stopped"
    except BaseException as error:
        flush()
        say("error", {"summary": summary(error, name), "traceback": readable(error, name)})
        return "error"
    flush()
    return "ok"


def summary(error: BaseException, cell: str) -> str:
    """Return what happened and in which line of the cell."""
    what = traceback.format_exception_only(error)[-1].strip()
    if isinstance(error, SyntaxError):
        line = error.lineno if error.filename == cell else None
    else:
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == cell]
        line = lines[-1] if lines else None
    return f"Line {line}: {what}" if line else what


def readable(error: BaseException, cell: str) -> str:
    """Return the traceback from the cell's own line on, with short names for the files of the library."""
    whole = traceback.TracebackException.from_exception(error)
    part: traceback.TracebackException | None = whole
    while part is not None:
        frames = [frame for frame in part.stack if not is_ours(frame.filename)]
        for frame in frames:
            frame.line  # noqa: B018  reads the line while the name is still that of a file
            frame.filename = frame.filename.split("/site-packages/")[-1]
        part.stack[:] = frames
        part = part.__cause__ or (None if part.__suppress_context__ else part.__context__)
    return "".join(whole.format()).rstrip() + "\n" + hint(error)


def is_ours(filename: str) -> bool:
    """Say whether a file belongs to what runs the cells, and is nothing a reader wants to know."""
    return filename == __file__ or "/_pyodide/" in filename or "/pyodide/" in filename


def hint(error: BaseException) -> str:
    """Return one more sentence where a reader of the page can do something about the error."""
    if isinstance(error, ModuleNotFoundError):
        return "This page has NumPy, matplotlib, course_lib and Python's own library.\n"
    if isinstance(error, NameError):
        return "If an earlier cell defines this name, press “Run all above” first.\n"
    return ""
