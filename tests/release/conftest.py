"""A small, honest release content: four batches of two events, one of them of 1648."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from regesta.canonical import encode
from regesta.dates import bounds
from regesta.flows.reopening import refilled
from regesta.log.checkpoint import Checkpoint
from regesta.log.leaves import leaf_hashes, leaf_texts
from regesta.merkle import root_of
from regesta.release.content import Content, Stretch
from regesta.release.tabular import as_lines
from regesta.release.write import drafting, write_content, write_log
from regesta.research.register import Register
from regesta.research.vantage import Vantage
from regesta.schema.tables import TABLES
from regesta.store.store import Store

CARD = {
    "name": "two-gifts",
    "title": "Two gifts & a peace",
    "description": "An example of two events.",
    "license": "CC-BY-4.0",
    "keywords": ["diplomacy", "gifts"],
    "contributors": ["Anna Amsel", {"title": "Institut für Beispiele", "role": "editor"}],
    "details": {"tally": "Votes | for and against."},
}
FORMULA = '=HYPERLINK("https://example.org","click"),\n+1'
KOREAN = "김정은 위원장이 선물을 받다"

Step = tuple[int, str, str, str, dict[str, Any]]
LOG_DTYPES = {
    "position": pl.Int64(),
    "batch": pl.Int64(),
    "revision": pl.Int64(),
    "supersedes": pl.Int64(),
    "action": pl.String(),
    "reason": pl.String(),
}


def _batch(number: int, message: str | None, **more: str) -> Step:
    at = f"2026-11-{20 + number}T03:05:00.000000Z"
    row = {
        "batch": number,
        "recorded_at": at,
        "author": "Anna Amsel",
        "message": message,
        "counts": '{"events":{"added":1,"read":2,"rejected":0}}',
        **more,
    }
    return number, "batches", "add", "new", row


def _add(batch: int, table: str, **row: object) -> Step:
    return batch, table, "add", "new", row


PEACE = {
    "event_id": "peace",
    "event_type": "agreement",
    "title": "Peace of Münster",
    "date": "1648-10-24",
    "place": "Münster",
    "country": "DEU",
    "latitude": 51.962944,
    "longitude": 7.628694,
}
GIFT = {
    "event_id": "gift",
    "event_type": "gift",
    "title": KOREAN,
    "date": "2024-02-18",
    "summary": FORMULA,
    "intensity": 0.000001,
    "intensity_scheme": "goldstein-gdelt",
    "details": '{"item":"Aurus","tally":15}',
}
RECIPIENT = {"event_id": "gift", "actor_id": "PRK", "role": "recipient"}
STEPS: tuple[Step, ...] = (
    _batch(1, None, card=encode(CARD).decode()),
    _add(1, "actors", actor_id="RUS", name="Russia", kind="state", country="RUS"),
    _add(1, "actors", actor_id="PRK", name="North Korea", kind="state", aliases="NA"),
    _add(1, "sources", source_id="kcna", publisher="KCNA", title=FORMULA),
    _add(1, "events", **PEACE),
    _add(1, "events", **GIFT),
    _add(1, "participants", **RECIPIENT),
    _add(1, "participants", event_id="gift", actor_id="RUS", role="giver"),
    _batch(2, "A later claim,\nin two lines."),
    _add(
        2,
        "evidence",
        evidence_id="e1",
        event_id="gift",
        source_id="kcna",
        stance="asserts",
        aspect="occurrence",
        speaker="PRK",
    ),
    (2, "events", "revise", "correction", {**GIFT, "place": "평양"}),
    _add(2, "relations", event_id="gift", relation="follows", other_id="elsewhere/peace"),
    _batch(3, "The peace is out of scope."),
    (3, "events", "retract", "retraction", PEACE),
    (3, "participants", "revise", "recoding", {**RECIPIENT, "label": "DPRK"}),
    _batch(4, None),
    (4, "events", "restore", "correction", PEACE),
)
"""The log, one record a line: batch, table, action, reason and row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole(Content):
    """The content of a release, and the log that it has: records by table, leaves in order."""

    history: dict[str, pl.DataFrame]
    leaves: list[str]


def write_release(content: Whole, shelf: Path) -> Path:
    """Write *content* as a release beneath the folder *shelf* and return the release's folder."""
    about = {"dataset": str(content.card["name"]), "version": content.version}
    lines = as_lines(pl.Series(content.leaves, dtype=pl.String))
    stretch = Stretch(records=content.history, lines=lines)
    with drafting(shelf, content.version) as draft:
        write_log([stretch], draft, about)
        write_content(content, draft, about)
    return shelf / content.version


def small_content(*, batches: int = 4) -> Whole:
    """Return the content of a release of the first *batches* batches of `STEPS`."""
    steps = [step for step in STEPS if step[0] <= batches]
    leaves: dict[int, str] = {}
    history = {name: _history(name, steps, leaves) for name in TABLES}
    tables = {name: _standing(name, log) for name, log in history.items()}
    hashes = [
        bytes(leaf) for leaf in leaf_hashes(pl.Series([leaves[i] for i in range(len(steps))]))
    ]
    checkpoint = Checkpoint(origin="regesta/two-gifts", size=len(steps), root=root_of(hashes))
    return Whole(
        card=CARD,
        version="1.0.0",
        tables={**tables, "timeline": _timeline(history)},
        history=history,
        leaves=[leaves[position] for position in range(len(steps))],
        checkpoint=str(checkpoint),
        recorded_at=str(tables["batches"]["recorded_at"].max()),
    )


def _timeline(history: dict[str, pl.DataFrame]) -> pl.DataFrame:
    store = refilled(Store.create("sqlite://"), history)
    return Register(store.fetch, Vantage()).timeline()


def _history(name: str, steps: list[Step], leaves: dict[int, str]) -> pl.DataFrame:
    """Return the log table *name* and note its leaves by position."""
    table = TABLES[name]
    newest: dict[tuple[str, ...], tuple[int, int | None]] = {}
    rows = []
    for position, (batch, owner, action, reason, row) in enumerate(steps):
        if owner == name:
            key = tuple(str(row[column]) for column in table.key)
            revision, before = newest.get(key, (0, None))
            newest[key] = (revision + 1, position)
            said = {"action": action, "reason": reason, "revision": revision + 1}
            where = {"position": position, "batch": batch, "supersedes": before}
            rows.append({**_days(row, name), **where, **said})
    frame = pl.DataFrame(rows, schema={**table.dtypes, **LOG_DTYPES})
    texts = leaf_texts(table, frame)
    leaves.update(zip(frame["position"], texts, strict=True))
    return frame.with_columns(leaf=leaf_hashes(texts))


def _days(row: dict[str, Any], name: str) -> dict[str, Any]:
    if name != "events":
        return row
    earliest, latest = bounds(row["date"])
    return {**row, "date_earliest": earliest, "date_latest": latest}


def _standing(name: str, log: pl.DataFrame) -> pl.DataFrame:
    """Return the current rows of a log table: the last record of each key, unless it retracts."""
    table = TABLES[name]
    last = log.sort("position").group_by(table.key, maintain_order=True).last()
    return last.filter(pl.col("action") != "retract").select(list(table.columns))


@pytest.fixture
def content() -> Whole:
    """Return the content of a small first release."""
    return small_content()


@pytest.fixture
def release(content: Whole, tmp_path: Path) -> Path:
    """Return the folder of a small first release."""
    return write_release(content, tmp_path / "releases")
