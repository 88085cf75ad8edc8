"""What of this machine's files a child may read: Python, its packages, libraries and fonts.

Nothing of the course is among them: not its folder, and not the packages course_lib and autograder where they are
installed among the others.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

WITHHELD = ("course_lib", "autograder")
LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64")
FONTS = ("/usr/share/fonts", "/usr/local/share/fonts", "/etc/fonts", "/usr/share/zoneinfo")
FILES = ("/etc/ld.so.cache", "/etc/localtime", "/usr/share/locale/locale.alias")
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")


@dataclass(frozen=True)
class Environment:
    """Folders and files by their real paths; `links` are the symbolic links on the way to them."""

    readable: tuple[str, ...]
    withheld: tuple[str, ...]
    links: tuple[tuple[str, str], ...]


def module_folders() -> list[str]:
    """Return where modules of the standard library and installed packages come from, as on `sys.path`."""
    bases = {sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix}
    standard = {os.path.join(base, "lib", f"python{sys.version_info[0]}") for base in bases}
    standard |= {sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")}

    def known(entry: str) -> bool:
        installed = os.path.basename(entry) in ("site-packages", "dist-packages")
        return installed or any(entry.startswith(folder) for folder in standard)

    return [entry for entry in sys.path if os.path.isabs(entry) and known(entry)]


def environment() -> Environment:
    """Look at the Python that runs now."""
    wanted = [*module_folders(), *LIBRARIES, *FONTS, *FILES]
    wanted += [os.path.join(base, "lib") for base in (sys.base_prefix, sys.prefix) if base != "/usr"]
    wanted += [os.path.realpath(sys.executable)]
    links: dict[str, str] = {}
    real = {place for path in wanted if (place := _resolve(path, links)) and os.path.exists(place)}
    top = tuple(sorted(path for path in real if not any(path.startswith(f"{other}/") for other in real)))
    return Environment(top, tuple(sorted(_withheld(top))), tuple(sorted(links.items())))


def _resolve(path: str, links: dict[str, str]) -> str:
    """Return the real path, and note every symbolic link that is followed on the way."""
    for _ in range(40):
        here = ""
        for part in Path(path).parts[1:]:
            here = f"{here}/{part}"
            if os.path.islink(here):
                links[here] = os.readlink(here)
                rest = path[len(here) :]
                path = os.path.normpath(os.path.join(os.path.dirname(here), links[here]) + rest)
                break
        else:
            return path
    return ""


def _withheld(readable: Iterable[str]) -> Iterator[str]:
    """Find the course's own packages where they are installed among what may be read."""
    places = [folder for folder in sys.path if os.path.isabs(folder)]
    for top in readable:
        for versioned in (top, *_below(top, "python")):
            places += [versioned, *_below(versioned, "site-packages"), *_below(versioned, "dist-packages")]
    for place in places:
        for name in WITHHELD:
            path = os.path.realpath(os.path.join(place, name))
            if os.path.isdir(path) and any(path.startswith(f"{top}/") for top in readable):
                yield path


def _below(folder: str, prefix: str) -> list[str]:
    try:
        return [os.path.join(folder, name) for name in os.listdir(folder) if name.startswith(prefix)]
    except OSError:
        return []
