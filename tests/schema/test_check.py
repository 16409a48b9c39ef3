"""Rows are checked cell by cell and against one another, and every failure is told at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regesta.schema import failures
from regesta.schema.check import Checked, check, check_header
from regesta.schema.tables import IMPORTED, TABLES
from regesta.schema.tidy import FILE, ROW, tidy, with_days
from regesta.vocabulary import code_list
from tests.strategies import Row, as_text, key_of, states

BESIDE = {"latitude": {"longitude": "0"}, "longitude": {"latitude": "0"}}

Tables = Mapping[str, Sequence[Mapping[str, str | None]]]

EVENT = {"event_id": "e1", "event_type": "visit", "title": "A visit", "date": "2024-02-18"}
ACTOR = {"actor_id": "RUS", "name": "Russia", "kind": "state"}
PARTY = {"event_id": "e1", "actor_id": "RUS", "role": "host"}
SOURCE = {"source_id": "s1", "publisher": "KCNA"}
CLAIM = {
    "evidence_id": "c1",
    "event_id": "e1",
    "source_id": "s1",
    "stance": "asserts",
    "aspect": "occurrence",
}


def _typed(
    name: str, texts: Sequence[Mapping[str, str | None]]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return rows in flight as they come from a file that is called like the table."""
    table = TABLES[name]
    whole = [{column: row.get(column) for column in table.columns} for row in texts]
    raw = pl.DataFrame(whole, schema=dict.fromkeys(table.columns, pl.String), orient="row")
    origin = raw.with_row_index(ROW, 2).with_columns(
        pl.col(ROW).cast(pl.Int64), pl.lit(f"{name}.csv").alias(FILE)
    )
    tidied, found = tidy(table, origin)
    if name == "events":
        tidied, wrong = with_days(tidied)
        found = failures.together([found, wrong])
    return tidied.select(FILE, ROW, *table.columns), found


def _check(tables: Tables, known: Mapping[str, Sequence[str]] | None = None) -> Checked:
    """Check *tables*; the log holds the identifiers *known*."""
    held = known or {}
    typed = {name: _typed(name, texts) for name, texts in tables.items()}

    def holds(table: str, ids: pl.Series) -> pl.Series:
        return ids.filter(ids.is_in(list(held.get(table, []))))

    return check(
        {name: rows for name, (rows, _) in typed.items()},
        failures.together(found for _, found in typed.values()),
        holds,
    )


def _told(checked: Checked) -> list[tuple[Any, ...]]:
    return checked.failures.select("file", "row", "column", "rule").rows()


def _ids(checked: Checked, name: str) -> list[str]:
    return checked.rows[name][TABLES[name].key[0]].to_list()


def test_good_rows_come_through_in_their_order() -> None:
    """What fails nothing is neither changed nor sorted."""
    checked = _check(
        {
            "events": [{**EVENT, "event_id": "z"}, EVENT],
            "actors": [ACTOR],
            "participants": [PARTY],
        }
    )
    assert _told(checked) == []
    assert _ids(checked, "events") == ["z", "e1"]
    assert checked.duplicates == {"actors": 0, "events": 0, "participants": 0}
    assert checked.rejected == {"actors": 0, "events": 0, "participants": 0}


@pytest.mark.parametrize("name", IMPORTED)
@given(data=st.data())
@settings(deadline=None, max_examples=6)
def test_every_valid_row_passes(name: str, data: st.DataObject) -> None:
    """Rows that the schema allows fail nothing, if what they name is in the log."""
    table = IMPORTED[name]
    given_rows: Sequence[Row] = data.draw(states(table, min_size=1))
    known: dict[str, list[str]] = {}
    for column, target in table.references.items():
        known.setdefault(target, []).extend(row[column] for row in given_rows if row[column])
    checked = _check({name: [as_text(table, row) for row in given_rows]}, known)
    assert checked.failures.rows() == []
    assert checked.rows[name].height == len(given_rows)


@pytest.mark.parametrize(
    ("column", "value", "rule", "advice"),
    [
        ("event_id", "e 1", "constraint-error", "is no identifier"),
        ("event_id", "-e1", "constraint-error", "is no identifier"),
        ("event_id", "é", "constraint-error", "is no identifier"),
        ("event_id", "other/e1", "constraint-error", "is no identifier"),
        ("event_id", "e" * 129, "constraint-error", "is no identifier"),
        ("event_type", "vist", "unknown-code", "did you mean 'visit'?"),
        ("event_type", "VISIT", "unknown-code", "did you mean 'visit'?"),
        ("title", None, "missing-value", "every row needs it"),
        ("date", "2023-02-30", "bad-date", "is no day of the calendar"),
        ("date", "24.2.2024", "bad-date", "write YYYY"),
        ("country", "KP", "unknown-code", "regesta codes states"),
        ("latitude", "90.000001", "out-of-range", "90"),
        ("longitude", "-180.000001", "out-of-range", "-180"),
        ("latitude", "north", "type-error", "write digits"),
        ("geonames_id", "0", "out-of-range", "1"),
        ("details", "[1]", "bad-json", 'write {"key"'),
        ("details", '{"a": 1.5}', "bad-json", "write the number in quotes"),
        ("details", '{"a": null}', "bad-json", "leave it out"),
        ("details", '{"a": "\\ud800"}', "bad-json", "surrogate"),
        ("code_scheme", "cameo", "unknown-code", "did you mean"),
    ],
)
def test_a_wrong_cell_is_told_with_the_way_out(
    column: str, value: str | None, rule: str, advice: str
) -> None:
    """A failure names file, row, column, rule and value, and says what to do."""
    checked = _check(
        {
            "events": [
                {**EVENT, "event_id": "good"},
                {**EVENT, **BESIDE.get(column, {}), column: value},
            ]
        }
    )
    [told] = checked.failures.rows(named=True)
    assert (told["file"], told["row"], told["table"]) == ("events.csv", 3, "events")
    assert (told["column"], told["rule"], told["value"]) == (column, rule, value)
    assert advice in told["message"]
    assert _ids(checked, "events") == ["good"]
    assert checked.rejected == {"events": 1}


def test_all_failures_are_told_at_once() -> None:
    """Several wrong cells in several rows and tables come in one go, in order."""
    checked = _check(
        {
            "participants": [{**PARTY, "role": "hots"}, {**PARTY, "actor_id": "RSU"}],
            "actors": [ACTOR, {**ACTOR, "actor_id": "PRK", "kind": "sate", "cow_code": "x"}],
            "events": [
                {**EVENT, "date": "2023-13", "event_type": None},
                {**EVENT, "event_id": "e2"},
            ],
        }
    )
    assert _told(checked) == [
        ("actors.csv", 3, "cow_code", "constraint-error"),
        ("actors.csv", 3, "kind", "unknown-code"),
        ("events.csv", 2, "date", "bad-date"),
        ("events.csv", 2, "event_type", "missing-value"),
        ("participants.csv", 2, "role", "unknown-code"),
        ("participants.csv", 3, "actor_id", "foreign-key"),
    ]
    assert checked.rejected == {"actors": 1, "events": 1, "participants": 2}


def test_a_cell_fails_once() -> None:
    """A cell that could not be read is not reported as empty as well."""
    wrong = {**EVENT, "event_id": "e\u200b1", "title": "a\u202eb", "geonames_id": "x"}
    checked = _check({"events": [wrong]})
    assert _told(checked) == [
        ("events.csv", 2, "event_id", "invisible-character"),
        ("events.csv", 2, "geonames_id", "type-error"),
        ("events.csv", 2, "title", "invisible-character"),
    ]


def test_a_repeated_row_counts_as_duplicate() -> None:
    """The same row again is no failure: it is taken once, where it first stands."""
    checked = _check({"events": [EVENT, {**EVENT, "event_id": "e2"}, EVENT, EVENT]})
    assert _told(checked) == []
    assert _ids(checked, "events") == ["e1", "e2"]
    assert checked.duplicates == {"events": 2}
    assert checked.rejected == {"events": 0}


def test_rows_that_disagree_name_one_another_and_are_refused() -> None:
    """Of rows with one key and different content none is taken; each names the others."""
    checked = _check({"events": [EVENT, {**EVENT, "title": "Other"}, {**EVENT, "event_id": "e2"}]})
    first, second = checked.failures.rows(named=True)
    assert (first["row"], first["rule"], first["column"]) == (2, "unique-error", "event_id")
    assert "events.csv row 3" in first["message"]
    assert (second["row"], second["rule"]) == (3, "unique-error")
    assert "events.csv row 2" in second["message"]
    assert _ids(checked, "events") == ["e2"]
    assert checked.rejected == {"events": 2}


def test_a_copy_of_a_row_that_is_disagreed_with_is_not_taken() -> None:
    """Two votes for one version do not decide: no row with the key is recorded."""
    checked = _check({"events": [EVENT, {**EVENT, "title": "Other"}, EVENT]})
    assert _ids(checked, "events") == []
    assert checked.rejected["events"] + checked.duplicates["events"] == 3


def test_a_key_is_all_of_its_columns() -> None:
    """An actor may have several roles in an event, each once."""
    tables: Tables = {
        "events": [EVENT],
        "actors": [ACTOR],
        "participants": [PARTY, {**PARTY, "role": "guest"}, {**PARTY, "label": "Moscow"}],
    }
    checked = _check(tables)
    assert [(row, rule) for _, row, _, rule in _told(checked)] == [
        (2, "unique-error"),
        (4, "unique-error"),
    ]
    assert checked.rows["participants"]["role"].to_list() == ["guest"]


def test_a_row_may_name_what_the_log_holds_or_the_input_brings() -> None:
    """A reference is good if either has the row, or if another register does."""
    tables: Tables = {
        "events": [EVENT],
        "participants": [
            PARTY,
            {**PARTY, "event_id": "old"},
            {**PARTY, "event_id": "elsewhere/e9", "on_behalf_of": "elsewhere/PRK"},
        ],
    }
    assert _told(_check(tables, {"events": ["old"], "actors": ["RUS"]})) == []
    assert _told(_check(tables, {"actors": ["RUS"]})) == [
        ("participants.csv", 3, "event_id", "foreign-key")
    ]


def test_a_reference_that_leads_nowhere_is_told_with_the_nearest_name() -> None:
    """A misspelt identifier finds the one that was meant."""
    checked = _check(
        {"actors": [ACTOR], "events": [EVENT], "participants": [{**PARTY, "actor_id": "RUSS"}]}
    )
    [told] = checked.failures.rows(named=True)
    assert (told["column"], told["value"], told["rule"]) == ("actor_id", "RUSS", "foreign-key")
    assert "did you mean 'RUS'?" in told["message"]
    assert "no row of actors" in told["message"]


def test_a_refused_row_takes_with_it_what_names_it() -> None:
    """Rows that name a refused row are refused too, down the line, and say why."""
    checked = _check(
        {
            "actors": [{**ACTOR, "kind": "sate"}],
            "events": [{**EVENT, "date": "nonsense"}, {**EVENT, "event_id": "e2"}],
            "sources": [SOURCE],
            "participants": [PARTY, {**PARTY, "event_id": "e2"}],
            "evidence": [CLAIM, {**CLAIM, "evidence_id": "c2", "event_id": "e2"}],
            "relations": [{"event_id": "e2", "relation": "follows", "other_id": "e1"}],
        }
    )
    assert checked.rejected == {
        "actors": 1,
        "sources": 0,
        "events": 1,
        "participants": 2,
        "evidence": 1,
        "relations": 1,
    }
    named = checked.failures.filter(pl.col("rule") == "foreign-key")
    assert all("mend that row first" in message for message in named["message"])
    assert _ids(checked, "evidence") == ["c2"]


def test_a_refused_version_of_a_row_that_the_log_holds_breaks_nothing() -> None:
    """The log's own version stands, so rows that name it may be recorded."""
    tables: Tables = {"events": [{**EVENT, "date": "nonsense"}], "participants": [PARTY]}
    checked = _check(tables, {"events": ["e1"], "actors": ["RUS"]})
    assert checked.rejected == {"events": 1, "participants": 0}


@given(st.lists(st.sampled_from("ABCDE"), max_size=12), st.sets(st.sampled_from("ABCDE")))
@settings(deadline=None, max_examples=20)
def test_rows_in_are_rows_accounted_for(ids: list[str], bad: set[str]) -> None:
    """Taken, duplicate and rejected rows are all the rows, and no key is taken twice."""
    texts = [
        {**EVENT, "event_id": each, "date": "nonsense" if each in bad else "2024"} for each in ids
    ]
    checked = _check({"events": texts})
    taken = checked.rows["events"]
    assert taken.height + checked.duplicates["events"] + checked.rejected["events"] == len(ids)
    assert taken["event_id"].to_list() == [each for each in dict.fromkeys(ids) if each not in bad]
    assert checked.rejected["events"] == sum(each in bad for each in ids)


@given(states(TABLES["events"], min_size=1))
@settings(deadline=None, max_examples=10)
def test_checked_rows_have_each_key_once(given_rows: Sequence[Row]) -> None:
    """However often a file repeats its rows, each is taken once."""
    table = TABLES["events"]
    texts = [as_text(table, row) for row in given_rows]
    checked = _check({"events": [*texts, *reversed(texts)]})
    assert checked.rows["events"].select(table.key).rows() == [
        key_of(table, row) for row in given_rows
    ]
    assert checked.duplicates["events"] == len(texts)


def test_a_header_must_know_its_columns_and_have_the_key() -> None:
    """An unknown column gets the nearest known name; a missing key column is named."""
    table = TABLES["participants"]
    found = check_header(["event_id", "actor", "role"], table.columns, table.key, "p.csv")
    assert found.select("column", "rule").rows() == [
        ("actor", "unknown-column"),
        ("actor_id", "missing-column"),
    ]
    assert "did you mean 'actor_id'?" in found["message"][0]


def test_every_code_of_a_list_passes() -> None:
    """The check and the code list agree, code by code."""
    types = list(code_list("event_types"))
    texts = [{**EVENT, "event_id": f"e{i}", "event_type": code} for i, code in enumerate(types)]
    assert _told(_check({"events": texts})) == []


@pytest.mark.parametrize("table", ["events", "participants"])
def test_only_a_table_with_details_can_keep_a_strange_column(table: str) -> None:
    """The way out that a refusal names is one that there is."""
    found = check_header(["mood"], TABLES[table].columns, [], "a.csv")
    assert ("--keep-extra" in found["message"].item()) == (table == "events")
