"""The tables by name, each with its key and columns as its Pandera model describes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

import polars as pl

from regesta.errors import NoSuchName
from regesta.schema import models
from regesta.schema.columns import POLARS, Column, read_column
from regesta.vocabulary import hint


@dataclass(frozen=True)
class TableSchema:
    """One table as its model describes it."""

    name: str
    model: type[models.Table]

    @cached_property
    def columns(self) -> Mapping[str, Column]:
        """Return the columns by name, in order."""
        described = self.model.to_schema().columns
        return {name: read_column(name, column) for name, column in described.items()}

    @cached_property
    def key(self) -> list[str]:
        """Return the names of the columns that name a row."""
        return list(self.model.to_schema().unique)

    @property
    def description(self) -> str:
        """Return what a row of the table is, in one sentence."""
        return (self.model.__doc__ or "").partition("\n")[0]

    @property
    def references(self) -> Mapping[str, str]:
        """Return the table that each referring column names a row of."""
        named = {name: column.references for name, column in self.columns.items()}
        return {name: table for name, table in named.items() if table}

    @property
    def dtypes(self) -> dict[str, pl.DataType]:
        """Return the dtype of each column in flight."""
        return {name: POLARS[column.kind] for name, column in self.columns.items()}

    def empty(self) -> pl.DataFrame:
        """Return the table with no row."""
        return pl.DataFrame(schema=self.dtypes)


_MODELS = (
    models.Batches,
    models.Actors,
    models.Offices,
    models.Sources,
    models.Events,
    models.Participants,
    models.Evidence,
    models.Relations,
    models.Coverage,
)

TABLES: Mapping[str, TableSchema] = MappingProxyType(
    {model.__name__.lower(): TableSchema(model.__name__.lower(), model) for model in _MODELS}
)
"""The nine tables of the log, in the order in which a batch records them."""

IMPORTED: Mapping[str, TableSchema] = MappingProxyType(
    {name: table for name, table in TABLES.items() if name != "batches"}
)
"""The tables that people fill in; batches are written by the store itself."""

TIMELINE = TableSchema("timeline", models.Timeline)

PUBLISHED: Mapping[str, TableSchema] = MappingProxyType({**TABLES, "timeline": TIMELINE})
"""The tables of a release."""


CHANGES = TableSchema("changes", models.Changes)
"""What changed between two states: no table of the register, and no table of a release."""


def table(name: str) -> TableSchema:
    """Return the table called *name*.

    Raises
    ------
    NoSuchName
        If there is none.

    Examples
    --------
    >>> table("participants").key
    ['event_id', 'actor_id', 'role']
    """
    if name not in PUBLISHED:
        raise NoSuchName(kind="table", name=name, hint=hint(name, PUBLISHED))
    return PUBLISHED[name]
