"""The codebook tells everything that the schema knows, and what the rows show."""

from __future__ import annotations

import csv
from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regesta.errors import NoSuchName
from regesta.schema.codebook import LOG_COLUMNS, codebook, describe, template
from regesta.schema.tables import PUBLISHED, TABLES


def _events(**columns: object) -> pl.DataFrame:
    empty = PUBLISHED["events"].empty()
    return pl.concat([empty, pl.DataFrame(columns)], how="diagonal_relaxed")


def _line(text: str, start: str) -> list[str]:
    [found] = [line for line in text.splitlines() if line.startswith(start)]
    return [cell.strip() for cell in found.strip("|").split(" | ")]


def test_every_column_of_every_table_is_described() -> None:
    """Each table has a chapter with its key, and each column a line with its description."""
    text = codebook()
    for table in PUBLISHED.values():
        chapter = text.partition(f"## {table.name}\n")[2].partition("\n## ")[0]
        assert table.description in chapter
        assert "Key: " + ", ".join(f"`{name}`" for name in table.key) in chapter
        for column in table.columns.values():
            cells = _line(chapter, f"| `{column.name}` |")
            assert column.description in cells
            assert cells[1] == column.kind


def test_the_columns_of_the_log_are_described() -> None:
    """What makes a row a record is told as well."""
    for name, description in LOG_COLUMNS.items():
        assert f"| `{name}` | {description} |" in codebook()


def test_rows_show_how_full_and_how_varied_a_column_is() -> None:
    """Fill rate, distinct values and the first of them stand beside the description."""
    frame = _events(place=["Vienna", "Vienna", None], latitude=[0.00001, None, None])
    text = codebook({"events": frame})
    assert "Rows: 3." in text
    assert _line(text.partition("## events")[2].partition("\n## ")[0], "| `place`")[-3:] == [
        "66.7 %",
        "1",
        "`Vienna`",
    ]
    assert "| 33.3 % | 1 | `0.00001` |" in text
    assert "| 0 % | 0 |  |" in text


def test_codes_in_use_have_their_labels() -> None:
    """Each code that occurs is counted and explained, and no other."""
    text = codebook({"events": _events(event_type=["gift", "visit", "gift"])})
    assert "| `event_type` | `gift` | Gift | 2 |" in text
    assert "| `event_type` | `visit` | Visit | 1 |" in text
    assert "`summons`" not in text


def test_the_keys_of_details_are_told() -> None:
    """What the card says about details stands in the codebook."""
    text = codebook(details={"tally": "Votes | for."})
    assert "| `tally` | Votes \\| for. |" in text


@given(st.text(min_size=1))
def test_no_value_breaks_the_table(value: str) -> None:
    """Whatever an example holds, it stays in its cell and its line stays a line."""
    text = codebook({"events": _events(title=[value], date_earliest=[date(1648, 10, 24)])})
    [line] = [line for line in text.split("\n") if line.startswith("| `title` | text | yes |  |")][
        :1
    ]
    assert line.replace("\\|", "").count("|") == 12
    assert len(line.splitlines()) == 1


def test_describe_gives_one_dict_a_column() -> None:
    """The command `schema` prints what the codebook says."""
    rows = {row["column"]: row for row in describe("events")}
    assert list(rows) == list(PUBLISHED["events"].columns)
    assert rows["event_type"]["codes"] == "event_types"
    assert rows["latitude"]["unit"] == "degrees"
    assert rows["summary"]["required"] is False


@pytest.mark.parametrize("name", TABLES)
def test_a_template_is_the_header_of_its_table(name: str) -> None:
    """All columns are there, in order, on one line of CSV."""
    assert next(csv.reader([template(name)])) == list(TABLES[name].columns)
    assert template(name).endswith("\n")


def test_an_unknown_table_gets_the_nearest_name() -> None:
    """A misspelt table is refused with a hint."""
    with pytest.raises(NoSuchName, match="did you mean 'events'"):
        describe("event")
