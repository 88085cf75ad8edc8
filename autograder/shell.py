"""An IPython shell whose every output is caught: what cells print, show, draw and raise, with a bound on its size.

It is made once in the warm process; each submission then gets its own copy by a fork.
"""

from __future__ import annotations

import base64
import contextlib
import functools
import inspect
import io
import sys
import traceback
import warnings
from typing import Any

from IPython.core import ultratb
from IPython.core.compilerop import CachingCompiler
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from autograder.pictures import make_pictures_quickly

LARGEST_PICTURE = 3_000_000  # characters of base64
KEPT_TYPES = ("text/plain", "image/png", "image/jpeg", "text/html", "text/markdown", "text/latex", "image/svg+xml")
BEYOND = 64  # how many times its limit a cell may print, of which the first part is kept, before it is stopped


class TooMuchOutput(RuntimeError):
    """A cell prints without end."""


class Outputs:
    """The outputs of the cell that runs now, in nbformat's shape."""

    def __init__(self) -> None:
        self.start(200_000)

    def start(self, limit: int) -> None:
        self.items: list[dict[str, Any]] = []
        self.left, self.cut, self.patience = limit, False, limit * BEYOND

    def write(self, name: str, text: str) -> None:
        self.patience -= len(text)
        if self.patience < 0:
            raise TooMuchOutput("far more was printed than is kept")
        text = self._bounded(text)
        if not text:
            return
        last = self.items[-1] if self.items else {}
        if last.get("output_type") == "stream" and last["name"] == name:
            last["text"] += text
        else:
            self.items.append({"output_type": "stream", "name": name, "text": text})

    def show(self, kind: str, data: dict[str, Any], metadata: dict[str, Any] | None, **more: Any) -> None:
        kept = {}
        for key in KEPT_TYPES:
            if key not in data:
                continue
            value = base64.b64encode(data[key]).decode() if isinstance(data[key], bytes) else str(data[key])
            if key.startswith("image/"):
                if len(value) <= LARGEST_PICTURE:
                    kept[key] = value
            else:
                kept[key] = self._bounded(value)
        self.items.append({"output_type": kind, "data": kept, "metadata": {}, **more})

    def error(self, name: str, value: str, lines: list[str]) -> None:
        text = self._bounded("\n".join(lines))
        self.items.append(
            {"output_type": "error", "ename": name, "evalue": value[:2000], "traceback": text.split("\n")}
        )

    def _bounded(self, text: str) -> str:
        if self.cut:
            return ""
        if len(text) > self.left:
            self.cut = True
            text = text[: self.left] + "\n… the rest of the output was cut off …\n"
        self.left -= len(text)
        return text.encode("utf-8", "replace").decode()


class Stream(io.TextIOBase):
    """A text stream that writes into `Outputs`."""

    encoding = "utf-8"

    def __init__(self, outputs: Outputs, name: str) -> None:
        self.outputs, self.name = outputs, name

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.outputs.write(self.name, str(text))
        return len(text)


class Publisher(DisplayPublisher):
    """Keeps what `display` and plots send."""

    def publish(self, data: Any, metadata: Any = None, **more: Any) -> None:  # type: ignore[override]
        self.shell.outputs.show("display_data", data, metadata)

    def clear_output(self, wait: bool = False) -> None:
        self.shell.outputs.items.clear()


class Hook(DisplayHook):
    """Keeps the value of a cell's last expression."""

    def start_displayhook(self) -> None:
        pass

    def write_output_prompt(self) -> None:
        pass

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
        shell: Any = self.shell
        shell.outputs.show("execute_result", format_dict, md_dict, execution_count=shell.execution_count)

    def log_output(self, format_dict: Any) -> None:
        pass

    def finish_displayhook(self) -> None:
        pass


class Compiler(CachingCompiler):
    """Gives each cell's code a file name that says which cell it is, so that an error can name its line."""

    key = "cell"

    def get_code_name(self, raw_code: str, transformed_code: str, number: int) -> str:
        return f"<{self.key}>"


class Shell(InteractiveShell):
    """IPython without a terminal, history file or display."""

    display_pub_class = Publisher
    displayhook_class = Hook
    compiler_class = Compiler
    outputs = Outputs()

    def enable_gui(self, gui: Any = None) -> None:
        pass

    def _showtraceback(self, etype: Any, evalue: Any, stb: Any) -> None:
        name = etype.__name__ if isinstance(etype, type) else str(etype)
        self.outputs.error(name, str(evalue), [str(line) for line in stb])


def make_shell() -> Shell:
    """Return the shell of this process, which has plotted, failed and printed once: nothing is slow the first time."""
    if Shell.initialized():
        return Shell.instance()
    # IPython's quick way to show lines around an error, which it keeps for long files: the slow one parses each file
    # that an error came through, a third of a second for those of matplotlib.
    ultratb.FAST_THRESHOLD = -1
    _know_modules_by_name()
    config = Config()
    config.HistoryManager.enabled = False
    config.HistoryManager.hist_file = ":memory:"
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.cache_size = 0
    config.InteractiveShell.autoindent = False
    shell = Shell.instance(config=config)
    streams = sys.stdout, sys.stderr
    imports = "%matplotlib inline\nimport matplotlib.pyplot as plt\nfrom PIL import Image\nImage.preinit()"
    run_cell(shell, "import", imports, 200_000)
    make_pictures_quickly()
    for key, source in (
        ("plot", "plt.plot([1, 2])\nplt.show()"),
        ("error", "def f():\n    return None + 1\nf()"),
        ("value", "import numpy\nnumpy.arange(3)"),
    ):
        run_cell(shell, key, source, 200_000)
    sys.stdout, sys.stderr = streams
    with contextlib.suppress(ImportError, AttributeError, ValueError):
        from matplotlib import pyplot

        # The inline back end draws every figure when a cell ends; without this pyplot would draw it before that, too.
        shell.events.unregister("post_execute", pyplot._draw_all_if_interactive)  # type: ignore[attr-defined]
    shell.reset(new_session=False)
    shell.execution_count = 1
    return shell


def _know_modules_by_name() -> None:
    """Answer IPython's question which module a frame of a traceback is from without a look at every module's file."""
    look = inspect.getmodule

    @functools.wraps(look)
    def getmodule(thing: Any, _filename: str | None = None) -> Any:
        if not inspect.isframe(thing):
            return look(thing, _filename)
        name = str(thing.f_globals.get("__name__"))
        return None if name == "__main__" else sys.modules.get(name)

    inspect.getmodule = getmodule  # type: ignore[assignment]


def run_cell(shell: Shell, key: str, source: str, limit: int) -> tuple[list[dict[str, Any]], BaseException | None]:
    """Run one cell as Jupyter would; return its outputs and what it raised."""
    shell.outputs.start(limit)
    shell.compile.key = key  # type: ignore[attr-defined]
    sys.stdout, sys.stderr = Stream(shell.outputs, "stdout"), Stream(shell.outputs, "stderr")  # type: ignore[assignment]
    with warnings.catch_warnings():
        result = shell.run_cell(source, store_history=True, silent=False)
    return shell.outputs.items, result.error_before_exec or result.error_in_exec


def describe(error: BaseException) -> dict[str, Any]:
    """Return what grading needs to know of an exception: its kinds, its text, and the lines it came through.

    One that a child has told of carries its own description, of which only the lines up to the call are ours.
    """
    frames = [
        (frame.f_code.co_filename.strip("<>"), number)
        for frame, number in traceback.walk_tb(error.__traceback__)
        if frame.f_code.co_filename.startswith("<")
    ]
    if told := getattr(error, "autograder_error", None):
        return {**told, "frames": (frames + told["frames"])[-20:]}
    if isinstance(error, SyntaxError) and error.filename:
        frames.append((error.filename.strip("<>"), error.lineno or 0))
    try:
        message = error.msg if isinstance(error, SyntaxError) else str(error)
    except Exception:
        message = ""
    if isinstance(error, KeyError):
        message = f"key {message} not found"
    kinds = [kind.__name__ for kind in type(error).__mro__]
    return {"kinds": kinds, "message": str(message)[:4000], "frames": frames[-20:]}
