"""What the rows of a column show: how full it is, how varied, from where to where, and examples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import polars as pl

from regesta.schema.columns import Column
from regesta.schema.unseen import visible

EXAMPLES = 3
"""How many values of a column are shown: the most frequent ones."""

LONGEST = 60
"""Characters of a value that are shown."""

_PLAIN_DATE = r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2}(T[^/]*)?)?)?$"

Value = str | int | float | date


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What the cells of one column show; `span` is the least and the greatest value."""

    rows: int
    filled: int
    distinct: int
    examples: Sequence[str]
    span: tuple[str, str] | None


def figures(column: Column, cells: pl.Series) -> Figures:
    """Return what the *cells* of *column* show, in whatever order they come."""
    filled = cells.drop_nulls()
    counted = filled.alias("value").value_counts(name="rows")
    by, descending = ["rows", "value"], [True, False]
    first = counted.top_k(EXAMPLES, by=by, reverse=[False, True]).sort(by, descending=descending)
    return Figures(
        rows=cells.len(),
        filled=filled.len(),
        distinct=counted.height,
        examples=[shown(value) for value in first["value"]],
        span=_span(column, counted["value"]),
    )


def _span(column: Column, values: pl.Series) -> tuple[str, str] | None:
    """Return the least and the greatest of *values* where they have an order.

    Of dates that are text those count that are a plain year, month, day or time.
    """
    if column.kind in ("text", "json"):
        if "ISO 8601" not in (column.coding or ""):
            return None
        values = values.filter(values.str.contains(_PLAIN_DATE))
    if values.is_empty():
        return None
    return shown(values.min()), shown(values.max())


def shown(value: object) -> str:
    """Return *value* on one line, short, without an exponent and with nothing that is unseen."""
    text = format(Decimal(str(value)), "f") if isinstance(value, float) else str(value)
    line = visible(" ".join(text.split()))
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}…"


def per_cent(part: int, whole: int) -> str:
    """Return what share *part* is of *whole*; only all is 100 % and only none is 0 %.

    Examples
    --------
    >>> per_cent(2, 3), per_cent(9999, 10000), per_cent(1, 10000), per_cent(0, 0)
    ('66.7 %', '99.9 %', '0.1 %', '0 %')
    """
    if not part:
        return "0 %"
    tenths = round(1000 * part / whole)
    bounded = tenths if part == whole else min(max(tenths, 1), 999)
    return f"{bounded / 10:.1f} %"
