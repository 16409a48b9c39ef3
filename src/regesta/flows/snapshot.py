"""Say that a file is the whole of a scope: live rows of the scope that it lacks are gone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from regesta.errors import UsageError
from regesta.schema.tables import IMPORTED
from regesta.vocabulary import hint

ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Which live rows a snapshot stands for: of one table or of all that the input brings."""

    table: str | None = None
    where: Mapping[str, str]

    def covers(self, table: str) -> bool:
        """Return whether rows of *table* can be in the scope."""
        return self.table in (None, table)

    def whole(self, table: str) -> bool:
        """Return whether every row of *table* is in the scope."""
        return self.covers(table) and not self.where

    def of(self, live: pl.DataFrame) -> pl.DataFrame:
        """Return the rows of *live* that are in the scope."""
        return live.filter(*(pl.col(name).cast(pl.String) == text for name, text in self.where.items()))


def parse_scope(text: str) -> Scope:
    """Return the scope that *text* names: `all`, or `table=events, code_scheme=cameo-1.1b3`.

    Raises
    ------
    UsageError
        If it names no table, or a column that the table lacks.

    Examples
    --------
    >>> parse_scope("table=events, country=PRK").where
    {'country': 'PRK'}
    """
    if text.strip() == ALL:
        return Scope(where={})
    pairs = dict(part.split("=", 1) for part in text.split(",") if "=" in part)
    where = {name.strip(): value.strip() for name, value in pairs.items()}
    table = where.pop("table", None)
    if table is None or table not in IMPORTED or len(pairs) != len(text.split(",")):
        raise UsageError(
            reason=f"{text!r} is no scope; write 'all', or 'table=events, country=PRK'."
        )
    for name in where:
        if name not in IMPORTED[table].columns:
            raise UsageError(
                reason=f"{table} has no column {name!r}{hint(name, IMPORTED[table].columns)}."
            )
    return Scope(table=table, where=where)
