"""Cells become typed columns as they are written: nothing is guessed, nothing unseen slips by."""

from __future__ import annotations

import json
import unicodedata
from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regesta.schema.tables import IMPORTED, TABLES
from regesta.schema.tidy import FILE, ROW, tidy, with_days
from regesta.schema.unseen import HIDDEN
from tests.strategies import Row, as_text, frame, rows

EVENTS = TABLES["events"]
HUGE = f'{{"a": {"9" * 5000}}}'
DEEP = f'{{"a":{"[" * 300}{"]" * 300}}}'
UNSEEN = {
    "right-to-left override": "\u202e",
    "right-to-left mark": "\u200f",
    "Arabic letter mark": "\u061c",
    "left-to-right isolate": "\u2066",
    "zero-width space": "\u200b",
    "zero-width joiner": "\u200d",
    "byte-order mark": "\ufeff",
    "soft hyphen": "\u00ad",
    "NUL": "\x00",
    "bell": "\x07",
    "next line": "\x85",
    "tab": "\t",
    "line separator": "\u2028",
    "paragraph separator": "\u2029",
    "private use": "\ue000",
    "unassigned": "\u0378",
    "tag letter": "\U000e0041",
    "grapheme joiner": "\u034f",
    "Hangul filler": "\u3164",
    "Hangul initial filler": "\u115f",
    "half-width filler": "\uffa0",
    "Khmer vowel": "\u17b4",
    "blank Braille pattern": "\u2800",
}


def _raw(**columns: list[str | None] | str | None) -> pl.DataFrame:
    """Return rows of text as they come from `a.csv`, beginning beneath its header."""
    listed = {n: c if isinstance(c, list) else [c] for n, c in columns.items()}
    height = len(next(iter(listed.values())))
    numbers = list(range(2, height + 2))
    return pl.DataFrame(
        {FILE: ["a.csv"] * height, ROW: numbers, **listed},
        schema={FILE: pl.String, ROW: pl.Int64, **dict.fromkeys(listed, pl.String)},
    )


def _cell(column: str, text: str | None) -> Any:  # noqa: ANN401 - a cell is of any type
    tidied, found = tidy(EVENTS, _raw(**{column: text}))
    assert found.rows() == []
    return tidied[column][0]


def _failure(column: str, text: str) -> dict[str, Any]:
    tidied, found = tidy(EVENTS, _raw(**{column: text}))
    assert found.height == 1, found
    assert tidied.height == 1
    return found.row(0, named=True)


@pytest.mark.parametrize(
    "text",
    ["NA", "N/A", "null", "NULL", "None", "nan", "-", "007", "1E5", "TRUE", "=1+1", '"', "\\"],
)
@pytest.mark.parametrize("column", ["title", "code", "place"])
def test_text_is_text(column: str, text: str) -> None:
    """What other readers take for missing, for a number or for a formula stays as written."""
    assert _cell(column, text) == text


@pytest.mark.parametrize("column", list(EVENTS.columns))
@pytest.mark.parametrize(
    "blank",
    [None, "", " ", "\t", "\u00a0 ", " \r\n", "\u2003", "\u3000", "\u3164", "\u2800 \u115f"],
)
def test_a_blank_cell_is_missing(column: str, blank: str | None) -> None:
    """Only a cell with nothing in it is missing."""
    assert _cell(column, blank) is None


@pytest.mark.parametrize("blanks", ["{}", "  {}", "{}\t", "\u00a0{}\u00a0", "\r\n{}\n", "\u3000{}"])
def test_blanks_around_a_cell_go_and_blanks_within_stay(blanks: str) -> None:
    """Surrounding blanks are an accident; those between words are text."""
    assert _cell("title", blanks.format("A  visit \u00a0 by")) == "A  visit \u00a0 by"


SEEN = st.characters(exclude_categories=["C", "Z"], exclude_characters=f"{HIDDEN}\ufe0f")


@given(st.text(SEEN, min_size=1, max_size=20))
@settings(deadline=None, max_examples=100)
def test_text_leaves_in_nfc_and_otherwise_as_it_came(text: str) -> None:
    """However letters are composed, the same text gives the same cell."""
    expected = unicodedata.normalize("NFC", text)
    for form in ("NFC", "NFD"):
        tidied, found = tidy(EVENTS, _raw(title=unicodedata.normalize(form, text)))
        assert tidied["title"][0] == expected
        assert found.height == 0


def test_hangul_letters_become_syllables() -> None:
    """Korean that macOS has taken apart is put together."""
    assert _cell("title", unicodedata.normalize("NFD", "평양에서 회담")) == "평양에서 회담"


@pytest.mark.parametrize("char", UNSEEN.values(), ids=UNSEEN)
@pytest.mark.parametrize("column", ["event_id", "title", "summary", "details", "latitude"])
def test_a_character_that_nobody_sees_is_refused_by_its_code_point(column: str, char: str) -> None:
    """Characters that hide or turn text around are named, in whichever column they stand."""
    _, found = tidy(EVENTS, _raw(**{column: f"1{char}2"}))
    [told] = found.filter(pl.col("rule") == "invisible-character").rows(named=True)
    assert (told["file"], told["row"], told["table"], told["column"]) == (
        "a.csv",
        2,
        "events",
        column,
    )
    assert f"U+{ord(char):04X}" in told["message"]


@pytest.mark.parametrize("char", UNSEEN.values(), ids=UNSEEN)
def test_an_escape_does_not_smuggle_an_unseen_character_in(char: str) -> None:
    """What JSON spells as an escape is refused like the character itself, or stays an escape."""
    tidied, found = tidy(EVENTS, _raw(details=json.dumps({"a": f"x{char}y"})))
    cell = tidied["details"][0]
    assert found.height == 1 or char not in cell


def test_a_picture_may_be_chosen_and_nothing_else_varied() -> None:
    """The selector that makes a picture of a sign stays; after a letter it is unseen."""
    assert _cell("title", "Peace \u2764\ufe0f") == "Peace \u2764\ufe0f"
    assert "U+FE0F" in _failure("title", "Pea\ufe0fce")["message"]


def test_prose_has_lines_and_other_text_has_none() -> None:
    """Line breaks are kept, as one kind, where prose is expected, and refused elsewhere."""
    assert _cell("summary", "one\r\ntwo\nthree") == "one\ntwo\nthree"
    assert "U+000A" in _failure("title", "one\ntwo")["message"]
    assert "U+000D" in _failure("summary", "one\rtwo")["message"]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0.0),
        ("39.04", 39.04),
        ("-0.000001", -0.000001),
        ("+7.5", 7.5),
        ("007", 7.0),
        ("0.12345649", 0.123456),
        ("0.1234569", 0.123457),
        ("999999999", 999999999.0),
    ],
)
def test_a_decimal_is_read_and_kept_to_six_digits(text: str, number: float) -> None:
    """Decimals are plain digits with a point."""
    assert _cell("intensity", text) == number


def test_there_is_no_negative_zero() -> None:
    """What rounds to nothing is nothing, without a sign."""
    for text in ("-0", "-0.0", "-0.0000001"):
        assert str(_cell("intensity", text)) == "0.0"


@pytest.mark.parametrize(
    "text", ["1E5", "1,5", ".5", "5.", "1_000", "٣", "nan", "inf", "0x1", "NA", "1234567890", "--1"]
)
def test_what_is_no_plain_decimal_is_refused(text: str) -> None:
    """A number is never guessed."""
    told = _failure("latitude", text)
    assert (told["rule"], told["value"]) == ("type-error", text)


@pytest.mark.parametrize("text", ["1", "-12", "0", "9007199254740991"])
def test_an_integer_is_read(text: str) -> None:
    """Whole numbers are digits, up to what every JSON library reads alike."""
    assert _cell("geonames_id", text) == int(text)


@pytest.mark.parametrize(
    "text", ["1.0", "007", "+1", "1E5", "1 000", "٣", "9007199254740992", "9" * 16, "9" * 30]
)
def test_what_is_no_plain_integer_is_refused(text: str) -> None:
    """Neither a spelling that two people read differently nor a number beyond 2^53-1 gets in."""
    assert _failure("geonames_id", text)["rule"] == "type-error"


@pytest.mark.parametrize("text", ["2023-02-29", "2024-2-1", "20240201", "2024-02", "NA"])
def test_what_is_no_day_is_refused(text: str) -> None:
    """A derived day is a day of the calendar."""
    assert _failure("date_earliest", text)["rule"] == "type-error"


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ('{"b": 1, "a": [true, "x"]}', '{"a":[true,"x"],"b":1}'),
        ('{"a": "\\u00e9"}', '{"a":"é"}'),
        ('{"a": "A\\u030a"}', '{"a":"Å"}'),
        ("{}", "{}"),
        ("{oops}", "{oops}"),
        ('{"a": null}', '{"a": null}'),
        ('{"a": "\\ud800"}', '{"a": "\\ud800"}'),
        (HUGE, HUGE),
        (DEEP, DEEP),
    ],
    ids=["sorted", "escape", "NFC", "empty", "no JSON", "null", "surrogate", "huge", "deep"],
)
def test_an_object_becomes_canonical_or_is_left_to_the_rules(text: str, cell: str) -> None:
    """JSON that may be recorded is rewritten; other text stays for the check to explain."""
    assert _cell("details", text) == cell


@given(st.dictionaries(st.text("abc", max_size=2), st.text(max_size=4), max_size=2))
@settings(deadline=None, max_examples=100)
def test_what_was_tidied_is_tidy(content: dict[str, str]) -> None:
    """A cell that was accepted once is accepted again and stays the same."""
    once, found = tidy(EVENTS, _raw(details=json.dumps(content)))
    if found.height == 0:
        twice, again = tidy(EVENTS, _raw(details=once["details"][0]))
        assert again.rows() == []
        assert twice["details"].to_list() == once["details"].to_list()


@pytest.mark.parametrize("name", IMPORTED)
@given(data=st.data())
@settings(deadline=None, max_examples=8)
def test_valid_rows_come_through_unchanged(name: str, data: st.DataObject) -> None:
    """Whatever a table may hold, spelt in a file, is read as it was."""
    table = IMPORTED[name]
    given_rows: list[Row] = data.draw(st.lists(rows(table), min_size=1, max_size=3))
    texts = [as_text(table, row) for row in given_rows]
    columns = {column: [text[column] for text in texts] for column in table.columns}
    tidied, found = tidy(table, _raw(**columns))
    assert found.rows() == []
    assert tidied.drop(FILE, ROW).equals(frame(table, given_rows))


def test_a_column_that_the_file_lacks_stays_absent() -> None:
    """Silence about a column is not the same as an empty cell."""
    tidied, _ = tidy(EVENTS, _raw(event_id="e1", title="t"))
    assert tidied.columns == [FILE, ROW, "event_id", "title"]


def test_an_empty_cell_has_the_default_of_its_column() -> None:
    """Evidence is about the occurrence unless it says otherwise."""
    tidied, _ = tidy(TABLES["evidence"], _raw(aspect=[None, "", "legality"]))
    assert tidied["aspect"].to_list() == ["occurrence", "occurrence", "legality"]


def test_every_unreadable_cell_is_reported() -> None:
    """Failures of all rows and columns come together, each with its place."""
    raw = _raw(latitude=["x", "1", "y"], geonames_id=["1", "z", "2"], title=["a\u200b", "b", "c"])
    _, found = tidy(EVENTS, raw)
    assert [(f["row"], f["column"], f["value"]) for f in found.iter_rows(named=True)] == [
        (2, "latitude", "x"),
        (2, "title", "a\u200b"),
        (3, "geonames_id", "z"),
        (4, "latitude", "y"),
    ]


def test_days_follow_from_the_date() -> None:
    """Empty days are filled in; an open end stays empty; a bad date gives none."""
    raw = _raw(date=["2024-02", "2022/..", "XXXX", "nonsense", None])
    derived, wrong = with_days(tidy(EVENTS, raw)[0])
    assert derived["date_earliest"].to_list() == [
        date(2024, 2, 1),
        date(2022, 1, 1),
        None,
        None,
        None,
    ]
    assert derived["date_latest"].to_list() == [date(2024, 2, 29), None, None, None, None]
    assert wrong.height == 0


def test_days_that_contradict_the_date_are_refused() -> None:
    """A file may repeat the derived days, as a release does, and not say others."""
    raw = _raw(
        date=["2024-02", "2024-02", "2022/.."],
        date_earliest=["2024-02-01", "2024-02-02", None],
        date_latest=["2024-02-29", None, "2022-12-31"],
    )
    _, wrong = with_days(tidy(EVENTS, raw)[0])
    assert wrong.select("row", "column", "rule").rows() == [
        (3, "date_earliest", "constraint-error"),
        (4, "date_latest", "constraint-error"),
    ]
