"""What a result depends on besides the submission: the manifest, the seed, our code, the libraries, the protection.

A result is kept under the digest of all of these, so that work which would come out the same is not done twice, and
work which might come out otherwise is never taken from the shelf.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.metadata
import importlib.util
import platform
import sys
from functools import cache
from pathlib import Path

from autograder.manifest import Manifest
from autograder.submission import Submission

PACKAGES = ("numpy", "matplotlib", "ipython")  # what the child has loaded, whatever an assignment imports


def result_key(manifest: Manifest, submission: Submission, seed: int, surroundings: str) -> str:
    """Return the name under which the result of this submission is kept; who handed it in plays no part."""
    return _digest(manifest.hash, submission.hash, str(seed), surroundings)


def surroundings(manifest: Manifest, sandbox: str) -> str:
    """Return a digest of the code and the environment that an assignment is graded with."""
    parts = [sandbox, platform.python_implementation(), platform.python_version(), platform.machine()]
    parts += [f"{name} {_version(name)}" for name in PACKAGES]
    parts.append(_code_digest(str(Path(__file__).parent)))
    parts += [f"{name} {_library(name)}" for name in sorted(imported_packages(manifest))]
    return _digest(*parts)


def imported_packages(manifest: Manifest) -> set[str]:
    """Return the top-level packages that the author's cells and mistakes import, the standard library left out."""
    found: set[str] = set()
    sources = [cell.full for cell in manifest.cells if cell.cell_type == "code"]
    for source in [*sources, manifest.mistakes]:
        plain = "\n".join("" if line.lstrip().startswith(("%", "!")) else line for line in source.split("\n"))
        for node in ast.walk(ast.parse(plain)):
            if isinstance(node, ast.Import):
                found |= {item.name.split(".")[0] for item in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.split(".")[0])
    return found - set(sys.stdlib_module_names) - {"autograder"}


@cache
def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


@cache
def _library(name: str) -> str:
    """Return what tells one state of a package from another: its version, or its code where it is not installed."""
    if version := _version(name):
        return version
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        spec = None
    if spec is None:
        return "absent"
    places = list(spec.submodule_search_locations or [])
    return _digest(*map(_code_digest, places)) if places else _file_digest(spec.origin or "")


@cache
def _code_digest(folder: str) -> str:
    """Return a digest of the Python files below a folder."""
    files = sorted(path for path in Path(folder).rglob("*.py") if "__pycache__" not in path.parts)
    return _digest(*(f"{path.relative_to(folder)} {_file_digest(str(path))}" for path in files))


def _file_digest(path: str) -> str:
    try:
        return hashlib.sha256(Path(path).read_bytes()).hexdigest()
    except OSError:
        return "unreadable"


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
