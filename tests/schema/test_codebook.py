"""The codebook tells everything that the schema knows, and what the rows show."""

from __future__ import annotations

import csv
from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regesta.errors import NoSuchName
from regesta.schema.codebook import (
    LOG_COLUMNS,
    codebook,
    codebook_page,
    describe,
    template,
    wording,
)
from regesta.schema.gates import Outcome
from regesta.schema.page import html, markdown
from regesta.schema.tables import PUBLISHED, TABLES
from regesta.vocabulary import code_list


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


def test_a_codebook_without_rows_has_the_codes_themselves() -> None:
    """Each code of a list that fits on a page is explained; a longer list is pointed to."""
    text = codebook()
    lists = {column.codes for table in PUBLISHED.values() for column in table.columns.values()}
    for name in lists - {None}:
        codes = code_list(str(name))
        if f"regesta codes {name}" in text:
            assert len(codes) > 60
        else:
            assert all(f"| `{code}` | {facts['label']} |" in text for code, facts in codes.items())
    assert "`summons`" in text
    assert "regesta codes states" in text


def test_ranges_and_frequent_values_are_shown() -> None:
    """From where to where a column goes, and the values that most rows have."""
    frame = _events(place=["B", "A", "B", None], geonames_id=[7, 12, None, None])
    text = codebook({"events": frame})
    assert "| `geonames_id` | `7` | `12` |" in text
    assert "| 75.0 % | 2 | `B`, `A` |" in text


def test_html_says_what_markdown_says() -> None:
    """Every table, column, code, key of details and gate is in both."""
    frame = _events(event_type=["gift"], title=["<script>"], date_earliest=[date(1648, 10, 24)])
    short = Outcome(name="rows.events", asks="at least 2 rows", measured="1 rows", met=False)
    page = codebook_page(
        {"events": frame}, release="Gifts", details={"tally": "Votes < 3."}, gates=[short]
    )
    for table in PUBLISHED.values():
        assert f'<h2 id="{table.name}">{table.name}</h2>' in html(page)
        assert all(f"<code>{name}</code>" in html(page) for name in table.columns)
    for text in (html(page), markdown(page)):
        said = ("Gifts", "1648-10-24", "rows.events", "at least 2 rows", "Votes &lt; 3.", wording())
        assert all(each in text for each in said)
    assert "<code>&lt;script&gt;</code>" in html(page)
    assert "`<script>`" in markdown(page)


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
