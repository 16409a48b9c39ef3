"""The words that regesta uses: its code lists, and how a misspelt name finds the right one."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import cache
from itertools import islice
from pathlib import Path
from types import MappingProxyType

from regesta.errors import NoSuchName
from regesta.places import vocabularies

HINTED = 20
"""How many names that nobody knows are told the nearest known one, where many are known: to look
for it takes as long as there are names."""

_QUICKLY_COMPARED = 500
_STEM = 3

Code = Mapping[str, str]


@cache
def list_names() -> list[str]:
    """Return the names of the code lists.

    Examples
    --------
    >>> "event_types" in list_names()
    True
    """
    return sorted(path.stem for path in vocabularies().glob("*.csv") if _is_code_list(path))


def _is_code_list(path: Path) -> bool:
    """Return whether each row of a table is one code: `state_spells` has several for a state."""
    with path.open(encoding="utf-8") as file:
        return file.readline().startswith("code,label,description")


@cache
def code_list(name: str) -> Mapping[str, Code]:
    """Return the code list *name*: its rows by code, in the order of the file.

    Every list has the columns `code`, `label` and `description`; the others are its own.

    Raises
    ------
    NoSuchName
        If there is no such list.

    Examples
    --------
    >>> code_list("actions")["retract"]["code"]
    'retract'
    """
    if name not in list_names():
        raise NoSuchName(kind="code list", name=name, hint=hint(name, list_names()))
    with (vocabularies() / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return MappingProxyType({row["code"]: row for row in csv.DictReader(file)})


def require_code(code: str, name: str, kind: str) -> None:
    """Raise `NoSuchName` unless *code*, which is a *kind* of thing, is in the code list *name*."""
    if code not in code_list(name):
        raise NoSuchName(kind=kind, name=code, hint=hint(code, code_list(name)))


def nearest(name: str, among: Iterable[str]) -> str | None:
    """Return the name *among* others that *name* most likely was meant to be.

    Of many names only those are compared that begin alike, or as many as are quickly compared.

    Examples
    --------
    >>> nearest("event_tpye", ["event_type", "title"])
    'event_type'
    """
    by_fold = {other.casefold(): other for other in among}
    folded = name.casefold()
    near: Iterable[str] = by_fold
    if len(by_fold) > _QUICKLY_COMPARED:
        alike = (other for other in by_fold if other[:_STEM] == folded[:_STEM])
        near = list(islice(alike, _QUICKLY_COMPARED))
    found = get_close_matches(folded, near, n=1, cutoff=0.6)
    return by_fold[found[0]] if found else None


def hint(name: str, among: Iterable[str]) -> str:
    """Return `(did you mean 'x'?)` after a blank where a near name exists, else nothing.

    Examples
    --------
    >>> hint("giv", ["give"])
    " (did you mean 'give'?)"
    """
    found = nearest(name, among)
    return f" (did you mean {found!r}?)" if found else ""
