"""The same rows in pandas, polars, Arrow and DuckDB; of columns that are asked for only these."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from pandas.testing import assert_frame_equal

from regesta.errors import NoSuchName, UsageError, VerificationFailed
from regesta.flows.loading import load
from regesta.release.load import DTYPES
from regesta.schema.tables import PUBLISHED

STATES: list[dict[str, Any]] = [
    {},
    {"as_of": 12},
    {"as_of": 5},
    {"policy": "any"},
    {"known_by": "2026-11-22"},
]


@pytest.mark.parametrize("state", STATES, ids=str)
def test_every_format_says_the_same(release: Path, state: dict[str, Any]) -> None:
    """Each table of each state has the rows, in their order, that pandas has."""
    duckdb = pytest.importorskip("duckdb")
    dataset = load(release, **state)
    with dataset.duckdb() as views:
        assert isinstance(views, duckdb.DuckDBPyConnection)
        for name, table in PUBLISHED.items():
            frame = dataset.table(name)
            arrow = dataset.arrow(name)
            assert_frame_equal(arrow.to_pandas(types_mapper=DTYPES.get), frame)
            found = dataset.polars(name)
            assert found.equals(pl.DataFrame(arrow))
            assert dict(found.schema) == table.dtypes
            assert pl.DataFrame(views.table(name).to_arrow_table()).equals(found)


@pytest.mark.parametrize("state", STATES, ids=str)
def test_columns_come_as_they_are_asked_for(release: Path, state: dict[str, Any]) -> None:
    """Only these, in this order, with the cells of the whole table."""
    asked = ["title", "date_earliest"]
    whole = load(release, **state).events[asked]
    dataset = load(release, **state)
    assert_frame_equal(dataset.table("events", columns=asked), whole)
    assert dataset.table("events", columns=asked).attrs == whole.attrs
    assert dataset.polars("events", columns=asked).columns == asked
    assert dataset.arrow("events", asked).column_names == asked
    assert dataset.polars(columns=["event_id"]).height == len(dataset.timeline())
    assert dataset.polars().columns == list(dataset.timeline().columns)


def test_a_column_that_is_not_there_is_told(release: Path) -> None:
    """With the nearest one, as a table is."""
    dataset = load(release)
    with pytest.raises(NoSuchName, match=r"no column of events called 'titel'.*title"):
        dataset.table("events", columns=["titel"])
    with pytest.raises(NoSuchName, match=r"no table called 'event'.*events"):
        dataset.polars("event", columns=["title"])
    with pytest.raises(NoSuchName, match=r"no table called 'event'.*events"):
        dataset.arrow("event")


def test_duckdb_keeps_time_in_utc(release: Path) -> None:
    """Whatever the machine's own zone is."""
    pytest.importorskip("duckdb")
    with load(release).duckdb() as views:
        assert views.sql("SELECT current_setting('TimeZone')").fetchall() == [("UTC",)]


def test_duckdb_sees_no_altered_file(release: Path) -> None:
    """Each file is held against its digest before a view of it is made."""
    pytest.importorskip("duckdb")
    dataset = load(release)
    (release / "sources.parquet").write_bytes((release / "events.parquet").read_bytes())
    with pytest.raises(VerificationFailed, match=r"sources\.parquet was altered"):
        dataset.duckdb()


def test_without_duckdb_the_way_out_is_told(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an extra."""
    monkeypatch.setitem(__import__("sys").modules, "duckdb", None)
    with pytest.raises(UsageError, match=r"pip install 'regesta\[duckdb\]'"):
        load(release).duckdb()
