"""The course_lib a child sees: copies of the allowed modules, the private ones they use, and the data. Nothing else.

The withheld modules are not hidden, they are not there. Errors show its lines, but not where it lies.
"""

from __future__ import annotations

import ast
import compileall
import hashlib
import linecache
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Sequence
from importlib.machinery import FileFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from autograder.errors import CourseError

PACKAGE = "course_lib"
TOP = re.compile(r"^(?=def |class |@)", re.MULTILINE)


class Library:
    """Writes a package for each set of modules, once, in `folder`; `source` is the package they are copied from."""

    def __init__(self, folder: Path, source: Path | None) -> None:
        self.folder, self.source = folder, source
        folder.mkdir()

    def folder_of(self, modules: Sequence[str]) -> Path:
        """Return the folder that holds a course_lib of just these modules and what they need."""
        names = sorted(set(modules))
        place = self.folder / hashlib.sha256(" ".join(names).encode()).hexdigest()[:16]
        if not place.is_dir():
            part = Path(tempfile.mkdtemp(prefix="part-", dir=self.folder))
            part.chmod(0o755)
            try:
                self._write(part / PACKAGE, names)
                os.rename(part, place)  # whole or not at all, whoever else does the same
            except OSError:
                if not place.is_dir():
                    raise
            finally:
                shutil.rmtree(part, ignore_errors=True)
        return place

    def uses(self) -> list[str]:
        """Return what the package imports from outside, at the top of its modules: worth to be loaded once for all."""
        found = set()
        for path in sorted(self.source.glob("*.py")) if self.source else []:
            for node in _top(path.read_text(encoding="utf-8")):
                if isinstance(node, ast.Import):
                    found |= {alias.name for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    found.add(node.module)
        return sorted(name for name in found if name.split(".")[0] != PACKAGE)

    def _write(self, package: Path, names: list[str]) -> None:
        if self.source is None:
            if names:
                raise CourseError(f"The library {PACKAGE} was not found, but student code may use its modules.")
            return
        package.mkdir()
        for name in ["__init__", *with_private(self.source, names)]:
            shutil.copyfile(self.source / f"{name}.py", package / f"{name}.py")
        if (self.source / "data").is_dir() and "datasets" in names:
            shutil.copytree(self.source / "data", package / "data")
        compileall.compile_dir(package, quiet=2)


def with_private(source: Path, names: Sequence[str]) -> list[str]:
    """Return these modules and the private ones among what they import, directly or not.

    A public module that is imported but not allowed is an error of the assignment: it would bring what is withheld.
    """
    wanted, waiting = [], list(names)
    while waiting:
        name = waiting.pop()
        if name in wanted:
            continue
        path = source / f"{name}.py"
        if not name.isidentifier() or not path.is_file():
            raise CourseError(f"Student code may use {PACKAGE}.{name}, but there is no such module.")
        wanted.append(name)
        for used in _imports(ast.parse(path.read_text(encoding="utf-8"))):
            if not (source / f"{used}.py").is_file() or used == "__init__":
                continue
            if not used.startswith("_") and used not in names:
                raise CourseError(
                    f"Student code may use {PACKAGE}.{name}, which imports {PACKAGE}.{used}, which it may not use. "
                    "Allow both in assignment.toml, or neither."
                )
            waiting.append(used)
    return sorted(wanted)


def _top(text: str) -> list[ast.stmt]:
    """Return the statements above a module's first function or class, where its imports stand."""
    try:
        return ast.parse(TOP.split(text, maxsplit=1)[0]).body
    except SyntaxError:  # what looked like a function stands in a text
        return ast.parse(text).body


def _imports(tree: ast.Module) -> set[str]:
    """Return the modules of the package that this code imports at any place."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith(f"{PACKAGE}.")}
        elif isinstance(node, ast.ImportFrom) and node.module is not None and node.level == 0:
            if node.module == PACKAGE:
                found |= {alias.name for alias in node.names}
            elif node.module.startswith(f"{PACKAGE}."):
                found.add(node.module.split(".")[1])
    return found


class _Loader(SourceFileLoader):
    """Loads a module of the library under a name without a folder, which errors then show."""

    def get_code(self, fullname: str) -> CodeType | None:
        code = super().get_code(fullname)
        if code is None:
            return None
        text = self.get_source(fullname) or ""
        linecache.cache[fullname] = (len(text), None, text.splitlines(keepends=True), fullname)
        return _renamed(code, fullname)

    def exec_module(self, module: ModuleType) -> None:
        super().exec_module(module)
        if module.__name__ == PACKAGE:  # its file is named when something is not in it
            module.__file__ = PACKAGE


def name_by_module(folder: str) -> None:
    """Have errors in modules below `folder` name the module, since the folder is another one each time."""
    hook = FileFinder.path_hook((_Loader, [".py"]))

    def below(path: str) -> Any:
        if not f"{path}/".startswith(f"{folder}/"):
            raise ImportError(path)
        return hook(path)

    sys.path_hooks.insert(0, below)


def _renamed(code: CodeType, name: str) -> CodeType:
    inner = tuple(_renamed(item, name) if isinstance(item, CodeType) else item for item in code.co_consts)
    return code.replace(co_filename=name, co_consts=inner)
