"""What every header owes: labels that are there, and each of them once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import polars as pl

from regesta.limits import MAX_COLUMNS
from regesta.schema.failures import failure, together

ROW = 1
"""The row of the header."""


def faults(labels: Sequence[str], source: str) -> pl.DataFrame:
    """Return the failures of a header, none if it will do.

    Parameters
    ----------
    labels
        The cells of the header, blanks around them stripped.
    source
        Name of the file.
    """
    if len(labels) > MAX_COLUMNS:
        what = f"the header has {len(labels):,} cells, and at most {MAX_COLUMNS:,} are read"
        return _fault(source, "source-error", f"{what}; name the columns that are needed")
    if not any(labels):
        return _fault(source, "blank-header", "the first row is blank; put the header there")
    times = Counter(label for label in labels if label)
    repeated = [label for label, count in times.items() if count > 1]
    return together(
        [*(_blank(number, source) for number, label in enumerate(labels, 1) if not label)]
        + [_repeated(label, times[label], source) for label in repeated]
    )


def _blank(number: int, source: str) -> pl.DataFrame:
    what = f"cell {number} of the header is blank; name the column or delete it"
    return _fault(source, "blank-header", what)


def _repeated(label: str, count: int, source: str) -> pl.DataFrame:
    what = f"the header names {label!r} {count} times; keep one column of that name"
    return _fault(source, "duplicate-label", what, label)


def _fault(source: str, rule: str, message: str, label: str | None = None) -> pl.DataFrame:
    return failure(file=source, row=ROW, rule=rule, message=message, column=label, value=label)
