"""`grade(manifest, submission, seed)`: from a manifest and what a student handed in to verdicts, points and messages.

A pure function apart from the executor it is given: no database, no files, no clock but the run's own. Whatever comes
later (parallel runs, caches, another executor) stands on that.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from autograder import verdicts
from autograder.manifest import Cell, Manifest, Question
from autograder.runner import Execution, Executor, Job
from autograder.submission import Submission

CUT = "[…]"


@dataclass(frozen=True)
class CellResult:
    """What came of one test cell."""

    grade_id: str
    question: str
    points: float
    max_points: float
    verdict: str
    message: str


@dataclass(frozen=True)
class QuestionResult:
    """What came of a question: the verdict and message are those of its first cell that did not pass."""

    id: str
    title: str
    points: float
    max_points: float
    verdict: str
    message: str
    hints: list[str] = field(default_factory=list)
    mistakes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Result:
    """Everything that grading found out about one submission."""

    assignment: str
    student: str
    sandbox: str
    seed: int
    manifest_hash: str
    submission_hash: str
    malformed: str
    auto_score: float
    auto_max: float
    needs_manual: bool
    seconds: float
    questions: list[QuestionResult]
    cells: list[CellResult]
    outputs: dict[str, list[dict[str, Any]]]
    trouble: list[str] = field(default_factory=list)


def grade(manifest: Manifest, submission: Submission, seed: int = 0, *, executor: Executor) -> Result:
    """Grade one submission."""
    if submission.malformed:
        return _result(manifest, submission, seed, executor.sandbox, {})
    return _result(manifest, submission, seed, executor.sandbox, executor.run(make_job(manifest, submission, seed)))


def make_job(manifest: Manifest, submission: Submission, seed: int) -> Job:
    """Lay out the cells to run, in the order of the released notebook."""
    steps = _extra_steps(submission, -1)
    for number, cell in enumerate(manifest.cells):
        if cell.cell_type == "code":
            source = _source(cell, submission)
            if source is not None and source.strip():
                steps.append({"key": cell.cell_id, "role": cell.kind, "question": cell.question, "source": source})
        steps += _extra_steps(submission, number)
    return {
        "steps": steps,
        "questions": {question.id: question.names for question in manifest.questions},
        "answers": [
            {"kind": cell.kind, "question": cell.question, "source": cell.full}
            for cell in manifest.cells
            if cell.cell_type == "code" and cell.kind in ("answer", "given", "code")
        ],
        "mistakes": manifest.mistakes,
        "modules": manifest.allowed_modules,
        "limits": vars(manifest.limits),
        "seed": seed,
    }


def extra_key(after: int, number: int) -> str:
    """Return the key of a student's extra cell."""
    return f"extra-{after + 1}-{number}"


def _extra_steps(submission: Submission, after: int) -> list[dict[str, Any]]:
    here = [extra for extra in submission.extras if extra.after == after]
    return [
        {"key": extra_key(after, number), "role": "extra", "question": None, "source": extra.source}
        for number, extra in enumerate(here)
    ]


def _source(cell: Cell, submission: Submission) -> str | None:
    if cell.kind == "test" and any(_blocked(cell, submission)):
        return None
    return submission.sources.get(cell.cell_id) if cell.from_student else cell.full


def _blocked(cell: Cell, submission: Submission) -> list[str]:
    """Return what is wrong with the answer cell that this test cell is about."""
    return [problem for cell_id, problem in submission.problems.items() if cell_id == cell.question]


def _result(
    manifest: Manifest,
    submission: Submission,
    seed: int,
    sandbox: str,
    execution: Execution,
) -> Result:
    steps, hints = execution.get("steps", {}), execution.get("hints", {})
    hidden = manifest.hidden_lines()
    cells = [_cell_result(manifest, submission, cell, steps, hidden) for cell in manifest.cells if cell.kind == "test"]
    questions = []
    for question in manifest.questions:
        if question.written:
            questions.append(_written_result(manifest, question, submission))
        else:
            own = [cell for cell in cells if cell.question == question.id]
            questions.append(_question_result(question, own, hints.get(question.id, {})))
    return Result(
        assignment=manifest.assignment,
        student=submission.student,
        sandbox=sandbox,
        seed=seed,
        manifest_hash=manifest.hash,
        submission_hash=submission.hash,
        malformed=submission.malformed,
        auto_score=sum(cell.points for cell in cells),
        auto_max=manifest.automatic_points,
        needs_manual=any(question.verdict == verdicts.NEEDS_MANUAL for question in questions),
        seconds=round(execution.get("seconds", 0.0), 4),
        questions=questions,
        cells=cells,
        outputs={key: _outputs(manifest, step) for key, step in steps.items()},
        trouble=[hint["trouble"] for hint in hints.values() if hint.get("trouble")],
    )


def _outputs(manifest: Manifest, step: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what a cell put out; where it was stopped, that stands below it, as the error of a cell does."""
    outputs: list[dict[str, Any]] = step["outputs"]
    if "died" not in step:
        return outputs
    limits = manifest.limits
    text = verdicts.explain_death(step["died"], limits.cell_seconds, limits.submission_seconds)
    return [*outputs, {"output_type": "error", "ename": "Stopped", "evalue": text, "traceback": [f"Stopped: {text}"]}]


def _cell_result(
    manifest: Manifest, submission: Submission, cell: Cell, steps: dict[str, Any], hidden: list[str]
) -> CellResult:
    verdict, message = _verdict(manifest, submission, cell, steps)
    points = cell.points if verdict == verdicts.PASSED else 0.0
    message = redact(message, hidden)
    return CellResult(str(cell.grade_id), str(cell.question), points, cell.points, verdict, message)


def _verdict(manifest: Manifest, submission: Submission, cell: Cell, steps: dict[str, Any]) -> tuple[str, str]:
    if submission.malformed:
        return verdicts.MALFORMED, submission.malformed
    if problems := _blocked(cell, submission):
        return verdicts.MISSING, problems[0]
    step = steps[cell.cell_id]
    own = steps.get(str(cell.question), {})
    limits = manifest.limits
    if "died" in own:
        verdict = verdicts.of_death(own["died"])
        text = verdicts.explain_death(own["died"], limits.cell_seconds, limits.submission_seconds)
        return verdict, f"The cell with your answer: {text}"
    if "died" in step:
        verdict = verdicts.of_death(step["died"])
        return verdict, verdicts.explain_death(step["died"], limits.cell_seconds, limits.submission_seconds)
    if "error" not in step:
        return verdicts.PASSED, ""
    error, cause = step["error"], own.get("error")
    if cause and "NotImplementedError" in cause["kinds"]:
        return verdicts.MISSING, verdicts.NOT_ANSWERED
    if cause:
        where = _student_line(manifest, submission, cause)
        own_verdict = verdicts.of_error(cause)
        verdict = own_verdict if own_verdict in verdicts.BY_KIND.values() else verdicts.of_error(error)
        return verdict, f"The cell with your answer stopped: {verdicts.explain_error(cause)}{where}"
    text = verdicts.explain_error(error, _visible_line(cell, error))
    verdict = verdicts.of_error(error)
    return verdict, text + (_student_line(manifest, submission, error) if verdict == verdicts.ERROR else "")


def _visible_line(cell: Cell, error: dict[str, Any]) -> str:
    """Return the line of the test cell that raised, if the student can see it in the notebook."""
    lines = cell.full.split("\n")
    for key, number in reversed(error["frames"]):
        if key == cell.cell_id and 0 < number <= len(lines):
            line = lines[number - 1].strip()
            return line if line in {item.strip() for item in cell.released.split("\n")} else ""
    return ""


def _student_line(manifest: Manifest, submission: Submission, error: dict[str, Any]) -> str:
    """Return where in the student's own cells an exception arose."""
    for key, number in reversed(error["frames"]):
        source = submission.sources.get(key)
        lines = source.split("\n") if source else []
        if 0 < number <= len(lines) and lines[number - 1].strip():
            return f" (Line {number} of your cell: {lines[number - 1].strip()[:200]})"
    return ""


def _question_result(question: Question, cells: list[CellResult], hint: dict[str, Any]) -> QuestionResult:
    points = sum(cell.points for cell in cells)
    first = next((cell for cell in cells if cell.verdict != verdicts.PASSED), None)
    if first is None:
        return QuestionResult(question.id, question.title, points, question.points, verdicts.PASSED, "")
    hints, names = hint.get("hints", []), hint.get("names", [])
    parts = [hint_sentence(hints), first.message] if hints else [first.message]
    return QuestionResult(
        question.id, question.title, points, question.points, first.verdict, "\n".join(parts), hints, names
    )


def hint_sentence(hints: list[str]) -> str:
    """Return the main message: the hint, or all that fit when several mistakes behave alike."""
    if len(hints) == 1:
        return hints[0]
    listing = " ".join(f"({number}) {hint}" for number, hint in enumerate(hints, 1))
    return f"Your answer behaves exactly like {len(hints)} known mistakes; one of these will help. {listing}"


def _written_result(manifest: Manifest, question: Question, submission: Submission) -> QuestionResult:
    cell = next(cell for cell in manifest.cells if cell.kind == "written" and cell.question == question.id)
    title, most = question.title, question.points
    if submission.malformed:
        return QuestionResult(question.id, title, 0.0, most, verdicts.MALFORMED, submission.malformed)
    if cell.cell_id in submission.problems:
        return QuestionResult(question.id, title, 0.0, most, verdicts.MISSING, submission.problems[cell.cell_id])
    if submission.sources.get(cell.cell_id, "").strip() in ("", cell.released.strip()):
        return QuestionResult(question.id, title, 0.0, most, verdicts.MISSING, verdicts.NOT_WRITTEN)
    return QuestionResult(question.id, title, 0.0, most, verdicts.NEEDS_MANUAL, "This answer is marked by a person.")


def redact(text: str, hidden: list[str]) -> str:
    """Take out every line that stands in hidden tests alone."""
    for line in hidden:
        if line in text:
            text = text.replace(line, CUT)
    return text
