"""A PostgreSQL server of our own, started for the tests and stopped after them."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

START_SECONDS = 30
_NUMBERS = count(1)

Maker = Callable[[], str]
"""What gives the URL of a new, empty database."""


def _binaries() -> Path | None:
    """Return the folder of the newest PostgreSQL server that is installed."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = shutil.which("initdb")
    places += [Path(found).resolve().parent] if found else []
    return next((each for each in places if (each / "postgres").is_file()), None)


def _runner() -> pwd.struct_passwd | None:
    """Return the user that the server runs as: ourselves, unless we are root."""
    if os.geteuid():
        return pwd.getpwuid(os.geteuid())
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(name)
    return None


def _as(user: pwd.struct_passwd) -> dict[str, object]:
    """Return what makes a process that of *user*."""
    if os.geteuid():
        return {}
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _initialise(binaries: Path, data: Path, user: pwd.struct_passwd) -> None:
    """Make a cluster that sorts text as people do, where the server can, so that we must not."""
    base = [binaries / "initdb", "-D", data, "-A", "trust", "-U", "regesta", "-E", "UTF8", "-N"]
    sorting = ["--locale-provider=icu", "--icu-locale=en", "--locale=C.UTF-8"]
    for options in (sorting, ["--locale=C"]):
        shutil.rmtree(data, ignore_errors=True)
        done = subprocess.run(  # type: ignore[call-overload]
            [*base, *options], capture_output=True, cwd=data.parent, check=False, **_as(user)
        )
        if done.returncode == 0:
            return
    pytest.skip(f"initdb failed: {done.stderr.decode()[-300:]}")


def _wait(server: subprocess.Popen[bytes], url: str, data: Path) -> None:
    """Wait until *server* answers at *url*, and make sure that it is ours."""
    engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and server.poll() is None:
        with suppress(OperationalError), engine.connect() as connection:
            theirs = connection.execute(sa.text("SHOW data_directory")).scalar_one()
            assert Path(theirs).resolve() == data.resolve(), "somebody else's server"
            return
        time.sleep(0.05)
    pytest.skip("the PostgreSQL server did not start")


class Server:
    """A PostgreSQL server of the tests' own, which they may stop and start again."""

    def __init__(self, binaries: Path, user: pwd.struct_passwd, home: Path, *, fsync: bool) -> None:
        self._binaries, self._user, self._home = binaries, user, home
        self._port = _free_port()
        self._options = [] if fsync else ["-F"]
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"postgresql+psycopg://regesta@127.0.0.1:{self._port}/postgres"
        _initialise(binaries, home / "data", user)

    def start(self) -> None:
        """Start the server unless it runs, and wait until it answers: it may have to recover."""
        if self._process is not None:
            return
        data = self._home / "data"
        options = ["-p", str(self._port), "-k", self._home, "-c", "listen_addresses=127.0.0.1"]
        with (self._home / "log").open("ab") as log:
            self._process = subprocess.Popen(  # type: ignore[call-overload]
                [self._binaries / "postgres", "-D", data, *options, *self._options],
                stdout=log,
                stderr=log,
                cwd=self._home,
                **_as(self._user),
            )
        assert self._process is not None
        _wait(self._process, self.url, data)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop the server: cleanly with SIGINT, as in a crash with SIGQUIT. Clients are cut off."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(START_SECONDS)
            self._process = None


@contextmanager
def standing(*, fsync: bool) -> Iterator[Server]:
    """Yield a PostgreSQL server that was started for the tests; skip without one.

    With *fsync* what it commits outlives a crash, as a team's server has it; without, it is fast.
    """
    if importlib.util.find_spec("psycopg") is None:
        pytest.skip("psycopg is not installed")
    binaries, user = _binaries(), _runner()
    if binaries is None or user is None:
        pytest.skip("no PostgreSQL server is installed, or nobody may run one")
    home = Path(tempfile.mkdtemp(prefix="regesta-pg-"))
    try:
        if not os.geteuid():
            os.chown(home, user.pw_uid, user.pw_gid)
        server = Server(binaries, user, home, fsync=fsync)
        try:
            server.start()
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def running() -> Iterator[str]:
    """Yield the URL of a PostgreSQL server that was started for the tests; skip without one."""
    with standing(fsync=False) as server:
        yield server.url


def databases(server: str) -> Maker:
    """Return what makes a new database on *server*, and gives its URL."""

    def make() -> str:
        name = f"store{next(_NUMBERS)}_{os.getpid()}"
        engine = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool)
        with engine.connect() as connection:
            connection.execute(sa.text(f"CREATE DATABASE {name}"))
        return server.removesuffix("postgres") + name

    return make
