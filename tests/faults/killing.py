"""Kill a command at a random moment of its running time, as measured."""

from __future__ import annotations

import random
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import sqlalchemy as sa

from tests.faults.processes import PATIENCE, Ended, ended, run, start

Sign = Callable[[], bool]
"""What tells whether a command has begun to write."""

_durations: dict[str, float] = {}
_windows: dict[str, float] = {}
"""How long commands of a kind run, and how long they write, in seconds."""


def is_timed(kind: str) -> bool:
    """Return whether it is known how long commands of this *kind* run."""
    return kind in _durations


def timed(kind: str, *words: object, **variables: str) -> Ended:
    """Run a command to its end, and remember how long one of its *kind* takes."""
    began = time.monotonic()
    done = run(*words, **variables)
    took = time.monotonic() - began
    _durations[kind] = 0.7 * _durations.get(kind, took) + 0.3 * took
    return done


def killed_at_any_moment(kind: str, chance: random.Random, *words: object) -> Ended:
    """Kill a command at a moment drawn uniformly from its running time."""
    return killed_after(chance.uniform(0, _durations[kind]), start(*words))


def killed_after(seconds: float, process: subprocess.Popen[str]) -> Ended:
    """Kill *process* after so many *seconds*, unless it has ended by then."""
    with suppress(subprocess.TimeoutExpired):
        process.wait(seconds)
    process.kill()
    return ended(process)


def killed_while_writing(sign: Sign, kind: str, chance: random.Random, *words: object) -> Ended:
    """Kill a command at a random moment after the first *sign* that it writes."""
    process = start(*words)
    until = time.monotonic() + PATIENCE
    while process.poll() is None and not sign() and time.monotonic() < until:
        time.sleep(0.0005)
    return killed_after(chance.uniform(0, _windows.get(kind, 0.1)), process)


def learn_window(kind: str, *, landed: bool) -> None:
    """Aim the next kills so that half of them come before the commit and half after it."""
    _windows[kind] = _windows.get(kind, 0.1) * (0.85 if landed else 1.18)


def sign_of_writing(url: str) -> Sign:
    """Return what tells whether somebody has begun to write to the store at *url*."""
    if url.startswith("sqlite"):
        return Path(f"{url.removeprefix('sqlite:///')}-journal").exists
    return lambda: bool(_others(url, "backend_xid IS NOT NULL"))


def wait_until_alone(url: str) -> None:
    """Wait until a server has noticed that its clients are dead: one may be committing still."""
    if url.startswith("postgresql"):
        until = time.monotonic() + PATIENCE
        while _others(url, "true"):
            assert time.monotonic() < until, "the server holds on to a dead client"
            time.sleep(0.005)


def _others(url: str, where: str) -> int:
    """Return how many other sessions of the database at *url* are such."""
    with _observer(url).connect() as connection:
        return int(connection.execute(sa.text(_OTHERS + where)).scalar_one())


_OTHERS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND backend_type = 'client backend' AND pid <> pg_backend_pid() AND "
)


def _observer(url: str) -> sa.Engine:
    return sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool)
