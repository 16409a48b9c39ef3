"""Ask the history of a release in DuckDB, which reads its Parquet files where they lie."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path

import polars as pl
from pyarrow import parquet

from regesta.log.statements import Statement, as_text
from regesta.release.frames import file_literal
from regesta.schema.tables import TABLES


def is_installed() -> bool:
    """Return whether DuckDB is there: `pip install 'regesta[duckdb]'`."""
    return find_spec("duckdb") is not None


def run_over(release: Path) -> Callable[[Statement, Mapping[str, pl.DataType]], pl.DataFrame]:
    """Return what runs a statement over the log tables on the history of *release*.

    Days are text there, as they are in a store.
    """
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    for name, table in TABLES.items():
        path = release / "history" / f"{name}.parquet"
        there = set(parquet.read_schema(path).names)
        days = [c.name for c in table.columns.values() if c.kind == "day" and c.name in there]
        replaced = "".join(f", CAST({day} AS VARCHAR) AS {day}" for day in days)
        # What tables did not have when the release was written is null, which DuckDB types anew.
        replaced += "".join(f", NULL AS {new}" for new in table.columns if new not in there)
        excluded = f" EXCLUDE ({', '.join(days)})" if days else ""
        file = file_literal(path)
        connection.execute(
            f"CREATE VIEW {name}_log AS SELECT *{excluded}{replaced} FROM read_parquet({file})"  # noqa: S608 - our own names
        )

    def run(statement: Statement, dtypes: Mapping[str, pl.DataType]) -> pl.DataFrame:
        found = pl.DataFrame(connection.sql(as_text(statement)).to_arrow_table())
        return found.select(_typed(name, dtypes[name]) for name in found.columns)

    return run


def _typed(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    return column.str.to_date("%Y-%m-%d") if dtype == pl.Date else column.cast(dtype)
