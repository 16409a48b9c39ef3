"""Laws of what is known, over random small histories of who said what when."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regesta.flows.releasing import release_dataset
from regesta.flows.reopening import refilled
from regesta.release.duck import run_over
from regesta.research.ground import Run
from regesta.research.register import Register
from regesta.research.vantage import Vantage
from regesta.schema.tables import IMPORTED
from regesta.store.store import Store
from regesta.vocabulary import code_list
from tests.logs import histories, new_store, write_histories
from tests.postgresql import databases
from tests.research.by_hand import claims, statuses
from tests.research.small_histories import (
    ENDS,
    EVENTS,
    MOMENTS,
    STORY,
    History,
    first_recorded,
    small_histories,
    standing,
    store_of,
    without,
)
from tests.strategies import SWIFT

ANY_MOMENT = st.sampled_from(MOMENTS)
HEARING_SOME = [code for code, facts in code_list("policies").items() if facts["source_kinds"]]
KEEPING_LESS = ("strict", "one_sided", "any", "parties")

View = Mapping[str, pl.DataFrame]


def seen(run: Run, known_by: str | None = None, policy: str = "parties") -> Register:
    """Return the register that *run* gives, by what was known at a moment."""
    return Register(run, Vantage(known_by=known_by), policy=policy)


def view(register: Register) -> View:
    """Return what can be seen of the events of *register*."""
    names = ("events", "participants", "relations", "evidence", "sources")
    return {
        **{name: register.table(name) for name in names},
        "claims": register.claims(),
        "statuses": register.statuses(),
        "positions": register.positions(),
        "timeline": register.timeline(),
    }


def everything(register: Register) -> View:
    """Return all that can be seen of *register*."""
    tables = {name: register.table(name) for name in IMPORTED}
    return {**view(register), **tables, "steps": register.steps(), "values": register.values()}


def differing(one: View, other: View) -> list[str]:
    """Return the names of what differs, row for row, between two views."""
    return [name for name in one if not one[name].equals(other[name])]


def as_dict(found: pl.DataFrame) -> dict[tuple[str, str], str]:
    """Return statuses by event and aspect."""
    return {(row["event_id"], row["aspect"]): row["status"] for row in found.iter_rows(named=True)}


def by_then(steps: pl.DataFrame, moment: str) -> pl.DataFrame:
    """Return the last of the *steps* of each aspect that had come by a moment."""
    come = steps.filter(pl.col("at") <= moment)
    last = come.group_by("event_id", "aspect", maintain_order=True).last()
    return last.select(steps.columns).sort("event_id", "aspect")


# By hand


@settings(SWIFT, max_examples=30)
@given(small_histories(), ANY_MOMENT)
def test_a_status_is_what_is_worked_out_by_hand(history: History, moment: str) -> None:
    """Loops and dicts, written from the words of the design, say the same at every moment."""
    tables, recorded = standing(history), first_recorded(history)
    fetch = store_of(history).fetch
    steps = seen(fetch).steps()
    for each in MOMENTS:
        expected = statuses(tables, recorded, ENDS, known_by=each)
        assert as_dict(by_then(steps, each)) == expected, each
    expected = statuses(tables, recorded, ENDS, known_by=moment)
    assert as_dict(seen(fetch, moment).statuses()) == expected
    assert as_dict(seen(fetch).statuses()) == statuses(tables, recorded, ENDS)


@pytest.mark.parametrize("policy", HEARING_SOME)
@settings(SWIFT, max_examples=8)
@given(history=small_histories(), moment=ANY_MOMENT)
def test_so_is_a_status_under_a_policy_that_hears_some(
    policy: str, history: History, moment: str
) -> None:
    """Only the kinds of source that the policy names count; who takes part is known from all."""
    kinds = code_list("policies")[policy]["source_kinds"].split(";")
    tables, recorded = standing(history), first_recorded(history)
    expected = statuses(tables, recorded, ENDS, known_by=moment, kinds=kinds)
    assert as_dict(seen(store_of(history).fetch, moment, policy).statuses()) == expected


# Policies


@settings(SWIFT, max_examples=6)
@given(small_histories(), st.none() | ANY_MOMENT)
def test_each_policy_keeps_a_subset_of_the_next(history: History, moment: str | None) -> None:
    """The policy strict keeps a subset of one_sided, that of any, that of all; no row differs."""
    fetch = store_of(history).fetch
    kept = [seen(fetch, moment, policy).timeline() for policy in KEEPING_LESS]
    for fewer, more in pairwise(kept):
        assert set(fewer.iter_rows()) <= set(more.iter_rows())


# What is known by a day


def _later(history: History, moment: str) -> set[str]:
    """Return the evidence of *history* that became known after *moment*."""
    known = claims(standing(history), first_recorded(history), ENDS)
    return {claim.evidence_id for claim in known if claim.at > moment}


def _telling_nothing_first(history: History, moment: str) -> set[str]:
    """Return the later evidence that is not the first to name, claim or blame anything.

    Nor is it the first of all on an event that was merged away: from it its participants are known.
    """
    tables = standing(history)
    stance = {row["evidence_id"]: row["stance"] for row in tables["evidence"]}
    told_ever = list(claims(tables, first_recorded(history), ENDS))
    told = {
        (claim.event_id, claim.aspect, claim.value)
        for claim in told_ever
        if claim.at <= moment and claim.sign > 0
    }
    blamed = {
        claim.event_id
        for claim in told_ever
        if claim.at <= moment
        and claim.aspect == "legality"
        and stance[claim.evidence_id] != "denies"
    }
    spoken_of = {claim.as_recorded for claim in told_ever if claim.at <= moment}
    return {
        claim.evidence_id
        for claim in told_ever
        if claim.at > moment
        and (claim.as_recorded == claim.event_id or claim.as_recorded in spoken_of)
        and (
            claim.aspect == "occurrence"
            or (claim.aspect == "legality" and claim.event_id in blamed)
            or (claim.event_id, claim.aspect, claim.value) in told
        )
    }


@settings(SWIFT, max_examples=8)
@given(small_histories(), ANY_MOMENT)
def test_later_evidence_does_not_change_what_was_known(history: History, moment: str) -> None:
    """What was said after a day shows in nothing that is seen from that day."""
    before = without(history, _telling_nothing_first(history, moment))
    first, then = (view(seen(store_of(each).fetch, moment)) for each in (before, history))
    assert differing(first, then) == []


@settings(SWIFT, max_examples=8)
@given(small_histories(), ANY_MOMENT)
def test_later_evidence_can_only_withhold_what_it_is_the_first_to_tell(
    history: History, moment: str
) -> None:
    """A name, a value or a relation whose first claim comes later is unknown before; no more."""
    before = without(history, _later(history, moment))
    first, then = (view(seen(store_of(each).fetch, moment)) for each in (before, history))
    allowed = {"participants", "relations", "events", "timeline", "statuses", "positions"}
    assert set(differing(first, then)) <= allowed
    for name in ("participants", "relations"):
        assert set(then[name].iter_rows()) <= set(first[name].iter_rows())
    assert then["events"]["event_id"].equals(first["events"]["event_id"])
    for now, once in zip(
        then["events"].iter_rows(named=True), first["events"].iter_rows(named=True), strict=True
    ):
        _assert_withheld(now, once)
    if then["participants"].equals(first["participants"]):
        assert differing(first, then) == [
            name for name in ("events", "relations", "timeline") if name in differing(first, then)
        ]
        assert then["timeline"].drop("place").equals(first["timeline"].drop("place"))


def _assert_withheld(now: Mapping[str, Any], once: Mapping[str, Any]) -> None:
    """Hold where *now* says what *once* said, but for what it leaves out."""
    for name in now.keys() - {"details"}:
        assert now[name] in (None, once[name]), name
    facts = json.loads(now["details"] or "{}").items()
    assert facts <= json.loads(once["details"] or "{}").items()


@settings(SWIFT, max_examples=5)
@given(small_histories())
def test_what_is_known_only_grows(history: History) -> None:
    """By each moment at least the rows of the moment before are known: all, in the end."""
    fetch = store_of(history).fetch
    for name in ("participants", "relations", "evidence"):
        known = [set(seen(fetch, each).table(name).iter_rows()) for each in MOMENTS[::3]]
        known.append(set(seen(fetch).table(name).iter_rows()))
        for fewer, more in pairwise(known):
            assert fewer <= more


@settings(SWIFT, max_examples=15)
@given(small_histories(), ANY_MOMENT)
def test_the_steps_read_at_a_moment_are_the_statuses_known_then(
    history: History, moment: str
) -> None:
    """The history of a status, cut at a moment, ends with the status of that moment."""
    fetch = store_of(history).fetch
    steps = seen(fetch).steps()
    then = seen(fetch, moment)
    assert then.steps().equals(steps.filter(pl.col("at") <= moment))
    assert then.statuses().equals(by_then(steps, moment))


@settings(SWIFT, max_examples=6)
@given(small_histories(), st.none() | ANY_MOMENT, st.sets(st.sampled_from(EVENTS), min_size=1))
def test_to_ask_of_some_events_is_to_ask_of_all_and_take_those(
    history: History, moment: str | None, some: set[str]
) -> None:
    """The answers on an event do not depend on which others are asked about."""
    whole = seen(store_of(history).fetch, moment)
    stay = {whole.survivor(each) for each in some}
    narrow, all_ = (view(each) for each in (whole.narrowed(stay), whole))
    about_events = [
        name for name in all_ if "event_id" in all_[name].columns and name != "relations"
    ]
    for name in about_events:
        expected = all_[name].filter(pl.col("event_id").is_in(stay))
        assert narrow[name].equals(expected), name


# As of a position


@settings(SWIFT, max_examples=8)
@given(small_histories(), st.data())
def test_as_of_a_position_is_the_log_that_ends_there(history: History, data: st.DataObject) -> None:
    """What is seen as of the first n records is what a log of those alone shows."""
    store = store_of(history)
    size = data.draw(st.integers(0, store.head().size))
    known_by = data.draw(st.none() | ANY_MOMENT)
    there = refilled(new_store(), histories(store, size - 1))
    assert there.head().size == size
    as_of = Register(store.fetch, Vantage(upto=size - 1, known_by=known_by))
    assert differing(view(as_of), view(seen(there.fetch, known_by))) == []


# Databases


def _silent(_: str) -> None:
    """Say nothing of the steps."""


@pytest.fixture(scope="module")
def story() -> Store:
    """Return a store of a history in which much is met."""
    return store_of(STORY)


@pytest.fixture(scope="module", params=["duckdb", "postgresql"])
def other_run(
    request: pytest.FixtureRequest, story: Store, tmp_path_factory: pytest.TempPathFactory
) -> Run:
    """Return what asks another database of the same history."""
    if request.param == "postgresql":
        return store_of(STORY, databases(request.getfixturevalue("postgresql"))()).fetch
    out = tmp_path_factory.mktemp("releases")
    return run_over(release_dataset(story, "1.0.0", out, step=_silent).path)


def test_the_story_meets_every_status(story: Store) -> None:
    """The events but the twin are named after what becomes of them."""
    found = seen(story.fetch).timeline().select("event_id", "status")
    assert found["event_id"].to_list() == found["status"].to_list()
    assert set(found["status"]) == set(code_list("statuses"))


@pytest.mark.parametrize(
    ("moment", "policy"),
    [(None, "parties"), (MOMENTS[4], "one_sided"), (MOMENTS[8], "official")],
)
def test_every_database_gives_the_same_answers(
    story: Store, other_run: Run, moment: str | None, policy: str
) -> None:
    """PostgreSQL, and DuckDB over a release, answer as SQLite does, row for row."""
    ours, theirs = (everything(seen(run, moment, policy)) for run in (story.fetch, other_run))
    assert differing(ours, theirs) == []


@settings(SWIFT, max_examples=2)
@given(small_histories(), st.none() | ANY_MOMENT)
def test_duckdb_answers_as_sqlite_does(history: History, moment: str | None) -> None:
    """Whatever the history."""
    store = store_of(history)
    with TemporaryDirectory() as folder:
        run = run_over(write_histories(store, Path(folder)))
        assert differing(everything(seen(store.fetch, moment)), everything(seen(run, moment))) == []


@settings(SWIFT, max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=small_histories(), moment=st.none() | ANY_MOMENT)
def test_postgresql_answers_as_sqlite_does(
    postgresql: str, history: History, moment: str | None
) -> None:
    """Whatever the history."""
    ours, theirs = store_of(history), store_of(history, databases(postgresql)())
    assert (
        differing(everything(seen(ours.fetch, moment)), everything(seen(theirs.fetch, moment)))
        == []
    )
