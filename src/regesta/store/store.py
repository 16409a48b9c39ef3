"""The store: one database that holds the log of one dataset.

The only writer of the log: it inserts and selects, and never updates.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson
import polars as pl
import sqlalchemy as sa

from regesta import merkle
from regesta.errors import Outrun, UsageError
from regesta.log import project
from regesta.log.batch import Batch
from regesta.log.checkpoint import EMPTY, Head
from regesta.log.plan import HEAD
from regesta.log.tables import CHECKPOINTS, LOGS, STORE
from regesta.schema.card import is_name
from regesta.schema.tables import TABLES
from regesta.store import frames
from regesta.store.bulk import inserting, looked_for
from regesta.store.catalogue import (
    broken_pages,
    catalogue_faults,
    may_compare,
    missing_tables,
    rebuild,
)
from regesta.store.engine import connect, parse_url, require
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


class Store(Session):
    """An open store. Rows come out as polars frames with the dtypes of the schema."""

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
        statement = project.heads(name).where(log.c.action != "retract").order_by(log.c.position)
        statement = statement.with_only_columns(*(log.c[c] for c in [*table.columns, *HEAD]))
        for column, values in (where or {}).items():
            statement = statement.where(log.c[column].in_(values))
        with self._reading() as connection:
            return frames.fetch(connection, statement, {**table.dtypes, **HEAD})

    def rows(
        self, name: str, upto: int | None = None, where: Mapping[str, Sequence[str]] | None = None
    ) -> pl.DataFrame:
        """Return the live rows of the table *name* after the record at position *upto*, by key.

        *where* keeps those whose columns have one of the values given.
        """
        statement = project.projection(name, upto)
        for column, values in (where or {}).items():
            statement = statement.where(LOGS[name].c[column].in_(values))
        with self._reading() as connection:
            return frames.fetch(connection, statement, TABLES[name].dtypes)

    def fetch(self, statement: sa.Select[Any], dtypes: Mapping[str, pl.DataType]) -> pl.DataFrame:
        """Return what *statement* selects from the log, with these dtypes by column."""
        with self._reading() as connection:
            return frames.fetch(connection, statement, dtypes)

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
            dtypes = {**TABLES[name].dtypes, **RECORD}
            return frames.fetch(connection, statement, dtypes).sort("position")

    def _fetch_records(self, name: str, statement: sa.Select[Any]) -> pl.DataFrame:
        with self._reading() as connection:
            dtypes = {**TABLES[name].dtypes, **RECORD}
            return frames.fetch(connection, statement, dtypes).sort("position")

    def checkpoints(self) -> pl.DataFrame:
        """Return batch, size, root and right edge after each batch, in order."""
        dtypes: dict[str, pl.DataType] = {
            "batch": pl.Int64(),
            "size": pl.Int64(),
            "root": pl.Binary(),
            "edge": pl.Binary(),
        }
        statement = sa.select(CHECKPOINTS).order_by(CHECKPOINTS.c.batch)
        with self._reading() as connection:
            return frames.fetch(connection, statement, dtypes)

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

    def shown(self, name: str) -> pl.DataFrame:
        """Return the rows that the view *name* shows to any SQL client, by key."""
        table = TABLES[name]
        view = sa.table(name, *(sa.column(c, LOGS[name].c[c].type) for c in table.columns))
        statement = sa.select(*view.c).order_by(*(view.c[column] for column in table.key))
        return self.fetch(statement, table.dtypes)

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


def _records(name: str) -> sa.Select[Any]:
    columns = dict.fromkeys([*RECORD, *TABLES[name].columns])
    return sa.select(*(LOGS[name].c[column] for column in columns))
