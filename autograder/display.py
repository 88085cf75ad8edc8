"""What the commands print: tables, progress bars, and the closing table of grades."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from autograder.grading import Result
from autograder.manifest import Manifest
from autograder.mutants import Score as MutationScore
from autograder.proof import Row
from autograder.report import ABSENT, Score
from autograder.verdicts import PASSED, WORDS

WIDE = 140  # columns where the output is no terminal

out = Console(highlight=False, width=None if sys.stdout.isatty() else WIDE)
err = Console(stderr=True, highlight=False, width=None if sys.stderr.isatty() else WIDE)


class Rate(ProgressColumn):
    """Shows how many are done a second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:.1f}/s" if speed else "", style="progress.data.speed")


@contextmanager
def progress(what: str, total: int, quiet: bool = False) -> Iterator[Any]:
    """Show a bar with rate and remaining time; gives the function to call for each that is done."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        Rate(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err, transient=True, disable=quiet or not err.is_terminal) as bar:
        task = bar.add_task(what, total=total)
        yield lambda: bar.advance(task)


MOST_ROWS = 60  # students in the table after grading; a larger class is summed up by question


def grading_table(manifest: Manifest, results: Sequence[Result]) -> Table:
    """Return a table with a row per student; for a large class, one with a row per question."""
    return _student_table(manifest, results) if len(results) <= MOST_ROWS else _question_table(manifest, results)


def _question_table(manifest: Manifest, results: Sequence[Result]) -> Table:
    title = f"{manifest.assignment} · {len(results)} students · `autograder report` lists them"
    table = Table(title=title, title_justify="left")
    for name in ("question", "points", "mean", "full marks", "most frequent of the rest"):
        table.add_column(name, justify="left" if name in ("question", "most frequent of the rest") else "right")
    readable = [result for result in results if not result.malformed]
    for question in manifest.questions:
        own = [item for result in readable for item in result.questions if item.id == question.id]
        full = sum(item.verdict == PASSED for item in own)
        rest = Counter(item.verdict for item in own if item.verdict != PASSED).most_common(3)
        words = ", ".join(f"{WORDS.get(verdict, verdict)} {count}" for verdict, count in rest)
        if question.written or not own:
            table.add_row(question.id, f"{question.points:g}", "–", "–", words)
            continue
        mean = sum(item.points for item in own) / len(own)
        table.add_row(question.id, f"{question.points:g}", f"{mean:.1f}", f"{full / len(own):.0%}", words)
    if len(readable) < len(results):
        table.add_row("–", "", "", "", f"{len(results) - len(readable)} notebooks could not be read")
    return table


def _student_table(manifest: Manifest, results: Sequence[Result]) -> Table:
    table = Table(title=f"{manifest.assignment} · automatic points", title_justify="left")
    table.add_column("student", no_wrap=True)
    questions = [question for question in manifest.questions if not question.written]
    for question in questions:
        table.add_column(f"{question.id}\n/{question.points:g}", justify="right")
    table.add_column(f"total\n/{manifest.automatic_points:g}", justify="right")
    table.add_column("by hand")
    for result in sorted(results, key=lambda item: item.student):
        if result.malformed:
            table.add_row(result.student, *["–"] * len(questions), "–", result.malformed)
            continue
        points = {item.id: item.points for item in result.questions}
        full = {item.id for item in result.questions if item.points == item.max_points}
        row = [f"[green]{points[q.id]:g}[/]" if q.id in full else f"{points[q.id]:g}" for q in questions]
        table.add_row(result.student, *row, f"{result.auto_score:g}", "to mark" if result.needs_manual else "")
    return table


def class_table(scores: dict[str, dict[str, Score]], assignments: Sequence[str]) -> Table:
    """Return the closing table: a row per student, a column per assignment."""
    table = Table(title="Grades", title_justify="left")
    table.add_column("student", no_wrap=True)
    for name in assignments:
        most = next((own[name].most for own in scores.values() if name in own), 0.0)
        table.add_column(f"{name}\n/{most:g}", justify="right")
    for student, own in scores.items():
        table.add_row(student, *[own[name].text if name in own else ABSENT for name in assignments])
    return table


def short(sentences: Sequence[str], most: int = 3) -> str:
    """Return the first few sentences, each cut where it gets long."""
    shown = [text if len(text) <= 300 else text[:300] + " …" for text in sentences[:most]]
    more = [f"and {len(sentences) - most} more"] if len(sentences) > most else []
    return "; ".join([*shown, *more])


def proof_table(assignment: str, rows: Sequence[Row]) -> Table:
    """Return the proof table, with what does not hold in words."""
    table = Table(title=f"{assignment} · proof of the tests", title_justify="left")
    for name in ("submission", "name", "question", "points", "holds", "remark"):
        table.add_column(name, justify="right" if name == "points" else "left", overflow="fold")
    for row in rows:
        holds = "[red]no[/]" if row.problems else "[green]yes[/]"
        remark = Text(short(row.problems) or row.note)
        table.add_row(row.kind, row.name, row.question, f"{row.score:g}", holds, remark)
    return table


def mutants_table(assignment: str, scores: Sequence[MutationScore]) -> Table:
    """Return the mutation score of each question, and every change that the tests did not notice."""
    table = Table(title=f"{assignment} · changed solutions that the tests notice", title_justify="left")
    for name in ("question", "mutants", "equivalent", "noticed", "not noticed"):
        table.add_column(name, justify="right" if name in ("mutants", "equivalent", "noticed") else "left")
    for score in scores:
        share = f"[{'green' if score.holds else 'red'}]{score.share:.1%}[/]"
        lines = [f"{mutant.place}: {mutant.change}" for mutant in score.alive] + score.stale
        table.add_row(score.question, str(score.total), str(len(score.listed)), share, Text("\n".join(lines)))
    return table
