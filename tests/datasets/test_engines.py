"""The same statuses, row for row, from SQLite, PostgreSQL and DuckDB over the release."""

from __future__ import annotations


from pathlib import Path

import polars as pl
import pytest

from regesta.catalog.versions import resolve
from regesta.flows.reopening import refilled, store_of
from regesta.release.duck import run_over
from regesta.release.tabular import read_records
from regesta.research.ground import Run
from regesta.research.register import Register
from regesta.research.vantage import Vantage
from regesta.schema.tables import TABLES
from regesta.store.store import Store
from tests.postgresql import databases

MOMENTS = (None, "2024-02-20T01:09:00Z", "2024-10-30T23:59:59Z")


def answers(run: Run, known_by: str | None) -> dict[str, pl.DataFrame]:
    """Return all that a register says of statuses at a moment."""
    register = Register(run, Vantage(known_by=known_by))
    return {
        "statuses": register.statuses(),
        "steps": register.steps(),
        "positions": register.positions(),
        "timeline": register.timeline(),
    }


@pytest.fixture(scope="module")
def release() -> Path:
    """Return the newest release of russia-dprk."""
    return resolve("russia-dprk")


@pytest.fixture(scope="module")
def sqlite(release: Path) -> Run:
    """Return what asks an SQLite store that holds the release's log."""
    return store_of(release).fetch


@pytest.mark.parametrize("known_by", MOMENTS)
def test_duckdb_over_the_files_says_what_sqlite_says(
    known_by: str | None, release: Path, sqlite: Run
) -> None:
    """Statuses, their steps, positions and timeline are equal, row for row."""
    pytest.importorskip("duckdb")
    here, there = answers(sqlite, known_by), answers(run_over(release), known_by)
    for name, frame in here.items():
        assert frame.height
        assert frame.equals(there[name]), name


def test_postgresql_says_what_sqlite_says(
    release: Path, sqlite: Run, postgresql: str
) -> None:
    """A server that holds the same log gives the same rows."""
    histories = {name: read_records(table, release) for name, table in TABLES.items()}
    server = refilled(Store.create(databases(postgresql)(), dataset="russia-dprk"), histories)
    for known_by in MOMENTS:
        here, there = answers(sqlite, known_by), answers(server.fetch, known_by)
        for name, frame in here.items():
            assert frame.equals(there[name]), name
