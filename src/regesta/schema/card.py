"""What a dataset's card, or the descriptor of its release, says to those who cite or reuse it.

Loading a release needs it, and no validation library.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from regesta.canonical import OutsideProfile, require_profile

Card = Mapping[str, Any]

_LISTS = ("keywords", "spatial", "contributors", "licenses")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_SHAPES: Mapping[str, tuple[type, str]] = {
    **dict.fromkeys(("name", "title", "description", "license", "temporal"), (str, "a text")),
    **dict.fromkeys(_LISTS, (list, "a list")),
    "details": (dict, "a table"),
}

LICENSE = "CC-BY-4.0"
"""Licence of a dataset whose card names none, as an SPDX identifier."""


def license_of(card: Card) -> str:
    """Return the licence that a card or a descriptor names, as an SPDX identifier."""
    listed = [_name_of(each) for each in card.get("licenses", [])]
    return str(card.get("license") or next(iter(listed), LICENSE))


def contributors(card: Card) -> list[str]:
    """Return the names of those who made a dataset, in the order of its card or descriptor.

    A contributor is a name, or a table with `title` or `name`.

    Examples
    --------
    >>> contributors({"contributors": ["Anna Amsel", {"title": "Example Institute"}]})
    ['Anna Amsel', 'Example Institute']
    """
    listed = card.get("contributors", [])
    return [_name_of(who) for who in listed]


def _name_of(item: str | Mapping[str, str]) -> str:
    return item if isinstance(item, str) else item.get("name") or item["title"]


def is_name(text: str) -> bool:
    """Return whether a dataset may be called *text*; such a name leads into no other folder."""
    return _NAME.fullmatch(text) is not None


def faults(card: Card) -> list[str]:
    """Return what is wrong with a card: no name, a field of the wrong shape, a value of no leaf.

    Examples
    --------
    >>> faults({"name": "b", "title": "B", "contributors": "Anna Amsel"})
    ['contributors is not a list']
    """
    wrong = [
        f"{field} is not {shape}"
        for field, (kind, shape) in _SHAPES.items()
        if not isinstance(card.get(field, kind()), kind)
    ]
    wrong += [
        f"{field} holds what is neither a text nor a table with a title"
        for field in _LISTS
        if isinstance(card.get(field, []), list) and not all(map(_is_named, card.get(field, [])))
    ]
    if not is_name(str(card.get("name", ""))):
        wrong.append("name is no name of a dataset; use letters, digits and . _ -")
    try:
        require_profile(card)
    except OutsideProfile as fault:
        wrong.append(str(fault))
    return wrong


def _is_named(item: object) -> bool:
    """Return whether an item of a list in a card is a text, or a table that says its name."""
    if isinstance(item, dict):
        return isinstance(item.get("title") or item.get("name"), str)
    return isinstance(item, str)
