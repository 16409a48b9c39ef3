"""A long file that is taken stretch by stretch: the log, receipt and refusals of the whole."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from regesta.errors import InvalidInput
from regesta.flows.importing import import_paths
from regesta.flows.order import Order
from regesta.flows.verifying import verify_store
from regesta.intake import stretches
from regesta.log.receipt import Receipt
from regesta.store.store import Store

AT = datetime(2026, 11, 24, 20, tzinfo=UTC)
STRETCH = 2_000
COUNT = 500


def events(count: int = COUNT) -> pl.DataFrame:
    """Return rows of events as text."""
    return pl.select(
        event_id=pl.format("e{}", pl.int_range(count)),
        event_type=pl.lit("visit"),
        title=pl.format('no. {}, "so"', pl.int_range(count)),
        date=pl.lit("2024-02"),
    )


@pytest.fixture(params=[STRETCH, 2**27], ids=["stretches", "whole"])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Return a new store; files are read in many stretches, or whole."""
    monkeypatch.setattr(stretches, "STRETCH", request.param)
    return Store.create(f"sqlite:///{tmp_path / 'regesta.db'}")


def _import(
    store: Store, rows: pl.DataFrame, folder: Path, *, quarantine: Path | None = None
) -> Receipt:
    path = folder / "events.csv"
    rows.write_csv(path)
    receipt = import_paths([path], store, Order(author="A", quarantine=quarantine), at=AT)
    verify_store(store, step=lambda _: None)
    return receipt


def _counts(receipt: Receipt) -> dict[str, int]:
    return {name: count for name, count in receipt.tables["events"].items() if count}


def test_all_rows_are_one_batch(store: Store, tmp_path: Path) -> None:
    """However a file is read, its rows become one batch, in their order; again, they are known."""
    receipt = _import(store, events(), tmp_path)
    assert _counts(receipt) == {"read": COUNT, "added": COUNT}
    assert receipt.checkpoint.size == COUNT + 1
    assert store.records("events")["event_id"].to_list() == events()["event_id"].to_list()
    again = _import(store, events(), tmp_path)
    assert _counts(again) == {"read": COUNT, "unchanged": COUNT}
    assert again.batch is None


def test_stretches_give_the_root_of_the_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log does not show how its file was read."""
    roots = []
    for number, stretch in enumerate((STRETCH, 2**27)):
        monkeypatch.setattr(stretches, "STRETCH", stretch)
        store = Store.create(f"sqlite:///{tmp_path / f'{number}.db'}")
        roots.append(_import(store, events(), tmp_path).checkpoint.root)
    assert roots[0] == roots[1]


def test_a_row_told_twice_counts_once(store: Store, tmp_path: Path) -> None:
    """The same row far from itself is a duplicate, as it is beside itself."""
    receipt = _import(store, pl.concat([events(), events(3)]), tmp_path)
    assert _counts(receipt) == {"read": COUNT + 3, "added": COUNT, "duplicate": 3}


def test_rows_that_disagree_are_refused_with_both_named(store: Store, tmp_path: Path) -> None:
    """Two rows with one key are held against each other, however far apart they stand."""
    other = events(1).with_columns(title=pl.lit("another"))
    with pytest.raises(InvalidInput) as caught:
        _import(store, pl.concat([events(), other]), tmp_path)
    found = caught.value.failures.sort("row")
    assert found["row"].to_list() == [2, COUNT + 2]
    assert found["rule"].to_list() == ["unique-error"] * 2
    assert f"row {COUNT + 2}" in found["message"][0]
    assert store.head().size == 0


def test_all_failures_of_all_stretches_are_told(store: Store, tmp_path: Path) -> None:
    """One invalid row refuses the file, and each of them is named by its row."""
    wrong = pl.when(pl.int_range(pl.len()).is_in([0, 250, 499])).then(pl.lit("vist"))
    rows = events().with_columns(event_type=wrong.otherwise("event_type"))
    with pytest.raises(InvalidInput) as caught:
        _import(store, rows, tmp_path)
    assert caught.value.failures["row"].to_list() == [2, 252, 501]
    assert store.head().size == 0


def test_a_quarantine_takes_the_refused_rows_of_all_stretches(store: Store, tmp_path: Path) -> None:
    """Valid rows are recorded; the others are written whole, wherever they stood, and counted."""
    other = events(1).with_columns(title=pl.lit("another"))
    wrong = pl.when(pl.int_range(pl.len()) == 250).then(pl.lit("vist"))
    rows = pl.concat([events().with_columns(event_type=wrong.otherwise("event_type")), other])
    refused = tmp_path / "refused.csv"
    receipt = _import(store, rows, tmp_path, quarantine=refused)
    assert _counts(receipt) == {"read": COUNT + 1, "added": COUNT - 2, "rejected": 3}
    written = pl.read_csv(refused, infer_schema=False).sort("event_id", "title")
    assert_frame_equal(
        written.select(rows.columns), rows[[250, 0, COUNT]].sort("event_id", "title")
    )
