"""A released tiny course for the session, and one warm process for all tests that grade."""

import os
import shutil
from pathlib import Path

import pytest
import tiny

from autograder.course import Course
from autograder.manifest import load_manifest
from autograder.release import release
from autograder.runner import JudgeExecutor

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


@pytest.fixture(scope="session")
def released_course(tmp_path_factory):
    course = tiny.make_course(tmp_path_factory.mktemp("course"))
    release(course, tiny.NAME)
    return course


@pytest.fixture(scope="session")
def manifest(released_course):
    return load_manifest(released_course.manifest(tiny.NAME))


@pytest.fixture
def course(released_course, tmp_path):
    """A copy of the released course that a test may change."""
    folder = tmp_path / "course"
    shutil.copytree(released_course.root, folder)
    return Course(Path(folder))


@pytest.fixture(scope="session")
def executor():
    runner = JudgeExecutor(trusted=True)
    yield runner
    runner.close()
