"""What changed between two states of the same rows, column by column."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from regesta.schema.tables import TableSchema

CHANGE = {
    "table": pl.String(),
    "key": pl.String(),
    "column": pl.String(),
    "old": pl.String(),
    "new": pl.String(),
}


def key_text(table: TableSchema) -> pl.Expr:
    """Return the key of a row as one text: its parts joined by `/`."""
    return pl.concat_str([pl.col(name).cast(pl.String) for name in table.key], separator=" / ")


def changes(table: TableSchema, pairs: pl.DataFrame, words: Sequence[str] = ()) -> pl.DataFrame:
    """Return the columns that differ, one a row: *words* and `CHANGE`, in the order of *pairs*.

    *pairs* has the columns of the table as they are now and, as `old_` and the column's name, as
    they were; *words* names columns of it that each line keeps.
    """
    indexed = pairs.with_row_index("#index")
    found = [
        indexed.filter(pl.col(f"old_{name}").ne_missing(pl.col(name))).select(
            "#index",
            *words,
            table=pl.lit(table.name),
            key=key_text(table),
            column=pl.lit(name),
            old=pl.col(f"old_{name}").cast(pl.String),
            new=pl.col(name).cast(pl.String),
        )
        for name in table.columns
        if name not in table.key
    ]
    return pl.concat(found).sort("#index", maintain_order=True).select(*words, *CHANGE)


def whole_rows(table: TableSchema, records: pl.DataFrame, words: Sequence[str]) -> pl.DataFrame:
    """Return one line a record that concerns its row as a whole: *words* and `CHANGE`."""
    nothing = pl.lit(None, pl.String)
    return records.select(
        *words,
        table=pl.lit(table.name),
        key=key_text(table),
        column=nothing,
        old=nothing,
        new=nothing,
    )


def as_old(table: TableSchema) -> list[pl.Expr]:
    """Return the columns of *table* under the names that `changes` looks for old values by."""
    return [pl.col(name).alias(f"old_{name}") for name in table.columns]
