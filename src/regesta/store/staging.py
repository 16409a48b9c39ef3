"""Stage rows for SQLite in a private file, from which one statement takes them into the log.

A columnar driver writes that file at full speed, before any lock is taken. It never opens the
store itself: it carries an SQLite of its own, and two of those in one process, on one file, lose
each other's locks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
from adbc_driver_manager import Error
from adbc_driver_sqlite import dbapi

from regesta.errors import StorageFault
from regesta.store.frames import as_text

_SETTINGS = (
    "PRAGMA journal_mode = OFF",  # whoever reads the file does so when it is whole
    "PRAGMA synchronous = OFF",
)


@contextmanager
def staged(frames: Mapping[str, pl.DataFrame]) -> Iterator[Path]:
    """Yield the path of an SQLite file that holds each of *frames* as a table; then remove it.

    Raises
    ------
    StorageFault
        If the file cannot be written.
    """
    with TemporaryDirectory(prefix="regesta-") as folder:
        path = Path(folder) / "staged.db"
        try:
            _write(path, frames)
        except (Error, OSError) as fault:
            what = str(fault).partition("\n")[0]
            raise StorageFault(reason=f"No rows could be staged in {folder}: {what}.") from fault
        yield path


def _write(path: Path, frames: Mapping[str, pl.DataFrame]) -> None:
    with dbapi.connect(str(path), autocommit=True) as connection, connection.cursor() as cursor:
        for setting in _SETTINGS:
            cursor.execute(setting)
        cursor.fetchall()
        for name, frame in frames.items():
            cursor.adbc_ingest(name, as_text(frame).to_arrow(), mode="create")
