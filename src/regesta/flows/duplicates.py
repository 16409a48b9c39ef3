"""Propose pairs that may be one event, and record what somebody decided on them."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from regesta.errors import InvalidInput
from regesta.flows.curating import Signature, decide
from regesta.flows.seeing import seen
from regesta.intake.read import read_table
from regesta.log.receipt import Recorded
from regesta.research.duplicates import PAIR, duplicates
from regesta.schema import failures
from regesta.schema.check import check_header
from regesta.schema.tidy import ROW
from regesta.store.store import Store
from regesta.vocabulary import hint

SAME, DIFFERENT = "same", "different"
COMPARED = ("events", "participants", "actors", "relations")


def proposed(store: Store, *, window: int, least: float) -> pl.DataFrame:
    """Return the pairs of live events of *store* that may be one: the columns of `PAIR`."""
    register = seen(store)
    tables = {name: register.table(name) for name in COMPARED}
    return duplicates(tables, window=window, least=least)


def decide_file(store: Store, path: Path, signature: Signature) -> Recorded:
    """Record the decisions in the file at *path*: a table of pairs with the column `decision`.

    Raises
    ------
    InvalidInput
        If the file is no such table; every failure is told and nothing is recorded.
    Refused
        If a pair is one event already.
    """
    table = read_table(path)
    faults = check_header(
        table.frame.columns, PAIR, ("event_id", "other_id", "decision"), table.source
    )
    found = failures.together([faults, table.unreadable])
    if found.is_empty():
        rows = table.frame.with_columns(table.rows.alias(ROW))
        found = failures.together(_unclear(rows, table.source, store))
    if found.height:
        raise InvalidInput(found)
    decided = rows.select(pl.col("event_id", "other_id", "decision").str.strip_chars()).unique(
        maintain_order=True
    )
    pairs = {
        decision: list(decided.filter(decision=decision).select("event_id", "other_id").iter_rows())
        for decision in (SAME, DIFFERENT)
    }
    return decide(store, pairs[SAME], pairs[DIFFERENT], signature)


def _unclear(rows: pl.DataFrame, file: str, store: Store) -> list[pl.DataFrame]:
    """Return a failure for each decision that is none, and each event that nobody knows."""
    known = set(store.rows("events")["event_id"])
    decided = rows.filter(pl.col("decision").str.strip_chars().fill_null("") != "")
    found = []
    for row in decided.iter_rows(named=True):
        if row["decision"].strip() not in (SAME, DIFFERENT):
            message = f"is no decision; write {SAME} or {DIFFERENT}, or leave it empty"
            found.append(_failure(file, row, "decision", "unknown-code", message))
        for column in ("event_id", "other_id"):
            if (row[column] or "").strip() not in known:
                near = hint(row[column] or "", known)
                message = f"is no event that is there{near}; correct it or empty the decision"
                found.append(_failure(file, row, column, "foreign-key", message))
    return found


def _failure(file: str, row: dict[str, str], column: str, rule: str, message: str) -> pl.DataFrame:
    return failures.failure(
        file=file,
        row=int(row[ROW]),
        column=column,
        rule=rule,
        value=row[column],
        message=message,
    )
