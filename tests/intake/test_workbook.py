"""XLSX as spreadsheets write it."""

import io
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime, time, timedelta

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regesta.errors import InvalidInput, RegestaError
from regesta.intake import workbook
from regesta.intake.workbook import read_workbook

# A text with _x0041_ in it means another character by the standard, and openpyxl writes it bare.
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff_"))
CELL = st.none() | TEXT.filter(lambda text: not text.startswith("="))


def xlsx(*sheets: Sequence[Sequence[object]]) -> bytes:
    """Return a workbook with one sheet for each of *sheets*."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, rows in enumerate(sheets, 1):
        sheet = book.create_sheet(f"sheet {number}")
        for row in rows:
            sheet.append(list(row))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def refusal(data: bytes) -> list[tuple[int | None, str | None, str]]:
    """Return row, column and rule of each failure that *data* is refused with."""
    with pytest.raises(InvalidInput) as caught:
        read_workbook("talks.xlsx", data)
    return caught.value.failures.select("row", "column", "rule").rows()


WHOLE = xlsx([("id", "place", "tally"), ("ev_1", "Münster", 1.5), ("ev_2", None, True)])


@settings(deadline=None)
@given(st.lists(st.tuples(CELL, CELL), max_size=5))
def test_what_openpyxl_writes_comes_back(table: list[tuple[str | None, str | None]]) -> None:
    """Every text comes back as written; an empty cell comes back as missing."""
    raw = read_workbook("talks.xlsx", xlsx([("a", "b"), *table]))
    kept = [(row, cells) for row, cells in enumerate(table, 2) if any(cells)]
    assert raw.frame.rows() == [tuple(cell or None for cell in cells) for _, cells in kept]
    assert raw.rows.to_list() == [row for row, _ in kept]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (7, "7"),
        (12.0, "12"),
        (0.1, "0.1"),
        (1e20, "100000000000000000000"),
        (1e-7, "0.0000001"),
        (True, "true"),
        (False, "false"),
        ("007", "007"),
        ("NA", "NA"),
        ("a_x000D_\nb", "a\r\nb"),
        (date(2023, 9, 13), "2023-09-13"),
        (datetime(2023, 9, 13), "2023-09-13"),  # noqa: DTZ001 - a spreadsheet has no time zones
        (datetime(2023, 9, 13, 10, 5, 6), "2023-09-13T10:05:06"),  # noqa: DTZ001 - the same
        (time(10, 5), "10:05:00"),
    ],
)
def test_a_value_becomes_the_text_it_shows(value: object, text: str) -> None:
    """Numbers, days and truth values have one plain spelling."""
    assert read_workbook("talks.xlsx", xlsx([["a"], [value]])).frame.rows() == [(text,)]


def test_a_label_may_be_a_number() -> None:
    """Labels are text, stripped; empty cells that formatting leaves behind are no labels."""
    raw = read_workbook("talks.xlsx", xlsx([(" id ", 2023, None), ("x", "y", None)]))
    assert raw.frame.to_dicts() == [{"id": "x", "2023": "y"}]


def test_rows_keep_their_numbers() -> None:
    """Blank rows and rows set aside count, and every bad cell is named."""
    rows: list[list[object]] = [
        ["id", "a"],
        [],
        ["x", 1],
        ["y", "=1+1"],
        ["#REF!", "=A1"],
        ["z", 2, None, 3],
        ["w"],
    ]
    raw = read_workbook("talks.xlsx", xlsx(rows))
    assert raw.frame.rows() == [("x", "1"), ("w", None)]
    assert raw.rows.to_list() == [3, 7]
    assert raw.torn == {4: "y,=1+1", 5: "#REF!,=A1", 6: "z,2,,3"}
    assert raw.unreadable.select("row", "column", "rule", "value").rows() == [
        (4, "a", "formula", "=1+1"),
        (5, "a", "formula", "=A1"),
        (5, "id", "type-error", "#REF!"),
        (6, None, "extra-cell", None),
    ]
    assert "paste values" in raw.unreadable["message"][0]


def test_a_duration_tears_its_row() -> None:
    """A duration is neither text, number nor day."""
    raw = read_workbook("talks.xlsx", xlsx([["a"], [timedelta(hours=30)]]))
    assert raw.unreadable.select("row", "column", "rule").rows() == [(2, "a", "type-error")]


def test_merged_cells_are_left_as_they_come() -> None:
    """The first cell of merged ones has the text, the others none."""
    book = openpyxl.Workbook()
    for row in (["a", "b"], ["x", "y"]):
        book.active.append(row)
    book.active.merge_cells("A2:B2")
    file = io.BytesIO()
    book.save(file)
    assert read_workbook("talks.xlsx", file.getvalue()).frame.rows() == [("x", None)]


def test_empty_sheets_are_passed_over() -> None:
    """The one sheet that holds rows is read, wherever it stands."""
    assert read_workbook("talks.xlsx", xlsx([], [["a"], ["x"]], [])).frame.rows() == [("x",)]


def test_several_filled_sheets_are_refused_by_name() -> None:
    """No sheet is picked when several hold rows."""
    with pytest.raises(InvalidInput) as caught:
        read_workbook("talks.xlsx", xlsx([["a"]], [[], ["b"]]))
    assert "'sheet 1', 'sheet 2'" in caught.value.failures["message"].item()


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], [(None, None, "source-error")]),
        ([[], ["a"]], [(1, None, "blank-header"), (2, None, "extra-cell")]),
        ([["a", None, "a"]], [(1, None, "blank-header"), (1, "a", "duplicate-label")]),
        ([["a", "=1"], ["=2"]], [(1, "B", "formula"), (2, "a", "formula")]),
    ],
)
def test_a_bad_header_is_refused_with_all_reasons(
    rows: list[list[object]], expected: list[tuple[int | None, str | None, str]]
) -> None:
    """A header that will not do refuses the file, with what is wrong with its rows."""
    assert refusal(xlsx(rows)) == expected


@pytest.mark.parametrize("data", [b"", b"PK", b"id,day", WHOLE[:-30], b"\xd0\xcf\x11\xe0\xa1\xb1"])
def test_a_damaged_file_is_refused(data: bytes) -> None:
    """A file that is cut or is no XLSX is refused as a whole."""
    assert refusal(data) == [(None, None, "xlsx-error")]


def test_a_zip_of_something_else_is_refused() -> None:
    """A zip without a workbook in it is refused as a whole."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("talks.csv", "id,day")
    assert refusal(file.getvalue()) == [(None, None, "xlsx-error")]


def test_a_bomb_is_refused_unopened() -> None:
    """A zip that unpacks to two hundred times its size, and much, is refused."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", bytes(101 * 2**20))
    assert refusal(file.getvalue()) == [(None, None, "xlsx-error")]


def test_a_file_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A zip beyond the limit is refused, however well it is packed."""
    monkeypatch.setattr(workbook, "_MAX_UNPACKED", 1000)
    assert refusal(WHOLE) == [(None, None, "xlsx-error")]


def test_a_row_beyond_the_last_is_refused() -> None:
    """A row number that no sheet has does not make us count to it."""
    book = _replaced(b'<row r="3"', b'<row r="9999999999"')
    assert refusal(book) == [(None, None, "xlsx-error")]


def test_a_wrong_size_cuts_nothing_off() -> None:
    """The rows are read that are there, not those that the sheet claims."""
    raw = read_workbook("talks.xlsx", _replaced(b'ref="A1:C3"', b'ref="A1:A1"'))
    assert raw.frame.shape == (2, 3)


def _replaced(old: bytes, new: bytes) -> bytes:
    """Return `WHOLE` with *old* as *new* in its sheet."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(WHOLE)) as source, zipfile.ZipFile(file, "w") as target:
        for name in source.namelist():
            part = source.read(name)
            assert "sheet1" not in name or old in part
            target.writestr(name, part.replace(old, new) if "sheet1" in name else part)
    return file.getvalue()


@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 255))
@settings(deadline=None)
def test_any_altered_byte_gives_a_table_or_a_refusal(place: int, change: int) -> None:
    """A file with one byte altered gives a table or an error of ours, never a traceback."""
    altered = WHOLE[:place] + bytes([WHOLE[place] ^ change]) + WHOLE[place + 1 :]
    with suppress(RegestaError):
        read_workbook("talks.xlsx", altered)
