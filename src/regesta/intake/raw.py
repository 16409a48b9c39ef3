"""Rows as a file holds them: all text, numbered as a spreadsheet shows them, nothing judged."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from regesta.schema import failures


@dataclass(frozen=True, slots=True, kw_only=True)
class RawTable:
    """The rows of one file.

    `frame` has one text column a header cell, empty cells as null; `rows` the row number of each
    of its rows. `unreadable` lists the rows that could not be taken apart, such as ragged ones,
    and `torn` gives each of those as it stands in the file, by row number. `named_at` is the row
    that first names a column, where the file has no header.
    """

    source: str
    frame: pl.DataFrame
    rows: pl.Series
    unreadable: pl.DataFrame = field(default_factory=failures.none)
    torn: dict[int, str] = field(default_factory=dict)
    named_at: dict[str, int] = field(default_factory=dict)

    @property
    def says_nothing(self) -> bool:
        """Whether no row could be read, and so no column is known."""
        return bool(self.torn) and not self.frame.columns
