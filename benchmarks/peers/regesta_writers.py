"""Have many processes at once bring files into a store; tell the seconds beside start-up.

Who is told that the store is busy tries again, as one should.
"""

from __future__ import annotations

import csv
import multiprocessing
import sys
import time
from datetime import UTC, datetime
from multiprocessing.synchronize import Barrier
from pathlib import Path

from regesta.errors import Busy
from regesta.flows.importing import import_paths
from regesta.flows.order import Order
from regesta.store.store import Store


def write(url: str, sources: list[str], together: Barrier) -> None:
    """Import *sources* one after another, beginning when the others do."""
    store = Store.open(url)
    together.wait()
    for source in sources:
        while not brought(Path(source), store):
            pass


def brought(source: Path, store: Store) -> bool:
    """Import *source* and return whether that was done: one may be told to try again."""
    try:
        import_paths([source], store, Order(author="benchmark"), at=datetime.now(UTC))
    except Busy:
        return False
    return True


def main(url: str, writers: int, sources: list[str]) -> None:
    """Run the writers and count what they recorded.

    Raises
    ------
    SystemExit
        If one fails, or records are lost or double.
    """
    store = Store.create(url)
    context = multiprocessing.get_context("spawn")
    together = context.Barrier(writers + 1)
    shares = [(url, sources[number::writers], together) for number in range(writers)]
    running = [context.Process(target=write, args=share) for share in shares]
    for process in running:
        process.start()
    together.wait()
    begun = time.perf_counter()
    for process in running:
        process.join()
    print(f"work: {time.perf_counter() - begun:.4f}")
    failed = sum(process.exitcode != 0 for process in running)
    due = sum(map(lines, sources))
    if failed or store.head().size != due:
        raise SystemExit(f"{failed} writers failed; {store.head().size} records of {due} are there")


def lines(source: str) -> int:
    """Return how many records a file makes: one a row, and one of the batch for its header."""
    with Path(source).open(encoding="utf-8", newline="") as file:
        return sum(1 for _ in csv.reader(file))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
