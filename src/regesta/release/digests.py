"""`SHA256SUMS`: the digest of every file of a release, written, read and held against the files."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from hashlib import file_digest, sha256
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from regesta.abreast import abreast
from regesta.errors import VerificationFailed

SUMS = "SHA256SUMS"

_SHOWN_FAULTS = 20

_LINE = re.compile(r"([0-9a-f]{64})  ([A-Za-z0-9][A-Za-z0-9._-]*(?:/[A-Za-z0-9][A-Za-z0-9._-]*)*)")


class File(NamedTuple):
    """A file of a release: its bytes and their SHA-256 in hex."""

    size: int
    digest: str


def digest(path: Path) -> str:
    """Return the SHA-256 of the file at *path* in lower-case hex."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def write_sums(release: Path, known: Mapping[str, str] = MappingProxyType({})) -> None:
    """Write the digest of every file beneath the folder *release* but of the list itself.

    Those that are *known* by the name of their file are not computed again.
    """
    files = files_of(release, known)
    lines = [f"{file.digest}  {name}\n" for name, file in files.items()]
    (release / SUMS).write_text("".join(lines), encoding="utf-8", newline="\n")


def files_of(release: Path, known: Mapping[str, str] = MappingProxyType({})) -> dict[str, File]:
    """Return size and digest of every file beneath the folder *release* but of the list, sorted.

    Digests that are *known* by the name of their file are not computed again.
    """
    names = sorted(name for name, _ in _files(release))
    digests = abreast(lambda name: known.get(name) or digest(release / name), names)
    return {
        name: File((release / name).stat().st_size, found)
        for name, found in zip(names, digests, strict=True)
    }


def parse_sums(text: str) -> dict[str, str]:
    r"""Return the digest of each file by its path.

    Raises
    ------
    VerificationFailed
        If a line is no digest and path, or the lines repeat or are out of order.

    Examples
    --------
    >>> parse_sums("0" * 64 + "  events.csv\n")["events.csv"][:4]
    '0000'
    """
    *lines, rest = text.split("\n")
    matches = [_LINE.fullmatch(line) for line in lines]
    wrong = [f"line {row} is malformed" for row, found in enumerate(matches, 1) if not found]
    if rest:
        wrong.append("the last line has no end")
    names = [found[2] for found in matches if found]
    wrong += [f"{name} is listed twice" for name in _repeated(names)]
    if not wrong and names != sorted(names):
        wrong.append("the lines are out of order")
    if wrong:
        raise _failed(SUMS, wrong)
    return {found[2]: found[1] for found in matches if found}


def read_sums(release: Path) -> tuple[dict[str, str], str]:
    """Return the digest of each file of *release*, and the digest of that list.

    Raises
    ------
    VerificationFailed
        If the list is missing, a link, or malformed.
    """
    path = release / SUMS
    if path.is_symlink() or not path.is_file():
        raise _failed(str(release), [f"{SUMS} is missing"])
    data = path.read_bytes()
    return parse_sums(data.decode("ascii", errors="replace")), sha256(data).hexdigest()


def check(release: Path) -> Mapping[str, str]:
    """Return the digest of each file of *release* after comparing all of them.

    Raises
    ------
    VerificationFailed
        If a file is altered, missing, linked or extra; `facts["faults"]` lists all of them.
    """
    listed, _ = read_sums(release)
    there = dict(_files(release))
    faults = [f"{name} is missing" for name in listed if name not in there]

    def fault_of(name: str) -> str | None:
        if name not in listed:
            return f"{name} is not in {SUMS}"
        if not there[name]:
            return f"{name} is a link or no regular file"
        return f"{name} was altered" if digest(release / name) != listed[name] else None

    faults += filter(None, abreast(fault_of, sorted(there)))
    if faults:
        raise _failed(str(release), faults)
    return listed


def read_checked(release: Path, name: str, sums: Mapping[str, str]) -> bytes:
    """Return the bytes of the file *name* of *release*, compared with *sums* before anyone parses.

    Raises
    ------
    VerificationFailed
        If the file is not listed, missing or altered.
    """
    path = release / name
    if name not in sums:
        raise _failed(str(release), [f"{name} is not in {SUMS}"])
    if not path.is_file():
        raise _failed(str(release), [f"{name} is missing"])
    data = path.read_bytes()
    if sha256(data).hexdigest() != sums[name]:
        raise _failed(str(release), [f"{name} was altered"])
    return data


def _files(release: Path) -> Iterator[tuple[str, bool]]:
    """Yield the path of each file beneath *release*, and whether it is a plain one.

    A folder that is a link, or empty, counts as a file that is none.
    """
    for folder, folders, files in os.walk(release):
        odd = [name for name in folders if _is_odd(Path(folder) / name)]
        for name in [*files, *odd]:
            path = Path(folder) / name
            relative = path.relative_to(release).as_posix()
            if relative != SUMS:
                yield relative, path.is_file() and not path.is_symlink()


def _is_odd(folder: Path) -> bool:
    return folder.is_symlink() or not any(folder.iterdir())


def _repeated(names: list[str]) -> list[str]:
    return sorted(name for name, times in Counter(names).items() if times > 1)


def _failed(where: str, faults: list[str]) -> VerificationFailed:
    shown = faults[:_SHOWN_FAULTS]
    if len(faults) > len(shown):
        shown.append(f"and {len(faults) - len(shown):,} more")
    return VerificationFailed(reason=f"{where}: {'; '.join(shown)}.", faults=faults)
