"""The fastest safe way to bring many rows into each database.

SQLite: a columnar driver stages the rows in a private file, at full speed and before any lock is
taken, and one statement takes them from there into the log. The driver never opens the store
itself: it carries an SQLite of its own, and two of those in one process, on one file, lose each
other's locks. PostgreSQL: COPY.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, nullcontext
from functools import partial
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import sqlalchemy as sa
from adbc_driver_manager import Error
from adbc_driver_sqlite import dbapi
from sqlalchemy.exc import DBAPIError

from regesta.abreast import WORKERS, abreast
from regesta.errors import StorageFault
from regesta.store.engine import in_memory
from regesta.store.frames import as_text, insert
from regesta.vectors import SLICE

Insert = Callable[[sa.Connection, sa.Table, pl.DataFrame], None]
"""Brings the rows of a frame into a table, in order, inside the connection's transaction."""

_PREFIX = "regesta-"
_FILES = WORKERS
"""Into how many files many rows are staged, all at once."""

_MOST = 10
"""How many files SQLite attaches to one connection."""

_WANTED = "wanted"

_MANY = 10_000
"""Rows from which on it pays to stage them in several files, and to set indexes aside."""

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
    plain = {name: as_text(frame) for name, frame in frames.items()}
    same = {name: _same_in_all(frame) for name, frame in plain.items()}
    varying = {name: frame.drop(same[name]) for name, frame in plain.items()}
    with _staged(varying, _FILES if _rows(frames) > _MANY else 1) as paths:
        yield partial(_insert_staged, paths, same)


@contextmanager
def looked_for(
    connection: sa.Connection, columns: Mapping[str, sa.Column[Any]], rows: pl.DataFrame
) -> Iterator[sa.FromClause]:
    """Yield a table of *rows*, typed like *columns*, for this connection alone: to join with."""
    typed = [sa.Column(name, like.type) for name, like in columns.items()]
    wanted = rows.select(*columns).sort(*columns)  # as the index has them: no page is read twice
    if wanted.height > _MANY and _has_room(connection):
        with _staged({_WANTED: as_text(wanted)}, 1) as [path]:
            _attach(connection, path)
            yield sa.table(_WANTED, *map(sa.column, columns), schema=path.stem)
        return
    staged = sa.Table(_WANTED, sa.MetaData(), *typed, prefixes=["TEMPORARY"])
    staged.create(connection, checkfirst=False)
    (_copy if connection.dialect.name == "postgresql" else insert)(connection, staged, wanted)
    yield staged
    staged.drop(connection, checkfirst=False)  # a fault takes it away with its transaction


@contextmanager
def _staged(frames: Mapping[str, pl.DataFrame], count: int) -> Iterator[list[Path]]:
    """Yield *count* new SQLite files of *frames*, which follow one another."""
    with TemporaryDirectory(prefix=_PREFIX) as folder:
        name = Path(folder).name.removeprefix(_PREFIX)  # no file is attached in another's place
        paths = [Path(folder) / f"staged_{name}_{number}.db" for number in range(count)]
        try:
            with ThreadPoolExecutor(count) as pool:
                list(pool.map(_stage, paths, _parts(frames, count)))
        except (Error, OSError) as fault:
            what = str(fault).partition("\n")[0]
            raise StorageFault(reason=f"No rows could be staged in {folder}: {what}.") from fault
        yield paths


def _same_in_all(frame: pl.DataFrame) -> dict[str, object]:
    """Return the cell of each column that says the same in all of many rows."""
    if frame.height <= _MANY:
        return {}
    return {cells.name: cells[0] for cells in frame if cells.eq_missing(cells[0]).all()}


def _rows(frames: Mapping[str, pl.DataFrame]) -> int:
    return sum(frame.height for frame in frames.values())


def _parts(frames: Mapping[str, pl.DataFrame], count: int) -> list[dict[str, pl.DataFrame]]:
    """Return all *frames* in *count* parts that follow one another."""
    return [
        {
            name: frame[frame.height * part // count : frame.height * (part + 1) // count]
            for name, frame in frames.items()
        }
        for part in range(count)
    ]


def _stage(path: Path, frames: Mapping[str, pl.DataFrame]) -> None:
    """Write each of *frames* as a table into the new SQLite file *path*."""
    with dbapi.connect(str(path), autocommit=True) as connection, connection.cursor() as cursor:
        for setting in _SETTINGS:
            cursor.execute(setting)
        cursor.fetchall()
        for name, frame in frames.items():
            cursor.adbc_ingest(name, frame.to_arrow(), mode="create")


def _insert_staged(
    paths: Sequence[Path],
    same: Mapping[str, Mapping[str, object]],
    connection: sa.Connection,
    table: sa.Table,
    frame: pl.DataFrame,
) -> None:
    cells = {name: sa.literal(cell, table.c[name].type) for name, cell in same[table.name].items()}
    with _set_aside(connection, table) if frame.height > _MANY else nullcontext():
        for path in paths:
            _attach(connection, path)
            staged = sa.table(table.name, *map(sa.column, frame.columns), schema=path.stem)
            columns = [cells.get(name, staged.c[name]) for name in frame.columns]
            connection.execute(table.insert().from_select(frame.columns, sa.select(*columns)))


def _attach(connection: sa.Connection, path: Path) -> None:
    """Attach the file *path* under its name, once."""
    if path.stem not in _attached(connection):
        connection.exec_driver_sql(f"ATTACH ? AS {path.stem}", (str(path),))


def _attached(connection: sa.Connection) -> list[str]:
    return [name for _, name, _ in connection.exec_driver_sql("PRAGMA database_list")]


def _has_room(connection: sa.Connection) -> bool:
    """Return whether a file can be attached, and those of an append after it."""
    if connection.dialect.name != "sqlite" or in_memory(connection.engine.url):
        return False
    return len(_attached(connection)) + _FILES < _MOST


@contextmanager
def _set_aside(connection: sa.Connection, table: sa.Table) -> Iterator[None]:
    """Set aside, as nobody else sees and a fault undoes, what makes many rows slow.

    While there is a guard against a REPLACE, SQLite copies all rows of an INSERT before the first
    goes in, though a plain INSERT replaces none. Indexes that nothing hangs on are made sooner
    from all rows of a table than row by row.
    """
    is_empty = connection.execute(sa.select(table.c.position).limit(1)).first() is None
    aside = [f"{table.name}_no_replace"]
    aside += [str(index.name) for index in table.indexes if is_empty and not index.unique]
    found = connection.execute(_DEFINED, {"names": aside}).all()
    for kind, name, _ in found:
        connection.exec_driver_sql(f"DROP {kind} {name}")
    yield
    for _, _, definition in found:
        connection.exec_driver_sql(definition)


_DEFINED = sa.text("SELECT type, name, sql FROM sqlite_master WHERE name IN :names").bindparams(
    sa.bindparam("names", expanding=True)
)


def _copy(connection: sa.Connection, table: sa.Table, frame: pl.DataFrame) -> None:
    """Have PostgreSQL read the rows as text, of which some is spelt while some is sent."""
    quote = connection.dialect.identifier_preparer.quote
    columns = ", ".join(map(quote, frame.columns))
    statement = f"COPY {quote(table.name)} ({columns}) FROM STDIN"
    driver = connection.dialect.loaded_dbapi
    try:
        with closing(connection.connection.cursor()) as cursor, cursor.copy(statement) as copy:
            for text in abreast(_spelt, frame.iter_slices(SLICE)):
                copy.write(text)
    except driver.Error as fault:  # as SQLAlchemy tells what it runs itself
        raise DBAPIError.instance(statement, None, fault, driver.Error) from fault


def _spelt(rows: pl.DataFrame) -> bytes:
    r"""Return *rows* as COPY takes them: cells between tabs, bytes in hex, null a sign of its own.

    Examples
    --------
    >>> _spelt(pl.DataFrame({"a": [7, None], "b": ["x\ny", ""], "c": [b"z", b""]}))
    b'7\tx\\ny\t\\\\x7a\n\\N\t\t\\\\x\n'
    """
    hexed = [
        pl.concat_str(pl.lit(r"\\x"), pl.col(name).bin.encode("hex")).alias(name)
        for name, dtype in rows.schema.items()
        if dtype == pl.Binary
    ]
    cells = as_text(rows).with_columns(pl.col(pl.String).str.replace_many(_ESCAPES), *hexed)
    text = BytesIO()
    cells.write_csv(
        text, include_header=False, separator="\t", quote_style="never", null_value=r"\N"
    )
    return text.getvalue()


_ESCAPES = {"\\": r"\\", "\n": r"\n", "\r": r"\r", "\t": r"\t"}
