"""XLSX: one sheet, its first row the header, every cell as the text that it shows.

A formula is refused, not computed: what it shows depends on the program that opens it.
"""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from itertools import zip_longest
from math import isfinite
from typing import IO, Any
from xml.parsers import expat

import polars as pl
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.escape import unescape

from regesta.errors import InvalidInput
from regesta.intake import header
from regesta.intake.raw import RawTable
from regesta.intake.torn import Torn, line
from regesta.limits import is_bomb, is_too_sparse
from regesta.schema.failures import failure, together

_MAX_UNPACKED = 2**30
_MAX_ROWS = 2**20
_STEP = 2**16
_OLE = b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True, slots=True)
class _Unreadable:
    """A cell that holds no text of its own."""

    value: str
    rule: str
    message: str


_Cell = str | None | _Unreadable
_Row = list[_Cell]


def read_workbook(source: str, data: bytes) -> RawTable:
    """Return the rows of the one sheet of an XLSX file that holds any.

    A day is written ``1648-10-24``, a day with a time ``1648-10-24T12:00:00``, a whole number
    without a fraction, a truth value ``true`` or ``false``.

    Parameters
    ----------
    source
        Name of the file.
    data
        Its bytes.

    Raises
    ------
    InvalidInput
        If the file is damaged or too big, its header will not do, or several sheets hold rows.
    """
    rows = _only_sheet(source, data)
    first = _trimmed(rows[0])
    labels = [_shown(cell).strip() for cell in first]
    faults = together([_header_cells(first, source), header.faults(labels, source)])
    torn = Torn(source)
    for number, row in enumerate(rows[1:], header.ROW + 1):
        _tear(torn, number, row, labels)
    if not faults.is_empty():
        raise InvalidInput(together([faults, torn.failures()]))
    numbers = pl.int_range(header.ROW + 1, len(rows) + 1, eager=True).alias("row")
    return torn.table(_frame(rows[1:], labels), numbers)


def _only_sheet(source: str, data: bytes) -> list[_Row]:
    try:
        _require_bounds(source, data)
        sheets = _filled_sheets(data)
    except InvalidInput:
        raise
    except Exception as fault:  # noqa: BLE001 - openpyxl raises whatever it stumbles on
        kind = "an old .xls or locked with a password" if data.startswith(_OLE) else "damaged"
        what = f"the file is {kind} ({fault or type(fault).__name__}); save it as XLSX again"
        raise _refusal(source, "xlsx-error", what) from None
    if not sheets:
        raise _refusal(source, "source-error", "the file is empty; begin with a header row")
    if len(sheets) > 1:
        names = ", ".join(map(repr, sheets))
        what = f"the sheets {names} all hold rows; save one sheet a file"
        raise _refusal(source, "source-error", what)
    return next(iter(sheets.values()))


def _require_bounds(source: str, data: bytes) -> None:
    """Refuse a file that unpacks to more than a table has any need of."""
    size = _unpacked(data)
    if is_bomb(len(data), size) or size > _MAX_UNPACKED:
        what = f"the file unpacks to {size:,} bytes; save it as CSV UTF-8"
        raise _refusal(source, "xlsx-error", what)
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        for part in packed.infolist():
            with packed.open(part) as file:
                _require_no_doctype(file)


def _unpacked(data: bytes) -> int:
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        return sum(part.file_size for part in packed.infolist())


def _require_no_doctype(file: IO[bytes]) -> None:
    """Refuse XML that declares entities, which no spreadsheet writes, and which may be bombs."""
    begun = False

    def begin(*_: object) -> None:
        nonlocal begun
        begun = True

    def refuse(*_: object) -> None:
        raise ValueError("it declares a document type")

    parser = expat.ParserCreate()
    parser.StartElementHandler = begin
    parser.StartDoctypeDeclHandler = refuse
    # What is no XML at all, such as a picture, is not opened by anybody.
    with suppress(expat.ExpatError):
        while not begun and (step := file.read(_STEP)):
            parser.Parse(step)


def _filled_sheets(data: bytes) -> dict[str, list[_Row]]:
    """Return the rows of each sheet that has any, of all but the first no more than one."""
    found: dict[str, list[_Row]] = {}
    size = _unpacked(data)
    # Warnings are of styles and menus that openpyxl does not know, and that hold no data.
    with warnings.catch_warnings(action="ignore"):
        book = load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
        with closing(book):
            for sheet in book.worksheets:
                # The size that a sheet claims may be wrong, and would cut rows off.
                sheet.reset_dimensions()
                rows = _rows(sheet, size)
                begun = [*_until_filled(rows)]
                if any(map(_filled, begun[-1:])):
                    found[sheet.title] = begun if found else [*begun, *rows]
    return found


def _rows(sheet: Any, size: int) -> Iterator[_Row]:  # noqa: ANN401 - openpyxl has no types
    widest = 0
    for number, cells in enumerate(sheet.iter_rows(min_row=1, min_col=1), 1):
        if number > _MAX_ROWS:
            raise ValueError(f"a row beyond {_MAX_ROWS:,}")
        widest = max(widest, len(cells))
        if is_too_sparse(size, widest * number):
            raise ValueError(f"row {number:,} of {widest:,} columns, nearly all of it empty")
        yield [_read(cell) for cell in cells]


def _until_filled(rows: Iterator[_Row]) -> Iterator[_Row]:
    for row in rows:
        yield row
        if _filled(row):
            return


def _filled(row: _Row) -> bool:
    return any(cell is not None for cell in row)


def _read(cell: Any) -> _Cell:  # noqa: ANN401 - openpyxl has no types
    value = cell.value
    if value is None:
        return None
    if cell.data_type == "f":
        formula = str(getattr(value, "text", value))
        return _Unreadable(formula, "formula", "is a formula; copy the column and paste values")
    if cell.data_type == "e":
        return _Unreadable(str(value), "type-error", "is an error of the sheet; mend the cell")
    return _text(value)


def _text(value: object) -> _Cell:
    match value:
        case str():
            return unescape(value) or None
        case bool():
            return str(value).lower()
        case int() | float() if isfinite(value):
            return f"{Decimal(int(value) if value == int(value) else repr(value)):f}"
        case date() | time():
            return _moment(value)
        case _:
            what = "is a duration or no number; format the cell as text"
            return _Unreadable(str(value), "type-error", what)


def _moment(value: date | time) -> str:
    """Return a day, a time, or both; a day at midnight is a day."""
    if isinstance(value, datetime) and value.time() == time():
        value = value.date()
    if isinstance(value, datetime | time):
        return value.isoformat(timespec="milliseconds" if value.microsecond else "seconds")
    return value.isoformat()


def _trimmed(row: _Row) -> _Row:
    """Return *row* without the empty cells at its end, which formatting leaves behind."""
    width = max((number for number, cell in enumerate(row, 1) if cell is not None), default=0)
    return row[:width]


def _shown(cell: _Cell) -> str:
    return cell.value if isinstance(cell, _Unreadable) else cell or ""


def _header_cells(first: _Row, source: str) -> pl.DataFrame:
    bad = [(number, cell) for number, cell in enumerate(first) if isinstance(cell, _Unreadable)]
    return together(
        failure(
            file=source,
            row=header.ROW,
            column=_letter(number),
            rule=cell.rule,
            value=cell.value,
            message=cell.message,
        )
        for number, cell in bad
    )


def _letter(number: int) -> str:
    return str(get_column_letter(number + 1))


def _tear(torn: Torn, number: int, row: _Row, labels: Sequence[str]) -> None:
    """Set a row aside if it holds cells that cannot be read, or more than the header."""
    shown = _trimmed(row)
    text = line(map(_shown, shown))
    for index, cell in enumerate(shown[: len(labels)]):
        if isinstance(cell, _Unreadable):
            facts = {"column": labels[index] or _letter(index), "value": cell.value}
            torn.tear(number, text, cell.rule, cell.message, **facts)
    if len(shown) > len(labels):
        what = f"the row reaches column {_letter(len(shown) - 1)}, the header has {len(labels)}"
        torn.tear(number, text, "extra-cell", f"{what}; name the column or empty the cell")


def _frame(rows: list[_Row], labels: list[str]) -> pl.DataFrame:
    texts = ([cell if isinstance(cell, str) else None for cell in row] for row in rows)
    columns = [*zip_longest(*texts)][: len(labels)]
    columns += [(None,) * len(rows)] * (len(labels) - len(columns))
    schema = dict.fromkeys(labels, pl.String())
    return pl.DataFrame(dict(zip(labels, columns, strict=True)), schema=schema)


def _refusal(source: str, rule: str, message: str) -> InvalidInput:
    return InvalidInput(failure(file=source, rule=rule, message=message))
