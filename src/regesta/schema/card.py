"""What a dataset's card, or the descriptor of its release, says to those who cite or reuse it.

It imports nothing, so that loading a release needs no validation library.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Card = Mapping[str, Any]

LICENSE = "CC-BY-4.0"
"""Licence of a dataset whose card names none, as an SPDX identifier."""


def license_of(card: Card) -> str:
    """Return the licence that a card or a descriptor names, as an SPDX identifier."""
    listed = [each["name"] for each in card.get("licenses", [])]
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
    return [who if isinstance(who, str) else who.get("title") or who["name"] for who in listed]
