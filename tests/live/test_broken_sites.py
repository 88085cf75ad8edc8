"""A site with a damaged, a missing or no Python says so at the first Run, and the page stays the book."""

import json
from pathlib import Path

import pytest
from browser import PlainHandler, reading, serving

CHAPTER = "book/02_activations"


def first_run(browser, replaced: dict[str, bytes | None]) -> str:
    """Press Run on a site on which some files are others or missing; return what the page says."""
    handler = type("Broken", (PlainHandler,), {"replaced": replaced})
    with serving(handler) as address, reading(browser, address) as reader:
        reader.open(CHAPTER)
        printed = reader.output(1)
        assert reader.run(1) == "unavailable"
        assert reader.output(1) == printed
        # Another press tries again, and no request is left hanging.
        assert reader.run(1) == "unavailable"
        return reader.status(1)


def wheel(site: Path, package: str) -> Path:
    return next(site.glob(f"_static/live/pyodide-*/{package}-*"))


@pytest.mark.usefixtures("with_python")
@pytest.mark.parametrize("name", ["numpy", "course_lib", "python_stdlib.zip", "pyodide.asm.wasm", "pyodide.asm.js"])
def test_a_file_that_was_tampered_with_is_not_run(chrome, site: Path, name: str) -> None:
    file = wheel(site, name) if "." not in name else next(site.glob(f"_static/live/pyodide-*/{name}"))
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    said = first_run(chrome, {file.name: bytes(content)})
    assert f"{file.name} is not the file that was published" in said


@pytest.mark.usefixtures("with_python")
@pytest.mark.parametrize("name", ["numpy", "pyodide.mjs", "pyodide.asm.wasm", "worker.js", "live_cells.py"])
def test_a_missing_file_is_named(chrome, site: Path, name: str) -> None:
    file = wheel(site, name).name if "." not in name else name
    said = first_run(chrome, {file: None})
    assert file in said
    assert "The code cannot run here" in said


def test_a_site_without_python_says_so(chrome) -> None:
    said = first_run(chrome, {"runtime.json": json.dumps({"available": False, "assets": "0"}).encode()})
    assert "built without Python for the browser" in said


def test_a_missing_editor_is_told_and_cells_run_without_it(chrome, with_python) -> None:
    handler = type("Broken", (PlainHandler,), {"replaced": {"editor.js": None}})
    with serving(handler) as address, reading(chrome, address) as reader:
        reader.open(CHAPTER)
        reader.button(1, "Edit").click()
        reader.cell(1).get_by_text("The editor could not be loaded").wait_for()
        assert reader.run(1) == "ok"
        assert "True" in reader.output(1)
