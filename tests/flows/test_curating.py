"""Laws of curation: what was done is undone step by step, exactly, and no id is ever lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regesta.errors import Refused
from regesta.flows.curating import Signature, decide, merge, rekey, restore, retract, split
from regesta.flows.seeing import require_event, seen
from regesta.flows.verifying import verify_store
from regesta.log.receipt import Recorded
from regesta.research.merges import IDENTITY
from regesta.schema.tables import IMPORTED
from regesta.store.store import Store
from tests.logs import logged, record
from tests.strategies import SWIFT

BY = Signature(author="A. Curator", at=datetime(2026, 11, 24, 3, tzinfo=UTC))
EVENTS = ("a", "b", "c", "d")
HANGING = ("participants", "evidence", "relations")

Step = tuple[str, int, int]
State = dict[str, pl.DataFrame]


def small_log() -> Store:
    """Return a store of four events, each with a participant, evidence, and relations between."""
    return logged(
        {
            "actors": [{"actor_id": "RUS", "kind": "state", "country": "RUS"}],
            "sources": [{"source_id": "s", "published_on": "2024-02-20"}],
            "events": [{"event_id": each, "title": f"Gift {each}"} for each in EVENTS],
            "participants": [
                {"event_id": each, "actor_id": "RUS", "role": "giver"} for each in EVENTS
            ],
            "evidence": [
                {"evidence_id": f"{each}.e", "event_id": each, "source_id": "s", "speaker": "RUS"}
                for each in EVENTS
            ],
            "relations": [
                {"event_id": "a", "relation": "follows", "other_id": "b"},
                {"event_id": "b", "relation": "follows", "other_id": "c"},
                {"event_id": "c", "relation": "responds_to", "other_id": "a"},
                {"event_id": "d", "relation": "part_of", "other_id": "elsewhere/x"},
            ],
        }
    )


def state(store: Store) -> State:
    """Return what the log adds up to, as recorded and as read."""
    register = seen(store)
    read = {f"{name} as read": register.table(name) for name in HANGING}
    return {**{name: store.rows(name) for name in IMPORTED}, **read}


def same(one: State, other: State) -> bool:
    """Return whether two states are one."""
    return all(one[name].equals(other[name]) for name in one)


def steps(*kinds: str) -> st.SearchStrategy[list[Step]]:
    """Return a few curations, each of one or two events by their place among those alive."""
    places = st.integers(0, 3)
    return st.lists(st.tuples(st.sampled_from(kinds), places, places), min_size=1, max_size=6)


def carried_out(store: Store, wanted: Sequence[Step]) -> Iterator[Callable[[], Recorded]]:
    """Carry out what of *wanted* can be; yield how to undo each step, after it."""
    for number, (kind, one, other) in enumerate(wanted):
        alive = store.rows("events")["event_id"].to_list()
        if not alive:
            return
        event, into = alive[one % len(alive)], alive[other % len(alive)]
        try:
            match kind:
                case "merge":
                    merge(store, event, into, BY)
                case "rekey":
                    rekey(store, event, f"{event[0]}{number}", BY)
                case "retract":
                    retract(store, event, BY, reason="correction")
                case _:
                    continue
        except Refused:
            continue
        if kind == "retract":
            yield lambda event=event: restore(store, event, BY)  # type: ignore[misc]
        else:
            yield lambda event=event: split(store, event, BY)  # type: ignore[misc]


def require_undone(store: Store, wanted: Sequence[Step]) -> None:
    """Carry out *wanted*, undo it step by step, and require each state to be met again."""
    states = [state(store)]
    undoings = []
    for undo in carried_out(store, wanted):
        undoings.append(undo)
        states.append(state(store))
    for undo, before in zip(reversed(undoings), reversed(states[:-1]), strict=True):
        undo()
        assert same(state(store), before)
    verify_store(store, step=lambda _: None)


@settings(SWIFT, max_examples=10)
@given(steps("merge", "rekey"))
def test_merges_and_rekeyings_are_undone_exactly(wanted: list[Step]) -> None:
    """Split in reverse order, each state before comes again, to the cell."""
    require_undone(small_log(), wanted)


@settings(SWIFT, max_examples=10)
@given(steps("merge", "rekey", "retract"))
def test_retractions_among_them_are_undone_too(wanted: list[Step]) -> None:
    """Whatever gave way to what was retracted, and was retracted with it, comes back with it."""
    require_undone(small_log(), wanted)


@settings(SWIFT, max_examples=10)
@given(steps("merge", "rekey", "retract"))
def test_no_row_names_what_is_not_there(wanted: list[Step]) -> None:
    """As read, every participant, claim and relation is of an event that stands."""
    store = small_log()
    for _ in carried_out(store, wanted):
        register = seen(store)
        there = set(register.table("events")["event_id"])
        for name in HANGING:
            rows = register.table(name)
            if name == "relations":
                rows = rows.filter(
                    ~pl.col("relation").is_in(IDENTITY), ~pl.col("other_id").str.contains("/")
                )
                assert set(rows["other_id"]) <= there
            assert set(rows["event_id"]) <= there


@settings(SWIFT, max_examples=10)
@given(steps("merge", "rekey"))
def test_every_id_that_was_given_resolves(wanted: list[Step]) -> None:
    """An id, once given, names an event that stands; all evidence is seen on those that do."""
    store = small_log()
    given_out = set(EVENTS)
    for _ in carried_out(store, wanted):
        register = seen(store)
        given_out |= set(store.rows("events")["event_id"])
        there = set(register.table("events")["event_id"])
        assert {require_event(register, each) for each in given_out} == there
        assert register.table("evidence").height == len(EVENTS)


def test_to_tell_apart_and_to_merge_is_undone_exactly() -> None:
    """What a merge took back, that the two had been told apart, the split brings again."""
    store = small_log()
    decide(store, [], [("a", "b"), ("c", "a")], BY)
    require_undone(store, [("merge", 0, 1)])


@pytest.mark.parametrize("names", [("a", "b"), ("b", "a")])
def test_to_tell_two_apart_twice_is_said_once(names: tuple[str, str]) -> None:
    """A pair that was told apart is not told apart again, in either order."""
    store = small_log()
    assert decide(store, [], [("a", "b")], BY).batch is not None
    assert decide(store, [], [names], BY).batch is None


def told(store: Store, relation: str) -> list[tuple[str, str]]:
    """Return the pairs that stand in this *relation*."""
    rows = store.rows("relations", where={"relation": [relation]})
    return rows.select("event_id", "other_id").rows()


def test_a_merge_stands_whatever_is_noted_on_it_later() -> None:
    """An event gave way in the batch that merged it, though its relation is revised since."""
    store = small_log()
    merge(store, "a", "b", BY)
    note = {"event_id": "a", "relation": "same_as", "other_id": "b", "note": "the same car"}
    record(store, {"relations": [note]})
    assert seen(store).merged == {"a": "b"}
    split(store, "a", BY)
    assert seen(store).merged == {}
    assert "a" in store.rows("events")["event_id"]


def test_a_rekeying_stands_whatever_is_noted_on_it_later() -> None:
    """To split it takes the new id back, as if nothing had been noted."""
    store = small_log()
    rekey(store, "a", "z", BY)
    note = {"event_id": "a", "relation": "same_as", "other_id": "z", "note": "a better name"}
    record(store, {"relations": [note]})
    split(store, "a", BY)
    assert set(store.rows("events")["event_id"]) == set(EVENTS)


def test_two_that_somebody_called_the_same_can_be_merged() -> None:
    """The relation alone sends no id elsewhere; the merge states it again, and keeps its note."""
    store = small_log()
    note = {"event_id": "a", "relation": "same_as", "other_id": "b", "note": "the same car"}
    record(store, {"relations": [note]})
    assert seen(store).merged == {}
    merge(store, "a", "b", BY)
    assert seen(store).merged == {"a": "b"}
    assert "the same car" in store.rows("relations")["note"]
    split(store, "a", BY)
    assert seen(store).merged == {}


def test_what_became_one_is_not_told_apart() -> None:
    """A merge into an id that gave way takes back what told the duplicate from the one that stays.

    A split tells the two apart again.
    """
    store = small_log()
    decide(store, [], [("a", "c")], BY)
    merge(store, "b", "c", BY)
    merge(store, "a", "b", BY)
    assert told(store, "not_same_as") == []
    split(store, "a", BY)
    assert told(store, "not_same_as") == [("a", "c")]


def test_nothing_comes_back_that_names_an_actor_who_is_gone() -> None:
    """An undone retraction would else leave rows that name nobody."""
    store = small_log()
    record(store, {"actors": [{"actor_id": "PRK"}]})
    record(store, {"participants": [{"event_id": "a", "actor_id": "PRK", "role": "host"}]})
    retract(store, "a", BY, reason="retraction")
    record(store, {}, gone={"actors": [{"actor_id": "PRK"}]})
    with pytest.raises(Refused, match="PRK"):
        restore(store, "a", BY)


def test_what_was_split_since_gets_back_what_was_retracted_with_the_survivor() -> None:
    """The rows of a merged event go with the one that stayed, and come back with it."""
    store = small_log()
    merge(store, "a", "b", BY)
    retract(store, "b", BY, reason="retraction")
    split(store, "a", BY)
    restore(store, "b", BY)
    assert same(state(store), state(small_log()))
