"""The door of the benchmarks: one thread for every library, then the module of the subcommand that was asked for.

A subcommand is a module of this package with a typer ``app`` of one command; it is imported only when it is called
or listed, so that measuring the library needs nothing of grading, and the other way round.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
from typing import Any

# Read by the linear algebra libraries when they are loaded, therefore before anything imports NumPy.
for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import typer  # noqa: E402
from typer.core import TyperGroup  # noqa: E402

SUBCOMMANDS = ("library", "grading")


class LazyCommands(TyperGroup):
    """The subcommands that are there, each from the module of its name."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of the subcommands whose modules exist."""
        return [name for name in SUBCOMMANDS if importlib.util.find_spec(f"benchmarks.{name}")]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Import a subcommand's module and return its command."""
        if cmd_name not in self.list_commands(ctx):
            return None
        command = typer.main.get_command(importlib.import_module(f"benchmarks.{cmd_name}").app)
        command.name = cmd_name
        return command


app = typer.Typer(cls=LazyCommands, no_args_is_help=True, add_completion=False, rich_markup_mode="rich")


@app.callback()
def benchmarks() -> None:
    """Measure speed and memory of the course's own code, side by side with that of others."""


if __name__ == "__main__":
    app(prog_name="python -m benchmarks")
