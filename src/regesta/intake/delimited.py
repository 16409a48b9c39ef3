"""CSV and TSV: strict UTF-8, exact widths, quotes in order, and every cell as it is written.

Rows are counted as a spreadsheet counts them: the header is row 1, a cell of several lines is
still one row, and a blank row is skipped but counted.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.csv as pacsv

from regesta.errors import InvalidInput
from regesta.intake import header
from regesta.intake.encoding import require_utf8
from regesta.intake.quotes import Quotes, first_row, quotes
from regesta.intake.raw import RawTable
from regesta.intake.torn import Torn, too_many
from regesta.limits import MAX_COLUMNS, MAX_TORN
from regesta.schema.failures import failure, together

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}

_HEAD = 2**16
# Small blocks stay in the processor's cache; a row that outgrows one is read in the largest.
_BLOCKS = (2**22, 2**31 - 1)


@dataclass(frozen=True, slots=True)
class _Ragged:
    row: int
    text: str
    cells: int


def read_delimited(source: str, data: bytes, *, delimiter: str | None = None) -> RawTable:
    r"""Return the rows of a CSV or TSV file.

    Parameters
    ----------
    source
        Name of the file.
    data
        Its bytes.
    delimiter
        What parts the cells; without it, the one of `DELIMITERS` that parts the header most.

    Raises
    ------
    InvalidInput
        If the file as a whole cannot be read: encoding, header, a quote that never closes.

    Examples
    --------
    >>> read_delimited("talks.csv", "id;place\n1;Osnabrück\n".encode()).frame.rows()
    [('1', 'Osnabrück')]
    """
    mark = delimiter or recognised(data)
    text = require_utf8(data, source, lambda body, place: quotes(body, mark).row_of(place))
    if not text or text.isspace():
        raise _refusal(source, "source-error", "the file is empty; begin with a header row")
    marks = quotes(text, mark)
    if (place := marks.unclosed) is not None:
        what = "a quote opens in this row and never closes; close or delete it"
        raise _refusal(source, "quote-error", what, marks.row_of(place))
    return _table(source, marks, mark)


def _table(source: str, marks: Quotes, delimiter: str) -> RawTable:
    labels = [cell.strip() for cell in _cells(first_row(marks.data, delimiter), delimiter)]
    width = max(len(labels), 1)
    if width > MAX_COLUMNS:
        raise InvalidInput(header.faults(labels, source))
    table, ragged = _parsed(source, marks.data, delimiter, width)
    torn = Torn(source)
    _tear_misquoted(torn, marks)
    _tear_ragged(torn, ragged, width, delimiter)
    faults = header.faults(labels, source)
    if not faults.is_empty() or header.ROW in torn.texts:
        raise InvalidInput(together([faults, torn.failures()]))
    frame, rows = _numbered(table, [row.row for row in ragged])
    return torn.table(frame.rename(dict(zip(frame.columns, labels, strict=True))), rows)


def recognised(data: bytes) -> str:
    """Return the one of `DELIMITERS` that parts the header of *data* most."""
    head = data[:_HEAD].removeprefix(b"\xef\xbb\xbf")
    return max(DELIMITERS, key=lambda mark: len(_cells(first_row(head, mark), mark)))


def _cells(text: str, delimiter: str) -> list[str]:
    """Return the cells of one row."""
    try:
        return next(csv.reader([text], delimiter=delimiter))
    except csv.Error:  # a cell of more than 128 KiB, or a NUL
        return text.split(delimiter)


def _parsed(source: str, data: bytes, delimiter: str, width: int) -> tuple[pa.Table, list[_Ragged]]:
    """Return all rows that have *width* cells as text, the header among them, and the others."""
    for block in _BLOCKS:
        ragged: list[_Ragged] = []
        try:
            return _parsed_by(block, data, delimiter, width, ragged), ragged
        except pa.ArrowException as fault:
            if len(ragged) > MAX_TORN:
                what = f"a row has {ragged[-1].cells} cells, the header {width}"
                raise too_many(source, what) from None
            cause = str(fault)
    raise _refusal(source, "source-error", f"the file cannot be taken apart ({cause}); split it")


def _parsed_by(
    block: int, data: bytes, delimiter: str, width: int, ragged: list[_Ragged]
) -> pa.Table:
    """Return the rows that have *width* cells; the others are put into *ragged*."""

    def set_aside(row: Any) -> str:  # noqa: ANN401 - pyarrow has no types
        ragged.append(_Ragged(row.number, row.text.rstrip("\r\n"), row.actual_columns))
        return "skip" if len(ragged) <= MAX_TORN else "error"

    try:
        return _arrow(block, data, delimiter, width, _refuse, threads=True)
    except pa.ArrowInvalid:
        # Only one thread numbers the rows that it hands out.
        return _arrow(block, data, delimiter, width, set_aside, threads=False)


def _refuse(_: object) -> str:
    return "error"


def _arrow(
    block: int,
    data: bytes,
    delimiter: str,
    width: int,
    handler: Callable[[Any], str],
    *,
    threads: bool,
) -> pa.Table:
    names = [str(number) for number in range(width)]
    return pacsv.read_csv(
        pa.BufferReader(data),
        # Names of ours, because pyarrow would pass over a blank header.
        read_options=pacsv.ReadOptions(use_threads=threads, block_size=block, column_names=names),
        parse_options=pacsv.ParseOptions(
            delimiter=delimiter,
            newlines_in_values=True,
            ignore_empty_lines=False,
            invalid_row_handler=handler,
        ),
        convert_options=pacsv.ConvertOptions(
            check_utf8=False,
            column_types=dict.fromkeys(names, pa.large_string()),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
        ),
    )


def _tear_misquoted(torn: Torn, marks: Quotes) -> None:
    what = "text follows a closing quote within a cell; double the quotes within quoted cells"
    for row in dict.fromkeys(map(marks.row_of, marks.misplaced)):
        torn.tear(row, marks.text_of(row), "quote-error", what)


def _tear_ragged(torn: Torn, ragged: list[_Ragged], width: int, delimiter: str) -> None:
    name = DELIMITERS.get(delimiter, repr(delimiter))
    for row in ragged:
        # Spreadsheets write blank rows as a row of delimiters, not always as many as the header.
        if row.row in torn.texts or not any(_cells(row.text, delimiter)):
            continue
        what = f"the row has {row.cells} cells, the header {width}"
        if row.cells < width:
            torn.tear(row.row, row.text, "missing-cell", f"{what}; add empty cells at its end")
        else:
            advice = f"put a cell that holds a {name} in quotes, or delete the surplus"
            torn.tear(row.row, row.text, "extra-cell", f"{what}; {advice}")


def _numbered(table: pa.Table, missing: list[int]) -> tuple[pl.DataFrame, pl.Series]:
    """Return the rows beneath the header, and their numbers; *missing* ones are not in *table*."""
    last = table.num_rows + len(missing)
    rows = pl.int_range(1, last + 1, dtype=pl.Int64, eager=True).alias("row")
    if missing:
        rows = rows.filter(~rows.is_in(missing))
    frame = pl.DataFrame(pl.from_arrow(table))
    return frame.slice(1), rows.slice(1)


def _refusal(source: str, rule: str, message: str, row: int | None = None) -> InvalidInput:
    return InvalidInput(failure(file=source, rule=rule, message=message, row=row))
