"""Contests of small commits: ten more events, many writers at once, and how a log grows."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path

from contest import Contestant, Place, Stage, importing, sqlite
from generate import write_events
from measure import python

TEN = 10
SMALL = 10_000
COMMITS = 100
WRITERS = 8
BATCHES = ((100, 24), (10_000, 3))
"""Events a batch, and batches a writer."""

MORE = "regesta: ten more events"
MORE_ON_FEW = f"{MORE}, on a log of {SMALL:,}"
SIZES = (100_000, 1_000_000, 10_000_000)

Command = Callable[[Place], Sequence[str]]

_NUMBERS = count(1)


def grown(size: int) -> str:
    """Return what the import of *size* events is called where its growth is measured."""
    return f"regesta import of {size:,} events"


def _more(folder: Path, commits: int, events: int = TEN) -> list[Path]:
    """Return files of events that no log holds yet."""
    paths = [folder / f"more-{next(_NUMBERS)}.csv" for _ in range(commits)]
    for path in paths:
        write_events(path, events, prefix=path.stem)
    return paths


def _ten_more(size: int | None) -> Command:
    """Return how ten events come onto a log of *size*, which grows from round to round."""

    def command(place: Place) -> list[str]:
        filled = place.store(size=size)
        store = place.kept(f"growing-{filled.name}", lambda path: shutil.copy(filled, path))
        return python("peers/regesta_append.py", sqlite(store), *_more(place.fresh(), 2))

    return command


def _commits(script: str) -> Command:
    """Return how many small commits come into a new store, one after another."""

    def command(place: Place) -> list[str]:
        folder = place.fresh()
        store = folder / "store.db"
        where = sqlite(store) if script.startswith("regesta") else store
        return python(f"peers/{script}", where, *_more(folder, 1 + COMMITS))

    return command


def _replay(place: Place) -> list[str]:
    return python("peers/regesta_as_of.py", sqlite(place.store(size=SMALL)), SMALL)


def _their_replay(place: Place) -> list[str]:
    source = place.file(size=SMALL)
    append = "peers/eventsourcing_append.py"
    sources = (*_more(place.fresh(), 1), source)  # the first of which is not counted
    store = place.kept("eventsourcing.db", lambda path: place.run(python(append, path, *sources)))
    return python("peers/eventsourcing_replay.py", store, source)


def _writers(kind: str, events: int, batches: int) -> Command:
    """Return how many processes at once bring their batches into one store."""

    def command(place: Place) -> list[str]:
        folder = place.fresh()
        url = place.postgresql() if kind == "PostgreSQL" else sqlite(folder / "store.db")
        sources = _more(folder, WRITERS * batches, events)
        return python("peers/regesta_writers.py", url, WRITERS, *sources)

    return command


def _growing(size: int) -> Command:
    return lambda place: importing(sqlite(place.fresh() / "store.db"), place.file(size=size))


STAGES = (
    Stage(
        name="ten",
        title="a commit of ten events",
        contestants=(
            Contestant(name=MORE, command=_ten_more(None)),
            Contestant(name=MORE_ON_FEW, command=_ten_more(SMALL)),
        ),
        rounds=9,
    ),
    Stage(
        name="commits",
        title=f"{COMMITS} commits of ten events to a new log",
        sized=False,
        contestants=(
            Contestant(name="regesta", command=_commits("regesta_append.py")),
            Contestant(
                name="eventsourcing: an aggregate an event, no checks, no hash",
                command=_commits("eventsourcing_append.py"),
                needs=["eventsourcing"],
            ),
        ),
    ),
    Stage(
        name="replay",
        title=f"the state of {SMALL:,} events from their log",
        sized=False,
        contestants=(
            Contestant(name="regesta: Store.rows, to Arrow", command=_replay),
            Contestant(
                name="eventsourcing: each aggregate from its events",
                command=_their_replay,
                needs=["eventsourcing"],
            ),
        ),
    ),
    Stage(
        name="writers",
        title=f"{WRITERS} writers at once, start-up and reading included",
        sized=False,
        contestants=tuple(
            Contestant(
                name=f"regesta, {kind}: {batches} batches of {events:,} events each",
                command=_writers(kind, events, batches),
                needs=["psycopg"] if kind == "PostgreSQL" else [],
            )
            for kind in ("SQLite", "PostgreSQL")
            for events, batches in BATCHES
        ),
        rounds=1,
    ),
)

SCALE = Stage(
    name="scale",
    title="imports of growing files into SQLite, events alone, ids in order",
    sized=False,
    contestants=tuple(
        Contestant(name=grown(size), command=_growing(size)) for size in (TEN, *SIZES)
    ),
)
"""Takes long, whatever the size that was asked for; held only when it is named."""
