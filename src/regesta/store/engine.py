"""Open a database as a store: URLs, locks, and faults told in one sentence."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError

from regesta.errors import Busy, NoStore, RegestaError, StorageFault, UsageError

BUSY_SECONDS = 30
"""How long a writer waits for another before it gives up."""

WRITES = "regesta_writes"
CREATES = "regesta_creates"
"""Execution options: the transaction writes; makes the store."""

# Needs no right to update, as a lock on a row would. Any number will do that others do not use.
_TURN = 0x7265676573746100

_SQLITE_FILE = (  # kept in the file once set
    "PRAGMA page_size = 16384",  # rows are long: fewer pages, fewer steps to each
    "PRAGMA journal_mode = DELETE",  # WAL had a rare corruption with several writers before 3.51.3
)

_DRIVERS = ("sqlite", "postgresql", "postgresql+psycopg")

_SQLITE_SETTINGS = (
    "PRAGMA synchronous = EXTRA",  # an acknowledged batch outlives a power cut
    "PRAGMA recursive_triggers = ON",  # REPLACE then fires the triggers that refuse a delete
    "PRAGMA cache_size = -262144",  # KiB: keys in no order come back to the same pages
    # Readers go on while a batch is written, until it changes 400 MB of pages. To SQLite
    # a number whose last byte is 0 is OFF too.
    "PRAGMA cache_spill = 25599",
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
    if url.get_backend_name() == "sqlite" and not in_memory(url):
        path = Path(str(url.database))
        if not path.exists():
            raise NoStore(url=url.render_as_string())
        if path.is_dir():
            raise UsageError(reason=f"{path} is a folder; a SQLite store is a file.")


def in_memory(url: sa.URL) -> bool:
    """Return whether *url* is of a database that ends with its connection."""
    return url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:")


def connect(url: sa.URL) -> sa.Engine:
    """Return an engine whose transactions begin as the store needs them to."""
    try:
        if url.get_backend_name() == "sqlite":
            return _sqlite(url)
        return _postgresql(url)
    except (NoSuchModuleError, ModuleNotFoundError):
        raise UsageError(
            reason="PostgreSQL needs its driver: pip install 'regesta[postgres]'."
        ) from None


def _sqlite(url: sa.URL) -> sa.Engine:
    pool = sa.pool.StaticPool if in_memory(url) else sa.pool.NullPool
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
            for setting in _SQLITE_FILE:
                connection.exec_driver_sql(setting)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get(WRITES) else "BEGIN")

    return engine


def _postgresql(url: sa.URL) -> sa.Engine:
    # A store is opened for one command: no connection outlives its statement.
    engine = sa.create_engine(
        url, poolclass=sa.pool.NullPool, connect_args={"client_encoding": "UTF8"}
    )

    @event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        if connection.get_execution_options().get(WRITES):
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{BUSY_SECONDS}s'")
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_TURN})")

    return engine


@contextmanager
def faults_told(url: sa.URL) -> Iterator[None]:
    """Tell a fault of the database as one of ours."""
    try:
        yield
    except UnicodeError:  # a host's name that is none
        raise UsageError(reason=f"{url.render_as_string()} names no host.") from None
    except DBAPIError as fault:
        raise _told(str(fault.orig).partition("\n")[0], fault, url) from fault


def _told(reason: str, fault: DBAPIError, url: sa.URL) -> RegestaError:
    where = url.render_as_string()
    kind = _kind(reason.lower(), fault)
    if kind is Busy:
        return Busy(reason=f"Somebody else is writing to {where}; try again.")
    if "not a database" in reason:
        what = "the file is no SQLite database; name another"
        return UsageError(reason=f"{where} is no store of regesta: {what}.")
    if kind is UsageError:
        return UsageError(reason=f"{where} is no store of regesta; make one with `regesta init`.")
    if kind is StorageFault:
        return StorageFault(reason=f"The store at {where} cannot be used: {reason}.")
    return RegestaError(reason=f"The store at {where} refused: {reason}.")


def _kind(reason: str, fault: DBAPIError) -> type[RegestaError]:
    """Return what kind of fault a database tells: PostgreSQL by code, SQLite in words."""
    code = getattr(fault.orig, "sqlstate", None)
    if code is not None:
        whole, group = _CODES.get(code), _CODES.get(code[:2])
        return whole or group or RegestaError
    if "locked" in reason:
        return Busy
    if "no such table" in reason:
        return UsageError
    is_storage = isinstance(fault, OperationalError) or "readonly" in reason
    return StorageFault if is_storage or "malformed" in reason else RegestaError


_CODES: Mapping[str, type[RegestaError]] = MappingProxyType(
    {
        "55P03": Busy,  # lock_not_available
        "40": Busy,  # transaction rollback: serialization, deadlock
        "23505": Busy,  # unique violation: somebody got past the lock and was faster
        "42P01": UsageError,  # undefined table
        "42501": StorageFault,  # insufficient privilege
        "25006": StorageFault,  # read-only transaction
        **dict.fromkeys(("08", "28", "3D", "53", "57", "58", "XX"), StorageFault),
    }
)
"""What a code of PostgreSQL, or its first two signs, means (its manual, appendix A)."""
