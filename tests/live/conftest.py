"""A Chromium and the built site for the tests of the live cells; where one is missing, one line says so."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(Path(__file__).parent), str(ROOT / "tests/book"), str(ROOT / "book/_tools")]

import book_site  # noqa: E402  the path is set above
import browser as tools  # noqa: E402
from playwright.sync_api import Browser, Playwright, sync_playwright  # noqa: E402


@pytest.fixture(scope="session")
def site() -> Path:
    """Return the folder of the built site; it is built, or found up to date."""
    book_site.build_book()
    return book_site.HTML


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of the Chromium that drives the pages."""
    found = tools.find_chromium()
    if found is None:
        pytest.skip("no Chromium found: the pages were not tried in a browser")
    return found


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def chrome(playwright: Playwright, chromium: str) -> Iterator[Browser]:
    browser = tools.launch(playwright, chromium)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def manifest(site: Path) -> dict:
    """Return what the site says of its Python."""
    return json.loads((site / "_static/live/runtime.json").read_text("utf-8"))


@pytest.fixture(scope="session")
def with_python(manifest: dict) -> dict:
    """Ask for a site that has Python for the browser."""
    if not manifest["available"]:
        pytest.skip("the site has no Python for the browser: name a mirror folder in COURSE_PYODIDE, or go online")
    return manifest


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    """Return the address of the site on a host like any other."""
    with tools.serving() as found:
        yield found


@pytest.fixture
def reader(chrome: Browser, address: str) -> Iterator[tools.Reader]:
    """Return a reader with an empty cache. Whatever the test is about, no request may leave the site."""
    with tools.reading(chrome, address) as found:
        yield found
