"""Time what an append costs on a small log and on a large one, and how many eight writers manage.

Usage: python benchmarks/appends.py [SIZE]
"""

from __future__ import annotations

import multiprocessing
import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parent.parent))
sys.path.insert(0, str(Path(__file__).parent))
from generate import write_events
from measure import measure

from regesta.flows.importing import import_paths
from regesta.flows.order import Order
from regesta.store.store import Store

SMALL = 1_000
TEN = 10
ROUNDS = 9
WRITERS = 8
BATCHES = ((100, 24), (10_000, 3))
"""Events a batch, and batches a writer."""

_NUMBERS = count(1)


def _ten_more(folder: Path) -> Path:
    """Return a file of ten events that no log holds yet."""
    path = folder / f"ten-{next(_NUMBERS)}.csv"
    write_events(path, TEN, parties=False, prefix=path.stem)
    return path


def _import(store: Path, source: Path) -> float:
    """Return the seconds of an import, as a whole process."""
    url = f"sqlite:///{store}"
    call = [sys.executable, "-m", "regesta", "--store", url, "import", str(source), "--json"]
    return measure(call).seconds


def _append(store: Path, source: Path) -> float:
    """Return the seconds of an import within this process, start-up left out."""
    opened = Store.open(f"sqlite:///{store}")
    begun = time.perf_counter()
    import_paths([source], opened, Order(author="benchmark"), at=datetime.now(UTC))
    return time.perf_counter() - begun


def appends(size: int, folder: Path) -> None:
    """Print what ten more rows cost on a log of `SMALL` and of *size* events, in turn."""
    stores = {}
    for events in (SMALL, size):
        stores[events] = folder / f"{events}.db"
        write_events(folder / f"{events}.csv", events, parties=False)
        _import(stores[events], folder / f"{events}.csv")
    whole: dict[int, list[float]] = {events: [] for events in stores}
    within: dict[int, list[float]] = {events: [] for events in stores}
    for _ in range(ROUNDS):
        for events, store in stores.items():
            whole[events].append(_import(store, _ten_more(folder)))
            within[events].append(_append(store, _ten_more(folder)))
    print(f"\n| ten rows more, medians of {ROUNDS} | whole process, s | within it, ms |")
    print("| --- | --- | --- |")
    for events, store in stores.items():
        with closing(sqlite3.connect(store)) as connection:
            [records] = connection.execute("SELECT max(size) FROM checkpoints").fetchone()
        print(
            f"| a log of {records} records | {median(whole[events]):.2f} |"
            f" {1000 * median(within[events]):.0f} |"
        )
    ratio = median(within[size]) / median(within[SMALL])
    print(f"\nRatio within the process: {ratio:.2f}")


def _write(url: str, sources: list[Path], start: float) -> None:
    """Import *sources* one after another, beginning when the others do."""
    store = Store.open(url)
    time.sleep(max(0.0, start - time.time()))
    for source in sources:
        import_paths([source], store, Order(author="benchmark"), at=datetime.now(UTC))


def writers(url: str, events: int, batches: int, folder: Path) -> float:
    """Return the records a second that `WRITERS` processes bring into the store at *url*."""
    store = Store.create(url)
    before = store.head().size
    sources = [[folder / f"w{w}-{b}-{events}.csv" for b in range(batches)] for w in range(WRITERS)]
    for path in (path for paths in sources for path in paths):
        write_events(path, events, parties=False, prefix=path.stem)
    start = time.time() + 8  # all have loaded their libraries by then
    context = multiprocessing.get_context("spawn")
    running = [context.Process(target=_write, args=(url, paths, start)) for paths in sources]
    for process in running:
        process.start()
    for process in running:
        process.join()
        if process.exitcode:
            raise SystemExit("a writer failed")
    seconds = time.time() - start
    recorded = store.head().size - before
    if recorded != WRITERS * batches * (events + 1):
        raise SystemExit(f"{recorded} records were made: some are lost or double")
    return recorded / seconds


def main(size: int) -> None:
    """Print all figures."""
    from tests.postgresql import databases, standing

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        appends(size, folder)
        print(f"\n| {WRITERS} writers at once | events a batch | records a second |")
        print("| --- | --- | --- |")
        with standing(fsync=True) as server:
            for kind, url in (
                ("PostgreSQL", databases(server.url)()),
                ("SQLite", f"sqlite:///{folder / 'writers.db'}"),
            ):
                for events, batches in BATCHES:
                    rate = writers(url, events, batches, folder)
                    print(f"| {kind} | {events:,} | {rate:,.0f} |")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
