"""A leaf is RFC 8785 canonical, says all that the row says, and never changes with the schema."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from hashlib import sha256
from typing import Any

import polars as pl
import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from regesta.canonical import encode
from regesta.log.leaves import FORMAT, WORDS, leaf_hashes, leaf_texts
from regesta.schema import models
from regesta.schema.columns import Column, decimal, json_object, text
from regesta.schema.tables import TABLES, TableSchema
from regesta.vocabulary import code_list
from tests.strategies import Row, frame, rows

EVENTS = TABLES["events"]


class WiderEvents(models.Events):
    """Events with three columns that regesta lacks, at both ends of the alphabet."""

    aardvarks: pl.Float64 = decimal("How many aardvarks took part.")
    zoology: pl.String = text("What else there was to see.")
    annex: pl.String = json_object("What else there is to say.")


WIDER = TableSchema("events", WiderEvents)


def _records(table: TableSchema, state: list[Row], revision: int = 1) -> pl.DataFrame:
    words = {"action": "add", "reason": "new", "revision": revision}
    said = frame(table, state).with_columns(
        pl.lit(value, WORDS[name]).alias(name) for name, value in words.items()
    )
    return said.with_columns(pl.col("revision").cast(pl.Int64))


def _back(column: Column, value: Any) -> Any:  # noqa: ANN401 - a value of JSON
    """Return what a leaf says of *column* as the row said it."""
    match column.kind:
        case "decimal":
            return float(value)
        case "day":
            return date.fromisoformat(value)
        case "json":
            return encode(value).decode()
        case _:
            return value


def _row_of(table: TableSchema, leaf: Mapping[str, Any]) -> Row:
    return {
        name: _back(column, leaf[name]) if name in leaf else None
        for name, column in table.columns.items()
    }


@pytest.mark.parametrize("name", TABLES)
@given(data=st.data())
@settings(deadline=None, max_examples=12)
def test_a_leaf_is_canonical_and_says_the_whole_row(name: str, data: st.DataObject) -> None:
    """Any JCS library gives the same bytes, and the row comes back from them."""
    table = TABLES[name]
    state = data.draw(st.lists(rows(table), min_size=1, max_size=3))
    for row, leaf in zip(state, leaf_texts(table, _records(table, state)), strict=True):
        said = json.loads(leaf)
        assert rfc8785.dumps(said) == leaf.encode()
        assert _row_of(table, said) == row
        assert None not in said.values()


@pytest.mark.parametrize("name", TABLES)
@given(data=st.data())
@settings(deadline=None, max_examples=5)
def test_a_leaf_holds_format_table_and_words(name: str, data: st.DataObject) -> None:
    """A leaf stands by itself: it says what it is a record of, and of which form it is."""
    table = TABLES[name]
    records = _records(table, [data.draw(rows(table))], revision=3)
    said = json.loads(leaf_texts(table, records)[0])
    assert (said["format"], said["table"]) == (FORMAT, name)
    assert (said["action"], said["reason"], said["revision"]) == ("add", "new", 3)
    assert set(said) <= {"format", "table", *WORDS, *table.columns}


@given(st.lists(rows(EVENTS), min_size=1, max_size=4))
@settings(deadline=None, max_examples=20)
def test_a_new_nullable_column_changes_no_old_hash(state: list[Row]) -> None:
    """Old records have null in a column that comes later, and keep leaf and hash."""
    old = _records(EVENTS, state)
    wider = old.with_columns(
        pl.lit(None, WIDER.dtypes[name]).alias(name) for name in WIDER.columns if name not in old
    )
    assert set(WIDER.columns) - set(EVENTS.columns) == {"aardvarks", "zoology", "annex"}
    assert leaf_texts(WIDER, wider).to_list() == leaf_texts(EVENTS, old).to_list()


@given(rows(WIDER), rows(EVENTS))
@settings(deadline=None, max_examples=30)
def test_a_new_column_is_said_where_it_has_a_value(row: Row, other: Row) -> None:
    """What is not null is in the leaf, in its place in the alphabet."""
    full = {**row, "aardvarks": 1.5, "zoology": other["title"], "annex": '{"a":1}'}
    leaf = leaf_texts(WIDER, _records(WIDER, [full]))[0]
    assert rfc8785.dumps(json.loads(leaf)) == leaf.encode()
    assert json.loads(leaf)["zoology"] == other["title"]
    assert json.loads(leaf)["aardvarks"] == "1.500000"
    assert json.loads(leaf)["annex"] == {"a": 1}


@given(st.integers(-(10**15) + 1, 10**15 - 1))
@settings(deadline=None, max_examples=200)
def test_a_decimal_is_spelt_exactly(millionths: int) -> None:
    """Six digits after the point are six digits in the leaf, without a binary remainder."""
    row = {**dict.fromkeys(EVENTS.columns), "intensity": millionths / 10**6}
    sign = "-" if millionths < 0 else ""
    whole, part = divmod(abs(millionths), 10**6)
    said = json.loads(leaf_texts(EVENTS, _records(EVENTS, [row]))[0])
    assert said["intensity"] == f"{sign}{whole}.{part:06}"


@pytest.mark.parametrize(
    "value", [',"title":null', '{"a":null}', '\\",\\"b\\":null,\\"', 'x","c":null']
)
@pytest.mark.parametrize("column", ["title", "summary", "place"])
def test_text_that_looks_like_json_is_text(value: str, column: str) -> None:
    """Dropping what is null never touches the inside of a text."""
    row = {**dict.fromkeys(EVENTS.columns), column: value}
    leaf = leaf_texts(EVENTS, _records(EVENTS, [row]))[0]
    assert json.loads(leaf)[column] == value
    assert rfc8785.dumps(json.loads(leaf)) == leaf.encode()


@given(rows(EVENTS), st.sampled_from(list(EVENTS.columns)), st.data())
@settings(deadline=None, max_examples=50)
def test_rows_that_differ_have_leaves_that_differ(row: Row, name: str, data: st.DataObject) -> None:
    """No two different rows share a leaf, whichever column they differ in."""
    from tests.strategies import cells

    column = EVENTS.columns[name]
    other = {
        **row,
        name: data.draw(cells(column) if column.required else st.none() | cells(column)),
    }
    one, two = leaf_texts(EVENTS, _records(EVENTS, [row, other]))
    assert (one == two) == (row[name] == other[name])


@given(rows(EVENTS), st.sampled_from(list(code_list("actions"))), st.integers(1, 9))
@settings(deadline=None, max_examples=20)
def test_the_words_of_a_record_are_part_of_its_leaf(row: Row, action: str, revision: int) -> None:
    """The same row, added or retracted, first or second, gives leaves that differ."""
    first = _records(EVENTS, [row], revision=10)
    second = first.with_columns(action=pl.lit(action), revision=pl.lit(revision, pl.Int64))
    assert leaf_texts(EVENTS, first)[0] != leaf_texts(EVENTS, second)[0]


@given(st.lists(rows(EVENTS), max_size=3))
@settings(deadline=None, max_examples=20)
def test_the_hash_is_that_of_a_tree_leaf(state: list[Row]) -> None:
    """Whoever has sha256 can compute it: a zero byte, then the line."""
    texts = leaf_texts(EVENTS, _records(EVENTS, state))
    assert leaf_hashes(texts).to_list() == [
        sha256(b"\x00" + leaf.encode()).digest() for leaf in texts
    ]
    assert leaf_hashes(texts).dtype == pl.Binary()
