"""How further processes of ours are started: which Python, looking for modules where, and with which environment."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Collection
from pathlib import Path

SWITCH = "AUTOGRADER_SANDBOX_WITHOUT"  # an environment variable: protections not to use, separated by commas
NOT_STARTED = "The process that runs notebooks did not start; its own message stands above."
ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
BOOT = "import sys, json; sys.path[:] = json.loads(sys.argv[1]); from {} import main; main()"


def python(module: str) -> list[str]:
    """Return the command that starts `main` of a module of ours in a Python that looks for modules where we do."""
    return [sys.executable, "-P", "-c", BOOT.format(module), json.dumps(_search_path())]


def clean_environment() -> dict[str, str]:
    """Return all that the fork server learns of our environment variables, but for its home: next to nothing."""
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return {
        "XDG_CACHE_HOME": cache,  # where matplotlib keeps its list of fonts
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "USER": "student",
        "PYTHONHASHSEED": "0",  # sets of strings have the same order every time
        "PYTHONDONTWRITEBYTECODE": "1",
        **dict.fromkeys(ONE_THREAD, "1"),
    }


def left_out(without: Collection[str] = ()) -> list[str]:
    """Return the protections not to use: these, and those that the environment names."""
    return sorted({*without, *filter(None, os.environ.get(SWITCH, "").split(","))})


def _search_path() -> list[str]:
    """Return where modules come from here, with the folder of this very package first."""
    own = str(Path(__file__).resolve().parents[1])
    return [own, *(entry for entry in sys.path if os.path.isabs(entry) and entry != own)]
