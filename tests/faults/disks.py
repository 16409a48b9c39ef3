"""Small disks of our own, which can be filled, emptied and made read-only."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PAGE = 4096
"""What a disk in memory is filled by."""


class Disk:
    """A small disk in memory, mounted at a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filler = folder / "filler"

    def fill(self, *, leaving: int) -> None:
        """Fill the disk but for so many bytes."""
        self.empty()
        there = os.statvfs(self.folder)
        room = there.f_bavail * there.f_frsize - leaving
        with self._filler.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, max(PAGE, room // PAGE * PAGE))

    def empty(self) -> None:
        """Take away what the disk was filled with."""
        self._filler.unlink(missing_ok=True)

    @contextmanager
    def read_only(self) -> Iterator[None]:
        """Have nobody write to the disk, root included."""
        _mount("-o", "remount,ro", self.folder)
        try:
            yield
        finally:
            _mount("-o", "remount,rw", self.folder)


def _mount(*words: object) -> None:
    done = subprocess.run(["mount", *map(str, words)], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"a disk cannot be mounted here: {done.stderr.strip()}")


@contextmanager
def mounted(folder: Path, megabytes: int = 16) -> Iterator[Disk]:
    """Yield a new disk that is mounted at *folder*; skip where that is not permitted."""
    folder.mkdir()
    try:
        _mount("-t", "tmpfs", "-o", f"size={megabytes}m", "regesta-tests", folder)
    except FileNotFoundError:
        pytest.skip("a disk cannot be mounted here: there is no mount")
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
