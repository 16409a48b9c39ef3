"""Rows that turned out to tell one event: an id that gave way resolves for ever.

A merge is a `same_as` relation of an event that is no longer there. Nothing is moved: what names
the event that gave way is read as naming the one that stayed.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

Merged = Mapping[str, str]
"""The event that stayed, by each that gave way."""

IDENTITY = ("same_as", "not_same_as")
"""Relations that tell of rows and not of events: they keep the ids that they were made with."""

_NAMING = ("event_id", "other_id")


def survivors(pairs: Mapping[str, str]) -> dict[str, str]:
    """Return where each chain of *pairs* ends; an id on a circle stays itself.

    Examples
    --------
    >>> survivors({"a": "b", "b": "c"})
    {'a': 'c', 'b': 'c'}
    """
    return {old: end for old in pairs if (end := _end(old, pairs)) != old}


def names_of(event_id: str, merged: Merged) -> list[str]:
    """Return an event that stayed and all that gave way to it.

    Examples
    --------
    >>> names_of("c", {"a": "c", "b": "d"})
    ['c', 'a']
    """
    return [event_id, *(old for old, new in merged.items() if new == event_id)]


def _end(old: str, pairs: Mapping[str, str]) -> str:
    seen = {old}
    here = old
    while (there := pairs.get(here)) is not None:
        if there in seen:
            return old
        seen.add(there)
        here = there
    return here


def resolved(name: str, rows: pl.DataFrame, merged: Merged) -> pl.DataFrame:
    """Return *rows* of the table *name* with each merged event read as the one that stayed.

    Of rows that then have one key the one that named the survivor itself is kept; a relation of
    an event to itself is none.
    """
    from regesta.schema.tables import TABLES  # Pandera stays asleep while ids are resolved

    table = TABLES[name]
    naming = [column for column in _NAMING if column in table.columns]
    if not merged or not naming or name == "events":
        return rows
    told = rows.filter(pl.col("relation").is_in(IDENTITY)) if name == "relations" else rows.clear()
    moving = rows.join(told, on=table.key, how="anti", maintain_order="left")
    own = pl.all_horizontal(~pl.col(column).is_in(list(merged)) for column in naming)
    found = (
        moving.with_columns(own.alias("#own"), pl.col(naming).replace(dict(merged)))
        .sort("#own", descending=True, maintain_order=True)
        .unique(table.key, keep="first", maintain_order=True)
        .drop("#own")
    )
    if name == "relations":
        found = pl.concat([found.filter(pl.col("event_id") != pl.col("other_id")), told])
    return found.sort(table.key)
