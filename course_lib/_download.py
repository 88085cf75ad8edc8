"""Fetches a published file once and keeps it: checked by its SHA-256, written whole or not at all."""

import hashlib
import http.client
import os
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

SECONDS = 30  # without a byte from the other side


def cache_folder(folder: str | os.PathLike[str] | None) -> Path:
    """Return where downloads are kept: `folder`, or the user's cache as the system has it."""
    if folder is not None:
        return Path(folder)
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "neural-networks-course"


def fetch(address: str, sha256: str, path: Path) -> bytes:
    """Return the content of the file kept at `path`, after downloading it from `address` if it is not there intact.

    Raises
    ------
    RuntimeError
        If it cannot be downloaded whole, is not the published file, or cannot be kept; nothing half-written stays.
    """
    try:
        kept = path.read_bytes()
        if hashlib.sha256(kept).hexdigest() == sha256:
            return kept
    except OSError:
        pass
    content = _download(address, sha256, path)
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise RuntimeError(
            f"{address} is not the published file (SHA-256 {found}, expected {sha256}); try another source"
        )
    _keep(content, path)
    return content


def _download(address: str, sha256: str, path: Path) -> bytes:
    try:
        with urllib.request.urlopen(address, timeout=SECONDS) as response:
            content: bytes = response.read()
    except http.client.IncompleteRead as error:
        whole = "" if error.expected is None else f" of {len(error.partial) + error.expected:,}"
        raise RuntimeError(
            f"{address} broke off after {len(error.partial):,}{whole} bytes; try again, or another source"
        ) from None
    except (OSError, ValueError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", error)
        raise RuntimeError(
            f"{address} could not be downloaded ({reason}); look at the connection, or put {path.name} "
            f"(SHA-256 {sha256}) into {path.parent} yourself"
        ) from None
    return content


def _keep(content: bytes, path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            os.replace(name, path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise RuntimeError(f"{path} could not be written ({error.strerror}); name another folder with cache=") from None
