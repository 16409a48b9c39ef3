"""What a card may ask of a release, and what is told of a card that asks for something else."""

from __future__ import annotations

from typing import Any

import pytest

from regesta.schema.card import faults
from regesta.schema.gates import Outcome, gate_faults, gates_of

STATED: dict[str, Any] = {
    "no_dangling_ids": True,
    "two_sources": 60,
    "archived_sources": 100,
    "rows": {"events": {"min": 1, "max": 1}, "sources": {"max": 0}},
    "filled": {"sources": {"url": 90}, "timeline": {"first_known_on": 1}},
    "constant": {"events": {"code_scheme": "cameo-1.1b3", "place": "Vienna", "geonames_id": 7}},
}


def _card(**gates: object) -> dict[str, Any]:
    return {"name": "gifts", "gates": gates}


def test_a_card_may_ask_for_each_kind_of_gate() -> None:
    """All kinds together have no fault, and each is called by kind, table and column."""
    assert faults(_card(**STATED)) == []
    assert [gate.name for gate in gates_of(_card(**STATED))] == [
        "archived_sources",
        "constant.events.code_scheme",
        "constant.events.geonames_id",
        "constant.events.place",
        "filled.sources.url",
        "filled.timeline.first_known_on",
        "no_dangling_ids",
        "rows.events",
        "rows.sources",
        "two_sources",
    ]


@pytest.mark.parametrize(
    ("stated", "says"),
    [
        ({"two_source": 60}, "gates.two_source is no gate (did you mean 'two_sources'?)"),
        ({"two_sources": True}, "gates.two_sources is no share in per cent"),
        ({"two_sources": 101}, "gates.two_sources is no share in per cent"),
        ({"archived_sources": 0}, "gates.archived_sources is no share in per cent"),
        ({"archived_sources": "90"}, "gates.archived_sources is no share in per cent"),
        ({"no_dangling_ids": False}, "gates.no_dangling_ids is not true"),
        ({"no_dangling_ids": 1}, "gates.no_dangling_ids is not true"),
        ({"rows": 5}, "gates.rows is not a table"),
        ({"rows": {"event": {"min": 1}}}, "gates.rows.event is no table (did you mean 'events'?)"),
        ({"rows": {"events": 5}}, "gates.rows.events is not a table"),
        ({"rows": {"events": {}}}, "gates.rows.events asks for nothing"),
        ({"rows": {"events": {"minimum": 1}}}, "gates.rows.events.minimum is no bound"),
        ({"rows": {"events": {"min": -1}}}, "gates.rows.events.min is no count of rows"),
        ({"rows": {"events": {"max": True}}}, "gates.rows.events.max is no count of rows"),
        ({"rows": {"events": {"min": 2, "max": 1}}}, "gates.rows.events has a min above its max"),
        ({"filled": {"sources": 9}}, "gates.filled.sources is not a table"),
        ({"filled": {"sources": {"ulr": 9}}}, "is no column (did you mean 'url'?)"),
        ({"filled": {"sources": {"url": 101}}}, "gates.filled.sources.url is no share"),
        ({"constant": {"events": {"place": 7}}}, "gates.constant.events.place is not a text"),
        ({"constant": {"events": {"geonames_id": "7"}}}, "is not a whole number"),
        ({"constant": {"events": {"latitude": 7}}}, "is a column of decimal"),
        ({"constant": {"events": {"code_scheme": "cameo-1.1b"}}}, "did you mean 'cameo-1.1b3'?"),
    ],
)
def test_what_is_no_gate_is_told_with_its_place(stated: dict[str, Any], says: str) -> None:
    """An unknown name is told with the nearest one, a wrong value with what it should be."""
    [told] = gate_faults(stated)
    assert says in told
    assert told in faults(_card(**stated))


def test_gates_that_are_no_table_are_a_fault() -> None:
    """The card says so as of any other field."""
    assert faults({"name": "gifts", "gates": 5}) == ["gates is not a table"]


def test_a_release_that_falls_short_was_allowed_to() -> None:
    """There is no other release of that kind, and it says so."""
    short = Outcome(name="rows.events", asks="at least 2 rows", measured="1 rows", met=False)
    assert "allowed" in short.verdict
    assert short.as_json()["met"] is False
