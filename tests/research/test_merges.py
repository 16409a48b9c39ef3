"""An id that gave way is read as the one that stayed; nothing else is touched."""

from __future__ import annotations

from itertools import pairwise

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from regesta.research.merges import resolved, survivors
from regesta.schema.tables import TABLES
from tests.logs import told, whole
from tests.strategies import Row, frame

IDS = [*"abcdef"]
PAIRS = st.dictionaries(st.sampled_from(IDS), st.sampled_from(IDS))


def rows_of(name: str, *rows: Row) -> pl.DataFrame:
    """Return rows of the table *name*."""
    return frame(TABLES[name], [whole(name, row) for row in rows])


def relation(one: str, name: str, other: str) -> Row:
    """Return a relation between two events."""
    return {"event_id": one, "relation": name, "other_id": other}


def test_a_chain_is_followed_to_its_end() -> None:
    """Whatever gave way last says where all before it went."""
    assert survivors({"a": "b", "b": "c", "x": "y"}) == {"a": "c", "b": "c", "x": "y"}


def test_an_id_on_a_circle_stays_itself() -> None:
    """Two rows that each claim to be the other are both kept, and so is what points at them."""
    assert survivors({"a": "b", "b": "a"}) == {}
    assert survivors({"a": "a"}) == {}


@settings(deadline=None)
@given(PAIRS)
def test_no_survivor_gives_way(pairs: dict[str, str]) -> None:
    """To resolve twice is to resolve once, unless the chain runs into a circle."""
    found = survivors(pairs)
    circling = {old for old in pairs if old not in found}
    for old, new in found.items():
        assert new != old
        assert new not in found
        assert new not in pairs or new in circling


@settings(deadline=None)
@given(st.permutations(IDS), st.integers(1, 5))
def test_every_chain_ends_with_its_last(order: list[str], length: int) -> None:
    """In any order of names, all ids of a chain are read as its end."""
    chain = order[: length + 1]
    pairs = dict(pairwise(chain))
    assert survivors(pairs) == dict.fromkeys(chain[:-1], chain[-1])


def test_participants_and_evidence_come_to_the_survivor() -> None:
    """The rows keep all but the event's name, in the order of their key."""
    rows = rows_of(
        "participants",
        {"event_id": "dup", "actor_id": "russia", "role": "giver", "label": "Moscow"},
        {"event_id": "gift", "actor_id": "dprk", "role": "recipient"},
    )
    found = resolved("participants", rows, {"dup": "gift"})
    assert told(found, "event_id", "actor_id", "label") == [
        ("gift", "dprk", None),
        ("gift", "russia", "Moscow"),
    ]


def test_of_two_rows_that_come_to_one_key_the_survivor_keeps_its_own() -> None:
    """Whatever the names of the events, and in whatever order the rows come."""
    for old, new in (("a", "b"), ("b", "a")):
        rows = rows_of(
            "participants",
            {"event_id": old, "actor_id": "russia", "role": "giver", "label": "of the old"},
            {"event_id": new, "actor_id": "russia", "role": "giver", "label": "its own"},
        )
        for each in (rows, rows.reverse()):
            assert told(resolved("participants", each, {old: new}), "label") == ["its own"]


def test_relations_are_read_at_both_ends() -> None:
    """What named the old one names the new one."""
    rows = rows_of("relations", relation("dup", "follows", "x"), relation("y", "part_of", "dup"))
    found = resolved("relations", rows, {"dup": "gift"})
    assert told(found, "event_id", "relation", "other_id") == [
        ("gift", "follows", "x"),
        ("y", "part_of", "gift"),
    ]


def test_a_relation_of_an_event_to_itself_is_none() -> None:
    """Two rows of one event cannot follow one another."""
    rows = rows_of("relations", relation("dup", "follows", "gift"))
    assert resolved("relations", rows, {"dup": "gift"}).is_empty()


def test_relations_of_rows_keep_the_names_that_they_were_made_with() -> None:
    """`same_as` and `not_same_as` tell which rows were compared."""
    rows = rows_of(
        "relations", relation("dup", "same_as", "gift"), relation("dup", "not_same_as", "x")
    )
    assert (
        resolved("relations", rows, {"dup": "gift"}).sort("relation").equals(rows.sort("relation"))
    )


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(IDS),
            st.sampled_from(["follows", "part_of", "same_as", "not_same_as"]),
            st.sampled_from(IDS),
        ),
        unique=True,
        max_size=12,
    ),
    PAIRS,
)
def test_to_resolve_twice_is_to_resolve_once(
    told_: list[tuple[str, str, str]], pairs: dict[str, str]
) -> None:
    """Keys stay unique, columns and order are the table's, and nothing is left to resolve."""
    rows = rows_of("relations", *(relation(*each) for each in told_ if each[0] != each[2]))
    merged = survivors(pairs)
    found = resolved("relations", rows, merged)
    assert found.schema == rows.schema
    assert found.select(TABLES["relations"].key).is_unique().all()
    assert resolved("relations", found, merged).equals(found)
    plain = found.filter(~pl.col("relation").is_in(["same_as", "not_same_as"]))
    assert not {*plain["event_id"], *plain["other_id"]} & merged.keys()


def test_tables_that_name_no_event_and_the_events_themselves_are_as_they_are() -> None:
    """An actor with the name of an event is no event."""
    for name, row in (
        ("actors", {"actor_id": "dup"}),
        ("sources", {"source_id": "dup"}),
        ("events", {"event_id": "gift"}),
    ):
        rows = rows_of(name, row)
        assert resolved(name, rows, {"dup": "gift", "gift": "x"}).equals(rows)
