"""Contests of bringing a file into a durable database."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from contest import Contestant, Place, Stage, importing, sqlite
from measure import python

REGESTA = "regesta import"
RAW = "sqlite3.executemany: no checks, no hash, no index"
SHELL = "sqlite3 shell, .import: no checks, no hash, no index"
CORE = "SQLAlchemy Core, dicts: no checks, no hash, no index"
PANDERA = "pandas, Pandera, to_sql: no hash"
HASHED = "pandas, Pandera, to_sql and a sha256 a row"
UTILS = "sqlite-utils insert: no checks, no hash, a key"
TABLES = "sqlite3.executemany of the same rows into bare tables"
COPY = "psycopg COPY into a table with a key: no hash"
AGAIN = "the same file again"
TENTH = "the file with every tenth row revised"

Command = Callable[[Place], Sequence[str]]


def ours(*traits: str) -> Command:
    """Return how regesta imports a file with these traits into a new store."""

    def command(place: Place) -> list[str]:
        return importing(sqlite(place.fresh() / "store.db"), place.file(*traits))

    return command


def peer(script: str, *options: str, traits: Sequence[str] = ()) -> Command:
    """Return how a peer brings a file with these traits into a new SQLite database."""

    def command(place: Place) -> list[str]:
        store = place.fresh() / "peer.db"
        return python(f"peers/{script}", place.file(*traits), store, *options)

    return command


def _shell(place: Place) -> list[str]:
    source, store = place.file(), place.fresh() / "peer.db"
    return ["sqlite3", str(store), ".mode csv", f".import '{source}' flat"]


def _utils(place: Place) -> list[str]:
    source, store = place.file(), place.fresh() / "peer.db"
    words = ["insert", str(store), "flat", str(source), "--csv", "--pk", "event_id", "--silent"]
    return [sys.executable, "-m", "sqlite_utils", *words]


def _copy(place: Place) -> list[str]:
    return python("peers/psycopg_copy.py", place.file(), place.postgresql())


def _into_postgresql(place: Place) -> list[str]:
    return importing(place.postgresql(), place.file())


def _once_more(*traits: str) -> Command:
    """Return how a file is imported into a store that holds the events already."""

    def command(place: Place) -> list[str]:
        filled, copied = place.store(), place.fresh() / "store.db"
        shutil.copy(filled, copied)
        return importing(sqlite(Path(copied)), place.file(*traits))

    return command


STAGES = (
    Stage(
        name="import",
        title="import into SQLite, events alone, ids in order",
        contestants=(
            Contestant(name=REGESTA, command=ours()),
            Contestant(name=RAW, command=peer("raw_sqlite.py")),
            Contestant(name=SHELL, command=_shell, needs=["sqlite3"]),
            Contestant(name=CORE, command=peer("sqlalchemy_core.py")),
            Contestant(name=PANDERA, command=peer("pandas_pandera.py")),
            Contestant(name=HASHED, command=peer("pandas_pandera.py", "hashed")),
            Contestant(name=UTILS, command=_utils, needs=["sqlite_utils"]),
        ),
    ),
    Stage(
        name="import-random",
        title="import into SQLite, events alone, ids in random order",
        contestants=(
            Contestant(name=REGESTA, command=ours("shuffled")),
            Contestant(name=RAW, command=peer("raw_sqlite.py", traits=["shuffled"])),
        ),
    ),
    Stage(
        name="import-parties",
        title="import into SQLite, each event with two participants, a source and a claim",
        contestants=(
            Contestant(name=REGESTA, command=ours("parties")),
            Contestant(name=TABLES, command=peer("raw_tables.py", traits=["parties"])),
        ),
    ),
    Stage(
        name="import-postgresql",
        title="import into PostgreSQL, events alone, ids in order (memory of the client)",
        contestants=(
            Contestant(name=REGESTA, command=_into_postgresql, needs=["psycopg"]),
            Contestant(name=COPY, command=_copy, needs=["psycopg"]),
        ),
    ),
    Stage(
        name="import-again",
        title="import of the same file into a store that holds it, and of a revised one",
        contestants=(
            Contestant(name=REGESTA, command=ours()),
            Contestant(name=AGAIN, command=_once_more()),
            Contestant(name=TENTH, command=_once_more("revised")),
        ),
    ),
)
