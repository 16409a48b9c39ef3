"""Where datasets and their versions live: names, cards and release folders."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

from regesta.errors import InvalidInput, NoSuchFile, NoSuchName, VerificationFailed
from regesta.places import shelf
from regesta.schema.card import faults, is_name
from regesta.vocabulary import hint

CARD = "dataset.toml"
DESCRIPTOR = "datapackage.json"

_NUMBER = r"(0|[1-9][0-9]{0,8})"
_VERSION = re.compile(rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}(?:-rc\.{_NUMBER})?")
_ROW = re.compile(r"at line ([0-9]+)")

Order = tuple[int, int, int, bool, int]


def version_order(version: str) -> Order | None:
    """Return what a version number sorts by (SemVer), or None if *version* is none.

    Only ``MAJOR.MINOR.PATCH`` and ``MAJOR.MINOR.PATCH-rc.N`` are.

    Examples
    --------
    >>> sorted(["1.10.0", "1.9.0", "1.10.0-rc.2"], key=version_order)
    ['1.9.0', '1.10.0-rc.2', '1.10.0']
    >>> version_order("1.0") is None
    True
    """
    numbers = _VERSION.fullmatch(version)
    if not numbers:
        return None
    major, minor, patch, candidate = numbers.groups()
    return int(major), int(minor), int(patch), candidate is None, int(candidate or 0)


def datasets() -> list[str]:
    """Return the names of the datasets on the shelf."""
    return sorted(card.parent.name for card in shelf().glob(f"*/{CARD}"))


def versions(folder: Path) -> list[str]:
    """Return the versions in a folder of versions, the oldest first."""
    found = [(version_order(path.parent.name), path) for path in folder.glob(f"*/{DESCRIPTOR}")]
    return [path.parent.name for _, path in sorted((order, path) for order, path in found if order)]


def resolve(name_or_path: str | Path, version: str | None = None) -> Path:
    """Return the folder of a release.

    Parameters
    ----------
    name_or_path
        The name of a dataset on the shelf, or the path of a release folder, of a folder of
        versions or of a dataset's folder. A bare name is looked for on the shelf first.
    version
        Which version; the newest that is no pre-release when None.

    Raises
    ------
    NoSuchName
        If there is no such dataset or version.
    VerificationFailed
        If a release folder does not say which version it is.
    """
    place = _place(name_or_path)
    if (place / DESCRIPTOR).is_file():
        return _require_version(place, version)
    folder = place / "releases" if (place / "releases").is_dir() else place
    there = versions(folder)
    final = [name for name in there if "-" not in name]
    if version is None and final:
        return folder / final[-1]
    if version in there:
        return folder / version
    known = f"; there are {', '.join(there)}" if there else "; nothing has been released there"
    wanted = "newest" if version is None else version
    raise NoSuchName(kind=f"release of {name_or_path}", name=wanted, hint=known)


def read_card(folder: Path) -> dict[str, Any]:
    """Return the card of the dataset in *folder*: its `dataset.toml`.

    Raises
    ------
    NoSuchFile
        If the folder has no card.
    InvalidInput
        If the card is not TOML in UTF-8, or says what no card may.
    """
    path = folder / CARD
    if not path.is_file():
        raise NoSuchFile(path=path)
    data = path.read_bytes()
    try:
        card = tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as fault:
        row = data.count(b"\n", 0, fault.start) + 1
        raise _bad_card(path, row, "encoding-error", "is not UTF-8; save it as UTF-8") from None
    except tomllib.TOMLDecodeError as fault:
        found = _ROW.search(str(fault))
        row = int(found[1]) if found else data.count(b"\n") + 1
        raise _bad_card(path, row, "bad-toml", f"is not TOML: {fault}") from None
    except RecursionError:
        raise _bad_card(path, None, "bad-toml", "is nested too deeply; make it flat") from None
    if wrong := "; ".join(faults(card)):
        raise _bad_card(path, None, "bad-card", wrong)
    return card


def _place(name_or_path: str | Path) -> Path:
    """Return the folder that a name or path means; a name never leads off the shelf."""
    written = str(name_or_path)
    if isinstance(name_or_path, str) and is_name(written) and written in datasets():
        return shelf() / written
    # The operating system refuses a NUL with an error of its own.
    if "\0" in written or not written or not Path(written).is_dir():
        raise NoSuchName(kind="dataset or release folder", name=written, hint=_near(written))
    return Path(written)


def _near(name: str) -> str:
    known = datasets()
    return hint(name, known) or (f"; there are {', '.join(known)}" if known else "")


def _require_version(release: Path, version: str | None) -> Path:
    """Return the folder *release*, if it holds that version; unasked, nothing in it is read."""
    if version is None:
        return release
    try:
        found = json.loads((release / DESCRIPTOR).read_bytes())["version"]
    except (ValueError, LookupError, TypeError):
        raise VerificationFailed(reason=f"{release / DESCRIPTOR} names no version.") from None
    if version != found:
        raise NoSuchName(kind="release", name=version, hint=f"; {release} is {found}")
    return release


def _bad_card(path: Path, row: int | None, rule: str, message: str) -> InvalidInput:
    from regesta.schema.failures import failure  # polars stays asleep until a card is wrong

    return InvalidInput(failure(file=str(path), row=row, rule=rule, message=message))
