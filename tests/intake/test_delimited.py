"""CSV and TSV as people and programs write them."""

import csv
import io
from contextlib import suppress
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regesta.errors import InvalidInput, RegestaError
from regesta.intake import delimited
from regesta.intake.delimited import read_delimited

TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n"))
LABELS = ("first", "second", "third")
TABLES = st.lists(st.tuples(TEXT, TEXT, TEXT), max_size=8)


def refusal(data: bytes) -> list[tuple[int | None, str]]:
    """Return row and rule of each failure that *data* is refused with."""
    with pytest.raises(InvalidInput) as caught:
        read_delimited("talks.csv", data)
    return caught.value.failures.select("row", "rule").rows()


@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@given(table=TABLES)
def test_what_the_csv_module_writes_comes_back(
    table: list[tuple[str, str, str]], quoting: Literal[0, 1], delimiter: str, ending: str
) -> None:
    """Every cell comes back as written, whatever the dialect; empty cells come back as missing."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter, lineterminator=ending, quoting=quoting)
    writer.writerows([LABELS, *table])
    raw = read_delimited("talks.csv", file.getvalue().encode())
    kept = [(row, cells) for row, cells in enumerate(table, 2) if any(cells)]
    assert raw.frame.columns == list(LABELS)
    assert raw.frame.rows() == [tuple(cell or None for cell in cells) for _, cells in kept]
    assert raw.rows.to_list() == [row for row, _ in kept]
    assert raw.unreadable.is_empty()


@given(st.text(',,""\n\n\rab ', max_size=30))
def test_a_readable_row_reads_as_the_csv_module_reads_it(body: str) -> None:
    """However the quotes stand, a row is read as the csv module reads it, or set aside."""
    text = f"x,y\n{body}"
    try:
        raw = read_delimited("talks.csv", text.encode(), delimiter=",")
    except InvalidInput:
        return
    read = dict(zip(raw.rows, raw.frame.rows(), strict=True))
    for row, cells in enumerate(csv.reader(io.StringIO(text, newline="")), 1):
        expected = tuple(cell or None for cell in cells)
        if row > 1 and any(cells) and row not in raw.torn:
            assert read[row] == expected
    assert read.keys().isdisjoint(raw.torn)


@given(st.binary() | st.text('a,;\t"\n\r\0é').map(str.encode))
def test_any_bytes_give_a_table_or_a_refusal(data: bytes) -> None:
    """Bytes of any kind give a table or an error of ours, never a traceback."""
    with suppress(RegestaError):
        read_delimited("talks.csv", data)


@pytest.mark.parametrize(
    "text", ["id,day\n1,2\n", "id;day\r\n1;2", "id\tday\n1\t2", "\ufeffid,day\n1,2"]
)
def test_the_header_tells_the_delimiter(text: str) -> None:
    """Comma, semicolon and tab are told apart by the header; a byte order mark is no part of it."""
    assert read_delimited("talks.csv", text.encode()).frame.to_dicts() == [{"id": "1", "day": "2"}]


def test_a_delimiter_within_quotes_is_text() -> None:
    """A comma in a quoted label does not make a comma file of a semicolon file."""
    raw = read_delimited("talks.csv", b'"name, rank, place";day\n1;2\n')
    assert raw.frame.columns == ["name, rank, place", "day"]


def test_what_looks_like_a_value_stays_text() -> None:
    """NA, null, leading zeros, exponents and blanks stay as they are written."""
    cells = ("NA", "null", "007", "1E5", "TRUE", " x ", "#N/A", "nan")
    data = ",".join(f"c{number}" for number in range(len(cells))) + "\n" + ",".join(cells)
    assert read_delimited("talks.csv", data.encode()).frame.rows() == [cells]


def test_labels_lose_surrounding_blanks() -> None:
    """A label is stripped; a cell is not."""
    assert read_delimited("talks.csv", b" id , day\n 1,2\n").frame.to_dicts() == [
        {"id": " 1", "day": "2"}
    ]


def test_a_file_of_one_column_is_a_table() -> None:
    """A header without any delimiter is one column, and a blank row in it is skipped."""
    raw = read_delimited("talks.csv", b"id\n1\n\n2")
    assert (raw.frame.rows(), raw.rows.to_list()) == ([("1",), ("2",)], [2, 4])


def test_a_header_alone_is_a_table_without_rows() -> None:
    """A header without rows gives its columns, with or without a line break."""
    for data in (b"id,day", b"id,day\r\n"):
        raw = read_delimited("talks.csv", data)
        assert (raw.frame.columns, raw.frame.height, len(raw.rows)) == (["id", "day"], 0, 0)


def test_rows_count_as_a_spreadsheet_counts_them() -> None:
    """Blank rows and rows set aside count; a cell of several lines is one row."""
    raw = read_delimited("talks.csv", b'a,b\n\n1,"x\ny\nz"\n,\n2\n,,,\n3,4,5\n6,7\n')
    assert raw.rows.to_list() == [3, 8]
    assert raw.torn == {5: "2", 7: "3,4,5"}
    assert raw.unreadable.select("row", "rule").rows() == [(5, "missing-cell"), (7, "extra-cell")]


def test_a_torn_row_is_kept_as_it_stands() -> None:
    """The text of a ragged row is the file's, quotes and line breaks included."""
    raw = read_delimited("talks.csv", 'a,b\r\n"é\n,""x",1,2\r\n3,4\r\n'.encode())
    assert raw.torn == {2: '"é\n,""x",1,2'}
    assert raw.frame.rows() == [("3", "4")]


def test_text_behind_a_closing_quote_is_set_aside() -> None:
    """A row that a parser would silently mend is torn once, even if it is ragged too."""
    raw = read_delimited("talks.csv", b'a,b\n"x"y,1\n5" gun,2\n"x"y\n3,4\n')
    assert raw.torn == {2: '"x"y,1', 4: '"x"y'}
    assert raw.unreadable["rule"].to_list() == ["quote-error", "quote-error"]
    assert raw.frame.rows() == [('5" gun', "2"), ("3", "4")]


def test_a_blank_row_may_hold_a_quoted_delimiter() -> None:
    """A row whose one cell is a comma in quotes is not blank."""
    assert read_delimited("talks.csv", b'a,b\n","\n').torn == {2: '","'}


def test_a_row_may_be_longer_than_a_block() -> None:
    """A cell of many megabytes is read, and rows before and behind it are torn once."""
    long = "peace\n" * 1_000_000
    raw = read_delimited("talks.csv", f'a,b\n1\n2,"{long}"\n3\n'.encode())
    assert raw.frame.rows() == [("2", long)]
    assert raw.unreadable["row"].to_list() == [2, 4]


def test_numbers_hold_across_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are numbered through the file, not through the blocks that it is read in."""
    monkeypatch.setattr(delimited, "_BLOCKS", (64, 2**20))
    body = "".join("1\n" if row % 50 == 0 else f"{row},x\n" for row in range(2, 400))
    raw = read_delimited("talks.csv", f"a,b\n{body}".encode())
    assert list(raw.torn) == list(range(50, 400, 50))
    assert raw.frame["a"].to_list() == [str(row) for row in raw.rows]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", [(None, "source-error")]),
        (b"\xef\xbb\xbf", [(None, "source-error")]),
        (b"\n \r\n", [(None, "source-error")]),
        (b"\na,b\n", [(1, "blank-header"), (2, "extra-cell")]),
        (b",\n1,2\n", [(1, "blank-header")]),
        (b"a,,\n1,2,3\n", [(1, "blank-header"), (1, "blank-header")]),
        (b"a,b, a\n1,2,3\n", [(1, "duplicate-label")]),
        (b"a,,a\n1\n", [(1, "blank-header"), (1, "duplicate-label"), (2, "missing-cell")]),
        (b'"a"x,b\n1,2\n', [(1, "quote-error")]),
        (b'a,b\n1,2\n3,"4\n5,6\n', [(3, "quote-error")]),
        (b'a,b\n"x""\n5,6\n', [(2, "quote-error")]),
        (b"a,b\n1,\0\n", [(2, "encoding-error")]),
        (b'a,b\n"1\n",2\n\xff,\0\n', [(3, "encoding-error"), (3, "encoding-error")]),
        (b"\xef\xbb\xbf\xef\xbb\xbfa,b\n1,2\n", [(1, "encoding-error")]),
        (b"a,b\n1,\xc0\xaf\n", [(2, "encoding-error")]),
        (b"a,b\n1,\xed\xa0\x80\n", [(2, "encoding-error")]),
    ],
)
def test_a_damaged_file_is_refused_with_all_reasons(
    data: bytes, expected: list[tuple[int | None, str]]
) -> None:
    """A fault of the whole file refuses it, with every reason and the row where it is known."""
    assert refusal(data) == expected


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
        ("utf-32", "UTF-32"),
        ("latin-1", "Latin-1"),
        ("cp1252", "Windows-1252"),
    ],
)
def test_another_encoding_is_named(encoding: str, name: str) -> None:
    """The message names the encoding that the file looks like, and how to save it."""
    with pytest.raises(InvalidInput) as caught:
        read_delimited("talks.csv", "id,place\n1,Münster\n".encode(encoding))
    message = caught.value.failures["message"].item()
    assert name in message
    assert "CSV UTF-8" in message


@pytest.mark.parametrize("encoding", ["euc-kr", "gb18030", "shift-jis", "cp1251"])
def test_a_regional_encoding_is_not_taken_for_latin(encoding: str) -> None:
    """Letters of another script are not called Latin-1."""
    text = {"cp1251": "Москва"}.get(encoding, "東京")
    with pytest.raises(InvalidInput) as caught:
        read_delimited("talks.csv", f"id,place\n1,{text}\n".encode(encoding))
    assert "another encoding" in caught.value.failures["message"].item()
