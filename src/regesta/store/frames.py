"""Carry rows between SQL and polars."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
import sqlalchemy as sa

from regesta.errors import VerificationFailed


def fetch(
    connection: sa.Connection, statement: sa.Select[Any], dtypes: Mapping[str, pl.DataType]
) -> pl.DataFrame:
    """Return what *statement* selects, with these dtypes; days come as text and leave as days.

    Raises
    ------
    VerificationFailed
        If the store holds something else where a day, a text or a number should be.
    """
    columns = list(statement.selected_columns.keys())
    rows = [tuple(row) for row in connection.execute(statement)]
    try:
        frame = pl.DataFrame(rows, schema=plain(statement, dtypes), orient="row")
    except (pl.exceptions.PolarsError, TypeError, OverflowError) as wrong:
        what = str(wrong).partition("\n")[0]
        fault = f"the store holds what a column of {', '.join(columns[:3])}, ... cannot ({what})"
        raise VerificationFailed(reason=f"{fault.capitalize()}.", faults=[fault]) from None
    return with_days(frame, dtypes)


def plain(statement: sa.Select[Any], dtypes: Mapping[str, pl.DataType]) -> dict[str, pl.DataType]:
    """Return the dtypes of what *statement* selects as a database has them: days are text."""
    columns = statement.selected_columns.keys()
    return {name: pl.String() if dtypes[name] == pl.Date else dtypes[name] for name in columns}


def with_days(frame: pl.DataFrame, dtypes: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """Return *frame*, as a database has it, with the text of days as days.

    Raises
    ------
    VerificationFailed
        If a text is no day.
    """
    days = [name for name in frame.columns if dtypes[name] == pl.Date]
    return frame.with_columns(_as_days(frame[name]) for name in days)


def _as_days(texts: pl.Series) -> pl.Series:
    days = texts.str.to_date("%Y-%m-%d", strict=False)
    wrong = texts.filter(texts.ne_missing(days.dt.to_string("%Y-%m-%d")))
    if len(wrong):
        fault = f"the store holds {wrong[0]!r} where a day should be ({texts.name})"
        raise VerificationFailed(reason=f"{fault.capitalize()}.", faults=[fault])
    return days


def as_text(frame: pl.DataFrame) -> pl.DataFrame:
    """Return *frame* with days as the text that the store keeps."""
    days = [name for name, dtype in frame.schema.items() if dtype == pl.Date]
    return frame.with_columns(pl.col(days).dt.to_string("%Y-%m-%d")) if days else frame


def insert(connection: sa.Connection, table: sa.Table, frame: pl.DataFrame) -> None:
    """Insert the rows of *frame* in order, in the driver's own call for many."""
    if frame.is_empty():
        return
    plain = as_text(frame)
    columns = [table.c[name] for name in frame.columns]
    statement = table.insert().values({c.name: sa.bindparam(c.name) for c in columns})
    compiled = statement.compile(dialect=connection.dialect)
    if compiled.positional:
        ordered = plain.select(compiled.positiontup or [])
        connection.exec_driver_sql(str(compiled), ordered.rows())
    else:
        connection.exec_driver_sql(str(compiled), plain.to_dicts())
