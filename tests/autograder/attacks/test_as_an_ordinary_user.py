"""The attacks that go through the whole engine, run once more as an ordinary user where these tests run as root."""

import os
from pathlib import Path

import pytest
import sandboxes

FILES = ("test_forging.py", "test_wire_attacks.py", "test_stealing_by_language.py", "test_honest_work.py")


@pytest.mark.skipif(os.getuid() != 0, reason="these tests run as an ordinary user already")
@pytest.mark.parametrize("file", [FILES[0], *(pytest.param(file, marks=pytest.mark.prove) for file in FILES[1:])])
def test_it_is_held_off_for_an_ordinary_user(file):
    status, said = sandboxes.run_as_ordinary_user(
        Path(__file__).with_name(file), "-k", "not trusted and not where_tests"
    )
    assert status == 0, said
    assert " passed" in said
