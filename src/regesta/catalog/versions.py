"""Where datasets and their versions live: names, cards and release folders."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

from regesta.errors import InvalidInput, NoSuchFile, NoSuchName, VerificationFailed
from regesta.places import shelf
from regesta.schema.card import descriptor_faults, faults, is_name
from regesta.vocabulary import hint

CARD = "dataset.toml"
DESCRIPTOR = "datapackage.json"
LOG = "log.jsonl"
CHECKPOINT = "checkpoint"
SIGNER = "checkpoint.pub"
"""Files of a release: what it is, the canonical leaves, their checkpoint, and who signed that."""

LATEST = "latest"
"""What is written for the newest version that is not provisional."""

_MAX_DESCRIPTOR = 2**24
_MAX_CARD = 2**20
_MAX_PARTS = 64
"""Names in one dotted key: the TOML library takes the square of them in time and memory."""

_TOO_DEEP = "is nested too deeply; make it flat"
_KEY_PART = r"""(?:[A-Za-z0-9_-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+"""
_LONG_KEY = re.compile(rf"(?<![A-Za-z0-9_-])(?:{_KEY_PART}){{{_MAX_PARTS}}}")

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


def is_stable(version: str) -> bool:
    """Return whether *version* is no provisional one, which ``latest`` never means.

    Examples
    --------
    >>> is_stable("1.2.0"), is_stable("1.2.0-rc.1")
    (True, False)
    """
    return "-" not in version


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
        versions or of a dataset's folder. A bare name is looked for on the shelf first. Either may
        end with ``/latest``.
    version
        Which version; ``latest``, or None, is the newest that is not provisional.

    Raises
    ------
    NoSuchName
        If there is no such dataset or version.
    VerificationFailed
        If a release folder does not say which version it is.
    """
    if version is None and _ends_with_latest(name_or_path):
        return resolve(str(name_or_path)[: -len(LATEST) - 1], LATEST)
    place = _place(name_or_path)
    version = None if version == LATEST else version
    if (place / DESCRIPTOR).is_file():
        return _require_version(place, version)
    folder = place / "releases" if (place / "releases").is_dir() else place
    there = versions(folder)
    final = list(filter(is_stable, there))
    if version is None and final:
        return folder / final[-1]
    if version in there:
        return folder / version
    known = f"; there are {', '.join(there)}" if there else "; nothing has been released there"
    wanted = "newest" if version is None else version
    raise NoSuchName(kind=f"release of {name_or_path}", name=wanted, hint=known)


def _ends_with_latest(name_or_path: str | Path) -> bool:
    """Return whether the newest version is asked for within the path, and no folder is so called.

    A NUL is in no path; the operating system refuses it with an error of its own.
    """
    written = str(name_or_path)
    return written.endswith(f"/{LATEST}") and "\0" not in written and not Path(written).is_dir()


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
    if path.stat().st_size > _MAX_CARD:
        raise _bad_card(path, None, "bad-card", f"has more than {_MAX_CARD:,} bytes; shorten it")
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
        if _LONG_KEY.search(text):
            raise _bad_card(path, None, "bad-toml", _TOO_DEEP)
        card = tomllib.loads(text)
    except UnicodeDecodeError as fault:
        row = data.count(b"\n", 0, fault.start) + 1
        raise _bad_card(path, row, "encoding-error", "is not UTF-8; save it as UTF-8") from None
    except tomllib.TOMLDecodeError as fault:
        found = _ROW.search(str(fault))
        row = int(found[1]) if found else data.count(b"\n") + 1
        raise _bad_card(path, row, "bad-toml", f"is not TOML: {fault}") from None
    except RecursionError:
        raise _bad_card(path, None, "bad-toml", _TOO_DEEP) from None
    except ValueError:  # a number of more digits than Python reads
        what = "holds a number beyond 2^53-1; write it in quotes"
        raise _bad_card(path, None, "bad-toml", what) from None
    if wrong := "; ".join(faults(card)):
        raise _bad_card(path, None, "bad-card", wrong)
    return card


def read_descriptor(data: bytes, where: str | Path) -> dict[str, Any]:
    """Return what the descriptor of a release says: *data* is its text, *where* its release.

    Raises
    ------
    VerificationFailed
        If it is no JSON object, or does not say what every descriptor says.
    """
    card = _object(data)
    wrong = ["is no object of JSON"] if card is None else descriptor_faults(card)
    if card is None or wrong:
        reason = f"{where}: {DESCRIPTOR} {'; '.join(wrong)}."
        raise VerificationFailed(reason=reason, faults=wrong)
    return card


def _object(data: bytes) -> dict[str, Any] | None:
    """Return the JSON object that *data* is, or None where it is none that has bytes again."""
    if len(data) > _MAX_DESCRIPTOR:
        return None
    try:
        found = json.loads(data)
        json.dumps(found, ensure_ascii=False).encode()  # half a surrogate pair has no bytes
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


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
    found = (_object((release / DESCRIPTOR).read_bytes()) or {}).get("version")
    if not isinstance(found, str):
        raise VerificationFailed(reason=f"{release / DESCRIPTOR} names no version.")
    if version != found:
        raise NoSuchName(kind="release", name=version, hint=f"; {release} is {found}")
    return release


def _bad_card(path: Path, row: int | None, rule: str, message: str) -> InvalidInput:
    from regesta.schema.failures import failure  # polars stays asleep until a card is wrong

    return InvalidInput(failure(file=str(path), row=row, rule=rule, message=message))
