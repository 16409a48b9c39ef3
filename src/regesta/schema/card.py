"""What a dataset's card, or the descriptor of its release, says to those who cite or reuse it.

Loading a release needs it, and no validation library: the schema sleeps until a card is read that
states gates.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from regesta.canonical import OutsideProfile, require_profile
from regesta.schema.unseen import first_unseen
from regesta.vocabulary import hint

Card = Mapping[str, Any]

_LISTS = ("keywords", "spatial", "contributors", "licenses", "languages", "sources")
_TEXTS = (
    "name",
    "title",
    "description",
    "license",
    "temporal",
    "publisher",
    "homepage",
    "doi",
)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_SHAPES: Mapping[str, tuple[type, str]] = {
    **dict.fromkeys(_TEXTS, (str, "a text")),
    **dict.fromkeys(_LISTS, (list, "a list")),
    **dict.fromkeys(("details", "gates"), (dict, "a table")),
}

_ALWAYS = ("name", "title", "version", "created")
_DESCRIBED: Mapping[str, tuple[type, str]] = {
    **dict.fromkeys(("version", "created", "knownBy"), (str, "a text")),
    **dict.fromkeys(("resources", "gates"), (list, "a list")),
}
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9:.]+Z)?")

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
    return words(card, "contributors")


def words(card: Card, field: str) -> list[str]:
    """Return the items of a list in a card, each by its name where it is a table."""
    return [_name_of(item) for item in card.get(field) or []]


def license_url(card: Card) -> str:
    """Return where the licence of a card or a descriptor can be read."""
    return f"https://spdx.org/licenses/{license_of(card)}.html"


def roles_of(who: str | Mapping[str, Any]) -> list[str]:
    """Return as what a contributor is named: `role` or `roles` of its table, else `creator`.

    Examples
    --------
    >>> roles_of("Anna Amsel"), roles_of({"title": "Example Institute", "role": "editor"})
    (['creator'], ['editor'])
    """
    said = {} if isinstance(who, str) else who
    return (
        [str(said["role"])]
        if said.get("role")
        else [str(r) for r in said.get("roles", [])] or ["creator"]
    )


def is_person(who: str | Mapping[str, Any]) -> bool:
    """Return whether a contributor's table says `kind = "person"`; others are organisations."""
    return not isinstance(who, str) and who.get("kind") == "person"


def _name_of(item: str | Mapping[str, str]) -> str:
    return item if isinstance(item, str) else item.get("name") or item["title"]


def is_name(text: str) -> bool:
    """Return whether a dataset may be called *text*; such a name leads into no other folder."""
    return _NAME.fullmatch(text) is not None


def faults(card: Card) -> list[str]:
    """Return what is wrong with a card: no name, a strange or misshapen field, a value of no leaf.

    Tables that nobody knows may stand beside the fields, for notes.

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
    wrong += [
        f"{key!r} is no key of a card{hint(key, _SHAPES)}; rename it, or put it under [notes]"
        for key, value in card.items()
        if key not in _SHAPES and not isinstance(value, dict)
    ]
    if not is_name(str(card.get("name", ""))):
        wrong.append("name is no name of a dataset; use letters, digits and . _ -")
    if isinstance(card.get("gates"), dict):
        wrong += _gate_faults(card["gates"])
    try:
        require_profile(card)
    except OutsideProfile as fault:
        wrong.append(str(fault))
        return wrong
    return [*wrong, *_unseen(card, "the card")]


def _gate_faults(stated: Mapping[str, Any]) -> Iterator[str]:
    from regesta.schema.gates import gate_faults

    return gate_faults(stated)


def descriptor_faults(card: Card) -> list[str]:
    """Return what is wrong with the descriptor of a release: what is missing or misshapen.

    Examples
    --------
    >>> descriptor_faults({"name": "../x", "version": "1.0.0", "resources": []})
    ['has no title, created', 'name is no name of a dataset']
    """
    wrong = [
        f"{field} is not {shape}"
        for field, (kind, shape) in {**_SHAPES, **_DESCRIBED}.items()
        if not isinstance(card.get(field) or kind(), kind)
    ]
    if absent := [
        field for field in (*_ALWAYS, "resources") if not isinstance(card.get(field), str | list)
    ]:
        wrong.insert(0, f"has no {', '.join(absent)}")
    if not is_name(str(card.get("name", ""))):
        wrong.append("name is no name of a dataset")
    if wrong:
        return wrong
    wrong += [
        f"{field} is no moment"
        for field in ("created", "knownBy")
        if not _is_moment(card.get(field))
    ]
    wrong += [
        f"{field} holds what is neither a text nor a table with a title"
        for field in _LISTS
        if not all(map(_is_named, card.get(field) or []))
    ]
    return (
        wrong
        if all(map(_is_resource, card["resources"]))
        else [*wrong, "a resource has no name or columns"]
    )


def _is_moment(text: str | None) -> bool:
    return text is None or _MOMENT.fullmatch(text) is not None


def _is_resource(item: object) -> bool:
    """Return whether an item of `resources` has a name and, if any, a schema with named columns."""
    if not isinstance(item, dict) or not isinstance(item.get("name"), str):
        return False
    schema = item.get("schema", {"fields": [], "primaryKey": []})
    if not isinstance(schema, dict):
        return False
    columns, key = schema.get("fields"), schema.get("primaryKey", [])
    if not isinstance(columns, list) or not isinstance(key, list):
        return False
    names = [each.get("name") if isinstance(each, dict) else None for each in columns]
    return all(isinstance(name, str) for name in [*names, *key])


def _unseen(value: object, where: str) -> Iterator[str]:
    """Yield where a text within *value* holds a character that nobody sees."""
    match value:
        case str() if found := first_unseen(value):
            yield f"{where} holds the invisible character U+{ord(found):04X}; type it again"
        case dict():
            for key, item in value.items():
                yield from _unseen(key, f"a key of {where}")
                yield from _unseen(item, key)
        case list():
            for item in value:
                yield from _unseen(item, where)


def _is_named(item: object) -> bool:
    """Return whether an item of a list in a card is a text, or a table that says its name."""
    if isinstance(item, dict):
        said = [item[key] for key in ("title", "name") if item.get(key)]
        return bool(said) and all(isinstance(each, str) for each in said)
    return isinstance(item, str)
