"""Text that a spreadsheet would run as a formula, and how a copy for looking at guards it.

The data stay as the sources wrote them; only a copy that is asked for is guarded.
"""

from __future__ import annotations

import polars as pl

GUARD = "'"
"""What tells a spreadsheet that a cell is text."""

# OWASP's list; some spreadsheets take the wide forms for the narrow ones.
_RUN = r"^[=+\-@\t\r\n\x{FF1D}\x{FF0B}\x{FF0D}\x{FF20}]"
_NUMBER = r"^[+-]([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"


def guarded(frame: pl.DataFrame) -> pl.DataFrame:
    """Return *frame* with an apostrophe before each text that a spreadsheet would run.

    Numbers stay as they are, also those that stand in a column of text.

    Examples
    --------
    >>> guarded(pl.DataFrame({"title": ["=1+1", "-5", "peace"]}))["title"].to_list()
    ["'=1+1", '-5', 'peace']
    """
    return frame.with_columns(
        _guarded(pl.col(name)).alias(name)
        for name, dtype in frame.schema.items()
        if dtype == pl.String
    )


def _guarded(text: pl.Expr) -> pl.Expr:
    is_run = text.str.contains(_RUN) & ~text.str.contains(_NUMBER)
    return pl.when(is_run).then(GUARD + text).otherwise(text)
