"""Every small change of a solution loses points, but for the equivalents that are listed with their reason.

A sample of the changes is graded each time, all of them with ``--prove``.
"""

import functools
from pathlib import Path

import pytest

from autograder.course import Course
from autograder.mutants import equivalents, mutants_of, prove_mutants
from autograder.release import released

COURSE = Course(Path(__file__).parents[2])
SAMPLE = 41  # every 41st mutant of an assignment


@functools.cache
def manifest_of(assignment):
    return released(COURSE, assignment)


@pytest.mark.parametrize("assignment", COURSE.assignments())
def test_the_tests_notice_the_mutants_of_the_solution(assignment, request):
    every = 1 if request.config.getoption("--prove") else SAMPLE
    manifest = manifest_of(assignment)
    scores = prove_mutants(COURSE, manifest, jobs=1, every=every)
    assert sum(score.total for score in scores) >= len(mutants_of(manifest)) // every
    problems = [f"{score.question}: {mutant.change}" for score in scores for mutant in score.alive]
    problems += [f"{score.question}: {line}" for score in scores for line in score.stale]
    assert not problems, "\n".join(problems)
    assert all(score.holds for score in scores)


@pytest.mark.parametrize("assignment", COURSE.assignments())
def test_few_changes_are_excused_and_each_is_a_mutant(assignment):
    manifest = manifest_of(assignment)
    known = {(mutant.question, mutant.place, mutant.change) for mutant in mutants_of(manifest)}
    excused = set(equivalents(COURSE, manifest))
    assert excused <= known
    assert len(excused) < 0.12 * len(known)
