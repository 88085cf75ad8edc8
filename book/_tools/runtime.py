"""Put the Python of the live cells into the built site: Pyodide, its NumPy and matplotlib, and `course_lib` as a wheel.

    python book/_tools/runtime.py FOLDER     says what can be had, and puts it into FOLDER

Each file comes from the first place that has it: the cache, a mirror folder (named by COURSE_PYODIDE), npm, Pyodide's
own distribution. `runtime.toml` beside this file holds the SHA-256 of the runtime's core, and its pyodide-lock.json
those of the wheels. A mirror may hold other builds of the wheels; then its own SHA256SUMS names them. What does not
match is not taken. Where something cannot be had, the site says so when a reader presses Run, and stays a book.
COURSE_PYODIDE=off builds the book without it.
"""

import base64
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from email.parser import HeaderParser
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

ROOT = Path(__file__).resolve().parents[2]
PINS = Path(__file__).with_name("runtime.toml")
SETTING = "COURSE_PYODIDE"
LIBRARY = "course_lib"
SECONDS = 30  # without a byte from the other side
FIRST = ("pyodide", "python", "lock", "numpy", LIBRARY)  # what the first Run of a page loads, by their names
EPOCH = (2020, 1, 1, 0, 0, 0)  # every file of our wheel has this date, so that the same tree makes the same wheel


class Unavailable(Exception):
    """Says in one sentence why the site has no Python."""


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def cache_folder() -> Path:
    """Return where downloads are kept: the user's cache, as the library keeps its data."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "neural-networks-course" / "pyodide"


class Sources:
    """Where the files of one Pyodide release come from, in the order in which they are asked."""

    def __init__(self, pins: dict[str, Any], mirror: Path | None, cache: Path, online: bool = True) -> None:
        self.pins, self.mirror, self.online = pins, mirror, online
        self.unreachable = False
        self.cache = cache / pins["version"]
        self._from_npm: dict[str, bytes] | None = None
        self.refused: list[str] = []

    def get(self, name: str, expected: str) -> bytes:
        """Return the file of this name and SHA-256.

        Raises
        ------
        Unavailable
            If no source has it.
        """
        for source in (self._cached, self._mirrored, self._npm, self._downloaded):
            content = source(name)
            if content is None:
                continue
            if sha256(content) == expected:
                if source != self._cached:
                    self._keep(name, content)
                return content
            self.refused.append(f"{name} from {source.__doc__} is not the published file")
        raise Unavailable("; ".join([*self.refused, f"{name} cannot be had {self._asked()}"]))

    def _asked(self) -> str:
        where = [f"from the mirror folder {self.mirror.name}"] if self.mirror else []
        if self.online:
            where += ["npm"] if shutil.which("npm") else []
            where += ["Pyodide's distribution"]
        return ", ".join(where) or "anywhere"

    def _cached(self, name: str) -> bytes | None:
        """the cache"""
        return read(self.cache / name)

    def _mirrored(self, name: str) -> bytes | None:
        """the mirror folder"""
        return read(self.mirror / name) if self.mirror else None

    def _npm(self, name: str) -> bytes | None:
        """npm"""
        if not self.online or name not in self.pins["core"]:
            return None
        if self._from_npm is None:
            self._from_npm = npm_package(f"{self.pins['npm']}@{self.pins['version']}")
        return self._from_npm.get(name)

    def _downloaded(self, name: str) -> bytes | None:
        """Pyodide's distribution"""
        if not self.online or self.unreachable:
            return None
        address = self.pins["distribution"].format(version=self.pins["version"]) + name
        try:
            with urllib.request.urlopen(address, timeout=SECONDS) as response:
                return bytes(response.read())
        except (OSError, ValueError):
            self.unreachable = True  # the next file would only wait as long again
            return None

    def _keep(self, name: str, content: bytes) -> None:
        """Write a file into the cache whole or not at all; a cache that cannot be written is done without."""
        try:
            self.cache.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=self.cache, prefix=f".{name}.")
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            os.replace(temporary, self.cache / name)
        except OSError:
            return


def read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def npm_package(name: str) -> dict[str, bytes]:
    """Return the files of a package as npm has them; none where npm is absent or cannot reach its registry."""
    if not shutil.which("npm"):
        return {}
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", name, "--silent", "--ignore-scripts", "--fetch-retries=0", "--fetch-timeout=30000"]
        try:
            subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=120)
            with tarfile.open(next(Path(folder).glob("*.tgz"))) as archive:
                return {
                    member.name.removeprefix("package/"): archive.extractfile(member).read()  # type: ignore[union-attr]
                    for member in archive
                    if member.isfile()
                }
        except (OSError, subprocess.SubprocessError, StopIteration, tarfile.TarError):
            return {}


# --- which wheels ------------------------------------------------------------------------------------------------


def locked_wheels(lock: dict[str, Any], wanted: list[str]) -> dict[str, dict[str, Any]]:
    """Return the entries of pyodide-lock.json for these packages and all they depend on, by name."""
    entries: dict[str, dict[str, Any]] = {}
    todo = list(wanted)
    while todo:
        name = canonicalize_name(todo.pop())
        if name not in entries:
            entries[name] = dict(lock["packages"][name])
            todo += entries[name]["depends"]
    return entries


def mirrored_wheels(mirror: Path, lock: dict[str, Any], wanted: list[str]) -> dict[str, dict[str, Any]]:
    """Return entries as of pyodide-lock.json for the builds that a mirror folder lists in its SHA256SUMS."""
    listed = read(mirror / "SHA256SUMS")
    sums = dict(reversed(line.split()) for line in listed.decode().splitlines() if line.strip()) if listed else {}
    files = {parse_wheel_filename(name)[0]: name for name in sums if name.endswith(".whl")}
    entries: dict[str, dict[str, Any]] = {}
    todo = list(wanted)
    while todo:
        name = canonicalize_name(todo.pop())
        if name in entries:
            continue
        if name not in files:
            raise Unavailable(f"the mirror folder {mirror.name} lists no wheel of {name}")
        content = read(mirror / files[name])
        if content is None:
            raise Unavailable(f"{files[name]} is missing in the mirror folder {mirror.name}")
        if sha256(content) != sums[files[name]]:
            raise Unavailable(f"{files[name]} in the mirror folder {mirror.name} is not the file its SHA256SUMS lists")
        known = lock["packages"].get(name, {})
        # Compiled wheels may name nothing, so the recipe of the release counts too; what the mirror lacks is left out.
        depends = sorted({*requirements(content), *known.get("depends", [])} & set(files))
        entries[name] = {
            **{"name": name, "install_dir": "site", "package_type": "package", "unvendored_tests": False},
            **{"version": str(parse_wheel_filename(files[name])[1]), "file_name": files[name]},
            **{"sha256": sums[files[name]], "imports": known.get("imports", []), "depends": depends},
        }
        todo += depends
    return entries


def requirements(wheel: bytes) -> Iterator[str]:
    """Return the names of the packages that a wheel needs in the browser."""
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        metadata = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        fields = HeaderParser().parsestr(archive.read(metadata).decode())
    here = {"extra": "", "python_version": "3.13", "sys_platform": "emscripten", "platform_system": "Emscripten"}
    for line in fields.get_all("Requires-Dist", []):
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate(here):
            yield canonicalize_name(requirement.name)


def library_wheel(package: Path, version: str) -> tuple[str, bytes]:
    """Return file name and content of a wheel of the library, the same for the same tree.

    Its build number comes from its content: a browser that kept an earlier one asks for the new one by another name.
    """
    files = {
        file.relative_to(package.parent).as_posix(): file.read_bytes()
        for file in sorted(package.rglob("*"))
        if file.is_file() and "__pycache__" not in file.parts
    }
    build = f"0x{sha256(b''.join(name.encode() + content for name, content in files.items()))[:12]}"
    info = f"{LIBRARY}-{version}.dist-info"
    files[f"{info}/METADATA"] = f"Metadata-Version: 2.1\nName: {LIBRARY}\nVersion: {version}\n".encode()
    wheel = f"Wheel-Version: 1.0\nGenerator: course\nRoot-Is-Purelib: true\nTag: py3-none-any\nBuild: {build}\n"
    files[f"{info}/WHEEL"] = wheel.encode()
    record = "".join(f"{name},{record_hash(content)},{len(content)}\n" for name, content in files.items())
    files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, EPOCH), content, zipfile.ZIP_DEFLATED)
    return f"{LIBRARY}-{version}-{build}-py3-none-any.whl", target.getvalue()


def record_hash(content: bytes) -> str:
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")


# --- the site ----------------------------------------------------------------------------------------------------


def collect(sources: Sources, library: Path, version: str) -> tuple[dict[str, bytes], dict[str, str]]:
    """Return the files that the site serves, by name, and the versions of what is in them."""
    files = {name: sources.get(name, digest) for name, digest in sources.pins["core"].items()}
    lock = json.loads(files.pop("pyodide-lock.json"))
    wanted = sources.pins["packages"]
    if sources.mirror and read(sources.mirror / "SHA256SUMS") is not None:
        entries = mirrored_wheels(sources.mirror, lock, wanted)
        files |= {entry["file_name"]: (sources.mirror / entry["file_name"]).read_bytes() for entry in entries.values()}
    else:
        entries = locked_wheels(lock, wanted)
        files |= {e["file_name"]: sources.get(e["file_name"], e["sha256"]) for e in entries.values()}
    name, wheel = library_wheel(library, version)
    files[name] = wheel
    entries["course-lib"] = {
        **{"name": LIBRARY, "install_dir": "site", "package_type": "package", "unvendored_tests": False},
        **{"version": version, "file_name": name, "sha256": sha256(wheel), "imports": [LIBRARY], "depends": ["numpy"]},
    }
    ours = json.dumps({"info": lock["info"], "packages": dict(sorted(entries.items()))}, indent=1).encode()
    files[f"lock-{sha256(ours)[:12]}.json"] = ours
    versions = {package: entries[package]["version"] for package in wanted}
    return files, {"pyodide": sources.pins["version"], "python": lock["info"]["python"], **versions}


def write_site(target: Path, files: dict[str, bytes]) -> None:
    """Make a folder hold exactly these files; one that is there already is left alone."""
    target.mkdir(parents=True, exist_ok=True)
    for present in target.iterdir():
        if present.name not in files:
            present.unlink()
    for name, content in files.items():
        if read(target / name) != content:
            (target / name).write_bytes(content)


def provide(live: Path, say: Callable[[str], None], setting: str | None = None) -> bool:
    """Put the runtime below `live`, the folder `_static/live` of a site; say in one line what came of it.

    `runtime.json` there tells the page what it can load: the folder, every file's SHA-256 and what the first Run
    weighs; or that there is nothing. Returns whether cells can run.
    """
    setting = os.environ.get(SETTING, "") if setting is None else setting
    pins = tomllib.loads(PINS.read_text("utf-8"))
    assets = sha256(b"".join(file.read_bytes() for file in sorted(live.glob("*.*s")) + sorted(live.glob("*.py"))))[:12]
    folder = f"pyodide-{pins['version']}"
    try:
        if setting == "off":
            raise Unavailable(f"it was built with {SETTING}=off")
        mirror = mirror_folder(setting)
        files, versions = collect(Sources(pins, mirror, cache_folder()), ROOT / LIBRARY, library_version())
    except Unavailable as reason:
        shutil.rmtree(live / folder, ignore_errors=True)
        manifest: dict[str, Any] = {"available": False, "assets": assets}
        say(f"live cells: the pages cannot run code ({reason})")
    else:
        write_site(live / folder, files)
        lock = next(name for name in files if name.startswith("lock-"))
        manifest = {
            **{"available": True, "assets": assets, "folder": folder, "lock": lock, "versions": versions},
            "files": {name: sha256(content) for name, content in sorted(files.items())},
            "bytes": sum(len(content) for name, content in files.items() if name.startswith(FIRST)),
        }
        where = f", from the mirror folder {mirror.name}" if mirror else ""
        named = ", ".join(f"{name} {number}" for name, number in versions.items())
        say(f"live cells: {named}{where}")
    live.mkdir(parents=True, exist_ok=True)
    (live / "runtime.json").write_text(json.dumps(manifest, indent=1) + "\n", "utf-8")
    return bool(manifest["available"])


def mirror_folder(setting: str) -> Path | None:
    if not setting:
        return None
    mirror = Path(setting).expanduser().resolve()
    if not mirror.is_dir():
        raise Unavailable(f"{SETTING} names a folder that does not exist")
    return mirror


def library_version() -> str:
    """Return the version in pyproject.toml; a book without that file has a library without a version."""
    text = (read(ROOT / "pyproject.toml") or b"").decode()
    found = re.search(r'^version = "([^"]+)"', text, re.M)
    return found[1] if found else "0"


def main(argv: list[str]) -> int:
    if len(argv) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    return 0 if provide(Path(argv[0]), print) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
