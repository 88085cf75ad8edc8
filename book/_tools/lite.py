"""Put JupyterLite into the built site, with the assignments, so that they can be done without an installation.

The site's folder `lab` holds Jupyter's notebook page, the kernel's wheels and every notebook of `exercises/` under its
own name, since that is the name under which it is downloaded and handed in. Python, NumPy, matplotlib and the library
are those of the live cells (see runtime.py), served once for both. What a student writes is kept by the browser.

JupyterLite is installed into an environment of its own, `.lite`, where no extension of another Jupyter gets into the
site; `lite/requirements.txt` names it and `lite/wheels.txt` what the kernel needs, each with its SHA-256. Where one of
them cannot be had, there is no such folder and the chapters have no link to it.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tomllib
import venv
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import runtime
from packaging.utils import canonicalize_name, parse_wheel_filename
from runtime import ROOT, Unavailable, sha256

NAME = "lab"
ENVIRONMENT = ROOT / ".lite"
TOOLS, WHEELS = (Path(__file__).parent / "lite" / name for name in ("requirements.txt", "wheels.txt"))
EXERCISES = ROOT / "exercises"
MADE = "made.txt"  # in the folder: what it was made of
PIP = ("-m", "pip", "--disable-pip-version-check", "--no-input", "--retries", "0", "--timeout", "20")
EXACTLY = ("--quiet", "--require-hashes", "--no-deps", "--only-binary", ":all:", "--requirement")
KERNEL = "@jupyterlite/pyodide-kernel-extension"
# All of it is loaded before the first cell runs, so that the kernel never looks for a package anywhere.
PRELOADED = (
    "micropip",
    "piplite",
    "ipykernel",
    "comm",
    "pyodide-kernel",
    "jedi",
    "ipython",
    "matplotlib",
    "course-lib",
)
SAVED_EVERY = 5  # seconds
STORAGE = "neural networks from first principles"  # other JupyterLites of the same host keep their own files


def make(target: Path, say: Callable[[str], None]) -> bool:
    """Make the folder, unless it is there already and nothing changed; say in one line what came of it.

    Returns whether there is one.
    """
    setting = os.environ.get(runtime.SETTING, "")
    try:
        if setting == "off":
            raise Unavailable(f"it was built with {runtime.SETTING}=off")
        pins = tomllib.loads(runtime.PINS.read_text("utf-8"))
        sources = runtime.Sources(pins, runtime.mirror_folder(setting), runtime.cache_folder())
        files, _ = runtime.collect(sources, ROOT / runtime.LIBRARY, runtime.library_version())
        lock_name = next(name for name in files if name.startswith("lock-"))
        notebooks = exercises()
        made_of = fingerprint(notebooks, lock_name)
        if (runtime.read(target / MADE) or b"").decode() != made_of:
            wheels = kernel_wheels(runtime.cache_folder().parent / "jupyterlite")
            lock = json.loads(files[lock_name])
            scratch = target.with_name(f".{target.name}.new")
            shutil.rmtree(scratch, ignore_errors=True)
            run_jupyterlite(prepare_environment(), scratch)
            complete(scratch, notebooks, wheels, lock, f"pyodide-{pins['version']}")
            (scratch / MADE).write_text(made_of, "utf-8")
            shutil.rmtree(target, ignore_errors=True)
            scratch.rename(target)
    except Unavailable as reason:
        shutil.rmtree(target, ignore_errors=True)
        say(f"assignments in the browser: left out ({reason})")
        return False
    say(f"assignments in the browser: {len(notebooks)} in JupyterLite {version_of('jupyterlite-core')}")
    return True


def place(made: Path, site: Path) -> None:
    """Bring the site's folder in line with the one that was made, or with there being none."""
    target = site / NAME
    content = runtime.read(made / MADE)
    if content is None:
        shutil.rmtree(target, ignore_errors=True)
    elif runtime.read(target / MADE) != content:
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(made, target)


def exercises() -> dict[str, bytes]:
    """Return the released notebooks by file name."""
    found: dict[str, bytes] = {}
    for path in sorted(EXERCISES.glob("*/*.ipynb")):
        if path.name in found:
            raise Unavailable(f"two assignments have a notebook called {path.name}")
        found[path.name] = path.read_bytes()
    return found


def fingerprint(notebooks: dict[str, bytes], lock_name: str) -> str:
    """Return a hash of everything that the folder is made of; the lock's name stands for the runtime."""
    own = b"".join(file.read_bytes() for file in (Path(__file__), TOOLS, WHEELS))
    parts = [lock_name, sha256(own), *(f"{name} {sha256(content)}" for name, content in notebooks.items())]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest() + "\n"


def pinned(requirements: Path) -> dict[str, tuple[str, str]]:
    """Return version and SHA-256 of each package in a file of exact requirements."""
    lines = [line for line in requirements.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    named = [line.split(" --hash=sha256:") for line in lines]
    return {package.split("==")[0]: (package.split("==")[1], digest) for package, digest in named}


def version_of(package: str) -> str:
    return pinned(TOOLS)[package][0]


# --- what is obtained --------------------------------------------------------------------------------------------


def prepare_environment() -> Path:
    """Return the Python of the environment with JupyterLite, which is made where it is absent or another."""
    python, ready, wanted = ENVIRONMENT / "bin" / "python", ENVIRONMENT / ".ready", sha256(TOOLS.read_bytes())
    if (runtime.read(ready) or b"").decode() != wanted or not python.exists():
        shutil.rmtree(ENVIRONMENT, ignore_errors=True)
        venv.create(ENVIRONMENT, symlinks=True)
        pip("--python", str(python), "install", *EXACTLY, str(TOOLS))
        ready.write_text(wanted, "utf-8")
    return python


def kernel_wheels(cache: Path) -> dict[str, bytes]:
    """Return the wheels that the kernel needs, by file name; they are kept in the cache."""
    found = dict(cached_wheels(cache))
    if len(found) < len(pinned(WHEELS)):
        cache.mkdir(parents=True, exist_ok=True)
        pip("download", "--dest", str(cache), "--python-version", "3.13", *EXACTLY, str(WHEELS))
        found = dict(cached_wheels(cache))
    return found


def cached_wheels(cache: Path) -> Iterator[tuple[str, bytes]]:
    """Yield those files of the cache that are the wanted wheels; one that was damaged is removed."""
    wanted = pinned(WHEELS)
    for file in sorted(cache.glob("*.whl")):
        name, version, *_ = parse_wheel_filename(file.name)
        if str(version) == wanted.get(name, ("", ""))[0]:
            content = file.read_bytes()
            if sha256(content) == wanted[name][1]:
                yield file.name, content
            else:
                file.unlink()


def pip(*arguments: str) -> None:
    command = [sys.executable, *PIP, *arguments]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=300)
    except (OSError, subprocess.SubprocessError) as error:
        said = (getattr(error, "stderr", "") or "").strip().splitlines()
        reason = next((line.removeprefix("ERROR: ") for line in reversed(said) if "ERROR" in line), str(error))
        raise Unavailable(f"pip says: {reason}") from None


# --- the folder --------------------------------------------------------------------------------------------------


def run_jupyterlite(python: Path, output: Path) -> None:
    """Let JupyterLite write its pages and the kernel; no settings of this machine's user have a part in it."""
    lite = output.with_name(f"{output.name}.lite")
    shutil.rmtree(lite, ignore_errors=True)
    lite.mkdir(parents=True)
    options = {"apps": ["notebooks", "tree"], "no_sourcemaps": True, "no_unused_shared_packages": True}
    (lite / "jupyter_lite_config.json").write_text(json.dumps({"LiteBuildConfig": options}), "utf-8")
    command = [str(python), "-m", "jupyterlite_core", "build", "--lite-dir", str(lite), "--output-dir", str(output)]
    try:
        environment = os.environ | {"JUPYTER_CONFIG_DIR": str(lite), "JUPYTER_NO_CONFIG": "1"}
        subprocess.run(command, cwd=lite, env=environment, check=True, capture_output=True, text=True, timeout=300)
    except (OSError, subprocess.SubprocessError) as error:
        said = (getattr(error, "stderr", "") or str(error)).strip().splitlines()
        raise Unavailable(f"JupyterLite was not built: {said[-1] if said else error}") from None
    finally:
        shutil.rmtree(lite, ignore_errors=True)


def complete(
    folder: Path, notebooks: dict[str, bytes], wheels: dict[str, bytes], lock: dict[str, Any], python: str
) -> None:
    """Add notebooks, wheels and settings to what JupyterLite wrote."""
    (folder / "files").mkdir()
    (folder / "wheels").mkdir()
    (folder / "api" / "contents").mkdir(parents=True, exist_ok=True)
    for name, content in notebooks.items():
        (folder / "files" / name).write_bytes(content)
    (folder / "api" / "contents" / "all.json").write_text(json.dumps(listing(notebooks)), "utf-8")
    bundled = {file.name: file.read_bytes() for file in folder.glob(f"extensions/{KERNEL}/static/pypi/*.whl")}
    bundled = {name: content for name, content in bundled.items() if not name.startswith("widgetsnbextension")}
    for name, content in (wheels | bundled).items():
        (folder / "wheels" / name).write_bytes(content)
    full = lock_with(lock, wheels | bundled, f"../../_static/live/{python}/")
    text = json.dumps(full, indent=1)
    lock_name = f"lock-{sha256(text.encode())[:12]}.json"
    (folder / "wheels" / lock_name).write_text(text, "utf-8")
    settings_file = folder / "jupyter-lite.json"
    settings = json.loads(settings_file.read_text("utf-8"))
    settings["jupyter-config-data"] |= site_settings(f"./../_static/live/{python}/pyodide.mjs", f"wheels/{lock_name}")
    settings_file.write_text(json.dumps(settings, indent=1), "utf-8")


def listing(notebooks: dict[str, bytes]) -> dict[str, Any]:
    """Return the folder's content as Jupyter's contents interface describes it."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    entry = {"created": now, "last_modified": now, "writable": True, "content": None, "format": None, "mimetype": None}
    entries = [
        entry | {"name": name, "path": name, "type": "notebook", "size": len(content)}
        for name, content in notebooks.items()
    ]
    return entry | {"name": "", "path": "", "type": "directory", "format": "json", "size": None, "content": entries}


def lock_with(lock: dict[str, Any], wheels: dict[str, bytes], runtime_folder: str) -> dict[str, Any]:
    """Return the lock of the live cells' runtime, seen from another folder, with the wheels of that folder added."""
    packages = {
        name: entry | {"file_name": f"{runtime_folder}{entry['file_name']}"} for name, entry in lock["packages"].items()
    }
    names = {file: canonicalize_name(parse_wheel_filename(file)[0]) for file in wheels}
    known = {*packages, *names.values()}
    for file, content in wheels.items():
        packages[names[file]] = {
            **{"name": names[file], "install_dir": "site", "package_type": "package", "unvendored_tests": False},
            **{"version": str(parse_wheel_filename(file)[1]), "file_name": file, "sha256": sha256(content)},
            **{"imports": [], "depends": sorted({*runtime.requirements(content)} & known)},
        }
    return {"info": lock["info"], "packages": packages}


def site_settings(pyodide: str, lock: str) -> dict[str, Any]:
    """Return how this JupyterLite differs from others."""
    download = {"name": "download", "command": "docmanager:download", "label": "Download", "rank": 12}
    return {
        "appUrl": "./tree",
        "faviconUrl": "./tree/favicon.ico",
        "contentsAllJsonFile": "all.json",
        **{f"{what}StorageName": f"{STORAGE}, {what}" for what in ("contents", "settings", "workspaces")},
        # It would only serve files to the kernel; no assignment reads one, and without it nothing stale is ever shown.
        "disabledExtensions": ["@jupyterlite/application-extension:service-worker-manager"],
        "settingsOverrides": {
            "@jupyterlab/docmanager-extension:plugin": {"autosaveInterval": SAVED_EVERY},
            "@jupyterlab/notebook-extension:panel": {"toolbar": [download]},
        },
        "litePluginSettings": {
            f"{KERNEL}:kernel": {
                "pyodideUrl": pyodide,
                "pipliteUrls": [],
                "disablePyPIFallback": True,
                "loadPyodideOptions": {"lockFileURL": lock, "packages": list(PRELOADED)},
            }
        },
    }
