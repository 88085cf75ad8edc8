"""The built site and the executed chapters, made once for all tests of the book."""

import sys
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).resolve().parents[2] / "book" / "_ext")]

import book_site  # noqa: E402  the path is set above


@pytest.fixture(scope="session")
def site() -> Path:
    """Return the folder of the built site; it is built, or found up to date."""
    book_site.build_book()
    return book_site.HTML
