"""What SQL cannot read for itself, read once and handed to it as small tables.

A date is EDTF text, a publisher is a name: both are looked up once for each spelling, so that one
statement serves every database.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl
import sqlalchemy as sa

from regesta.dates import bounds, known_at
from regesta.research.names import Names

FIRST, LAST = "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"
"""Before and after all that a log can date."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookups:
    """The spellings that a statement meets, and what each means.

    `dates` gives first day and last moment of an EDTF text, `names` the actor that a publisher or
    an organisation is, `merged` the event that stayed for one that was merged into it.
    """

    dates: Mapping[str, tuple[str | None, str | None]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    merged: Mapping[str, str] = field(default_factory=dict)


def read_dates(texts: Iterable[str]) -> dict[str, tuple[str | None, str | None]]:
    """Return the first and the last moment that each of *texts* may mean.

    Examples
    --------
    >>> read_dates(["2024-02"])
    {'2024-02': ('2024-02-01T00:00:00Z', '2024-02-29T23:59:59Z')}
    """
    return {text: (_first(text), known_at(text)) for text in texts}


def _first(text: str) -> str | None:
    day = bounds(text)[0]
    return None if day is None else f"{day}T00:00:00Z"


def read_names(names: Iterable[str], actors: pl.DataFrame) -> dict[str, str]:
    """Return the one actor that each of *names* is, for those that are one."""
    known = Names.of(actors)
    found = {name: known.find(name) for name in names}
    return {name: next(iter(ids)) for name, ids in found.items() if len(ids) == 1}


def listed(name: str, columns: Sequence[str], rows: Iterable[Sequence[str | None]]) -> sa.CTE:
    """Return a table of text that stands in the statement itself."""
    named = [sa.column(column, sa.Text()) for column in columns]
    data: list[tuple[Any, ...]] = [tuple(row) for row in rows]
    if not data:  # VALUES needs a row; this one is never met
        nothing = sa.select(*(sa.literal(None, sa.Text()).label(column) for column in columns))
        return nothing.where(sa.false()).cte(name)
    bare = sa.values(*named, name=f"{name}_given", literal_binds=True).data(data).cte(f"{name}_raw")
    # Without a type of its own, SQLite builds no index over it and reads it whole for every row.
    typed = (sa.cast(bare.c[column], sa.Text()).label(column) for column in columns)
    return sa.select(*typed).cte(name)
