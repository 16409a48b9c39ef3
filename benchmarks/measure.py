"""Measure one process from its start to its end: seconds, and peak memory with its children."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

TICK = 0.03
"""Seconds between two looks at the memory."""

PATIENCE = 1800.0
"""Seconds after which a process is given up."""

ENOUGH = 0.85
"""Share of the machine's memory with which a process is stopped, before the machine stops."""

_WORK = re.compile(r"^work: ([0-9.]+)$", re.MULTILINE)
_MEGABYTE = 1024 * 1024


class GaveUp(Exception):
    """A process failed, took too long or took all the memory; the message says which."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a process.

    `work` is what the process itself says that it took when all libraries were loaded, if it
    says so in a line `work: SECONDS`; `peak` is in megabytes.
    """

    seconds: float
    peak: float
    work: float | None = None


def measure(command: Sequence[str]) -> Run:
    """Run *command* as a process group of its own and return what it took.

    What it had not yet written of earlier runs is written to the disk first.

    Raises
    ------
    GaveUp
        If it fails, or is stopped for taking too long or too much memory.
    """
    os.sync()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        begun = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=err, start_new_session=True)
        with _watching(process) as watched:
            process.wait()
            seconds = time.perf_counter() - begun
        if watched.stopped:
            raise GaveUp(watched.stopped)
        if process.returncode:
            err.seek(0)
            last = err.read().decode(errors="replace").strip().rpartition("\n")[2]
            raise GaveUp(f"status {process.returncode}: {last[:200]}")
        out.seek(0)
        said = _WORK.search(out.read().decode(errors="replace"))
    return Run(seconds, watched.peak, float(said[1]) if said else None)


@dataclass(slots=True)
class _Watched:
    """The most memory that was seen so far, and why the process was stopped if it was."""

    peak: float = 0.0
    stopped: str = ""


@contextmanager
def _watching(process: subprocess.Popen[bytes]) -> Iterator[_Watched]:
    """Look at the memory of *process* from another thread, and stop what takes too much."""
    watched, done = _Watched(), threading.Event()

    def watch() -> None:
        until, limit = time.monotonic() + PATIENCE, ENOUGH * memory()
        while not watched.stopped:
            watched.peak = max(watched.peak, _held(process.pid))
            if watched.peak > limit:
                watched.stopped = "out of memory"
            elif time.monotonic() > until:
                watched.stopped = f"over {PATIENCE:.0f} s"
            if done.wait(0 if watched.stopped else TICK):
                return
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield watched
    finally:
        done.set()
        watcher.join()


def memory() -> float:
    """Return the megabytes of memory that the machine has."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / _MEGABYTE


def _held(leader: int) -> float:
    """Return the megabytes that *leader* and the processes that it has started hold now.

    Of the leader alone that is the most that it has held so far, as the system remembers it.
    """
    each = [_status(pid) for pid in _family(leader)]
    now = sum(status.get("VmRSS", 0.0) for status in each)
    return max(now, each[0].get("VmHWM", 0.0))


def _family(pid: int) -> list[int]:
    """Return *pid* and every process below it."""
    found = [pid]
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):  # it has ended since
            found += [each for child in path.read_text().split() for each in _family(int(child))]
    return found


def _status(pid: int) -> dict[str, float]:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return {}
    return {
        name: float(rest.split()[0]) / 1024
        for name, _, rest in (line.partition(":") for line in lines)
        if name in ("VmRSS", "VmHWM")
    }


def python(script: str, *arguments: object) -> list[str]:
    """Return the command that runs a script of `benchmarks/` in this Python."""
    return [sys.executable, str(Path(__file__).parent / script), *map(str, arguments)]
