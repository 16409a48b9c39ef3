"""The fastest safe way to bring many rows into each database.

SQLite: a columnar driver stages the rows in a private file, at full speed and before any lock is
taken, and one statement takes them from there into the log. The driver never opens the store
itself: it carries an SQLite of its own, and two of those in one process, on one file, lose each
other's locks. PostgreSQL: COPY.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import sqlalchemy as sa
from adbc_driver_manager import Error
from adbc_driver_sqlite import dbapi
from sqlalchemy.exc import DBAPIError

from regesta.errors import StorageFault
from regesta.store.engine import in_memory
from regesta.store.frames import as_text, insert

Insert = Callable[[sa.Connection, sa.Table, pl.DataFrame], None]
"""Brings the rows of a frame into a table, in order, inside the connection's transaction."""

_PREFIX = "regesta-"
_SETTINGS = (
    "PRAGMA journal_mode = OFF",  # whoever reads the file does so when it is whole
    "PRAGMA synchronous = OFF",
)


@contextmanager
def inserting(engine: sa.Engine, frames: Mapping[str, pl.DataFrame]) -> Iterator[Insert]:
    """Yield what inserts *frames*, by the name of the table each is for; to be called before BEGIN.

    A database in memory, which nobody else waits for, takes them row by row.

    Raises
    ------
    StorageFault
        If no rows can be staged.
    """
    if engine.dialect.name == "postgresql":
        yield _copy
        return
    if in_memory(engine.url):
        yield insert
        return
    with TemporaryDirectory(prefix=_PREFIX) as folder:
        path = Path(folder) / "staged.db"
        try:
            _stage(path, frames)
        except (Error, OSError) as fault:
            what = str(fault).partition("\n")[0]
            raise StorageFault(reason=f"No rows could be staged in {folder}: {what}.") from fault
        yield partial(_insert_staged, path)


def _stage(path: Path, frames: Mapping[str, pl.DataFrame]) -> None:
    """Write each of *frames* as a table into the new SQLite file *path*."""
    with dbapi.connect(str(path), autocommit=True) as connection, connection.cursor() as cursor:
        for setting in _SETTINGS:
            cursor.execute(setting)
        cursor.fetchall()
        for name, frame in frames.items():
            cursor.adbc_ingest(name, as_text(frame).to_arrow(), mode="create")


def _insert_staged(
    path: Path, connection: sa.Connection, table: sa.Table, frame: pl.DataFrame
) -> None:
    schema = f"staged_{path.parent.name.removeprefix(_PREFIX)}"  # no file is attached in its place
    attached = connection.exec_driver_sql("PRAGMA database_list").all()
    if schema not in [name for _, name, _ in attached]:
        connection.exec_driver_sql(f"ATTACH ? AS {schema}", (str(path),))
    staged = sa.table(table.name, *map(sa.column, frame.columns), schema=schema)
    columns = [staged.c[name] for name in frame.columns]
    connection.execute(table.insert().from_select(frame.columns, sa.select(*columns)))


def _copy(connection: sa.Connection, table: sa.Table, frame: pl.DataFrame) -> None:
    """Have PostgreSQL read the rows as CSV: bytes are hex there, null is nothing in no quotes."""
    binary = [name for name, dtype in frame.schema.items() if dtype == pl.Binary]
    plain = as_text(frame).with_columns(
        pl.concat_str(pl.lit(r"\x"), pl.col(name).bin.encode("hex")).alias(name) for name in binary
    )
    quote = connection.dialect.identifier_preparer.quote
    columns = ", ".join(map(quote, plain.columns))
    statement = f"COPY {quote(table.name)} ({columns}) FROM STDIN (FORMAT csv)"
    driver = connection.dialect.loaded_dbapi
    try:
        with closing(connection.connection.cursor()) as cursor, cursor.copy(statement) as copy:
            for part in plain.iter_slices(_SLICE):
                copy.write(part.write_csv(include_header=False, quote_style="non_numeric").encode())
    except driver.Error as fault:  # as SQLAlchemy tells what it runs itself
        raise DBAPIError.instance(statement, None, fault, driver.Error) from fault


_SLICE = 50_000
"""Rows that are spelt as CSV at once."""
