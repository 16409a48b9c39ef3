"""What is measured of a release is what counting by hand gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
import pytest

from regesta.errors import GatesNotMet, NoSuchName, Refused
from regesta.flows.gates import outcomes, require_gates, require_met
from regesta.schema.gates import Outcome
from regesta.schema.tables import PUBLISHED, TABLES
from tests.logs import Rows, whole
from tests.strategies import frame

HELD: Rows = {
    "events": [
        {"event_id": "a", "place": "Vienna"},
        {"event_id": "b", "place": "Vienna"},
        {"event_id": "c", "geonames_id": 7},
    ],
    "sources": [
        {"source_id": "s1", "publisher": "The Daily", "url": "https://example.org/1"},
        {"source_id": "s2", "publisher": "The Daily", "url": "https://example.org/2"},
        {
            "source_id": "s3",
            "publisher": "The Weekly",
            "url": "https://example.org/3",
            "archived_url": "https://example.org/copy/3",
        },
        {"source_id": "s4", "publisher": "A Book"},
    ],
    "evidence": [
        {"evidence_id": "a1", "event_id": "a", "source_id": "s1"},
        {"evidence_id": "a2", "event_id": "a", "source_id": "s2"},
        {"evidence_id": "b1", "event_id": "b", "source_id": "s1"},
        {"evidence_id": "b2", "event_id": "b", "source_id": "s3"},
    ],
}


def _tables(rows: Rows) -> Mapping[str, pl.DataFrame]:
    stated = {
        name: frame(table, [whole(name, row) for row in rows.get(name, ())])
        for name, table in TABLES.items()
    }
    return {**stated, "timeline": PUBLISHED["timeline"].empty()}


def _outcome(held: Rows, /, **gates: object) -> Outcome:
    [outcome] = outcomes(require_gates({"gates": gates}), _tables(held))
    return outcome


@pytest.mark.parametrize(
    ("gates", "measured", "met"),
    [
        ({"rows": {"events": {"min": 3}}}, "3 rows", True),
        ({"rows": {"events": {"min": 4}}}, "3 rows", False),
        ({"rows": {"events": {"max": 3}}}, "3 rows", True),
        ({"rows": {"events": {"max": 2}}}, "3 rows", False),
        ({"rows": {"timeline": {"min": 1, "max": 9}}}, "0 rows", False),
        ({"filled": {"events": {"place": 66}}}, "2 of 3 (66.7 %)", True),
        ({"filled": {"events": {"place": 67}}}, "2 of 3 (66.7 %)", False),
        ({"filled": {"relations": {"note": 100}}}, "none there", True),
        ({"two_sources": 33}, "1 of 3 (33.3 %)", True),
        ({"two_sources": 34}, "1 of 3 (33.3 %)", False),
        ({"archived_sources": 33}, "1 of 3 (33.3 %)", True),
        ({"archived_sources": 34}, "1 of 3 (33.3 %)", False),
        ({"constant": {"events": {"place": "Vienna"}}}, "0 of 2 values are another", True),
        ({"constant": {"events": {"geonames_id": 7}}}, "0 of 1 values are another", True),
        (
            {"constant": {"sources": {"publisher": "The Daily"}}},
            "2 of 4 values are another, such as 'A Book'",
            False,
        ),
    ],
)
def test_a_gate_is_met_up_to_its_bound(gates: dict[str, Any], measured: str, met: bool) -> None:
    """At the bound it is met, beyond it is not; pages of one publisher are no two sources."""
    found = _outcome(HELD, **gates)
    assert (found.measured, found.met) == (measured, met)


@pytest.mark.parametrize(
    ("rows", "lost"),
    [
        ({"participants": [{"event_id": "a", "actor_id": "nobody", "role": "host"}]}, "'nobody'"),
        ({"evidence": [{"evidence_id": "x", "event_id": "z", "source_id": "s1"}]}, "'z'"),
        ({"relations": [{"event_id": "a", "relation": "follows", "other_id": "z"}]}, "'z'"),
        ({"relations": [{"event_id": "a", "relation": "follows", "other_id": "far/z"}]}, None),
        ({"relations": [{"event_id": "z", "relation": "same_as", "other_id": "a"}]}, None),
    ],
)
def test_an_id_dangles_that_names_no_row(rows: Rows, lost: str | None) -> None:
    """But one of another dataset is not ours to know, and a merged one resolves for ever."""
    found = _outcome({**HELD, **rows}, no_dangling_ids=True)
    assert found.met is (lost is None)
    assert found.measured == "0 such ids" if lost is None else lost in found.measured


SHORT = Outcome(name="rows.events", asks="at least 9 rows", measured="3 rows", met=False)
LESS = Outcome(name="two_sources", asks="events: at least 90 %", measured="1 of 3", met=False)
MET = Outcome(name="no_dangling_ids", asks="no id", measured="0 such ids", met=True)


def test_all_that_falls_short_is_told_at_once() -> None:
    """Each gate with what it asks and what was measured, and none that is met."""
    with pytest.raises(GatesNotMet) as caught:
        require_met([SHORT, LESS, MET], allowed=())
    assert caught.value.exit_status == 3
    assert caught.value.as_json()["gates"] == [SHORT.as_json(), LESS.as_json()]
    for said in ("rows.events: at least 9 rows; measured: 3 rows", "two_sources", "--allow"):
        assert said in str(caught.value)
    assert MET.name not in str(caught.value)


def test_what_is_allowed_may_fall_short_and_no_other() -> None:
    """A gate that was allowed and is met is told; it was asked for nothing."""
    with pytest.raises(GatesNotMet) as caught:
        require_met([SHORT, LESS], allowed=[SHORT.name])
    assert caught.value.as_json()["gates"] == [LESS.as_json()]
    assert require_met([SHORT, LESS], allowed=[SHORT.name, LESS.name]) == []
    [note] = require_met([MET], allowed=[MET.name])
    assert MET.name in note


def test_only_a_gate_of_the_card_can_be_allowed() -> None:
    """Another name is a usage error, with the nearest one or all of them."""
    card = {"gates": {"two_sources": 5, "no_dangling_ids": True}}
    for name, says in (("two_source", "did you mean 'two_sources'"), ("x", "there are no_dang")):
        with pytest.raises(NoSuchName, match=says):
            require_gates(card, [name])
    with pytest.raises(NoSuchName, match="states none"):
        require_gates({}, ["two_sources"])


def test_a_card_of_old_that_states_what_is_no_gate_is_refused() -> None:
    """A table called `gates` was for notes once: the way out is told."""
    with pytest.raises(Refused, match=r"gates\.keeper is no gate.*Correct dataset\.toml"):
        require_gates({"gates": {"keeper": "Ann"}})
