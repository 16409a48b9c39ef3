r"""The digest of a query's rows: that of the CSV which `regesta timeline --format csv` prints.

`sha256sum` recomputes it, so does pandas from `to_csv(index=False, lineterminator="\n")`. The
short digest of one row is the first 16 hex digits of that of its line, with the line's end.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from hashlib import sha256
from io import StringIO

import polars as pl

from regesta.release.tabular import csv_parts

MOST_LISTED = 100_000
"""Rows up to which a citation lists each with a digest of its own: some megabytes."""

_SHORT = 16


def digest_of(rows: pl.DataFrame) -> str:
    r"""Return the SHA-256, in hex, of *rows* as CSV: a header, minimal quotes, LF, UTF-8.

    Examples
    --------
    >>> sha256(b'event_id,title\ngift,"A car, new"\n').hexdigest() == digest_of(
    ...     pl.DataFrame({"event_id": ["gift"], "title": ["A car, new"]})
    ... )
    True
    """
    digest = sha256()
    for part in csv_parts(rows):
        digest.update(part)
    return digest.hexdigest()


def events_of(rows: pl.DataFrame) -> dict[str, str]:
    """Return the short digest of each of *rows* by its event, in order."""
    return dict(zip(rows["event_id"], map(_short, rows.iter_rows()), strict=True))


def _short(row: Iterable[object]) -> str:
    line = StringIO()
    csv.writer(line, lineterminator="\n").writerow(row)
    return sha256(line.getvalue().encode()).hexdigest()[:_SHORT]
