"""Rows that cannot be taken apart, gathered while a file is read, and the table of the others."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, field

import polars as pl

from regesta.errors import InvalidInput
from regesta.intake.raw import RawTable
from regesta.limits import MAX_TORN
from regesta.schema.failures import FAILURES, failure, together

_Fact = tuple[str, int, None, str | None, str, str | None, str]


@dataclass(slots=True)
class Torn:
    """The rows of *source* that are set aside, each with its reasons and as it stands there."""

    source: str
    texts: dict[int, str] = field(default_factory=dict)
    facts: list[_Fact] = field(default_factory=list)

    def tear(
        self,
        row: int,
        text: str,
        rule: str,
        message: str,
        *,
        column: str | None = None,
        value: str | None = None,
    ) -> None:
        """Set *row* aside; *text* is the row, whole and unchanged.

        Raises
        ------
        InvalidInput
            If more rows than any table has cannot be taken apart.
        """
        self.texts.setdefault(row, text)
        if len(self.texts) > MAX_TORN:
            raise too_many(self.source, message)
        self.facts.append((self.source, row, None, column, rule, value, message))

    def failures(self) -> pl.DataFrame:
        """Return what is wrong with the rows set aside."""
        return together([pl.DataFrame(self.facts, schema=FAILURES, orient="row")])

    def table(self, frame: pl.DataFrame, rows: pl.Series) -> RawTable:
        """Return *frame*, numbered by *rows*, without rows that are blank or set aside."""
        blank = frame.select(pl.all_horizontal(pl.all().is_null())).to_series()
        drop = blank | rows.is_in(list(self.texts)) if frame.width else blank
        if drop.any():
            frame, rows = frame.filter(~drop), rows.filter(~drop)
        return RawTable(
            source=self.source,
            frame=frame,
            rows=rows,
            unreadable=self.failures(),
            torn=dict(sorted(self.texts.items())),
        )


def too_many(source: str, message: str) -> InvalidInput:
    """Return the refusal of a file most of whose rows cannot be taken apart, for one's reason."""
    what = f"more than {MAX_TORN:,} rows cannot be taken apart ({message}); export the file again"
    return InvalidInput(failure(file=source, rule="source-error", message=what))


def line(cells: Iterable[str | None]) -> str:
    """Return *cells* as one line of CSV, for rows of a file that has no lines.

    Examples
    --------
    >>> line(["ev_1", None, "peace, at last"])
    'ev_1,,"peace, at last"'
    """
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow("" if cell is None else cell for cell in cells)
    return text.getvalue()
