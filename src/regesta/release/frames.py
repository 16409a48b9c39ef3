"""The tables of a release for those who do not use pandas: in polars, and in DuckDB.

Each library is woken only by who asks for it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from regesta.errors import UsageError

if TYPE_CHECKING:
    import duckdb
    import polars as pl


def as_polars(table: pa.Table) -> pl.DataFrame:
    """Return *table* as a frame of polars."""
    import polars as pl

    return pl.DataFrame(table)


def in_duckdb(tables: Mapping[str, pa.Table | Path]) -> duckdb.DuckDBPyConnection:
    """Return a database in memory with a view of each of *tables*, or of its Parquet file.

    Raises
    ------
    UsageError
        If DuckDB is not installed.
    """
    try:
        import duckdb
    except ImportError:
        raise UsageError(
            reason="Tables in DuckDB need it: pip install 'regesta[duckdb]'."
        ) from None
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    for name, rows in tables.items():
        if isinstance(rows, Path):
            view = '"' + name.replace('"', '""') + '"'
            connection.execute(f"CREATE VIEW {view} AS FROM read_parquet({file_literal(rows)})")
        else:
            connection.register(name, rows)
    return connection


def file_literal(path: Path) -> str:
    """Return *path* as a literal in SQL that names one file, whatever signs are in it."""
    plain = re.sub(r"([*?\[])", r"[\1]", str(path))
    return "'" + plain.replace("'", "''") + "'"
