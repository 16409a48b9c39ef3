"""Turn the text of cells into typed columns, without judging more than their spelling.

Text is kept as written but for Unicode NFC and surrounding blanks. An empty cell is missing;
`NA`, `null`, `007` and `1E5` are text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import polars as pl

from regesta.canonical import MAX_INTEGER, OutsideProfile, decode_object, encode
from regesta.dates import BadDate, Bounds, bounds
from regesta.schema import failures
from regesta.schema.columns import DECIMALS, Column, Kind
from regesta.schema.tables import TableSchema
from regesta.schema.unseen import BLANKS, HIDDEN
from regesta.vectors import at_once, utf8_of

FILE, ROW = "#file", "#row"
"""Where a row in flight came from: two columns beside those of its table."""

# A variation selector makes a picture of the sign before it, and hides behind any other.
_STRAY_SELECTOR = r"(?:^|\P{Emoji})\x{FE0F}"
_UNSEEN = rf"[\p{{C}}\p{{Zl}}\p{{Zp}}{HIDDEN}]|{_STRAY_SELECTOR}"
_UNSEEN_BUT_BREAKS = rf"[\p{{C}}\p{{Zl}}\p{{Zp}}{HIDDEN}--\n]|{_STRAY_SELECTOR}"
_NOTHING = rf"^[{BLANKS}{HIDDEN}\x{{FE0F}}]+$"
_MAY_COMPOSE = r"[^\x00-\x{2FF}]"
"""No text of characters before U+0300, the first combining one, changes in NFC (UAX 15)."""


def tidy(table: TableSchema, raw: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the rows of *raw* with the dtypes of *table*, and the cells that have none.

    A cell that cannot be read is null in the result and named in the failures. Columns that the
    table does not have must have been refused before; those that *raw* lacks stay absent.
    """
    present = [column for name, column in table.columns.items() if name in raw.columns]
    columns = at_once(lambda column: _tidied(table, raw, column), present, raw.height)
    typed = {FILE: raw[FILE], ROW: raw[ROW], **{each.cells.name: each.cells for each in columns}}
    hidden, wrong = [each.hidden for each in columns], [each.wrong for each in columns]
    return pl.DataFrame(typed), failures.together([*hidden, *wrong])


class _Tidied(NamedTuple):
    """A column: its cells, and the failures of those that hide something or cannot be read."""

    cells: pl.Series
    hidden: pl.DataFrame
    wrong: pl.DataFrame


def _tidied(table: TableSchema, raw: pl.DataFrame, column: Column) -> _Tidied:
    name = column.name
    cleaned = raw.select(FILE, ROW, _cleaned(raw[name], column))
    hidden = unseen(table, cleaned, name, breaks_allowed=column.prose)
    cells, wrong = _READERS[column.kind](cleaned[name])
    return _Tidied(cells, hidden, wrong_cells(table, cleaned, name, wrong))


def wrong_cells(
    table: TableSchema, frame: pl.DataFrame, column: str, wrong: Mapping[int, tuple[str, str]]
) -> pl.DataFrame:
    """Return failures for cells of *column*, given rule and message by index of row."""
    indexes = list(wrong)
    rows = frame[indexes]
    facts = {
        "file": rows[FILE],
        "row": rows[ROW],
        "table": [table.name] * len(indexes),
        "column": [column] * len(indexes),
        "rule": [rule for rule, _ in wrong.values()],
        "value": rows[column].cast(pl.String),
        "message": [message for _, message in wrong.values()],
    }
    return pl.DataFrame(facts, schema=failures.FAILURES)


def _cleaned(cells: pl.Series, column: Column) -> pl.Series:
    """Return *cells* without surrounding blanks and in NFC; what is then empty is missing.

    A JSON object is spelt canonically first, for an escape may hide a character.
    """
    tidied = cells.str.strip_chars(BLANKS)
    if column.kind == "json":
        tidied = _canonical(tidied)
    if not _is_printable_ascii(tidied):
        tidied = _composed(tidied)
        tidied = tidied.set(tidied.str.contains(_NOTHING), None)
        if column.prose:
            tidied = tidied.str.replace_all("\r\n", "\n", literal=True)
    tidied = tidied.set(tidied == "", None)
    return tidied.fill_null(column.default) if column.default else tidied


def _is_printable_ascii(cells: pl.Series) -> bool:
    """Return whether all characters are of the printable ones of ASCII, which nobody overlooks."""
    data = utf8_of(cells)
    return not len(data) or bool(data.min() >= ord(" ") and data.max() <= ord("~"))


def trimmed(cells: pl.Series) -> pl.Series:
    """Return *cells* without surrounding blanks and in NFC; what is then empty is missing."""
    bare = cells.str.strip_chars(BLANKS)
    composed = bare if _is_printable_ascii(bare) else _composed(bare)
    return composed.set(composed == "", None)


def _composed(cells: pl.Series) -> pl.Series:
    """Return *cells* in NFC."""
    places = cells.str.contains(_MAY_COMPOSE).arg_true()
    return cells.scatter(places, cells[places].str.normalize("NFC")) if len(places) else cells


def unseen(
    table: TableSchema, frame: pl.DataFrame, column: str, *, breaks_allowed: bool = False
) -> pl.DataFrame:
    """Return failures for the cells of *column* that hold a character that nobody can see."""
    cells = frame[column]
    if _is_printable_ascii(cells):
        return failures.none()
    pattern = _UNSEEN_BUT_BREAKS if breaks_allowed else _UNSEEN
    indexes = cells.str.contains(pattern).fill_null(value=False).arg_true()
    firsts = cells[indexes].str.extract(f"({pattern})")
    wrong = {
        index: (
            "invisible-character",
            f"holds the invisible character U+{ord(char[-1]):04X}; type the text again without it",
        )
        for index, char in zip(indexes.to_list(), firsts.to_list(), strict=True)
    }
    return wrong_cells(table, frame, column, wrong)


Read = tuple[pl.Series, dict[int, tuple[str, str]]]


def _by_pattern(
    pattern: str, advice: str, convert: Callable[[pl.Series], pl.Series]
) -> Callable[[pl.Series], Read]:
    """Return a reader of cells that match *pattern*, with *advice* for the others."""

    def read(cells: pl.Series) -> Read:
        converted = convert(cells.set(~cells.str.contains(pattern), None))
        wrong = (cells.is_not_null() & converted.is_null()).arg_true().to_list()
        return converted, dict.fromkeys(wrong, ("type-error", advice))

    return read


def _exact(numbers: pl.Series) -> pl.Series:
    """Return *numbers* but for those that a JSON number does not hold exactly."""
    return numbers.set(numbers.abs() > MAX_INTEGER, None)


def _without_sign_of_zero(numbers: pl.Series) -> pl.Series:
    return numbers.set(numbers == 0, 0.0)


def _text(cells: pl.Series) -> Read:
    return cells, {}


def _canonical(cells: pl.Series) -> pl.Series:
    """Return *cells* as canonical JSON; what is none is left for the rule to explain."""
    canonical = {text: _canonical_text(text) for text in cells.drop_nulls().unique()}
    changed = {text: better for text, better in canonical.items() if text != better}
    return cells.replace(changed) if changed else cells


def _canonical_text(text: str) -> str:
    try:
        return encode(decode_object(text)).decode()
    except OutsideProfile:
        return text


_READERS: Mapping[Kind, Callable[[pl.Series], Read]] = {
    "text": _text,
    "json": _text,
    "integer": _by_pattern(
        r"^-?(0|[1-9][0-9]{0,15})$",
        "is not a whole number; write digits only, such as 154",
        lambda cells: _exact(cells.cast(pl.Int64, strict=False)),
    ),
    "decimal": _by_pattern(
        r"^[+-]?[0-9]{1,9}(\.[0-9]+)?$",
        "is not a number; write digits with a point, such as 39.04",
        lambda cells: _without_sign_of_zero(cells.cast(pl.Float64).round(DECIMALS)),
    ),
    "day": _by_pattern(
        r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
        "is not a day of the calendar; write YYYY-MM-DD",
        lambda cells: cells.str.to_date("%Y-%m-%d", strict=False),
    ),
}


def with_days(frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return rows of events with the days that `date` may mean, and the days that contradict it."""
    dates = frame["date"]
    known = {text: _bounds(text) for text in dates.drop_nulls().unique()}
    first, last = _mapped(dates, known, 0), _mapped(dates, known, 1)
    wrong = [
        _contradicted(frame, name, days)
        for name, days in (("date_earliest", first), ("date_latest", last))
        if name in frame.columns
    ]
    derived = frame.with_columns(first.alias("date_earliest"), last.alias("date_latest"))
    return derived, failures.together(wrong)


def _bounds(text: str) -> Bounds:
    try:
        return bounds(text)
    except BadDate:
        return None, None


def _mapped(dates: pl.Series, known: Mapping[str, Bounds], side: int) -> pl.Series:
    days = pl.Series([pair[side] for pair in known.values()], dtype=pl.Date)
    return dates.replace_strict(
        pl.Series(list(known), dtype=pl.String), days, default=None, return_dtype=pl.Date
    )


def _contradicted(frame: pl.DataFrame, name: str, days: pl.Series) -> pl.DataFrame:
    from regesta.schema.tables import TABLES

    given = frame[name]
    indexes = (given.is_not_null() & given.ne_missing(days)).arg_true().to_list()
    advice = "does not follow from `date`; correct it or leave it empty"
    wrong = dict.fromkeys(indexes, ("constraint-error", advice))
    return wrong_cells(TABLES["events"], frame, name, wrong)
