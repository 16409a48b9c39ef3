"""What the fault tests share: chance with a seed, a server that syncs, and a tally at the end."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.postgresql import Maker, Server, databases, standing

KILLS = int(os.environ.get("REGESTA_FAULT_KILLS", "200"))
"""How many imports are killed on each backend; of releases a quarter."""

SEED = int(os.environ.get("REGESTA_FAULT_SEED", random.SystemRandom().randrange(2**32)))
"""What decides every random moment, but for what the machine itself leaves to chance."""

BACKENDS = ("sqlite", "postgresql")

Tally = Counter[str]
TALLIES: dict[str, Tally] = {}


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> random.Random:
    """Return what each test draws its moments from; a test that fails shows the seed."""
    print(f"REGESTA_FAULT_SEED={SEED} draws these moments again")  # noqa: T201
    return random.Random(f"{SEED} {request.node.nodeid}")  # noqa: S311 - no secret


@pytest.fixture
def tally(request: pytest.FixtureRequest) -> Tally:
    """Return the counts of what came of each fault, shown when the tests are over."""
    call = getattr(request.node, "callspec", None)
    given = [each for each in BACKENDS if call and each in call.params.values()]
    what = " ".join([request.node.originalname, *given])
    return TALLIES.setdefault(what, Counter())


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show what came of the faults."""
    for name, counts in TALLIES.items():
        outcomes = ", ".join(f"{count} {what}" for what, count in sorted(counts.items()))
        terminalreporter.write_line(f"{name}: {outcomes}")


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """Return a PostgreSQL server whose commits outlive a crash."""
    with standing(fsync=True) as started:
        yield started


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    """Return the name of each backend in turn."""
    return str(request.param)


def places(backend: str, folder: Path, request: pytest.FixtureRequest) -> Maker:
    """Return what gives the URL of a new place for a store: a file to be, or an empty database."""
    if backend == "postgresql":
        server: Server = request.getfixturevalue("server")
        return databases(server.url)
    numbers = count()
    return lambda: f"sqlite:///{folder / f'store-{next(numbers)}.db'}"


@pytest.fixture
def new_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Maker:
    """Return what gives the URL of a new place for a store."""
    return places(backend, tmp_path, request)


@pytest.fixture
def url(new_url: Maker) -> str:
    """Return the URL of a new place for a store."""
    return new_url()
