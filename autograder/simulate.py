"""A sample class, the same each time: the solution, the named mistakes, the untouched release, and mixtures of them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from autograder.classroom import notebook, solution_sources, with_answer
from autograder.course import write_whole
from autograder.errors import CourseError
from autograder.manifest import Manifest
from autograder.mistakes import Answer, load_answers
from autograder.release import SAMPLE_PREFIX

NAMES = ("ada", "bruno", "chen", "dalia", "emil", "fatou", "goran", "hana", "ines", "jonas", "kofi", "lena")
WRITTEN = "A sample answer, written by nobody, so that there is something to mark."


def students(count: int) -> list[str]:
    """Return the ids of the sample students."""
    if not 1 <= count <= 5000:
        raise CourseError(f"A sample class has 1 to 5000 students, not {count}.")
    return [
        SAMPLE_PREFIX + NAMES[number % len(NAMES)] + (f"-{number // len(NAMES) + 1}" if number >= len(NAMES) else "")
        for number in range(count)
    ]


def simulate(manifest: Manifest, folder: Path, count: int = 12) -> int:
    """Write one notebook per sample student below `folder`; return how many files changed."""
    mistakes = load_answers(manifest.mistakes, "mistakes.py") if manifest.mistakes else []
    changed = 0
    for number, student in enumerate(students(count)):
        answers = answers_of(manifest, mistakes, number, count)
        text = json.dumps(notebook(manifest, answers), indent=1, ensure_ascii=False) + "\n"
        path = folder / student / manifest.assignment / f"{manifest.notebook}.ipynb"
        changed += write_whole(path, text)
    return changed


def answers_of(manifest: Manifest, mistakes: list[Answer], number: int, count: int) -> dict[str, str]:
    """Return what student `number` answers: the first all of it rightly, the last nothing, the others a mixture."""
    right = solution_sources(manifest)
    for question in manifest.questions:
        if question.written:
            right[question.id] = right[question.id].strip() or WRITTEN
    if number == 0 or not mistakes:
        return right
    if number == count - 1:
        return {}
    answers = {}
    for question in manifest.questions:
        dice = _dice(manifest.assignment, question.id, number)
        own = [mistake for mistake in mistakes if mistake.question == question.id]
        weakness = number / count
        if dice[0] < weakness * 0.2:
            continue
        if own and dice[1] < 0.1 + 0.6 * weakness:
            chosen = own[int(dice[2] * len(own))]
            answers[question.id] = with_answer(manifest, chosen, manifest.mistakes)[question.id]
        else:
            answers[question.id] = right[question.id]
    return answers


def _dice(*what: object) -> tuple[float, float, float]:
    """Return three numbers in [0, 1) that depend on nothing but the arguments."""
    digest = hashlib.sha256(repr(what).encode()).digest()
    return tuple(int.from_bytes(digest[i : i + 4], "big") / 2**32 for i in (0, 4, 8))  # type: ignore[return-value]
