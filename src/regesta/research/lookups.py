"""Spellings, each read once: a date is EDTF text, and a publisher is a name of an actor."""

from __future__ import annotations

import polars as pl

from regesta.dates import bounds, known_at
from regesta.research.names import Names

FIRST, LAST = "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"
"""Before and after all that a log can date."""

_DATE = {"written": pl.String(), "first": pl.String(), "last": pl.String()}
_NAME = {"name": pl.String(), "named": pl.String()}


def read_dates(texts: pl.Series) -> pl.DataFrame:
    """Return the first and the last moment that each of *texts* may mean, each spelling once.

    Examples
    --------
    >>> read_dates(pl.Series(["2024-02", None, "2024-02"])).rows()
    [('2024-02', '2024-02-01T00:00:00Z', '2024-02-29T23:59:59Z')]
    """
    met = texts.drop_nulls().unique().sort()
    rows = [(text, _first(text), known_at(text)) for text in met]
    return pl.DataFrame(rows, schema=_DATE, orient="row")


def _first(text: str) -> str | None:
    day = bounds(text)[0]
    return None if day is None else f"{day}T00:00:00Z"


def read_names(texts: pl.Series, actors: pl.DataFrame) -> pl.DataFrame:
    """Return the one actor that each of *texts* names, for those that name one."""
    met = texts.drop_nulls().unique()
    known = Names.of(actors if len(met) else actors.clear())
    found = {name: known.find(name) for name in met}
    rows = [(name, next(iter(ids))) for name, ids in found.items() if len(ids) == 1]
    return pl.DataFrame(rows, schema=_NAME, orient="row")
