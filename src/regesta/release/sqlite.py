"""`tables.sqlite`: the tables of a release in one SQLite file, with their keys and references.

The bytes hold nothing of the clock, and of the library only how it lays out pages.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from types import MappingProxyType

import polars as pl

from regesta.errors import StorageFault
from regesta.release.tabular import read_parquet
from regesta.schema.columns import Column, Kind
from regesta.schema.datapackage import foreign_keys
from regesta.schema.tables import PUBLISHED, TableSchema

SQLITE = "tables.sqlite"

_TYPES: Mapping[Kind, str] = MappingProxyType(
    {"text": "TEXT", "json": "TEXT", "integer": "INTEGER", "decimal": "REAL", "day": "TEXT"}
)
_SLICE = 65_536
_VERSION_AT = 96
"""Where the header names the version of the library, which no reader asks for."""


def write_sqlite(tables: Mapping[str, pl.DataFrame], release: Path) -> None:
    """Write *tables*, by name and in their order, to `tables.sqlite` in the folder *release*.

    Raises
    ------
    StorageFault
        If the disk does not take it.
    """
    path = release / SQLITE
    with _explained(), closing(sqlite3.connect(path, isolation_level=None)) as file:
        # The draft of a release is synced as a whole, or thrown away.
        file.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN")
        for name, rows in tables.items():
            file.execute(_ddl(PUBLISHED[name], tables))
            cells = f"INSERT INTO {name} VALUES ({', '.join('?' * rows.width)})"  # noqa: S608 - our own name
            for part in _as_stored(rows).iter_slices(_SLICE):
                file.executemany(cells, part.iter_rows())
        file.execute("COMMIT")
    with path.open("r+b") as header:
        header.seek(_VERSION_AT)
        header.write(bytes(4))


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as fault:
        raise StorageFault(reason=f"{SQLITE} could not be written: {fault}.") from fault


def wrong_sqlite(release: Path) -> Iterator[str]:
    """Yield what `tables.sqlite` of *release*, if it has one, does not say as its Parquet files do.

    Comments do not count: they are words about columns, which change from edition to edition.
    """
    path = release / SQLITE
    if not path.exists():
        return
    try:
        published = {
            name: read_parquet(table, release / f"{name}.parquet")
            for name, table in PUBLISHED.items()
        }
        where = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
        with closing(sqlite3.connect(where, uri=True)) as file:
            file.execute("PRAGMA trusted_schema = OFF")
            yield from _differences(file, published)
    except (OSError, ValueError, sqlite3.Error, pl.exceptions.PolarsError) as fault:
        yield f"{SQLITE} cannot be compared with the tables: {fault}"


def _differences(file: sqlite3.Connection, published: Mapping[str, pl.DataFrame]) -> Iterator[str]:
    made = "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid"
    found = {name: _bare(sql) for name, sql in file.execute(made)}
    if found != {name: _bare(_ddl(PUBLISHED[name], published)) for name in published}:
        yield f"{SQLITE} does not hold the tables of the release and nothing else"
        return
    if file.execute("PRAGMA integrity_check (1)").fetchone() != ("ok",):
        yield f"{SQLITE} is damaged"
        return
    for name, rows in published.items():
        stored = file.execute(f"SELECT * FROM {name} ORDER BY rowid")  # noqa: S608 - our own name
        if not _are_alike(stored, _as_stored(rows)):
            yield f"the table {name} in {SQLITE} is not {name}.parquet"


def _are_alike(stored: sqlite3.Cursor, rows: pl.DataFrame) -> bool:
    """Return whether the rows are *stored*, in their order, each cell with its type."""
    for part in rows.iter_slices(_SLICE):
        found = stored.fetchmany(part.height)
        if found != part.rows() or not all(map(_has_types, found, part.iter_rows())):
            return False
    return stored.fetchone() is None


def _has_types(found: tuple[object, ...], row: tuple[object, ...]) -> bool:
    return all(type(cell) is type(other) for cell, other in zip(found, row, strict=True))


def _as_stored(rows: pl.DataFrame) -> pl.DataFrame:
    """Return *rows* as SQLite keeps them: a day is text, which sorts as days do."""
    return rows.with_columns(pl.col(pl.Date).cast(pl.String))


def _ddl(table: TableSchema, tables: Mapping[str, pl.DataFrame]) -> str:
    """Return what makes *table*, of the columns that it has in *tables*, with what holds there."""
    columns = [table.columns[name] for name in tables[table.name].columns]
    lines = [(_column(column), column.description) for column in columns]
    lines.append((f"PRIMARY KEY ({', '.join(table.key)})", ""))
    for key in foreign_keys(table, tables):
        (column,), to = key["fields"], key["reference"]
        lines.append(
            (f"FOREIGN KEY ({column}) REFERENCES {to['resource']} ({to['fields'][0]})", "")
        )
    ends = [*[","] * (len(lines) - 1), ""]
    spelt = (
        f"  {line}{end}{f' -- {said}' if said else ''}\n"
        for (line, said), end in zip(lines, ends, strict=True)
    )
    return f"CREATE TABLE {table.name} (\n{''.join(spelt)})"


def _column(column: Column) -> str:
    return f"{column.name} {_TYPES[column.kind]}{' NOT NULL' if column.required else ''}"


def _bare(sql: str) -> str:
    """Return a statement without its comments."""
    return re.sub(r" -- [^\n]*", "", sql)
