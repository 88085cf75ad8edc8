"""What the build puts into the site for the reader's browser: checked files from the first place that has them."""

import hashlib
import io
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import runtime
from book_site import ROOT
from runtime import Sources, Unavailable

VERSION = "9.9.9"


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def wheel(name: str, needs: str = "") -> bytes:
    """Return a small wheel of a package."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(f"{name}-1.0.dist-info/METADATA", f"Name: {name}\nVersion: 1.0\n{needs}\n")
    return target.getvalue()


NUMPY, PLOTS, CYCLES = wheel("numpy"), wheel("plots", "Requires-Dist: cycles>=1"), wheel("cycles")
FILES = {
    f"{name}-1.0-py3-none-any.whl": content
    for name, content in (("numpy", NUMPY), ("plots", PLOTS), ("cycles", CYCLES))
}


class Release:
    """A release of three packages, in a mirror folder, and the pins that belong to it."""

    def __init__(self, folder: Path) -> None:
        self.mirror, self.cache = folder / "mirror", folder / "cache"
        self.mirror.mkdir()
        packages = {
            file.split("-")[0]: {
                "name": file.split("-")[0],
                "version": "1.0",
                "file_name": file,
                "sha256": digest(content),
                "imports": [file.split("-")[0]],
                "depends": ["cycles"] if file.startswith("plots") else [],
            }
            for file, content in FILES.items()
        }
        lock = json.dumps({"info": {"python": "3.13.2"}, "packages": packages}).encode()
        core = {"pyodide.mjs": b"export", "pyodide-lock.json": lock}
        for name, content in {**core, **FILES}.items():
            (self.mirror / name).write_bytes(content)
        self.pins = {
            "version": VERSION,
            "npm": "no-such-package",
            "distribution": "http://127.0.0.1:9/",  # nobody listens there
            "packages": ["numpy", "plots"],
            "core": {name: digest(content) for name, content in core.items()},
        }

    def sources(self, mirror: bool = True, online: bool = False) -> Sources:
        return Sources(self.pins, self.mirror if mirror else None, self.cache, online)

    def collect(self, **options: bool) -> dict[str, bytes]:
        return runtime.collect(self.sources(**options), ROOT / "course_lib", "0.1.0")[0]


@pytest.fixture
def release(tmp_path: Path) -> Release:
    return Release(tmp_path)


def test_a_site_gets_the_core_the_wheels_and_the_library_with_a_lock_of_its_own(release: Release) -> None:
    files = release.collect()
    lock = json.loads(next(content for name, content in files.items() if name.startswith("lock-")))
    assert set(lock["packages"]) == {"numpy", "plots", "cycles", "course-lib"}
    for entry in lock["packages"].values():
        assert digest(files[entry["file_name"]]) == entry["sha256"]
    assert "pyodide.mjs" in files


def test_what_was_obtained_once_is_kept(release: Release) -> None:
    first = release.collect()
    assert release.collect(mirror=False) == first


@pytest.mark.parametrize("name", ["pyodide.mjs", "pyodide-lock.json", "numpy-1.0-py3-none-any.whl"])
def test_a_file_that_was_tampered_with_is_not_taken(release: Release, name: str) -> None:
    (release.mirror / name).write_bytes(b"other")
    with pytest.raises(Unavailable, match=f"{re.escape(name)} from the mirror folder is not the published file"):
        release.collect()


def test_a_damaged_cache_is_passed_over(release: Release) -> None:
    first = release.collect()
    (release.cache / VERSION / "pyodide.mjs").write_bytes(b"damaged")
    assert release.collect() == first
    (release.cache / VERSION / "pyodide.mjs").write_bytes(b"damaged")
    with pytest.raises(Unavailable, match=r"pyodide\.mjs"):
        release.collect(mirror=False)


def test_a_missing_file_is_named_with_the_places_that_were_asked(release: Release) -> None:
    (release.mirror / "cycles-1.0-py3-none-any.whl").unlink()
    with pytest.raises(Unavailable, match=r"cycles-1\.0-py3-none-any\.whl cannot be had from the mirror folder"):
        release.collect()


def test_other_builds_are_taken_by_the_mirrors_own_list(release: Release) -> None:
    other = wheel("numpy", "X-Build: other")
    (release.mirror / "numpy-2.0-py3-none-any.whl").write_bytes(other)
    listed = {"numpy-2.0-py3-none-any.whl": other, "plots-1.0-py3-none-any.whl": PLOTS}
    sums = "".join(f"{digest(content)}  {name}\n" for name, content in listed.items())
    (release.mirror / "SHA256SUMS").write_text(sums + f"{digest(CYCLES)}  cycles-1.0-py3-none-any.whl\n")
    files = release.collect()
    assert files["numpy-2.0-py3-none-any.whl"] == other
    lock = json.loads(next(content for name, content in files.items() if name.startswith("lock-")))
    assert lock["packages"]["plots"]["depends"] == ["cycles"]
    assert lock["packages"]["numpy"]["version"] == "2.0"
    (release.mirror / "numpy-2.0-py3-none-any.whl").write_bytes(other + b" ")
    with pytest.raises(Unavailable, match="is not the file its SHA256SUMS lists"):
        release.collect()


def test_the_wheel_of_the_library_is_the_same_each_time_and_holds_it_all(tmp_path: Path) -> None:
    name, content = runtime.library_wheel(ROOT / "course_lib", "0.1.0")
    assert runtime.library_wheel(ROOT / "course_lib", "0.1.0") == (name, content)
    file = tmp_path / name
    file.write_bytes(content)
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        archive.extractall(tmp_path / "site")
    code = "from course_lib import activations, datasets; print(activations.sigmoid(0.0), len(datasets.digits()[0]))"
    ran = subprocess.run([sys.executable, "-c", code], cwd=tmp_path / "site", capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("0.5 ")


def test_another_library_has_a_wheel_of_another_name(tmp_path: Path) -> None:
    package = tmp_path / "course_lib"
    package.mkdir()
    (package / "__init__.py").write_text("x = 1\n")
    before, _ = runtime.library_wheel(package, "0.1.0")
    (package / "__init__.py").write_text("x = 2\n")
    assert runtime.library_wheel(package, "0.1.0")[0] != before


def test_without_python_the_build_says_so_in_one_line_and_clears_what_was_there(tmp_path: Path) -> None:
    folder = next(iter(re.findall(r'^version = "([^"]+)"', runtime.PINS.read_text("utf-8"), re.M)))
    old = tmp_path / f"pyodide-{folder}"
    old.mkdir()
    for setting, reason in (("off", "COURSE_PYODIDE=off"), (str(tmp_path / "gone"), "folder that does not exist")):
        said: list[str] = []
        assert runtime.provide(tmp_path, said.append, setting) is False
        assert len(said) == 1
        assert reason in said[0]
        assert "\n" not in said[0]
        assert json.loads((tmp_path / "runtime.json").read_text("utf-8"))["available"] is False
        assert not old.exists()


def test_the_pins_name_every_file_that_the_pages_load_first() -> None:
    worker = (ROOT / "book/_static/live/worker.js").read_text("utf-8")
    core = set(re.findall(r'^"([^"]+)" = "[0-9a-f]{64}"', runtime.PINS.read_text("utf-8"), re.M))
    assert core == {"pyodide.mjs", "pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json"}
    assert "pyodide.mjs" in worker


def test_the_editor_was_made_of_the_versions_in_its_lock_file() -> None:
    bundle = (ROOT / "book/_static/live/editor.js").read_text("utf-8")
    packages = json.loads((ROOT / "book/_tools/editor/package-lock.json").read_text("utf-8"))["packages"]
    named = dict(re.findall(r"^ \*   (\S+) ([\d.]+)$", bundle, re.M))
    assert len(named) > 10
    assert named == {name: packages[f"node_modules/{name}"]["version"] for name in named}
    assert "Permission is hereby granted, free of charge" in bundle
    axe = packages["node_modules/axe-core"]["version"]
    assert f"axe v{axe}" in (ROOT / "tests/live/axe/axe.min.js").read_text("utf-8")[:200]
