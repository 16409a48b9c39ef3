"""Contests of what a log is for: releases, verification, past states, loading, single answers."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from contest import REGESTA, Contestant, Place, Stage, importing, regesta, sqlite
from measure import python

RELEASE = "regesta release"
PANDAS_RELEASE = "pandas: state, sort, CSV, Parquet, log with a sha256 a row, digests"
DUCK_RELEASE = "DuckDB: the same"
VERIFY = "regesta verify, of the release"
VERIFY_STORE = "regesta verify, of the store"
PANDAS_VERIFY = "pandas: digests of files, a sha256 a row, their digest, state from log"
AS_OF = "regesta: Store.rows as of half the log, to Arrow"
SCAN = "ADBC: SELECT of the same rows, to Arrow"
PAST = "regesta.load of a release as of half the log, to pandas"
LOAD = "regesta.load(...).events"
PANDAS_LOAD = "pandas.read_parquet and a sha256 of the file"
DUCK_LOAD = "DuckDB to Arrow and a sha256 of the file"
HELP = "regesta --help"
TYPER = 'python -c "import typer"'
TYPER_HELP = "--help of an app of one command in Typer"
TIMELINE = "timeline --actor RUS --limit 50"
SHOW = "show EVENT"
HISTORY = "history EVENT"
FEW = 100
LAST = "bench-000000007"
"""An event that every log holds."""

Command = Callable[[Place], Sequence[str]]


def small(command: str) -> str:
    """Return the name of *command* where the log is that of a few events."""
    return f"{command}, on a log of {FEW} events"


def _revised(place: Place) -> Path:
    """Return a store with the events and a revision of every tenth."""
    return place.kept("revised.db", lambda path: _import_both(path, place))


def _import_both(path: Path, place: Place) -> None:
    for source in (place.file(), place.file("revised")):
        place.run(importing(sqlite(path), source))


def _their_log(place: Place) -> Path:
    """Return a log as a data team keeps it: one table, every row with its digest, newest last."""
    script, sources = "peers/pandas_log.py", (place.file(), place.file("revised"))
    return place.kept("log.db", lambda path: place.run(python(script, *sources, path)))


def _releasing(place: Place, out: Path) -> list[str]:
    return regesta(sqlite(_revised(place)), "release", "1.0.0", "--out", out)


def _released(place: Place) -> Path:
    shelf = place.kept("releases", lambda path: place.run(_releasing(place, path)))
    return next(shelf.glob("*/1.0.0"))


def _their_release(place: Place) -> Path:
    script = "peers/pandas_release.py"
    return place.kept("theirs", lambda path: place.run(python(script, _their_log(place), path)))


def _half(place: Place) -> int:
    """Return the last position of the first half of a log with revisions."""
    return (place.size + place.size // 10) // 2


def _asking(*words: str) -> Command:
    return lambda place: regesta(sqlite(place.store("parties")), *words)


def _asking_few(*words: str) -> Command:
    return lambda place: regesta(sqlite(place.store("parties", size=FEW)), *words)


def _pair(name: str, *words: str) -> tuple[Contestant, Contestant]:
    """Return a question to the log of all events, and to that of a few."""
    return (
        Contestant(name=name, command=_asking(*words)),
        Contestant(name=small(name), command=_asking_few(*words)),
    )


STAGES = (
    Stage(
        name="release",
        title="release of the events, a tenth of them revised (regesta: timeline and history too)",
        contestants=(
            Contestant(name=RELEASE, command=lambda p: _releasing(p, p.fresh() / "releases")),
            Contestant(
                name=PANDAS_RELEASE,
                command=lambda p: python("peers/pandas_release.py", _their_log(p), p.fresh()),
            ),
            Contestant(
                name=DUCK_RELEASE,
                command=lambda p: python("peers/duckdb_release.py", _their_log(p), p.fresh()),
                needs=["duckdb"],
            ),
        ),
    ),
    Stage(
        name="verify",
        title="verification of that",
        contestants=(
            Contestant(name=VERIFY, command=lambda p: [*REGESTA, "verify", str(_released(p))]),
            Contestant(name=VERIFY_STORE, command=lambda p: regesta(sqlite(_revised(p)), "verify")),
            Contestant(
                name=PANDAS_VERIFY,
                command=lambda p: python("peers/pandas_verify.py", _their_release(p)),
            ),
        ),
    ),
    Stage(
        name="as-of",
        title="the events as of half that log",
        contestants=(
            Contestant(
                name=AS_OF,
                command=lambda p: python("peers/regesta_as_of.py", sqlite(_revised(p)), _half(p)),
            ),
            Contestant(
                name=SCAN,
                command=lambda p: python("peers/adbc_scan.py", _revised(p), _half(p)),
            ),
            Contestant(
                name=PAST,
                command=lambda p: python("peers/regesta_load.py", _released(p), _half(p)),
            ),
        ),
    ),
    Stage(
        name="load",
        title="loading the events of that release",
        contestants=(
            Contestant(name=LOAD, command=lambda p: python("peers/regesta_load.py", _released(p))),
            Contestant(
                name=PANDAS_LOAD, command=lambda p: python("peers/pandas_load.py", _released(p))
            ),
            Contestant(
                name=DUCK_LOAD,
                command=lambda p: python("peers/duckdb_load.py", _released(p)),
                needs=["duckdb"],
            ),
        ),
    ),
    Stage(
        name="look",
        title="single answers from a log with participants, sources and claims",
        contestants=(
            *_pair(TIMELINE, *TIMELINE.split()),
            *_pair(SHOW, "show", LAST),
            *_pair(HISTORY, "history", LAST),
        ),
        rounds=5,
    ),
    Stage(
        name="start",
        title="start-up",
        sized=False,
        contestants=(
            Contestant(name=HELP, command=lambda _: [*REGESTA, "--help"]),
            Contestant(name=TYPER, command=lambda _: [sys.executable, "-c", "import typer"]),
            Contestant(name=TYPER_HELP, command=lambda _: python("peers/typer_app.py", "--help")),
        ),
        rounds=11,
    ),
)
