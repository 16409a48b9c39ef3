"""The fastest safe way to bring many rows into each database.

SQLite: a columnar driver stages the rows in a private file, at full speed and before any lock is
taken, and one statement takes them from there into the log. The driver never opens the store
itself: it carries an SQLite of its own, and two of those in one process, on one file, lose each
other's locks. PostgreSQL: COPY.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
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
from regesta.log.tables import LOGS
from regesta.spool import Part
from regesta.store.engine import in_memory
from regesta.store.frames import as_text, insert
from regesta.vectors import SLICE

Insert = Callable[[sa.Connection], None]
"""Brings rows into the tables of the log, in order, inside the connection's transaction."""

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
def inserting(engine: sa.Engine, parts: Iterable[Part]) -> Iterator[Insert]:
    """Yield what inserts all *parts* into the log; to be called before BEGIN.

    A database in memory, which nobody else waits for, takes them row by row.

    Raises
    ------
    StorageFault
        If no rows can be staged.
    """
    if engine.dialect.name == "postgresql":
        yield partial(_insert_each, _copy, parts)
    elif in_memory(engine.url):
        yield partial(_insert_each, insert, parts)
    else:
        with _staging(_FILES) as paths:
            staged = [_stage_part(paths, number, part) for number, part in enumerate(parts)]
            yield partial(_insert_staged, paths, staged)


def _insert_each(
    bring: Callable[[sa.Connection, sa.Table, pl.DataFrame], None],
    parts: Iterable[Part],
    connection: sa.Connection,
) -> None:
    for part in parts:
        for name, rows in part.items():
            bring(connection, LOGS[name], rows)


@contextmanager
def looked_for(
    connection: sa.Connection, columns: Mapping[str, sa.Column[Any]], rows: pl.DataFrame
) -> Iterator[sa.FromClause]:
    """Yield a table of *rows*, typed like *columns*, for this connection alone: to join with."""
    typed = [sa.Column(name, like.type) for name, like in columns.items()]
    wanted = rows.select(*columns).sort(*columns)  # as the index has them: no page is read twice
    if wanted.height > _MANY and _has_room(connection):
        with _staging(1) as [path]:
            _stage(path, {_WANTED: as_text(wanted)})
            _attach(connection, path)
            yield sa.table(_WANTED, *map(sa.column, columns), schema=path.stem)
        return
    staged = sa.Table(_WANTED, sa.MetaData(), *typed, prefixes=["TEMPORARY"])
    staged.create(connection, checkfirst=False)
    (_copy if connection.dialect.name == "postgresql" else insert)(connection, staged, wanted)
    yield staged
    staged.drop(connection, checkfirst=False)  # a fault takes it away with its transaction


@contextmanager
def _staging(count: int) -> Iterator[list[Path]]:
    """Yield the paths of *count* SQLite files, to be made and filled."""
    with ExitStack() as stack:
        try:
            folder = Path(stack.enter_context(TemporaryDirectory(prefix=_PREFIX)))
        except OSError as fault:
            raise StorageFault(reason=f"No rows could be staged: {fault}.") from fault
        name = folder.name.removeprefix(_PREFIX)  # no file is attached in another's place
        yield [folder / f"staged_{name}_{number}.db" for number in range(count)]


@dataclass(frozen=True, slots=True)
class _Staged:
    """A part that is staged: where, and by table how many rows, which columns, and what all say."""

    files: int
    tables: Mapping[str, str]
    rows: Mapping[str, int]
    columns: Mapping[str, list[str]]
    same: Mapping[str, Mapping[str, object]]


def _stage_part(paths: Sequence[Path], number: int, part: Part) -> _Staged:
    """Stage a part, which is the *number*-th, in one or all of *paths*, all at once."""
    plain = {name: as_text(rows) for name, rows in part.items()}
    same = {name: _same_in_all(rows) for name, rows in plain.items()}
    tables = {name: f"{name}_{number}" for name in plain}
    varying = {tables[name]: rows.drop(same[name]) for name, rows in plain.items()}
    count = len(paths) if sum(rows.height for rows in plain.values()) > _MANY else 1
    with ThreadPoolExecutor(count) as pool:
        list(pool.map(_stage, paths, _slices(varying, count)))
    return _Staged(
        files=count,
        tables=tables,
        rows={name: rows.height for name, rows in plain.items()},
        columns={name: rows.columns for name, rows in plain.items()},
        same=same,
    )


def _same_in_all(frame: pl.DataFrame) -> dict[str, object]:
    """Return the cell of each column that says the same in all of many rows."""
    if frame.height <= _MANY:
        return {}
    return {cells.name: cells[0] for cells in frame if cells.eq_missing(cells[0]).all()}


def _slices(frames: Part, count: int) -> list[dict[str, pl.DataFrame]]:
    """Return all *frames* in *count* slices that follow one another."""
    return [
        {
            name: frame[frame.height * part // count : frame.height * (part + 1) // count]
            for name, frame in frames.items()
        }
        for part in range(count)
    ]


def _stage(path: Path, frames: Mapping[str, pl.DataFrame]) -> None:
    """Write each of *frames* as a new table into the SQLite file *path*."""
    try:
        with dbapi.connect(str(path), autocommit=True) as connection, connection.cursor() as cursor:
            for setting in _SETTINGS:
                cursor.execute(setting)
            cursor.fetchall()
            for name, frame in frames.items():
                cursor.adbc_ingest(name, frame.to_arrow(), mode="create")
    except (Error, OSError) as fault:
        what = str(fault).partition("\n")[0]
        raise StorageFault(reason=f"No rows could be staged in {path.parent}: {what}.") from fault


def _insert_staged(
    paths: Sequence[Path], staged: Sequence[_Staged], connection: sa.Connection
) -> None:
    rows: Counter[str] = Counter()
    for part in staged:
        rows.update(part.rows)
    with ExitStack() as stack:
        for name in rows:
            if rows[name] > _MANY:
                stack.enter_context(_set_aside(connection, LOGS[name]))
        for part in staged:
            for name in part.tables:
                for path in paths[: part.files]:
                    _attach(connection, path)
                    _insert_from(connection, path.stem, name, part)


def _insert_from(connection: sa.Connection, file: str, name: str, part: _Staged) -> None:
    """Bring the rows of the table *name* that *part* has in the attached *file* into the log."""
    log, columns, same = LOGS[name], part.columns[name], part.same[name]
    source = sa.table(part.tables[name], *map(sa.column, columns), schema=file)
    cells = [
        sa.literal(same[each], log.c[each].type) if each in same else source.c[each]
        for each in columns
    ]
    connection.execute(log.insert().from_select(columns, sa.select(*cells)))


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
