"""Open a database as a store: URLs, locks, and faults told in one sentence."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError

from regesta.errors import Busy, NoStore, RegestaError, StorageFault, UsageError
from regesta.store.frames import STAGED

BUSY_SECONDS = 30
"""How long a writer waits for another before it gives up."""

WRITES = "regesta_writes"
CREATES = "regesta_creates"
ATTACHES = "regesta_attaches"
"""Execution options: the transaction writes; makes the store; reads this file of staged rows."""

# Kept in the file once set: WAL had a rare corruption with several writers before 3.51.3.
_JOURNAL = "PRAGMA journal_mode = DELETE"

_DRIVERS = ("sqlite", "postgresql", "postgresql+psycopg")

_SQLITE_SETTINGS = (
    "PRAGMA synchronous = EXTRA",  # an acknowledged batch outlives a power cut
    "PRAGMA recursive_triggers = ON",  # REPLACE then fires the triggers that refuse a delete
    "PRAGMA cache_spill = OFF",  # readers go on while a batch is written
)


def parse_url(text: str) -> sa.URL:
    """Return the store's URL; a bare path means a SQLite file.

    Raises
    ------
    UsageError
        If *text* is no URL, or names a database that regesta does not speak.
    """
    no_store = f"{text!r} is no store; write sqlite:///FILE or postgresql://USER@HOST/NAME."
    try:
        url = sa.make_url(text if "://" in text else f"sqlite:///{text}")
    except (ArgumentError, ValueError):
        raise UsageError(reason=no_store) from None
    if url.drivername not in _DRIVERS or (url.drivername == "sqlite" and url.host):
        raise UsageError(reason=no_store)
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() == "sqlite" and url.query:
        raise UsageError(reason=f"{text!r} has options that a store does not take; leave them out.")
    return url


def require(url: sa.URL) -> None:
    """Raise `NoStore` if *url* names a SQLite file that is not there."""
    if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:":
        path = Path(url.database)
        if not path.exists():
            raise NoStore(url=url.render_as_string())
        if path.is_dir():
            raise UsageError(reason=f"{path} is a folder; a SQLite store is a file.")


def connect(url: sa.URL) -> sa.Engine:
    """Return an engine whose transactions begin as the store needs them to."""
    try:
        if url.get_backend_name() == "sqlite":
            return _sqlite(url)
        # A store is opened for one command: no connection outlives its statement.
        return sa.create_engine(url, poolclass=sa.pool.NullPool)
    except (NoSuchModuleError, ModuleNotFoundError):
        raise UsageError(
            reason="PostgreSQL needs its driver: pip install 'regesta[postgres]'."
        ) from None


def _sqlite(url: sa.URL) -> sa.Engine:
    pool = sa.pool.StaticPool if url.database in (None, "", ":memory:") else sa.pool.NullPool
    engine = sa.create_engine(
        url, poolclass=pool, connect_args={"timeout": BUSY_SECONDS, "isolation_level": None}
    )

    @event.listens_for(engine, "connect")
    def set_up(connection: sqlite3.Connection, _: object) -> None:
        for setting in _SQLITE_SETTINGS:
            connection.execute(setting)

    @event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        # A deferred transaction that turns into a writer fails at once when another has written.
        options = connection.get_execution_options()
        if options.get(CREATES):
            connection.exec_driver_sql(_JOURNAL)
        if staged := options.get(ATTACHES):
            _attach(connection, staged)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get(WRITES) else "BEGIN")

    return engine


def _attach(connection: sa.Connection, path: Path) -> None:
    """Attach the file of staged rows at *path*; SQLite does so outside a transaction only."""
    attached = connection.exec_driver_sql("PRAGMA database_list").all()
    if STAGED in [name for _, name, _ in attached]:  # a store in memory keeps its one connection
        connection.exec_driver_sql(f"DETACH {STAGED}")
    connection.exec_driver_sql(f"ATTACH ? AS {STAGED}", (str(path),))


@contextmanager
def faults_told(url: sa.URL) -> Iterator[None]:
    """Tell a fault of the database as one of ours."""
    try:
        yield
    except DBAPIError as fault:
        raise _told(str(fault.orig).partition("\n")[0], fault, url) from fault


def _told(reason: str, fault: DBAPIError, url: sa.URL) -> RegestaError:
    lowered = reason.lower()
    where = url.render_as_string()
    if "locked" in lowered or "lock timeout" in lowered or "deadlock" in lowered:
        return Busy(reason=f"Somebody else is writing to {where}; try again.")
    if "not a database" in lowered:
        what = "the file is no SQLite database; name another"
        return UsageError(reason=f"{where} is no store of regesta: {what}.")
    if "no such table" in lowered or "does not exist" in lowered:
        return UsageError(reason=f"{where} is no store of regesta; make one with `regesta init`.")
    if isinstance(fault, OperationalError) or "readonly" in lowered or "malformed" in lowered:
        return StorageFault(reason=f"The store at {where} cannot be used: {reason}.")
    return RegestaError(reason=f"The store at {where} refused: {reason}.")
