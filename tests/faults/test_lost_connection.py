"""A server that goes away, or a lock that is never freed, is told in one sentence; nothing is torn.

The same import again, once the server is back or the lock is free, completes what was begun.
"""

from __future__ import annotations

import random
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Timer

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from regesta.store import engine
from regesta.store.store import Store
from tests.cli.conftest import run as run_within
from tests.faults.conftest import KILLS, Tally
from tests.faults.killing import Sign, sign_of_writing
from tests.faults.laws import require_sound, told
from tests.faults.processes import PATIENCE, Ended, ended, require_one_sentence, run, start
from tests.faults.workload import retold, write_file
from tests.postgresql import Server, databases

CUTS = range(-(-KILLS // 10))
"""How often the server goes away; and as often, one session is ended."""

SIZE = 300


def stopped(server: Server, url: str) -> None:
    """Stop the server as a crash would."""
    del url
    server.stop(signal.SIGQUIT)


def cut_off(server: Server, url: str) -> None:
    """End every session on the database at *url*, as an administrator may."""
    ending = sa.text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name")
    door = sa.create_engine(server.url, poolclass=sa.pool.NullPool)
    with door.connect() as connection:
        connection.execute(ending, {"name": url.rpartition("/")[2]})


FAULTS: Mapping[str, Callable[[Server, str], None]] = {"server": stopped, "session": cut_off}


def importing(url: str, file: Path) -> tuple[object, ...]:
    """Return the command that loses its connection."""
    return ("--store", url, "import", file, "--new-actors", "--json")


def interrupted(
    words: tuple[object, ...], sign: Sign, seconds: float, fault: Callable[[], None]
) -> Ended:
    """Run a command, and let the *fault* happen so many *seconds* after it began to write."""
    process = start(*words)
    until = time.monotonic() + PATIENCE
    while process.poll() is None and not sign() and time.monotonic() < until:
        time.sleep(0.0005)
    time.sleep(seconds)
    fault()
    return ended(process)


@pytest.mark.slow
@pytest.mark.parametrize("number", CUTS)
@pytest.mark.parametrize("what", FAULTS)
def test_lost_while_writing(
    number: int, what: str, server: Server, tmp_path: Path, chance: random.Random, tally: Tally
) -> None:
    """An import that loses its server says so; its batch is whole or absent."""
    del number
    url = databases(server.url)()
    Store.create(url)
    first = write_file(tmp_path / "first.csv", range(SIZE), "one")
    assert run(*importing(url, first)).status == 0
    second = write_file(tmp_path / "second.csv", range(SIZE // 2, 2 * SIZE), "two")
    before = retold({}, range(SIZE), "one")
    after = retold(before, range(SIZE // 2, 2 * SIZE), "two")
    try:
        lost = interrupted(
            importing(url, second),
            sign_of_writing(url),
            chance.uniform(0, 0.15),
            lambda: FAULTS[what](server, url),
        )
    finally:
        server.start()
    require_sound(url)
    found = told(Store.open(url))
    if lost.status == 0:
        assert found == after, "an acknowledged batch is lost"
    else:
        require_one_sentence(lost, 6)
        assert found in (before, after), "half a batch was recorded"
    landed = "landed" if found == after else "absent"
    tally[f"{what}: status {lost.status} and {landed}"] += 1
    assert run(*importing(url, second)).status == 0
    assert told(Store.open(url)) == after
    require_sound(url)


@pytest.mark.slow
@pytest.mark.parametrize("words", [("import",), ("timeline",), ("log",), ("init",), ("verify",)])
def test_no_server(words: tuple[str, ...], server: Server, tmp_path: Path) -> None:
    """A server that does not answer is told in one sentence."""
    url = databases(server.url)()
    Store.create(url)
    file = write_file(tmp_path / "first.csv", range(SIZE), "one")
    server.stop()
    try:
        paths = [file, "--new-actors"] if words == ("import",) else []
        require_one_sentence(run_within("--store", url, *words, *paths), 6)
    finally:
        server.start()


BOUND = 1
"""Seconds that a writer waits in these tests."""


@contextmanager
def held(url: str, seconds: float) -> Iterator[None]:
    """Have somebody else hold the store at *url* so that it can be read and not written."""
    if url.startswith("sqlite"):
        holder = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            holder.close()
        return
    door = sa.create_engine(url, poolclass=sa.pool.NullPool)
    with suppress(OperationalError), door.connect() as connection:
        connection.execute(sa.text("LOCK TABLE store, checkpoints, batches_log IN EXCLUSIVE MODE"))
        pid = connection.execute(sa.text("SELECT pg_backend_pid()")).scalar_one()
        # A writer that knows no bound would wait for ever, and so would this test.
        freeing = Timer(seconds, _end, (door, pid))
        freeing.start()
        try:
            yield
        finally:
            freeing.cancel()


def _end(door: sa.Engine, pid: int) -> None:
    """End the session of the backend *pid*."""
    with door.connect() as connection:
        connection.execute(sa.text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})


def test_waiting_too_long(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has waited for the bound is told that somebody else is writing, and tries again."""
    monkeypatch.setattr(engine, "BUSY_SECONDS", BOUND)
    Store.create(url)
    file = write_file(tmp_path / "first.csv", range(20), "one")
    with held(url, 4 * BOUND):
        declined = run_within("--store", url, "import", file, "--new-actors")
    require_one_sentence(declined, 5)
    assert "else is writing" in declined.err
    assert "locked" not in declined.err
    assert Store.open(url).head().size == 0
    assert run_within("--store", url, "import", file, "--new-actors").status == 0
