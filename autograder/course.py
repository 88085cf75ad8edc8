"""Where things lie in a course tree, and nbgrader's configuration of it. Every other room asks here for its paths."""

from __future__ import annotations

import gc
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from autograder.errors import CourseError

CONFIG = "nbgrader_config.py"


@dataclass(frozen=True)
class Course:
    """A folder that holds ``nbgrader_config.py``, ``solutions/`` and ``exercises/``."""

    root: Path

    @classmethod
    def find(cls, start: Path | None = None) -> Course:
        """Return the course at `start`, or that of the nearest folder above the current one."""
        if start is not None:
            if not (start / CONFIG).is_file():
                raise CourseError(f"{start} is no course folder: it has no {CONFIG}.")
            return cls(start.resolve())
        here = Path.cwd().resolve()
        for folder in (here, *here.parents):
            if (folder / CONFIG).is_file():
                return cls(folder)
        raise CourseError(
            f"No {CONFIG} here or in a folder above. Change into the course folder, or name it with --course DIR."
        )

    @property
    def solutions(self) -> Path:
        return self.root / "solutions"

    @property
    def exercises(self) -> Path:
        return self.root / "exercises"

    @property
    def work(self) -> Path:
        return self.root / "_course"

    @property
    def submitted(self) -> Path:
        return self.work / "submitted"

    @property
    def autograded(self) -> Path:
        return self.work / "autograded"

    @property
    def feedback(self) -> Path:
        return self.work / "feedback"

    def manifest(self, assignment: str) -> Path:
        return self.work / "manifests" / f"{assignment}.json"

    def assignments(self) -> list[str]:
        """Return the names of all assignments, in the order of their chapters."""
        return sorted(path.parent.name for path in self.solutions.glob("*/assignment.toml"))

    def select(self, names: list[str] | None) -> list[str]:
        """Return `names` if all are known assignments, all assignments if none is named."""
        known = self.assignments()
        if not known:
            raise CourseError(f"There is no assignment below {self.solutions} (a folder with an assignment.toml).")
        for name in names or []:
            if name not in known:
                raise CourseError(f"There is no assignment {name!r}. Known are: {', '.join(known)}.")
        return list(dict.fromkeys(names)) if names else known

    @cached_property
    def nbgrader_config(self) -> Any:
        """nbgrader's configuration, as its own commands read it."""
        from traitlets.config.loader import PyFileConfigLoader

        return PyFileConfigLoader(CONFIG, path=str(self.root)).load_config()

    @property
    def gradebook_url(self) -> str:
        return str(self.nbgrader_config.CourseDirectory.db_url)

    def show(self, path: Path) -> str:
        """Return `path` as seen from the course folder, for messages."""
        return os.path.relpath(path, self.root) if path.is_relative_to(self.root) else str(path)


def stem_of(assignment: str) -> str:
    """Return the notebook's name: ``05_finite_differences`` -> ``finite_differences``."""
    number, _, rest = assignment.partition("_")
    return rest if number.isdigit() and rest else assignment


@contextmanager
def lean_imports() -> Iterator[None]:
    """Import nbgrader or nbformat within this, in half the time.

    JSON Schema can check international web addresses if a package for it is there; that package builds dozens of
    grammars when it is imported, and no notebook needs one of them. And the garbage collector, which would look through
    all that was imported again and again, now and when the program ends, is told that it stays.
    """
    name = "rfc3987_syntax"
    absent = name not in sys.modules
    collects = gc.isenabled()
    if absent:
        sys.modules[name] = None  # type: ignore[assignment]
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if collects:
            gc.enable()
        if absent:
            del sys.modules[name]


def load_nbgrader() -> None:
    """Import what opens a gradebook, and have it make a new one without starting `alembic`, a program, to ask it.

    What SQLAlchemy would put off to the first question is done as well: this may run while there is nothing else to do.
    """
    with lean_imports():
        import nbgrader.api
        import sqlalchemy.dialects.sqlite
        import sqlalchemy.orm

        sqlalchemy.orm.configure_mappers()
    nbgrader.api.get_alembic_version = newest_revision


def newest_revision() -> str:
    """Return the version of the tables that nbgrader makes, from the same place where `alembic heads` looks."""
    from alembic.script import ScriptDirectory
    from nbgrader.dbutil import ALEMBIC_DIR

    return str(ScriptDirectory(ALEMBIC_DIR).get_current_head())


def write_whole(path: Path, content: str | bytes) -> bool:
    """Write a file so that it is never seen half-written; return whether its content changed."""
    data = content.encode() if isinstance(content, str) else content
    try:
        if path.read_bytes() == data:
            return False
    except OSError:
        pass
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return True
