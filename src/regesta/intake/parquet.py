"""Parquet: every value as the text that a table of texts would hold in its place."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from regesta.canonical import OutsideProfile, encode
from regesta.errors import InvalidInput
from regesta.intake import header
from regesta.intake.plain import PLAIN
from regesta.intake.raw import RawTable
from regesta.intake.torn import Torn, line
from regesta.limits import excess, is_bomb
from regesta.schema.failures import failure, together

_FIRST = 2
"""Number of the first row beneath the header."""

_FREE_TEXT = 2**28

_FRACTION = re.compile(r"\.([0-9]*?)0*(?=Z?$)")


class _ColumnError(ValueError):
    """A column that has no text; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class _Texts:
    """A column as text, and what is wrong with the cells that have none, by index."""

    cells: pl.Series
    faults: dict[int, str] = field(default_factory=dict)


def read_parquet(source: str, data: bytes) -> RawTable:
    """Return the rows of a Parquet file as text.

    Numbers are written plainly (``12.0`` as ``12``), days and times in ISO 8601, an instant with a
    time zone in UTC, lists and structs as canonical JSON; null and the empty text are missing.

    Parameters
    ----------
    source
        Name of the file.
    data
        Its bytes.

    Raises
    ------
    InvalidInput
        If the file is damaged, or a column repeats a name or has no text.
    """
    table = _opened(source, data)
    labels = [name.strip() for name in table.column_names]
    faults = [header.faults(labels, source)]
    columns = []
    for label, column in zip(labels, table.columns, strict=True):
        try:
            columns.append(_texts(column) if label not in PLAIN else _plain(column))
        except _ColumnError as bad:
            faults.append(failure(file=source, rule="type-error", message=str(bad), column=label))
    found = together(faults)
    if not found.is_empty():
        raise InvalidInput(found)
    return _table(source, labels, columns, table.num_rows)


def _table(source: str, labels: list[str], columns: list[_Texts], height: int) -> RawTable:
    cells = {label: column.cells for label, column in zip(labels, columns, strict=True)}
    frame = pl.DataFrame(cells).with_columns(pl.when(pl.all() != "").then(pl.all()))
    torn = Torn(source)
    for label, column in zip(labels, columns, strict=True):
        for index, what in column.faults.items():
            whole = line(frame.row(index))
            value = column.cells[index]
            torn.tear(index + _FIRST, whole, "type-error", what, column=label, value=value)
    return torn.table(frame, pl.int_range(_FIRST, height + _FIRST, eager=True).alias("row"))


def _opened(source: str, data: bytes) -> pa.Table:
    try:
        file = pq.ParquetFile(
            pa.BufferReader(data),
            # A text that many rows repeat stays one text until it is known what all of them are.
            read_dictionary=_repeating(source, data),
            page_checksum_verification=True,
            # In nanoseconds, which Spark's old timestamps come in, time begins in 1677.
            coerce_int96_timestamp_unit="us",
        )
        table = file.read()
        table.validate(full=True)
        texts = sum(map(_length, table.columns))
    except (pa.ArrowException, OSError, ValueError, MemoryError, OverflowError) as fault:
        what = f"is damaged or no Parquet ({_first_line(fault)}); export it again"
        raise _refusal(source, what) from None
    if texts > _FREE_TEXT and is_bomb(len(data), texts):
        raise _refusal(source, f"unpacks to {texts:,} bytes of text; export it as CSV")
    return table


def _repeating(source: str, data: bytes) -> list[str]:
    """Return the columns that may name their texts by number, if the file is none too large.

    Raises
    ------
    InvalidInput
        If the file says that it holds more than a table of its size has any need of.
    """
    about = pq.read_metadata(pa.BufferReader(data))
    if beyond := excess(about, len(data)):
        raise _refusal(source, f"{beyond}; export it as CSV")
    columns = [about.schema.column(index) for index in range(about.num_columns)]
    return [column.path for column in columns if column.physical_type == "BYTE_ARRAY"]


def _length(column: pa.ChunkedArray) -> int:
    """Return how many bytes the texts of *column* take where each row has its own."""
    if not pa.types.is_dictionary(column.type):
        return 0
    lengths = (pc.binary_length(chunk.dictionary).take(chunk.indices) for chunk in column.chunks)
    return sum(pc.sum(each.cast(pa.int64())).as_py() or 0 for each in lengths)


def _refusal(source: str, what: str) -> InvalidInput:
    return InvalidInput(failure(file=source, rule="parquet-error", message=f"the file {what}"))


def _first_line(fault: BaseException) -> str:
    return next(iter(str(fault).splitlines()), type(fault).__name__)


def _texts(column: pa.ChunkedArray) -> _Texts:
    if isinstance(column.type, pa.BaseExtensionType):
        storage = [chunk.storage for chunk in column.chunks]
        return _texts(pa.chunked_array(storage, column.type.storage_type))
    if pa.types.is_dictionary(column.type):
        return _texts(pc.cast(column, column.type.value_type))
    if pa.types.is_nested(column.type):
        return _nested(column)
    for holds, spell in _SPELLINGS:
        if holds(column.type):
            return _spelled(_cast(column), spell)
    if any(holds(column.type) for holds in _PLAIN):
        return _Texts(_cast(column))
    raise _ColumnError(f"the column holds {column.type}, which has no text; export it as text")


def _plain(column: pa.ChunkedArray) -> _Texts:
    texts = _texts(column)
    if pa.types.is_nested(column.type):
        nested = texts.cells.is_not_null().arg_true()
        texts.faults.update(dict.fromkeys(nested, "is nested; write one text, or use details"))
    return texts


def _cast(column: pa.ChunkedArray) -> pl.Series:
    if pa.types.is_timestamp(column.type) and column.type.tz is not None:
        column = pc.cast(column, pa.timestamp(column.type.unit, "UTC"))
    try:
        return pl.Series(pc.cast(column, pa.large_string()), dtype=pl.String)
    except pa.ArrowException as fault:
        what = f"the column does not read as text ({_first_line(fault)})"
        raise _ColumnError(f"{what}; export it as text in UTF-8") from None


def _spelled(raw: pl.Series, spell: Callable[[str], str]) -> _Texts:
    """Return *raw* as *spell* writes it, asking once for each distinct text."""
    good: dict[str, str] = {}
    bad: dict[str, str] = {}
    for text in raw.unique().drop_nulls():
        try:
            good[text] = spell(text)
        except ValueError as fault:
            good[text], bad[text] = text, str(fault)
    cells = raw.replace_strict(
        list(good), list(good.values()), default=None, return_dtype=pl.String
    )
    wrong = raw.is_in(list(bad)).fill_null(value=False).arg_true() if bad else ()
    return _Texts(cells, {index: bad[raw[index]] for index in wrong})


def _plain_number(text: str) -> str:
    value = Decimal(text)
    if not value.is_finite():
        raise ValueError("is not a number; leave the cell empty")
    return f"{value:f}" if value else f"{abs(value):f}"


def _plain_time(text: str) -> str:
    if text.startswith("<"):
        raise ValueError("is beyond the calendar; export the column as text")
    return _FRACTION.sub(lambda found: found[1] and f".{found[1]}", text.replace(" ", "T", 1))


def _nested(column: pa.ChunkedArray) -> _Texts:
    cells: list[str | None] = []
    faults: dict[int, str] = {}
    for index, scalar in enumerate(column):
        try:
            value = scalar.as_py(maps_as_pydicts="strict")
            cells.append(None if value is None else encode(_storable(value)).decode())
        except (OutsideProfile, RecursionError, TypeError) as fault:
            cells.append(str(value))
            faults[index] = str(fault)
        except (LookupError, ValueError, OverflowError) as fault:
            cells.append(str(column.type))  # the value itself has no text
            faults[index] = f"cannot be read ({_said(fault)}); export the column as text"
    return _Texts(pl.Series(cells, dtype=pl.String), faults)


def _said(fault: BaseException) -> str:
    """Return what *fault* says, without the quotes that a `KeyError` puts around it."""
    return str(fault.args[0]).strip(".") if fault.args else type(fault).__name__


def _storable(value: Any) -> Any:  # noqa: ANN401 - whatever Arrow nests
    match value:
        case dict():
            # A struct has all its fields in every row: one that is null was not given.
            return {key: _storable(item) for key, item in value.items() if item is not None}
        case list():
            return [_storable(item) for item in value]
        case date() | datetime() | time():
            return value.isoformat()
        case _:
            return value


_Holds = Callable[[pa.DataType], bool]
_SPELLINGS: tuple[tuple[_Holds, Callable[[str], str]], ...] = (
    (pa.types.is_floating, _plain_number),
    (pa.types.is_decimal, _plain_number),
    (pa.types.is_timestamp, _plain_time),
    (pa.types.is_date, _plain_time),
    (pa.types.is_time, _plain_time),
)
_PLAIN: tuple[_Holds, ...] = (
    pa.types.is_string,
    pa.types.is_large_string,
    pa.types.is_string_view,
    pa.types.is_integer,
    pa.types.is_boolean,
    pa.types.is_null,
    pa.types.is_binary,
    pa.types.is_large_binary,
    pa.types.is_fixed_size_binary,
)
