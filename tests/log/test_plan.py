"""The plan names the records that bring the log in step with the rows, and no others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regesta.log.leaves import leaf_hashes, leaf_texts
from regesta.log.plan import DEFAULT_REASONS, HEAD, PLANNED, TablePlan, plan, plan_retractions
from regesta.schema.tables import IMPORTED, TABLES, TableSchema
from regesta.vocabulary import code_list
from tests.strategies import (
    Row,
    State,
    cells,
    event_histories,
    frame,
    histories,
    rows,
    states,
    with_days,
)

EVENTS = TABLES["events"]


@dataclass
class Log:
    """A log of one table, kept in memory: the newest record of each key and all records."""

    table: TableSchema
    records: list[pl.DataFrame] = field(default_factory=list)
    size: int = 0

    def newest(self) -> pl.DataFrame:
        """Return the newest record of every key."""
        empty = pl.DataFrame(schema={**self.table.dtypes, **HEAD})
        records = pl.concat([empty, *(each.select(empty.columns) for each in self.records)])
        return records.unique(self.table.key, keep="last", maintain_order=True).sort("position")

    def live(self) -> pl.DataFrame:
        """Return the newest records that do not retract."""
        return self.newest().filter(pl.col("action") != "retract")

    def append(self, planned: pl.DataFrame) -> None:
        """Give the *planned* records their positions."""
        positions = pl.int_range(self.size, self.size + planned.height, eager=True)
        self.records.append(planned.with_columns(positions.alias("position")))
        self.size += planned.height

    def plan(self, state: State, reason: str | None = None) -> TablePlan:
        """Return the plan for *state*, given the newest record of each of its keys."""
        incoming = frame(self.table, state)
        heads = self.newest().join(incoming, on=self.table.key, how="semi")
        return plan(self.table, incoming, heads, reason=reason)

    def gone(self, state: State) -> pl.DataFrame:
        """Return the live records whose keys *state* lacks."""
        return self.live().join(frame(self.table, state), on=self.table.key, how="anti")

    def become(self, state: State) -> tuple[TablePlan, pl.DataFrame]:
        """Make the log say *state* and no more; return what that took."""
        planned = self.plan(state)
        retractions = plan_retractions(self.table, self.gone(state))
        self.append(planned.records)
        self.append(retractions)
        return planned, retractions

    def says(self) -> pl.DataFrame:
        """Return the live rows by key."""
        return self.live().select(*self.table.columns).sort(self.table.key)


def _sorted(table: TableSchema, state: State) -> pl.DataFrame:
    return frame(table, state).sort(table.key)


@pytest.mark.parametrize("name", IMPORTED)
@given(data=st.data())
@settings(deadline=None, max_examples=6)
def test_importing_twice_plans_nothing(name: str, data: st.DataObject) -> None:
    """What the log says already needs no record, in any table, in any order of rows."""
    table = IMPORTED[name]
    state = data.draw(states(table))
    log = Log(table)
    first, _ = log.become(state)
    again = log.plan(data.draw(st.permutations(state)))
    assert first.count("add") == first.records.height == len(state)
    assert again.records.height == 0
    assert again.unchanged == len(state)


@given(event_histories())
@settings(deadline=None, max_examples=12)
def test_the_log_then_says_what_the_file_says(history: list[State]) -> None:
    """After each plan is applied, the projection equals the rows."""
    log = Log(EVENTS)
    for state in history:
        log.become(state)
        assert log.says().equals(_sorted(EVENTS, state))


@given(event_histories())
@settings(deadline=None, max_examples=12)
def test_only_what_differs_is_recorded(history: list[State]) -> None:
    """A row is added once, revised where it differs, restored where it had gone, else left."""
    log = Log(EVENTS)
    before: dict[str, Row] = {}
    ever: set[str] = set()
    for state in history:
        now = {row["event_id"]: row for row in state}
        planned, retractions = log.become(state)
        actions = dict(planned.records.select("event_id", "action").iter_rows())
        assert actions == {
            key: "revise" if key in before else "restore" if key in ever else "add"
            for key, row in now.items()
            if before.get(key) != row
        }
        assert set(retractions["event_id"]) == before.keys() - now.keys()
        assert planned.unchanged == len(now) - len(actions)
        before, ever = now, ever | now.keys()


@given(event_histories())
@settings(deadline=None, max_examples=15)
def test_revisions_of_a_row_follow_one_another(history: list[State]) -> None:
    """Each record is one revision on, and supersedes the record of its row before it."""
    log = Log(EVENTS)
    for state in history:
        log.become(state)
    last: dict[str, tuple[int, int]] = {}
    for records in log.records:
        for record in records.iter_rows(named=True):
            position, revision = last.get(record["event_id"], (None, 0))
            assert record["supersedes"] == position
            assert record["revision"] == revision + 1
            last[record["event_id"]] = record["position"], record["revision"]


@given(event_histories())
@settings(deadline=None, max_examples=15)
def test_a_planned_record_has_its_leaf(history: list[State]) -> None:
    """The leaf of each record is that of its row and words."""
    log = Log(EVENTS)
    for state in history:
        planned, retractions = log.become(state)
        for records in (planned.records, retractions):
            assert records.columns == [*EVENTS.columns, *PLANNED]
            assert records["leaf"].to_list() == leaf_hashes(leaf_texts(EVENTS, records)).to_list()


@given(states(EVENTS, min_size=1), st.data())
@settings(deadline=None, max_examples=20)
def test_one_changed_cell_gives_exactly_one_revision(state: State, data: st.DataObject) -> None:
    """Whichever cell of whichever row changes, that row alone is revised, with the new cell."""
    log = Log(EVENTS)
    log.become(state)
    at = data.draw(st.integers(0, len(state) - 1))
    free = [n for n in EVENTS.columns if n not in (*EVENTS.key, "date_earliest", "date_latest")]
    name = data.draw(st.sampled_from(free))
    column = EVENTS.columns[name]
    value = data.draw(cells(column) if column.required else st.none() | cells(column))
    changed = with_days({**state[at], name: value})
    planned = log.plan([*state[:at], changed, *state[at + 1 :]])
    if value == state[at][name]:
        assert planned.records.height == 0
    else:
        [record] = planned.records.iter_rows(named=True)
        assert (record["action"], record["revision"], record["reason"]) == (
            "revise",
            2,
            "correction",
        )
        assert {n: record[n] for n in EVENTS.columns} == changed
    assert planned.unchanged == len(state) - planned.records.height


@given(rows(EVENTS))
@settings(deadline=None, max_examples=25)
def test_a_retraction_keeps_the_last_values_and_can_be_undone(row: Row) -> None:
    """A row that went and came back is restored, even if it says what it said before."""
    log = Log(EVENTS)
    log.become([row])
    _, retractions = log.become([])
    [gone] = retractions.iter_rows(named=True)
    assert (gone["action"], gone["reason"], gone["revision"]) == ("retract", "retraction", 2)
    assert {name: gone[name] for name in EVENTS.columns} == row
    assert log.says().height == 0
    planned, _ = log.become([row])
    [back] = planned.records.iter_rows(named=True)
    assert (back["action"], back["reason"], back["revision"]) == ("restore", "correction", 3)
    assert planned.unchanged == 0
    assert log.says().equals(frame(EVENTS, [row]))
    assert log.plan([row]).records.height == 0


@given(event_histories(max_states=3), st.data())
@settings(deadline=None, max_examples=20)
def test_the_plan_of_the_union_is_the_union_of_the_plans(
    history: list[State], data: st.DataObject
) -> None:
    """Cutting a file in two plans the same records, and counts the same rows unchanged."""
    log = Log(EVENTS)
    *earlier, state = history
    for each in earlier:
        log.become(each)
    cut = data.draw(st.integers(0, len(state)))
    whole, first, second = log.plan(state), log.plan(state[:cut]), log.plan(state[cut:])
    assert whole.records.equals(pl.concat([first.records, second.records]))
    assert whole.unchanged == first.unchanged + second.unchanged
    assert whole.wanted.equals(pl.concat([first.wanted, second.wanted]))


@pytest.mark.parametrize("name", ["participants", "relations", "offices"])
@given(data=st.data())
@settings(deadline=None, max_examples=10)
def test_a_key_of_several_columns_names_a_row_as_well(name: str, data: st.DataObject) -> None:
    """Histories of tables with a composite key obey the same law."""
    table = TABLES[name]
    log = Log(table)
    for state in data.draw(histories(table, max_states=3)):
        log.become(state)
        assert log.says().equals(_sorted(table, state))


def _reasons(reason: str | None, state: Sequence[Row], other: Row) -> dict[str, str]:
    """Return the reason of each action when *reason* is given for a history with all four."""
    log = Log(EVENTS)
    first = log.plan(state, reason)
    log.append(first.records)
    revised = log.plan([other], reason)
    retractions = plan_retractions(EVENTS, log.gone([other]), reason=reason)
    log.append(retractions)
    restored = log.plan([row for row in state if row["event_id"] != other["event_id"]], reason)
    found = pl.concat([first.records, revised.records, retractions, restored.records])
    return dict(found.select("action", "reason").unique().iter_rows())


BASE = with_days(
    {
        **dict.fromkeys(EVENTS.columns),
        "event_id": "a",
        "event_type": "visit",
        "title": "t",
        "date": "2024",
    }
)
PAIR = [BASE, {**BASE, "event_id": "b"}]


def test_a_record_without_a_reason_gets_the_one_of_its_action() -> None:
    """What nobody explains is new, corrected or retracted."""
    assert _reasons(None, PAIR, {**BASE, "title": "u"}) == DEFAULT_REASONS
    assert set(DEFAULT_REASONS) == set(code_list("actions"))
    assert set(DEFAULT_REASONS.values()) <= set(code_list("reasons"))


@pytest.mark.parametrize("reason", code_list("reasons"))
def test_a_reason_is_given_to_what_it_can_explain(reason: str) -> None:
    """A reason holds for all records but additions that it cannot explain."""
    found = _reasons(reason, PAIR, {**BASE, "title": "u"})
    assert {found[action] for action in ("revise", "retract", "restore")} == {reason}
    cannot = {"correction", "recoding", "retraction", "source_lost"}
    assert found["add"] == ("new" if reason in cannot else reason)


def test_another_reason_is_no_change() -> None:
    """The same row with another reason says nothing new about the world."""
    log = Log(EVENTS)
    log.become(PAIR)
    assert log.plan(PAIR, "recoding").records.height == 0
