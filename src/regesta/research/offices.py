"""Actors through time: the office that somebody held on a day, and whether a state existed."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from types import MappingProxyType

import polars as pl

from regesta.dates import bounds
from regesta.places import vocabularies

_BEGINNING, _END = date.min, date.max

Span = tuple[date | None, date | None]


def held_on(offices: pl.DataFrame, actor_id: str, span: Span) -> str | None:
    """Return the offices that *actor_id* held on a day of *span*, the newest first.

    An office whose beginning or end is not known counts as held on that side for ever.
    """
    mine = offices.filter(pl.col("actor_id") == actor_id)
    held = [
        (bounds(held_from)[0] or _BEGINNING, office)
        for office, held_from, held_until in mine.select(
            "office", "held_from", "held_until"
        ).iter_rows()
        if _overlap((bounds(held_from)[0], bounds(held_until)[1] if held_until else None), span)
    ]
    return "; ".join(office for _, office in sorted(held, reverse=True)) or None


def existed(country: str, span: Span) -> bool:
    """Return whether the state *country* was one on a day of *span*, as far as lists of states say.

    Examples
    --------
    >>> existed("SUN", (date(1985, 1, 1), date(1985, 1, 1)))
    True
    >>> existed("SUN", (date(2024, 1, 1), date(2024, 1, 1)))
    False
    """
    spells = state_spells().get(country)
    return spells is None or any(_overlap(spell, span) for spell in spells)


@cache
def state_spells() -> Mapping[str, Sequence[Span]]:
    """Return when each state has been a member of the system of states, by ISO 3166 alpha-3.

    The source is `state_spells.csv` among the vocabularies: Correlates of War and Gleditsch-Ward.
    """
    found: dict[str, list[Span]] = {}
    with (vocabularies() / "state_spells.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            spell = tuple(
                date.fromisoformat(row[end]) if row[end] else None
                for end in ("valid_from", "valid_until")
            )
            found.setdefault(row["code"], []).append((spell[0], spell[1]))
    return MappingProxyType(found)


def _overlap(one: Span, other: Span) -> bool:
    begins = max(one[0] or _BEGINNING, other[0] or _BEGINNING)
    return begins <= min(one[1] or _END, other[1] or _END)
