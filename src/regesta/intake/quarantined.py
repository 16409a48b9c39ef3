"""Files of refused rows: how they say why, so that they can be mended and come in again."""

from __future__ import annotations

from collections.abc import Sequence

PREFIX = "rejected_"
"""Before the columns that say why, for a file may have a column `value` of its own."""

REASONS = ("file", "row", "column", "rule", "value", "message")
"""Where a row was refused, and why."""

TORN = f"{PREFIX}text"
"""The column that holds a row that could not be taken apart, as it stood in the file."""


def reasons_in(header: Sequence[str]) -> list[str]:
    """Return the columns of *header* that say why rows were refused, if it is such a file's.

    Examples
    --------
    >>> reasons_in(["rejected_file", "title"])
    []
    """
    said = [f"{PREFIX}{name}" for name in REASONS]
    if not set(said) <= set(header):
        return []
    return [name for name in header if name in (*said, TORN)]
