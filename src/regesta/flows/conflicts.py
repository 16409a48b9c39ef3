"""Optimistic concurrency: an input that says what state it was made from loses to newer records."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from regesta.errors import Conflict
from regesta.flows.seeing import position_of
from regesta.log.changes import as_old, changes, whole_rows
from regesta.schema.tables import TABLES
from regesta.store.store import Store

CONFLICT = {
    "table": pl.String(),
    "key": pl.String(),
    "column": pl.String(),
    "theirs": pl.String(),
    "yours": pl.String(),
    "batch": pl.Int64(),
    "author": pl.String(),
    "message": pl.String(),
}
"""A cell that both sides changed; without a column, a row that one of them retracted."""

_WORDS = ("batch", "author", "message")


def require_up_to_date(records: Mapping[str, pl.DataFrame], store: Store, made_from: str) -> None:
    """Refuse *records* that replace what was recorded after the moment *made_from*.

    Raises
    ------
    UsageError
        If *made_from* is no moment of the log.
    Conflict
        If there are such records; both versions are shown.
    """
    position = position_of(store, made_from)
    newer = {
        name: late
        for name, due in records.items()
        if (late := due.filter(pl.col("supersedes") > position)).height
    }
    if newer:
        parts = [_both_versions(name, late, store) for name, late in newer.items()]
        count = sum(late.height for late in newer.values())
        raise Conflict(pl.concat(parts), count=count, position=position)


def _both_versions(name: str, late: pl.DataFrame, store: Store) -> pl.DataFrame:
    table = TABLES[name]
    theirs = store.records_at(name, late["supersedes"].alias("position"))
    batches = store.rows("batches").select(*_WORDS)
    old = theirs.select(
        pl.col("position").alias("supersedes"),
        "batch",
        pl.col("action").alias("their_action"),
        *as_old(table),
    ).join(batches, on="batch", how="left")
    pairs = late.join(old, on="supersedes", maintain_order="left")
    one_gone = (pl.col("action") == "retract") | (pl.col("their_action") == "retract")
    gone = whole_rows(table, pairs.filter(one_gone), _WORDS).with_columns(
        pairs.filter(one_gone).select(
            old=_there("their_action", "changed"), new=_there("action", "as the input has it")
        )
    )
    told = pl.concat([gone, changes(table, pairs.filter(~one_gone), _WORDS)])
    return told.rename({"old": "theirs", "new": "yours"}).select(*CONFLICT)


def _there(action: str, otherwise: str) -> pl.Expr:
    gone = pl.when(pl.col(action) == "retract").then(pl.lit("retracted"))
    return gone.otherwise(pl.lit(otherwise))
