"""What holds of the descriptors of a release: they say what its card, log and files give."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from regesta.catalog.versions import DESCRIPTOR
from regesta.flows.since import FILE as CHANGES_FILE
from regesta.release.described import Described
from regesta.release.descriptors import ALWAYS, CROISSANT, OPTIONAL, descriptors, edition
from regesta.release.digests import File, files_of, read_sums
from regesta.schema.card import Card
from regesta.schema.tables import PUBLISHED

LASTING = (
    *("name", "title", "description", "created", "licenses", "keywords"),
    *("temporal", "spatial", "homepage", "id", "publisher", "languages"),
)
"""What a Data Package says of a dataset, in whatever words it describes the columns."""


def files_described(release: Path) -> dict[str, File]:
    """Return the files of *release* that its descriptors tell of: all but themselves."""
    sums, _ = read_sums(release)
    files = files_of(release, sums)
    return {name: files[name] for name in files if name not in {**ALWAYS, **OPTIONAL}}


def wrong_descriptors(release: Path, said: Card, derived: Described) -> Iterator[str]:
    """Yield each descriptor of *release* that says something else than what is *derived*.

    Where another edition of regesta wrote them, only what stays the same from one to the next is
    compared: what the card says, files with their digests, and names of columns.
    """
    if any(f"{name}.csv" not in derived.files for name in PUBLISHED):
        return
    also = [name for name in OPTIONAL if (release / name).exists()]
    expected = descriptors(derived, also)
    if said.get("edition") == edition():
        if CHANGES_FILE not in derived.files:
            yield f"{CHANGES_FILE} is missing"
        for name, text in expected.items():
            if (found := _read(release / name)) != text:
                yield f"{name} is not what card, log and files give{_where(found, text)}"
        return
    yield from _wrong_lasting(said, _object(expected[DESCRIPTOR]), release)
    for node in _object(_read(release / CROISSANT)).get("distribution", []):
        file = derived.files.get(str(node.get("@id")), File(0, ""))
        if node.get("sha256") != file.digest:
            yield f"{CROISSANT} has another digest of {node.get('@id')}"


def _wrong_lasting(said: Card, derived: Card, release: Path) -> Iterator[str]:
    for name in LASTING:
        if said.get(name) != derived.get(name):
            yield f"{DESCRIPTOR} has another {name} than the card in the log"
    resources = {each["name"]: each for each in said["resources"]}
    for resource in derived["resources"]:
        name, found = resource["name"], resources.get(resource["name"], {})
        if any(found.get(fact) != resource[fact] for fact in ("path", "bytes", "hash")):
            yield f"{DESCRIPTOR} has another path, size or digest of {name}.csv"
        columns = [field["name"] for field in found.get("schema", {}).get("fields", [])]
        if columns != _header(release / f"{name}.csv"):
            yield f"{DESCRIPTOR} has other columns than {name}.csv"


def _header(path: Path) -> list[str]:
    with path.open(encoding="utf-8", errors="replace") as file:
        return file.readline().rstrip("\n").split(",")


def _read(path: Path) -> str:
    """Return the text of a descriptor, or nothing where there is none."""
    if not path.is_file():
        return ""
    return path.read_bytes().decode(errors="replace")


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _where(found: str, expected: str) -> str:
    """Return in words where the JSON of two descriptors differs first, if they are JSON."""
    there, here = _object(found), _object(expected)
    place = _difference(there, here) if there and here else ()
    return f": see {'/'.join(place)}" if place else ""


def _difference(there: object, here: object) -> tuple[str, ...]:
    """Return the names and numbers that lead to the first difference of two values."""
    match there, here:
        case dict(), dict():
            pairs = [(name, there.get(name), here.get(name)) for name in {**here, **there}]
        case list(), list() if len(there) == len(here):
            pairs = [(str(i), *pair) for i, pair in enumerate(zip(there, here, strict=True))]
        case _:
            return ()
    first = next(((name, a, b) for name, a, b in pairs if a != b), None)
    return () if first is None else (first[0], *_difference(first[1], first[2]))
