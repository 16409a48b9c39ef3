"""A filtered timeline is the whole one with the other rows left out, whatever finds the rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import polars as pl
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from regesta.dates import bounds
from regesta.flows import timeline as flow
from regesta.flows.timeline import filtered_timeline
from regesta.release.duck import run_over
from regesta.research import search
from regesta.research.filters import Filters
from regesta.research.ground import Run
from regesta.research.register import Register
from regesta.research.vantage import Vantage
from regesta.store.store import Store
from regesta.vocabulary import code_list
from tests.logs import write_histories
from tests.postgresql import databases
from tests.research.small_histories import (
    ACTORS,
    EVENTS,
    MOMENTS,
    SOURCES,
    STEPS,
    History,
    Step,
    small_histories,
    store_of,
)
from tests.strategies import SWIFT

PEOPLE = {
    "russia": {"russia", "putin", "wagner"},
    "PRK": {"dprk", "kcna"},
    "kcna": {"kcna"},
    "envoy": {"envoy"},
}
"""Names of actors in these histories, each with whoever counts as theirs."""

TYPES, COUNTRIES = ("gift", "visit"), ("RUS", "PRK")
ANY_NAME = st.sampled_from([*PEOPLE])
ANY_DAY = st.sampled_from(["2024", "2024-03-01", "2024-03-02", "2024-03-04"])


@st.composite
def varied_histories(draw: st.DrawFn) -> History:
    """Return small histories whose events are of two types, in two countries, and change."""
    first, *others = draw(small_histories())
    kinds = st.fixed_dictionaries(
        {
            "event_type": st.sampled_from(TYPES),
            "country": st.none() | st.sampled_from(COUNTRIES),
        }
    )
    rows = [{**row, **draw(kinds)} for row in first.rows["events"]]
    changed = draw(st.lists(st.sampled_from(rows), max_size=1))
    again = [{**row, **draw(kinds), "date": draw(ANY_DAY)} for row in changed]
    begun = Step(at=STEPS[0], rows={**first.rows, "events": rows}, gone=first.gone)
    return [begun, replace(others[0], rows={**others[0].rows, "events": again}), *others[1:]]


ASKED: Mapping[str, SearchStrategy[Any]] = {
    "actor": ANY_NAME,
    "between": st.tuples(ANY_NAME, ANY_NAME),
    "event_type": st.sampled_from(TYPES),
    "country": st.sampled_from(COUNTRIES),
    "since": ANY_DAY,
    "until": ANY_DAY,
    "status": st.sampled_from([*code_list("statuses")]),
    "limit": st.integers(1, 3),
}


@st.composite
def filters(draw: st.DrawFn) -> Filters:
    """Return filters of every kind, alone or a few together."""
    names = draw(st.lists(st.sampled_from([*ASKED]), min_size=1, max_size=3, unique=True))
    return Filters(**{name: draw(ASKED[name]) for name in names})


def vantages() -> SearchStrategy[Vantage]:
    """Return vantages from which all, some or nothing is known."""
    return st.builds(Vantage, known_by=st.none() | st.sampled_from(MOMENTS))


def left_out(register: Register, wanted: Filters) -> pl.DataFrame:
    """Return the whole timeline of *register* without the rows that are not *wanted*."""
    acting: dict[str, set[str]] = {}
    for event_id, actor_id in register.table("participants").select("event_id", "actor_id").rows():
        acting.setdefault(event_id, set()).add(actor_id)
    parties = [PEOPLE[name] for name in filter(None, (wanted.actor, *(wanted.between or ())))]
    whole = register.timeline()
    kept = [
        all(acting.get(row["event_id"], set()) & party for party in parties)
        and wanted.event_type in (None, row["event_type"])
        and wanted.country in (None, row["country"])
        and wanted.status in (None, row["status"])
        and _is_then(row["date_earliest"], row["date_latest"], wanted)
        for row in whole.iter_rows(named=True)
    ]
    return whole.filter(pl.Series(kept, dtype=pl.Boolean)).head(wanted.limit or whole.height)


def _is_then(first: date | None, last: date | None, wanted: Filters) -> bool:
    since = bounds(wanted.since)[0] if wanted.since else None
    until = bounds(wanted.until)[1] if wanted.until else None
    return (since is None or last is None or last >= since) and (
        until is None or first is None or first <= until
    )


def assert_alike(
    run: Run,
    vantage: Vantage,
    wanted: Filters,
    *,
    policy: str = "parties",
    value_policy: str = "as_coded",
) -> None:
    """Hold that what is found is the whole without the rest, by either way to find it."""

    def register() -> Register:
        return Register(run, vantage, policy=policy, value_policy=value_policy)

    expected = left_out(register(), wanted)
    for few, many in ((0, 5000), (10_000, 1)):
        with patch.object(search, "FEW", few), patch.object(flow, "MANY", many):
            found = filtered_timeline(register(), wanted)
        assert found.equals(expected)


GIFTS = [{"event_id": name, "date": f"2024-03-0{n}"} for n, name in enumerate(EVENTS, 1)]
ONE_PART = [{"event_id": "a", "actor_id": "putin", "role": "host"}]
MERGE = [{"event_id": "a", "relation": "same_as", "other_id": "c"}]
LATE = {"evidence_id": "e1", "source_id": "kcna", "stance": "asserts", "speaker": "dprk"}


@pytest.mark.parametrize("limit", [None, 1])
@pytest.mark.parametrize("few", [0, 10_000])
def test_who_took_part_in_an_event_that_was_merged_is_found(limit: int | None, few: int) -> None:
    """With the event that stayed."""
    begun = {"actors": ACTORS, "events": GIFTS, "participants": ONE_PART}
    merged = Step(at=STEPS[1], rows={"relations": MERGE}, gone={"events": [{"event_id": "a"}]})
    register = Register(store_of([Step(at=STEPS[0], rows=begun), merged]).fetch, Vantage())
    with patch.object(search, "FEW", few):
        found = filtered_timeline(register, Filters(actor="russia", limit=limit))
    assert found["event_id"].to_list() == ["c"]


def test_who_is_not_known_to_have_taken_part_is_not_found() -> None:
    """Until a claim names the participant; the limit counts what is known."""
    named = [
        {**LATE, "event_id": "a", "aspect": "participants", "value": "putin"}
        | {"said_on": "2024-03-04"},
        {**LATE, "evidence_id": "e2", "event_id": "a", "said_on": "2024-03-02"},
        {**LATE, "evidence_id": "e3", "event_id": "B", "said_on": "2024-03-02"},
    ]
    parts = [*ONE_PART, {**ONE_PART[0], "event_id": "B"}]
    rows = {"actors": ACTORS, "sources": SOURCES, "events": GIFTS, "participants": parts}
    fetch = store_of([Step(at=STEPS[0], rows={**rows, "evidence": named})]).fetch
    for known_by, expected in ((MOMENTS[6], "B"), (MOMENTS[8], "a")):
        register = Register(fetch, Vantage(known_by=known_by))
        found = filtered_timeline(register, Filters(actor="putin", limit=1))
        assert found["event_id"].to_list() == [expected]


@settings(SWIFT, max_examples=60)
@given(varied_histories(), vantages(), filters())
def test_what_is_found_is_the_whole_without_the_rest(
    history: History, vantage: Vantage, wanted: Filters
) -> None:
    """Filters let through the rows that they name, in their order, as far as the limit."""
    assert_alike(store_of(history).fetch, vantage, wanted)


@settings(SWIFT, max_examples=12)
@given(
    varied_histories(),
    vantages(),
    filters(),
    st.sampled_from([*code_list("policies")]),
    st.sampled_from([*code_list("value_policies")]),
)
def test_so_it_is_under_every_policy(
    history: History, vantage: Vantage, wanted: Filters, policy: str, value_policy: str
) -> None:
    """Whatever a policy drops, and whatever value another shows."""
    assert_alike(store_of(history).fetch, vantage, wanted, policy=policy, value_policy=value_policy)


@settings(SWIFT, max_examples=8)
@given(varied_histories(), filters(), st.data())
def test_so_it_is_as_of_every_position(
    history: History, wanted: Filters, data: st.DataObject
) -> None:
    """Rows that came later are not looked through, and those that they replaced are."""
    store = store_of(history)
    upto = data.draw(st.integers(-1, store.head().size - 1))
    actors = store.rows("actors", upto)
    if len(actors) < len(store.rows("actors")):  # nobody can be named yet
        wanted = replace(wanted, actor=None, between=None)
    assert_alike(store.fetch, Vantage(upto=upto), wanted)


@settings(SWIFT, max_examples=4)
@given(varied_histories(), vantages(), filters())
def test_duckdb_finds_the_same(history: History, vantage: Vantage, wanted: Filters) -> None:
    """Over the history of a release."""
    pytest.importorskip("duckdb")
    with TemporaryDirectory() as folder:
        run = run_over(write_histories(store_of(history), Path(folder)))
        assert_alike(run, vantage, wanted)


@settings(SWIFT, max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=varied_histories(), vantage=vantages(), wanted=filters())
def test_postgresql_finds_the_same(
    postgresql: str, history: History, vantage: Vantage, wanted: Filters
) -> None:
    """On a server."""
    assert_alike(store_of(history, databases(postgresql)()).fetch, vantage, wanted)


@settings(SWIFT, max_examples=10)
@given(varied_histories(), vantages(), st.sampled_from(EVENTS), filters())
def test_what_is_related_is_found_among_what_is_wanted(
    history: History, vantage: Vantage, name: str, wanted: Filters
) -> None:
    """With `related_to`, rows are left out of those that are found without it."""
    register = Register(store_of(history).fetch, vantage)
    name = register.survivor(name)
    if name not in register.table("events")["event_id"]:
        return
    near = set(flow.related(register, name))
    every = filtered_timeline(register, replace(wanted, limit=None))
    expected = every.filter(pl.col("event_id").is_in(near)).head(wanted.limit or every.height)
    assert filtered_timeline(register, replace(wanted, related_to=name)).equals(expected)


def _plan(store: Store, wanted: search.Wanted) -> str:
    """Return how SQLite says that it looks for the first event that is *wanted*."""
    told: list[str] = []

    def explain(statement: sa.Select[Any], dtypes: Mapping[str, pl.DataType]) -> pl.DataFrame:
        with store._reading() as connection:
            asked = statement.compile(connection, compile_kwargs={"render_postcompile": True})
            given = tuple(asked.params[name] for name in asked.positiontup or ())
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}", given).all()
        told.extend(row.detail for row in rows)
        return store.fetch(statement, dtypes)

    register = Register(explain, Vantage(upto=store.head().size - 1))
    with patch.object(search, "FEW", -1):
        register.look_for(wanted, limit=1)
    return "\n".join(told)


@pytest.mark.parametrize(
    "wanted",
    [
        search.Wanted(since="2024-03-02"),
        search.Wanted(cells={"event_type": "gift"}),
        search.Wanted(parties=[["russia"], ["dprk", "kcna"]]),
    ],
    ids=["since", "type", "between"],
)
def test_no_more_is_read_than_the_limit_needs(wanted: search.Wanted) -> None:
    """SQLite goes through the events by their days, and looks participants up by event."""
    plan = _plan(Store.create("sqlite://"), wanted)
    assert "SCAN events_log USING INDEX ix_events_log_days" in plan
    assert "TEMP B-TREE FOR ORDER BY" not in plan
    if wanted.parties:
        assert "SEARCH participants_log USING INDEX sqlite_autoindex_participants_log_1" in plan
