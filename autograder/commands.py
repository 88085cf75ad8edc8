"""The commands: what each is called, what it takes, what it prints. The work itself is done in the other rooms."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from autograder.course import Course

app = typer.Typer(
    help="Release, grade and give feedback on the course's assignments.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
out = Console(highlight=False)

Names = Annotated[list[str] | None, typer.Argument(metavar="[ASSIGNMENT]...", help="Which ones; all if none is named.")]
CourseFolder = Annotated[
    Path | None, typer.Option("--course", metavar="DIR", help="The course folder, if it is not this one.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing unless something is wrong.")]


@app.callback()
def _commands() -> None:
    """Release, grade and give feedback on the course's assignments."""


@app.command("release")
def release_command(
    assignments: Names = None,
    output: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write the exercises here and touch nothing else.")
    ] = None,
    quiet: Quiet = False,
    course: CourseFolder = None,
) -> None:
    """Make the student notebooks from solutions/.

    Example: autograder release 05_finite_differences
    """
    from autograder.release import release

    place = Course.find(course)
    for name in place.select(assignments):
        done = release(place, name, output)
        if not quiet:
            state = "released" if done.changed else "unchanged"
            points = f"{len(done.manifest.questions)} questions, {done.manifest.automatic_points:g} automatic points"
            out.print(f"{name}: {state} ({points}) -> {place.show(done.path)}", soft_wrap=True)
