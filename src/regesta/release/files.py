"""The files of a release: in a folder, or copied into one from elsewhere as they are asked for.

A copy is kept under the digest of the release's `SHA256SUMS`, which holds the digest of every
file: what has changed elsewhere lies in another folder, and nothing stale is ever read.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from typing import Protocol

from regesta.errors import NoSuchFile, StorageFault, VerificationFailed
from regesta.release.digests import SUMS, digest, parse_sums, read_checked, read_sums

_MAX_SUMS = 2**24


class Files:
    """The files of a release in a folder; each is held against its digest before it is parsed.

    Attributes
    ----------
    path
        The folder.
    where
        What messages call the release.
    sums
        The digest of each file.
    digest
        The digest of that list.
    """

    def __init__(self, path: Path) -> None:
        """Read `SHA256SUMS`."""
        self.path = path
        self.where = str(path)
        self.sums, self.digest = read_sums(path)

    def read(self, name: str) -> bytes:
        """Return the bytes of the file *name*.

        Raises
        ------
        VerificationFailed
            If it is not the file that was released.
        """
        return read_checked(self.path, name, self.sums)

    def bring_all(self) -> None:
        """See that every file lies in the folder: here they do, or `verify` tells."""


class Source(Protocol):
    """Where a release lies whose files are copied from there."""

    where: str

    def fetch(self, name: str, to: Path) -> None:
        """Write the file *name* of the release to the path *to*.

        Raises
        ------
        NoSuchFile
            If there is no such file.
        StorageFault
            If the place cannot be reached.
        """
        ...


class Copy(Files):
    """The files of a release that lies elsewhere, each fetched when it is first asked for."""

    def __init__(self, source: Source, cache: Path) -> None:
        """Fetch `SHA256SUMS`, and find or make the folder of its digest in the folder *cache*."""
        self._source = source
        self.where = source.where
        with _explained(cache):
            cache.mkdir(parents=True, exist_ok=True)
            draft = _beside(cache / SUMS)
            try:
                source.fetch(SUMS, draft)
                self.sums, self.digest = self._read_sums(draft)
                self.path = cache / self.digest
                self.path.mkdir(exist_ok=True)
                draft.replace(self.path / SUMS)
            finally:
                draft.unlink(missing_ok=True)

    def read(self, name: str) -> bytes:
        """Return the bytes of the file *name*; a copy that is missing or damaged is fetched."""
        if not self._is_sound(name):
            self._bring(name)
        return super().read(name)

    def bring_all(self) -> None:
        """Fetch every file that is not there yet, or is damaged."""
        for name in self.sums:
            if not self._is_sound(name):
                self._bring(name)

    def _is_sound(self, name: str) -> bool:
        path = self.path / name
        return name not in self.sums or (path.is_file() and digest(path) == self.sums[name])

    def _bring(self, name: str) -> None:
        """Fetch the file *name* beside its place, and put it there once its digest is right."""
        path = self.path / name
        with _explained(self.path):
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = _beside(path)
            try:
                self._source.fetch(name, draft)
                if not draft.is_file() or digest(draft) != self.sums[name]:
                    raise self._wrong(f"{name} is not the file that its {SUMS} names")
                draft.replace(path)
            except NoSuchFile:
                raise self._wrong(f"{name} is missing") from None
            finally:
                draft.unlink(missing_ok=True)

    def _read_sums(self, path: Path) -> tuple[dict[str, str], str]:
        if path.stat().st_size > _MAX_SUMS:
            raise self._wrong(f"{SUMS} has more than {_MAX_SUMS:,} bytes")
        data = path.read_bytes()
        try:
            return parse_sums(data.decode("ascii", errors="replace")), sha256(data).hexdigest()
        except VerificationFailed as fault:
            what = str(fault).partition(";")[0].rstrip(".")
            raise self._wrong(f"what it gives as {SUMS} is no list of digests ({what})") from None

    def _wrong(self, what: str) -> VerificationFailed:
        reason = (
            f"{self.where}: {what}; nothing of it was used. Take the release from its publisher."
        )
        return VerificationFailed(reason=reason, faults=[what])


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.{token_hex(4)}")


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    """Say in one sentence what the disk says with a number."""
    try:
        yield
    except OSError as fault:
        why = fault.strerror or str(fault)
        reason = (
            f"{folder} cannot hold what is fetched: {why}. Set REGESTA_CACHE to another folder."
        )
        raise StorageFault(reason=reason) from fault
