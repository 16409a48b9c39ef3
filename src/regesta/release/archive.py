"""A release in a zip: its files are taken out one by one, by their names in `SHA256SUMS`.

No name that the zip gives is ever a path on the disk.
"""

from __future__ import annotations

import weakref
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfileobj
from typing import IO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from regesta.errors import NoSuchFile, UsageError, VerificationFailed
from regesta.limits import is_bomb
from regesta.release.digests import SUMS

_IS_ENCRYPTED = 0x1


class Archive:
    """A zip that holds one release, in a folder of its own or not."""

    def __init__(self, file: IO[bytes], where: str) -> None:
        """Open *file*, which is called *where* and closed with the archive.

        Raises
        ------
        UsageError
            If it is no zip, or holds no release or several.
        VerificationFailed
            If it unpacks to far more than its size tells, or in a way of which that is not known.
        """
        weakref.finalize(self, file.close)
        self.where = where
        try:
            self._zip = ZipFile(file)
        except BadZipFile:
            reason = f"{where} is no zip, or was cut short; fetch it again."
            raise UsageError(reason=reason) from None
        self._folder = self._found()
        self._require_sound(file.seek(0, 2))

    def fetch(self, name: str, to: Path) -> None:
        """Write the file *name* of the release to the path *to*."""
        try:
            info = self._zip.getinfo(self._folder + name)
        except KeyError:
            raise NoSuchFile(path=f"{self.where}: {self._folder}{name}") from None
        with self._explained(name), self._zip.open(info) as packed, to.open("wb") as file:
            copyfileobj(packed, file)

    def _found(self) -> str:
        """Return the folder of the release within the zip, with its slash, or nothing."""
        found = [name.removesuffix(SUMS) for name in self._zip.namelist() if _is_sums(name)]
        if len(found) == 1:
            return found[0]
        reason = f"{self.where} holds no release: no file in it is called {SUMS}."
        if found:
            reason = f"{self.where} holds {len(found)} releases; unpack it and load one of them."
        raise UsageError(reason=reason)

    def _require_sound(self, size: int) -> None:
        files = [each for each in self._zip.infolist() if each.filename.startswith(self._folder)]
        wrong = next(filter(None, map(_fault_of, files)), None)
        unpacked = sum(each.file_size for each in files)
        if is_bomb(size, unpacked):
            wrong = f"unpacks to {unpacked:,} bytes, far more than its size tells"
        if wrong:
            reason = f"{self.where} {wrong}; nothing was unpacked."
            raise VerificationFailed(reason=reason, faults=[wrong])

    @contextmanager
    def _explained(self, name: str) -> Iterator[None]:
        try:
            yield
        except (BadZipFile, EOFError, zlib.error, NotImplementedError, RuntimeError) as fault:
            reason = f"{self.where}: {name} is damaged ({fault}); fetch the zip again."
            raise VerificationFailed(reason=reason, faults=[f"{name} is damaged"]) from None


def _is_sums(name: str) -> bool:
    return name == SUMS or name.endswith(f"/{SUMS}")


def _fault_of(info: ZipInfo) -> str | None:
    """Return what is wrong with how a file is packed; how far others unpack cannot be bounded."""
    if info.flag_bits & _IS_ENCRYPTED:
        return f"holds {info.filename!r} under a password; unpack it and load the folder"
    if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        return f"packs {info.filename!r} otherwise than by deflate; unpack it and load the folder"
    return None
