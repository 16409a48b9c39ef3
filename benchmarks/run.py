"""Time an import of a flat file beside its peers, each as a whole process; print a table.

Usage: python benchmarks/run.py [SIZE]
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parent))
from generate import write_events

ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Contestant:
    """Something that brings a CSV file into a durable database."""

    name: str
    command: Callable[[Path, Path], list[str]]


def _regesta(source: Path, store: Path) -> list[str]:
    call = [sys.executable, "-m", "regesta", "--store", f"sqlite:///{store}", "import", str(source)]
    return [*call, "--new-actors", "--json"]


def _raw(source: Path, store: Path) -> list[str]:
    return [
        sys.executable,
        str(Path(__file__).parent / "peers" / "raw_sqlite.py"),
        str(source),
        str(store),
    ]


def _pandas(source: Path, store: Path) -> list[str]:
    return [
        sys.executable,
        str(Path(__file__).parent / "peers" / "pandas_to_sql.py"),
        str(source),
        str(store),
    ]


CONTESTANTS = (
    Contestant("regesta import", _regesta),
    Contestant("sqlite3.executemany, no checks, no hash", _raw),
    Contestant("pandas to_sql and a sha256 a row", _pandas),
)


def main(size: int) -> None:
    """Run every contestant in turn, several rounds, on both kinds of file."""
    print(
        f"{size} events, medians of {ROUNDS} rounds; Python {platform.python_version()}, "
        f"polars {version('polars')}, SQLAlchemy {version('sqlalchemy')}\n"
    )
    print("| file | what | seconds | ratio | peak MB |\n| --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        for kind, parties in (
            ("events alone", False),
            ("events, two participants, a source", True),
        ):
            source = Path(folder) / f"{parties}.csv"
            write_events(source, size, parties=parties)
            figures = _timed(source, Path(folder))
            base = median(seconds for seconds, _ in figures[CONTESTANTS[1].name])
            for name, runs in figures.items():
                seconds, peak = median(s for s, _ in runs), max(p for _, p in runs)
                print(f"| {kind} | {name} | {seconds:.2f} | {seconds / base:.2f} | {peak:.0f} |")


def _timed(source: Path, folder: Path) -> dict[str, list[tuple[float, float]]]:
    """Return seconds and peak megabytes of each run of each contestant."""
    figures: dict[str, list[tuple[float, float]]] = {each.name: [] for each in CONTESTANTS}
    for number in range(ROUNDS):
        for each in CONTESTANTS:
            store = folder / f"{number}-{CONTESTANTS.index(each)}-{source.stem}.db"
            figures[each.name].append(timed(each.command(source, store)))
            store.unlink()
    return figures


def timed(command: list[str]) -> tuple[float, float]:
    """Return seconds and peak megabytes of one process, as the operating system counts them."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed with status {process.returncode}")
    return seconds, usage.ru_maxrss / 1024


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
