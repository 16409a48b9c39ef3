"""A release at a URL, of a folder, a zip or a shelf of versions, through fsspec."""

from __future__ import annotations

import errno
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Any

from regesta.catalog.versions import LATEST, version_order
from regesta.errors import NoSuchFile, NoSuchName, RegestaError, StorageFault, UsageError
from regesta.release.archive import Archive
from regesta.release.digests import SUMS
from regesta.release.files import Copy

INDEX = "index.json"
"""What says which versions stand on a shelf."""

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.:-]*://")
_USER = re.compile(r"(?<=://)[^/@\s]*@")
_DISK = (errno.ENOSPC, errno.EROFS, errno.EDQUOT)
_SECONDS = 60
"""How long a server may keep silent; how long it may take for a file is not bounded."""


def is_url(text: str) -> bool:
    """Return whether *text* is a URL and no path or name.

    Examples
    --------
    >>> is_url("https://example.org/1.1.0.zip"), is_url("C:/releases"), is_url("russia-dprk")
    (True, False, False)
    """
    return _URL.match(text) is not None


def copy_of(url: str, version: str | None, cache: Path) -> Copy:
    """Return the release at *url* as it is copied into the folder *cache*.

    The URL is that of a release's folder, of its zip, or of a shelf with an `index.json`, of which
    *version* is taken, or the latest.

    Raises
    ------
    UsageError
        If fsspec, or what it needs for such a URL, is not installed; if no release is there.
    NoSuchName
        If the shelf has no such version.
    StorageFault
        If *url* cannot be reached, or *cache* not be written.
    VerificationFailed
        If what is there is not what it claims to be.
    """
    place = Remote(url)
    if place.where.endswith(".zip"):
        return Copy(place.unzipped(), cache)
    try:
        return Copy(place, cache)
    except NoSuchFile:
        return Copy(place.released(version), cache)


class Remote:
    """A folder, or a zip, at a URL."""

    def __init__(self, url: str) -> None:
        """Find what reads such a URL; nothing is fetched."""
        self.where = _USER.sub("", url.partition("?")[0])
        self._url = url
        self._system, self._path = _system_of(url, self.where)

    def fetch(self, name: str, to: Path) -> None:
        """Write the file *name* in this folder to the path *to*."""
        shown = f"{self.where.rstrip('/')}/{name}"
        with _explained(shown):
            self._system.get_file(f"{self._path.rstrip('/')}/{name}", str(to))

    def unzipped(self) -> Archive:
        """Return the release in the zip that lies here.

        From a server that gives parts of files only what is asked for is fetched; else the whole.
        """
        with _explained(self.where):
            try:
                return Archive(self._system.open(self._path, "rb"), self.where)
            except ValueError:  # there are no parts to be had
                whole = TemporaryFile()  # noqa: SIM115 - the archive closes it
                self._system.get_file(self._path, whole)
                return Archive(whole, self.where)

    def released(self, version: str | None) -> Remote:
        """Return the release *version*, or the latest, of the shelf that lies here."""
        latest, there = _listed(self._index())
        if not there:
            raise UsageError(
                reason=f"There is no release at {self.where}: it has no {SUMS}. Give the address "
                "of a release's folder, or of its zip."
            )
        wanted = version or latest
        if wanted not in there:
            hint = f"; there are {', '.join(there)}"
            raise NoSuchName(kind=f"release at {self.where}", name=wanted or LATEST, hint=hint)
        return Remote(f"{self._url.rstrip('/')}/{wanted}/")

    def _index(self) -> bytes:
        with TemporaryDirectory() as folder:
            path = Path(folder) / INDEX
            try:
                self.fetch(INDEX, path)
            except NoSuchFile:
                return b""
            return path.read_bytes()


def _listed(index: bytes) -> tuple[str | None, list[str]]:
    """Return the latest version and all that an `index.json` names; none where it is no such."""
    try:
        said = json.loads(index)
        named = [each["version"] for each in said["versions"]]
        there = [version for version in named if version_order(version)]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None, []
    return said.get("latest"), there


def _system_of(url: str, where: str) -> tuple[Any, str]:
    """Return the file system of fsspec that reads *url*, and the path of *url* in it."""
    try:
        from fsspec.core import url_to_fs
    except ImportError:
        raise UsageError(
            reason=f"{where} is read by fsspec, which is not there: pip install 'regesta[remote]'."
        ) from None
    try:
        system, path = url_to_fs(url, **_options(url))
    except (ImportError, ValueError) as fault:
        reason = (
            f"{where} cannot be read here: {fault}. Install what reads such URLs, or fetch "
            "the release by other means and load the folder or the zip."
        )
        raise UsageError(reason=reason) from None
    return system, path


def _options(url: str) -> dict[str, Any]:
    """Return how a web server is spoken to: through the proxy of the environment, with patience."""
    if not url.lower().startswith(("http://", "https://")):
        return {}
    from aiohttp import ClientTimeout

    patience = ClientTimeout(total=None, sock_connect=_SECONDS, sock_read=_SECONDS)
    return {"client_kwargs": {"timeout": patience, "trust_env": True}}


@contextmanager
def _explained(where: str) -> Iterator[None]:
    """Say in one sentence why *where* cannot be had; each file system has errors of its own."""
    try:
        yield
    except RegestaError:
        raise
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        raise NoSuchFile(path=where) from None
    except Exception as fault:
        if isinstance(fault, OSError) and fault.errno in _DISK:
            raise
        raise StorageFault(
            reason=f"{where} cannot be reached: {_why(fault)}. Try again later, or fetch the "
            "release by other means and load the folder or the zip."
        ) from fault


def _why(fault: Exception) -> str:
    if status := getattr(fault, "status", None):
        return f"the server answers {status}"
    said = _USER.sub("", str(fault)).partition("\n")[0].rstrip(".")
    return said or f"it did not answer ({type(fault).__name__})"
