"""Failures of an input: where, what, and the way out, one a row."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

FAILURES = {
    "file": pl.String(),
    "row": pl.Int64(),
    "table": pl.String(),
    "column": pl.String(),
    "rule": pl.String(),
    "value": pl.String(),
    "message": pl.String(),
}
"""Columns of a frame of failures; `row` counts as a spreadsheet does, the header being row 1."""


def none() -> pl.DataFrame:
    """Return a frame of failures that holds none."""
    return pl.DataFrame(schema=FAILURES)


def failure(
    *,
    file: str,
    rule: str,
    message: str,
    row: int | None = None,
    table: str | None = None,
    column: str | None = None,
    value: str | None = None,
) -> pl.DataFrame:
    """Return a frame of one failure; without *row* it is one of the file as a whole."""
    facts = (file, row, table, column, rule, value, message)
    return pl.DataFrame([facts], schema=FAILURES, orient="row")


def together(frames: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Return all failures of *frames* in the order of file, row and column."""
    found = pl.concat([none(), *frames])
    return found.sort("file", "row", "column", nulls_last=False, maintain_order=True)
