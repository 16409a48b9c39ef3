"""The descriptors say what the schema says, in words that other tools know."""

from __future__ import annotations

import re

import polars as pl
import pytest

from regesta.schema.card import license_of
from regesta.schema.datapackage import (
    TYPES,
    csv_resource,
    datapackage,
    foreign_keys,
    table_schema,
)
from regesta.schema.tables import PUBLISHED
from regesta.vocabulary import code_list


def _rows(name: str, **columns: list[str | None]) -> pl.DataFrame:
    return pl.concat([PUBLISHED[name].empty(), pl.DataFrame(columns)], how="diagonal_relaxed")


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_table_schema_has_every_column_and_the_key(name: str) -> None:
    """Fields follow the columns, with type, description, coding and unit."""
    table, schema = PUBLISHED[name], table_schema(PUBLISHED[name])
    assert schema["primaryKey"] == table.key
    for field, column in zip(schema["fields"], table.columns.values(), strict=True):
        assert (field["name"], field["type"]) == (column.name, TYPES[column.kind])
        assert field["description"] == column.description
        assert (field.get("coding"), field.get("unit")) == (column.coding, column.unit)
        assert field.get("constraints", {}).get("required", False) == column.required


def test_a_pattern_needs_no_anchors() -> None:
    """Table Schema anchors patterns itself; ours still mean the same when read that way."""
    for table in PUBLISHED.values():
        for field in table_schema(table)["fields"]:
            pattern = field.get("constraints", {}).get("pattern", "")
            assert "^" not in pattern.replace("[^", "")
            assert "$" not in pattern
            assert re.compile(pattern)


def test_a_short_code_list_is_spelt_out_and_a_long_one_named() -> None:
    """Sixty codes are the most that a descriptor lists."""
    fields = {field["name"]: field for field in table_schema(PUBLISHED["events"])["fields"]}
    assert fields["event_type"]["constraints"]["enum"] == list(code_list("event_types"))
    assert "enum" not in fields["country"].get("constraints", {})
    assert fields["country"]["codes"] == "states"


def test_bounds_become_minimum_and_maximum() -> None:
    """A coordinate keeps to the globe."""
    fields = {field["name"]: field for field in table_schema(PUBLISHED["events"])["fields"]}
    assert fields["latitude"]["constraints"] == {"minimum": -90, "maximum": 90}


def test_a_foreign_key_is_declared_where_it_holds() -> None:
    """References that are all answered become a foreign key; nulls refer to nothing."""
    tables = {
        "actors": _rows("actors", actor_id=["RUS", "PRK"]),
        "events": _rows("events", event_id=["e"]),
        "participants": _rows(
            "participants", event_id=["e", "e"], actor_id=["RUS", "PRK"], on_behalf_of=[None, "RUS"]
        ),
    }
    assert foreign_keys(PUBLISHED["participants"], tables) == [
        {"fields": ["event_id"], "reference": {"resource": "events", "fields": ["event_id"]}},
        {"fields": ["actor_id"], "reference": {"resource": "actors", "fields": ["actor_id"]}},
        {"fields": ["on_behalf_of"], "reference": {"resource": "actors", "fields": ["actor_id"]}},
    ]


def test_a_reference_to_another_dataset_declares_no_foreign_key() -> None:
    """A valid release never fails a validator because it names a row of another one."""
    tables = {
        "events": _rows("events", event_id=["e"]),
        "relations": _rows("relations", event_id=["e", "e"], other_id=["e", "elsewhere/x"]),
    }
    found = foreign_keys(PUBLISHED["relations"], tables)
    assert [key["fields"] for key in found] == [["event_id"]]
    assert "foreignKeys" not in table_schema(PUBLISHED["relations"])
    assert table_schema(PUBLISHED["relations"], found)["foreignKeys"] == found


def test_a_resource_is_the_csv_file_and_names_the_parquet_file() -> None:
    """Size and digest are those of the CSV; frictionless cannot compare a Parquet file's."""
    resource = csv_resource(PUBLISHED["events"], size=3, digest="ab")
    assert (resource["type"], resource["path"]) == ("table", "events.csv")
    assert (resource["bytes"], resource["hash"]) == (3, "sha256:ab")
    assert resource["parquet"] == "events.parquet"


def test_a_descriptor_says_only_what_the_card_says() -> None:
    """What a card leaves out is left out, but for the licence."""
    card = {"name": "gifts", "title": "Gifts", "contributors": [{"name": "A"}, "B"]}
    said = datapackage(card, "1.0.0", "2026-11-24T03:05:00.000000Z", [])
    assert said == {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "gifts",
        "title": "Gifts",
        "version": "1.0.0",
        "created": "2026-11-24T03:05:00.000000Z",
        "licenses": [{"name": "CC-BY-4.0", "path": "https://spdx.org/licenses/CC-BY-4.0.html"}],
        "contributors": [
            {"title": "A", "roles": ["creator"]},
            {"title": "B", "roles": ["creator"]},
        ],
    }
    assert license_of({"license": "CC0-1.0"}) == license_of({"licenses": [{"name": "CC0-1.0"}]})
