"""`python -m benchmarks grading`: a class graded by one `nbgrader autograde` call and by ours, on the same cores.

Both get the same sample class in a course of its own, with a gradebook of its own, and write gradebook and graded
notebooks. Before any time is told, every score of every graded cell is compared. Times are those of the whole command,
from the start of Python to its end; nbgrader's comes from one run, since it is the longer one by far, ours is the
median of several, each with nothing graded before.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from autograder.course import CONFIG, Course
from autograder.errors import CourseError

app = typer.Typer(add_completion=False)
ROOT = Path(__file__).resolve().parents[1]
GOAL_RATIO = 30.0
GOAL_MEMORY = 1024.0  # MiB, all processes together
GOAL_RERUN = (2000, 5.0)  # submissions of which none changed, seconds
GOAL_CLASS = (300, 120.0)  # students with three assignments each, seconds
ROUNDS = 3

Scores = dict[tuple[str, str], float | None]


@dataclass
class Figures:
    """What was measured; the fields are the keys of the JSON file."""

    assignment: str
    students: int
    cores: int
    sandbox: str
    scores_equal: bool
    scores_compared: int
    nbgrader_seconds: float
    seconds: float
    nbgrader_seconds_per_submission: float = 0.0
    seconds_per_submission: float = 0.0
    ratio: float = 0.0
    per_minute: float = 0.0
    memory_mib: float = 0.0
    memory_is: str = "PSS"
    rerun_students: int = 0
    rerun_seconds: float = 0.0
    class_students: int = 0
    class_seconds: float = 0.0
    stages: dict[str, float] = field(default_factory=dict)
    different: list[str] = field(default_factory=list)


@app.command()
def grading(
    students: Annotated[int, typer.Option(min=2, metavar="N", help="How many sample students.")] = 40,
    assignment: Annotated[str, typer.Option(metavar="NAME", help="Which assignment.")] = "02_activations",
    large: Annotated[
        bool, typer.Option(help="Also 300 students with three assignments, and 2,000 unchanged submissions.")
    ] = False,
    trusted: Annotated[bool, typer.Option("--trusted", help="Ours without a sandbox, as nbgrader.")] = False,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Also write the figures here.")
    ] = None,
) -> None:
    """Grade a sample class with nbgrader and with ours; say the ratio, and where the time goes."""
    out = Console(highlight=False)
    try:
        with tempfile.TemporaryDirectory(prefix="grading-") as folder:
            figures = measure(Path(folder), assignment, students, large, trusted, out)
    except CourseError as error:
        out.print(f"benchmarks: {error}", markup=False)
        raise typer.Exit(2) from None
    if json_file is not None:
        json_file.write_text(json.dumps(vars(figures), indent=1) + "\n")
    show(figures, out)
    if not figures.scores_equal:
        raise typer.Exit(1)


def measure(folder: Path, assignment: str, students: int, large: bool, trusted: bool, out: Console) -> Figures:
    """Run both on the same class, compare, and measure."""
    theirs, ours = (make_course(folder / name, [assignment]) for name in ("nbgrader", "ours"))
    for course in (theirs, ours):
        command(course, "simulate", assignment, "--students", str(students), "--quiet")
    options = ["--trusted"] if trusted else []
    out.print(f"{students} notebooks of {assignment}: ours …", end=" ")
    seconds = []
    for _ in range(ROUNDS):
        forget(ours, [assignment])
        seconds.append(command(ours, "grade", assignment, "--quiet", *options))
    out.print(f"{statistics.median(seconds):.1f} s; nbgrader …", end=" ")
    nbgraders = timed([str(Path(sys.executable).parent / "nbgrader"), "autograde", assignment, "--force"], theirs)
    out.print(f"{nbgraders:.1f} s")
    left, right = scores(theirs, assignment), scores(ours, assignment)
    pairs = {key: (left.get(key, "absent"), right.get(key, "absent")) for key in left.keys() | right.keys()}
    different = sorted(f"{' '.join(key)}: {one} {other}" for key, (one, other) in pairs.items() if one != other)
    median = statistics.median(seconds)
    figures = Figures(
        assignment=assignment,
        students=students,
        cores=len(os.sched_getaffinity(0)),
        sandbox=sandbox_of(ours, assignment),
        scores_equal=bool(left) and not different,
        scores_compared=len(left),
        nbgrader_seconds=round(nbgraders, 3),
        seconds=round(median, 3),
        nbgrader_seconds_per_submission=round(nbgraders / students, 4),
        seconds_per_submission=round(median / students, 4),
        ratio=round(nbgraders / median, 2),
        per_minute=round(60 * students / median, 1),
        different=different[:20],
    )
    figures.stages = stages(ours, assignment, median)
    forget(ours, [assignment])
    with Memory() as memory:
        command(ours, "grade", assignment, "--quiet", *options, watch=memory)
    figures.memory_mib, figures.memory_is = round(memory.peak / 2**20, 1), memory.kind
    figures.rerun_students = students
    command(ours, "grade", assignment, "--quiet", *options)
    figures.rerun_seconds = round(command(ours, "grade", assignment, "--quiet", *options), 3)
    if large:
        measure_large(folder, figures, options, out)
    return figures


def measure_large(folder: Path, figures: Figures, options: list[str], out: Console) -> None:
    """Grade a large class from nothing, and one of which nothing changed."""
    names = Course(ROOT).assignments()[:3]
    count, _ = GOAL_CLASS
    course = make_course(folder / "class", names)
    command(course, "simulate", *names, "--students", str(count), "--quiet")
    out.print(f"{count} students with {len(names)} assignments …", end=" ")
    figures.class_students = count
    figures.class_seconds = round(sum(command(course, "grade", name, "--quiet", *options) for name in names), 1)
    out.print(f"{figures.class_seconds:.1f} s")
    count, _ = GOAL_RERUN
    name = figures.assignment
    course = make_course(folder / "unchanged", [name])
    command(course, "simulate", name, "--students", str(count), "--quiet")
    out.print(f"{count} notebooks, and the same again …", end=" ")
    for _ in range(2):
        command(course, "grade", name, "--quiet", *options)
    figures.rerun_students = count
    figures.rerun_seconds = round(command(course, "grade", name, "--quiet", *options), 3)
    out.print(f"{figures.rerun_seconds:.1f} s")


def make_course(folder: Path, names: list[str]) -> Course:
    """Make a course of its own with these assignments, released."""
    folder.mkdir()
    shutil.copy(ROOT / CONFIG, folder)
    for name in names:
        shutil.copytree(ROOT / "solutions" / name, folder / "solutions" / name)
    for path in (ROOT / "solutions").glob("*.md"):
        shutil.copy(path, folder / "solutions")
    course = Course(folder)
    command(course, "release", "--quiet")
    return course


def forget(course: Course, names: list[str]) -> None:
    """Take away every result, score and graded notebook; what is released stays."""
    for path in (course.work / "gradebook.db", *course.work.glob("results.db*")):
        path.unlink(missing_ok=True)
    shutil.rmtree(course.autograded, ignore_errors=True)
    command(course, "release", "--quiet", *names)


def command(course: Course, *arguments: str, watch: Memory | None = None) -> float:
    """Run our command line in a course and return the seconds it took."""
    return timed([sys.executable, "-m", "autograder", *arguments], course, watch)


def timed(arguments: list[str], course: Course, watch: Memory | None = None) -> float:
    """Run a program to its end and return the seconds it took; what it says is told when it fails."""
    path = os.pathsep.join(filter(None, [str(Path(sys.executable).parent), os.environ.get("PATH", "")]))
    packages = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    environment = {**os.environ, "PATH": path, "PYTHONPATH": packages, "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    with tempfile.TemporaryFile("w+") as said:
        began = time.perf_counter()
        process = subprocess.Popen(
            arguments, cwd=course.root, env=environment, stdout=said, stderr=said, start_new_session=True
        )
        if watch is not None:
            watch.follow(process.pid)
        status = process.wait()
        seconds = time.perf_counter() - began
        said.seek(0)
        if status:
            raise CourseError(f"`{' '.join(arguments[-4:])}` ended with status {status}:\n{said.read()[-3000:]}")
    return seconds


def scores(course: Course, assignment: str) -> Scores:
    """Return every automatic score of the gradebook, by student and cell."""
    from autograder.recorder import gradebook

    with gradebook(course) as book:
        return {
            (submission.student.id, grade.name): grade.auto_score
            for submission in book.assignment_submissions(assignment)
            for notebook in submission.notebooks
            for grade in notebook.grades
        }


def sandbox_of(course: Course, assignment: str) -> str:
    """Return the protection that ours ran with, as its results have it."""
    from autograder.results import open_store

    with open_store(course) as store:
        return ", ".join(sorted({item.result.sandbox for item in store.present(assignment)}))


def stages(course: Course, assignment: str, whole: float) -> dict[str, float]:
    """Return the seconds of each part of a run; the rest is starting the processes and waiting for one another.

    Running and judging is the sum over all submissions, divided by the cores that share it.
    """
    from autograder.collection import collect
    from autograder.manifest import load_manifest
    from autograder.recorder import record
    from autograder.results import open_store

    imports = "import autograder.commands, autograder.display, autograder.collection"
    start = timed([sys.executable, "-c", imports], course)
    manifest = load_manifest(course.manifest(assignment))
    began = time.perf_counter()
    collect(course.submitted, manifest)
    reading = time.perf_counter() - began
    (course.work / "gradebook.db").unlink()
    shutil.rmtree(course.autograded)
    command(course, "release", "--quiet", assignment)
    with open_store(course) as store:
        present = store.present(assignment)
        running = sum(item.result.seconds for item in present) / len(os.sched_getaffinity(0))
        began = time.perf_counter()
        record(course, manifest, store, present)
        recording = time.perf_counter() - began
    found = {"own start": start, "reading": reading, "running and judging": running, "recording": recording}
    found["starting the judges, and waiting"] = max(0.0, whole - sum(found.values()))
    return {name: round(seconds, 3) for name, seconds in found.items()}


class Memory:
    """Watches the memory of a program and all it started, and keeps the largest sum that was seen."""

    def __init__(self) -> None:
        self.peak = 0
        self.kind = "PSS"
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Memory:
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def follow(self, pid: int) -> None:
        """Start to watch the program with this id."""
        self._thread = threading.Thread(target=self._look, args=(pid,), daemon=True)
        self._thread.start()

    def _look(self, pid: int) -> None:
        while not self._stop.wait(0.1):
            self.peak = max(self.peak, sum(self._of(member) for member in family(pid)))

    def _of(self, pid: int) -> int:
        """Return a process's share of memory in bytes; its resident set where the share may not be read."""
        try:
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    return int(line.split()[1]) * 1024
        except PermissionError:
            self.kind = "RSS"  # counts shared pages once for each process: an upper bound
            try:
                return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
            except OSError:
                return 0
        except OSError:
            return 0
        return 0


def family(pid: int) -> list[int]:
    """Return a process with all that descend from it or stayed in its session."""
    parents: dict[int, int] = {}
    members = {pid}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(entry.name)] = int(fields[1])
        if int(fields[3]) == pid:
            members.add(int(entry.name))
    grown = True
    while grown:
        new = {child for child, parent in parents.items() if parent in members} - members
        members |= new
        grown = bool(new)
    return sorted(members)


def show(figures: Figures, out: Console) -> None:
    """Print the figures with the goals that were set."""
    if not figures.scores_equal:
        out.print(
            f"[red]The scores differ[/], so no time counts. Student, cell, nbgrader's, ours:\n{figures.different}"
        )
        return
    table = Table(title=f"{figures.students} notebooks of {figures.assignment} · {figures.cores} cores · "
                        f"{figures.scores_compared} scores, all equal", title_justify="left")  # fmt: skip
    for name in ("", "nbgrader", "ours", "goal", ""):
        table.add_column(name, justify="left" if not name else "right")

    def row(what: str, left: str, right: str, goal: str = "", holds: bool | None = None) -> None:
        mark = "" if holds is None else "[green]yes[/]" if holds else "[red]no[/]"
        table.add_row(what, left, right, goal, mark)

    row("seconds", f"{figures.nbgrader_seconds:.1f}", f"{figures.seconds:.2f}")
    row(
        "seconds a submission",
        f"{figures.nbgrader_seconds_per_submission:.2f}",
        f"{figures.seconds_per_submission:.3f}",
    )
    row("ratio", "1", f"{figures.ratio:.1f}", f"{GOAL_RATIO:g}", figures.ratio >= GOAL_RATIO)
    row("submissions a minute", f"{60 / figures.nbgrader_seconds_per_submission:.0f}", f"{figures.per_minute:.0f}")
    memory = figures.memory_mib
    row(f"memory, MiB ({figures.memory_is})", "", f"{memory:.0f}", f"{GOAL_MEMORY:g}", memory < GOAL_MEMORY)
    count, most = GOAL_RERUN
    holds = figures.rerun_seconds < most if figures.rerun_students == count else None
    row(f"the same again, {figures.rerun_students}", "", f"{figures.rerun_seconds:.2f}", f"{most:g} for {count}", holds)
    if figures.class_students:
        count, most = GOAL_CLASS
        row(f"{count} × 3 assignments", "", f"{figures.class_seconds:.0f}", f"{most:g}", figures.class_seconds < most)
    out.print(table)
    parts = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in figures.stages.items())
    out.print(f"Where our time goes: {parts}.")
    out.print(f"Sandbox: {figures.sandbox}. nbgrader runs notebooks without one. {platform.platform()}")
