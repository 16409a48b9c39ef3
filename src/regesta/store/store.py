"""The store: one database that holds the log of one dataset.

The only writer of the log: it inserts and selects, and never updates.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import orjson
import polars as pl
import sqlalchemy as sa

from regesta import merkle
from regesta.abreast import WORKERS
from regesta.errors import Outrun, UsageError
from regesta.log import project
from regesta.log.batch import Batch
from regesta.log.checkpoint import EMPTY, Head
from regesta.log.plan import HEAD
from regesta.log.tables import CHECKPOINTS, LOGS, STORE
from regesta.schema.card import is_name
from regesta.schema.tables import TABLES
from regesta.store import frames
from regesta.store.apart import LARGE, Reader, Unread, reading_apart
from regesta.store.bulk import inserting, looked_for
from regesta.store.catalogue import (
    broken_pages,
    catalogue_faults,
    may_compare,
    missing_tables,
    rebuild,
)
from regesta.store.engine import connect, in_memory, parse_url, require
from regesta.store.migrate import upgrade
from regesta.store.own import (
    own_row,
    require_made,
    require_no_stranger,
    require_unicode,
    require_whole,
    wrong_own_row,
)
from regesta.store.session import Session

UNNAMED = "unnamed"

RECORD = {
    "position": pl.Int64(),
    "batch": pl.Int64(),
    "revision": pl.Int64(),
    "supersedes": pl.Int64(),
    "action": pl.String(),
    "reason": pl.String(),
    "leaf": pl.Binary(),
}
"""What a log table holds beside the columns of its table."""

STRETCH = 65_536
"""Records of a large log that are read at once."""

_AHEAD = len(TABLES)
"""Questions that the reader has before the first is answered: a stretch of each table."""

_FEW_AHEAD = 2
"""The same where each is of a stretch of one table: what has come is in memory."""

_Question = tuple[sa.Select[Any], Mapping[str, pl.DataType]]
"""A statement, and the dtypes of what it selects by column."""


class Store(Session):
    """An open store. Rows come out as polars frames with the dtypes of the schema."""

    _reader: Reader | None = None

    @classmethod
    def open(cls, text: str) -> Store:
        """Return the store at the URL *text*.

        Raises
        ------
        NoStore
            If nothing is there.
        """
        url = parse_url(text)
        require(url)
        store = cls(connect(url))
        with store._reading() as connection:
            require_no_stranger(connection)
            require_made(connection)
        return store

    @classmethod
    def create(cls, text: str, *, dataset: str | None = None) -> Store:
        """Create or upgrade the store at the URL *text* and return it.

        Raises
        ------
        UsageError
            If *dataset* is no name, the store was made for another dataset, or the file is another
            program's.
        """
        if dataset is not None and not is_name(dataset):
            raise UsageError(
                reason=f"{dataset!r} is no name of a dataset; use letters, digits and . _ -"
            )
        store = cls(connect(parse_url(text)))
        with store._reading() as connection:
            require_no_stranger(connection)
            require_unicode(connection)
        with store._writing(creating=True) as connection:
            upgrade(connection)
            require_whole(connection)
            row = connection.execute(sa.select(STORE.c.dataset)).first()
            if row is None:
                connection.execute(STORE.insert().values(own_row(dataset)))
            elif dataset and row.dataset and dataset != row.dataset:
                raise UsageError(reason=f"This store holds {row.dataset!r}, not {dataset!r}.")
        return store

    @property
    def dataset(self) -> str:
        """The dataset's name: as the store was made for, else as its card says."""
        return self.declared_dataset() or str(self.card().get("name", UNNAMED))

    def declared_dataset(self) -> str | None:
        """Return the dataset that the store was made for, if that was said."""
        with self._reading() as connection:
            return connection.execute(sa.select(STORE.c.dataset)).scalar()

    def card(self, upto: int | None = None) -> dict[str, Any]:
        """Return the dataset's card as of position *upto*, empty if it has none."""
        log = LOGS["batches"]
        newest = sa.select(log.c.card).where(log.c.card.is_not(None))
        newest = newest.order_by(log.c.position.desc()).limit(1)
        if upto is not None:
            newest = newest.where(log.c.position <= upto)
        with self._reading() as connection:
            text = connection.execute(newest).scalar()
        return dict(orjson.loads(text)) if text else {}

    def head(self) -> Head:
        """Return where the log ends."""
        with self._reading() as connection:
            return _head(connection)

    def heads(self, name: str, keys: pl.DataFrame, columns: Sequence[str] = ()) -> pl.DataFrame:
        """Return the newest record of each of *keys* in the table *name*.

        The columns are those of the key, of `HEAD`, and *columns*.
        """
        table, log = TABLES[name], LOGS[name]
        wanted = dict.fromkeys([*table.key, *HEAD, *columns])
        dtypes = {**table.dtypes, **HEAD}
        with self._reading() as connection:
            if (
                keys.is_empty()
                or not connection.execute(sa.select(log.c.position).limit(1)).first()
            ):
                return pl.DataFrame(schema={column: dtypes[column] for column in wanted})
            with looked_for(connection, {name: log.c[name] for name in table.key}, keys) as staged:
                same = sa.and_(*(log.c[column] == staged.c[column] for column in table.key))
                statement = sa.select(*(log.c[column] for column in wanted))
                statement = statement.join(staged, same).where(project.newest(log))
                return frames.fetch(connection, statement, dtypes)

    def live_heads(
        self, name: str, where: Mapping[str, Sequence[str]] | None = None
    ) -> pl.DataFrame:
        """Return the newest record of each live row of the table *name*: row and `HEAD`.

        *where* keeps those whose columns have one of the values given.
        """
        table, log = TABLES[name], LOGS[name]
        statement = project.heads(name).where(log.c.action != "retract")
        statement = statement.with_only_columns(*(log.c[c] for c in [*table.columns, *HEAD]))
        return _by_position(self._found(name, statement, where, {**table.dtypes, **HEAD}))

    def rows(
        self, name: str, upto: int | None = None, where: Mapping[str, Sequence[str]] | None = None
    ) -> pl.DataFrame:
        """Return the live rows of the table *name* after the record at position *upto*, by key.

        *where* keeps those whose columns have one of the values given.
        """
        table = TABLES[name]
        found = self._found(name, project.live(name, upto), where, table.dtypes)
        return _by(table.key, found)

    def _found(
        self,
        name: str,
        statement: sa.Select[Any],
        where: Mapping[str, Sequence[str]] | None,
        dtypes: Mapping[str, pl.DataType],
    ) -> pl.DataFrame:
        """Return what *statement* selects of the table *name*, in any order.

        All of a large table is read by several processes, each a part of its positions.
        """
        log = LOGS[name]
        if where or not self._is_large(name):
            for column, values in (where or {}).items():
                statement = statement.where(log.c[column].in_(values))
            return self.fetch(statement, dtypes)
        with self.reading_all(WORKERS):
            ends = pairwise([None, *self._cuts(name, WORKERS), None])
            parts = [(_within(statement, log.c.position, *each), dtypes) for each in ends]
            return pl.concat(self._answers(parts))

    def _is_large(self, name: str) -> bool:
        """Return whether a table holds so many records that it pays to read them apart."""
        if self._engine.dialect.name != "sqlite":
            return False
        last = sa.select(LOGS[name].c.position).offset(LARGE - 1).limit(1)
        with self._reading() as connection:
            return connection.execute(last).first() is not None

    def _cuts(self, name: str, parts: int) -> list[int]:
        """Return the positions between *parts* of a table that are about as large as each other."""
        position = LOGS[name].c.position
        ends = (sa.func.min(position), sa.func.max(position) + 1)
        with self._reading() as connection:
            first, last = connection.execute(
                sa.select(*(sa.select(end).scalar_subquery() for end in ends))
            ).one()
        return [first + (last - first) * part // parts for part in range(1, parts)]

    def fetch(self, statement: sa.Select[Any], dtypes: Mapping[str, pl.DataType]) -> pl.DataFrame:
        """Return what *statement* selects from the log, with these dtypes by column."""
        [rows] = self._answers([(statement, dtypes)])
        return rows

    def _answers(
        self, questions: Iterable[_Question], ahead: int = _AHEAD
    ) -> Iterator[pl.DataFrame]:
        """Yield what each of *questions* selects, in order; the reader is some *ahead* of us."""
        asked: deque[Callable[[], pl.DataFrame]] = deque()
        for question in questions:
            asked.append(self._asked(*question))
            if len(asked) > ahead:
                yield asked.popleft()()
        while asked:
            yield asked.popleft()()

    def _asked(
        self, statement: sa.Select[Any], dtypes: Mapping[str, pl.DataType]
    ) -> Callable[[], pl.DataFrame]:
        """Return what gives the rows of *statement*, on which the reader is at work already."""
        types = frames.plain(statement, dtypes)
        # What is asked with a WITH is planned far worse by the SQLite of the reader.
        is_plain = not statement.compile().ctes
        answer = self._reader.ask(statement, types) if self._reader and is_plain else None

        def rows() -> pl.DataFrame:
            if answer is not None:
                with suppress(Unread):
                    return frames.with_days(answer(), dtypes)
            with self._reading() as connection:
                return frames.fetch(connection, statement, dtypes)

        return rows

    @contextmanager
    def reading_all(self, processes: int = 1) -> Iterator[None]:
        """Stand still, for whoever reads most of the log: a large one is read by other processes.

        Not where those would not see what we see: what is in memory, or not yet committed.
        """
        if self._reader is not None:
            yield
            return
        with self.standing_still(), ExitStack() as stack:
            if self._may_be_read_apart():
                path = Path(str(self._engine.url.database))
                with suppress(OSError):  # no process can be had
                    self._reader = stack.enter_context(reading_apart(path, processes))
            try:
                yield
            finally:
                self._reader = None

    def _may_be_read_apart(self) -> bool:
        url = self._engine.url
        if url.get_backend_name() != "sqlite" or in_memory(url) or self._holding:
            return False
        if self.head().size < LARGE:  # from here on, our transaction keeps the file as it is
            return False
        with self._reading() as connection:
            return connection.exec_driver_sql("PRAGMA journal_mode").scalar() != "wal"

    def stretches(self) -> Iterator[dict[str, pl.DataFrame]]:
        """Yield all records by table, in order: stretch by stretch of the log, to save memory."""
        counts = [sa.select(sa.func.count()).select_from(log) for log in LOGS.values()]
        with self._reading() as connection:
            size = sum(connection.execute(count).scalar_one() for count in counts)
        # What stands before the first position or after the last one belongs to the ends.
        bounds = list(pairwise([None, *range(STRETCH, size, STRETCH), None]))
        answers = self._answers(
            (_within(_records(name), LOGS[name].c.position, *ends), _dtypes(name))
            for ends in bounds
            for name in TABLES
        )
        for _ in bounds:
            found = islice(answers, len(TABLES))
            yield {name: _by_position(rows) for name, rows in zip(TABLES, found, strict=True)}

    def records(
        self, name: str, *, since: int | None = None, newest: int | None = None
    ) -> pl.DataFrame:
        """Return the records of the table *name* in order: all, from a position on, the newest."""
        statement = _records(name)
        if since is not None:
            statement = statement.where(LOGS[name].c.position >= since)
        if newest is not None:
            statement = statement.order_by(LOGS[name].c.position.desc()).limit(newest)
        return self._fetch_records(name, statement)

    def records_of(self, name: str, column: str, value: str) -> pl.DataFrame:
        """Return every record of the table *name* whose *column* is *value*, in order."""
        return self._fetch_records(name, _records(name).where(LOGS[name].c[column] == value))

    def records_in(self, name: str, batch: int) -> pl.DataFrame:
        """Return the records of the table *name* that *batch* brought, in order."""
        return self._fetch_records(name, _records(name).where(LOGS[name].c.batch == batch))

    def records_at(self, name: str, positions: pl.Series) -> pl.DataFrame:
        """Return the records of the table *name* at these *positions*, in order."""
        log = LOGS[name]
        with (
            self._reading() as connection,
            looked_for(connection, {"position": log.c.position}, positions.to_frame()) as wanted,
        ):
            statement = _records(name).join(wanted, log.c.position == wanted.c.position)
            return frames.fetch(connection, statement, _dtypes(name)).sort("position")

    def _fetch_records(self, name: str, statement: sa.Select[Any]) -> pl.DataFrame:
        return self.fetch(statement, _dtypes(name)).sort("position")

    def checkpoints(self) -> pl.DataFrame:
        """Return batch, size, root and right edge after each batch, in order."""
        dtypes: dict[str, pl.DataType] = {
            "batch": pl.Int64(),
            "size": pl.Int64(),
            "root": pl.Binary(),
            "edge": pl.Binary(),
        }
        return self.fetch(sa.select(CHECKPOINTS).order_by(CHECKPOINTS.c.batch), dtypes)

    def leaves(self, size: int) -> list[bytes]:
        """Return the leaf of each of the first *size* records, in order."""
        first = [
            sa.select(log.c.position, log.c.leaf).where(log.c.position < size)
            for log in LOGS.values()
        ]
        leaves = sa.union_all(*first).subquery()
        statement = sa.select(leaves.c.leaf).order_by(leaves.c.position)
        with self._reading() as connection:
            return list(connection.execute(statement).scalars())

    def batch_ends(self) -> list[tuple[int, str, int]]:
        """Return number, recorded time and last position of each batch, in order."""
        log = LOGS["batches"]
        statement = sa.select(log.c.batch, log.c.recorded_at, CHECKPOINTS.c.size - 1)
        statement = statement.join(CHECKPOINTS, CHECKPOINTS.c.batch == log.c.batch)
        with self._reading() as connection:
            return [tuple(row) for row in connection.execute(statement.order_by(log.c.batch))]

    def shown(self, name: str, cuts: Sequence[str | int] = ()) -> Iterator[pl.DataFrame]:
        """Yield the rows that the view *name* shows to any SQL client.

        They come in parts, cut at these values, which rise, of the first column of the key.
        """
        table = TABLES[name]
        view = sa.table(name, *(sa.column(c, LOGS[name].c[c].type) for c in table.columns))
        key = view.c[table.key[0]]
        parts = [_within(sa.select(*view.c), key, *ends) for ends in pairwise([None, *cuts, None])]
        if cuts:  # a null is nowhere between them
            parts.append(sa.select(*view.c).where(key.is_(None)))
        return self._answers(((part, table.dtypes) for part in parts), _FEW_AHEAD)

    def unreadable(self) -> list[str]:
        """Return what is missing or broken, so that the rows cannot be read."""
        with self._reading() as connection:
            return [*broken_pages(connection), *missing_tables(connection)]

    def may_compare(self) -> bool:
        """Return whether guards and views can be compared: in PostgreSQL by who may make some."""
        with self._reading() as connection:
            return may_compare(connection)

    def own_faults(self) -> list[str]:
        """Return what is wrong with the store itself: its tables, guards and views, its one row."""
        with self._reading() as connection:
            altered = catalogue_faults(connection) if may_compare(connection) else []
            return [*altered, *wrong_own_row(connection)]

    def rebuild(self) -> None:
        """Put up every view, guard and index anew."""
        with self._writing() as connection:
            require_whole(connection)
            rebuild(connection)

    def append(self, batch: Batch) -> None:
        """Append *batch*: all of it or nothing.

        Raises
        ------
        Outrun
            If the log has grown since the batch was sealed for it.
        """
        with ThreadPoolExecutor(1) as beside:  # the tree grows while rows are brought in
            head = beside.submit(lambda: batch.head)
            self._bring(batch.records, lambda: [head.result()], after=batch.after)

    def fill(self, records: Mapping[str, pl.DataFrame], ends: Sequence[Head]) -> None:
        """Append to an empty log the batches that end at *ends*; *records* are by position.

        Raises
        ------
        Outrun
            If the log is not empty.
        """
        self._bring(records, lambda: ends, after=EMPTY)

    def _bring(
        self, records: Mapping[str, pl.DataFrame], ends: Callable[[], Sequence[Head]], after: Head
    ) -> None:
        named = {LOGS[name].name: frame for name, frame in records.items()}
        with (
            inserting(self._engine, named) as insert,
            self._writing() as connection,
        ):
            if _head(connection) != after:
                raise Outrun
            for name, frame in records.items():
                insert(connection, LOGS[name], frame)
            rows = [
                {
                    "batch": end.batch,
                    "size": end.size,
                    "root": merkle.root(end.edge),
                    "edge": merkle.pack(end.edge),
                }
                for end in ends()
            ]
            connection.execute(CHECKPOINTS.insert(), rows)


def _head(connection: sa.Connection) -> Head:
    log = LOGS["batches"]
    statement = (
        sa.select(CHECKPOINTS, log.c.recorded_at)
        .join(log, log.c.batch == CHECKPOINTS.c.batch)
        .order_by(CHECKPOINTS.c.batch.desc())
        .limit(1)
    )
    row = connection.execute(statement).first()
    if row is None:
        return EMPTY
    return Head(
        batch=row.batch, size=row.size, edge=merkle.unpack(row.edge), recorded_at=row.recorded_at
    )


def _dtypes(name: str) -> dict[str, pl.DataType]:
    return {**TABLES[name].dtypes, **RECORD}


def _by_position(records: pl.DataFrame) -> pl.DataFrame:
    return _by(["position"], records)


def _by(names: Sequence[str], rows: pl.DataFrame) -> pl.DataFrame:
    """Return *rows* sorted by the columns *names*, which most are already."""
    is_sorted = len(names) == 1 and rows[names[0]].is_sorted()
    return rows if is_sorted else rows.sort(names)


def _within(
    statement: sa.Select[Any],
    column: sa.ColumnElement[Any],
    low: str | int | None,
    high: str | int | None,
) -> sa.Select[Any]:
    """Return *statement* where *column* is no less than *low* and less than *high*."""
    if low is not None:
        statement = statement.where(column >= low)
    return statement if high is None else statement.where(column < high)


def _records(name: str) -> sa.Select[Any]:
    columns = dict.fromkeys([*RECORD, *TABLES[name].columns])
    return sa.select(*(LOGS[name].c[column] for column in columns))
