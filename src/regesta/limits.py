"""How much may come out of a file: a small one must not fill the memory.

A file may be packed, repeat itself or leave cells out, and hold far more than its size tells. What
people keep does so within bounds; what goes beyond them was made to do harm, or by mistake.
"""

from __future__ import annotations

from typing import Any

MAX_COLUMNS = 4096
"""Columns of one file: the tables here have some dozens, and the widest in use some hundreds."""

MAX_TORN = 2**20
"""Rows of one file that cannot be taken apart; beyond them the file as a whole is no table."""

_MAX_RATIO = 200
_FREE_BYTES = 2**24
_CELLS_A_BYTE = 8
_FREE_CELLS = 2**24


def is_bomb(packed: int, unpacked: int) -> bool:
    """Return whether *packed* bytes that become *unpacked* ones were packed to do harm.

    Examples
    --------
    >>> is_bomb(2**20, 100 * 2**20), is_bomb(2**20, 2**30)
    (False, True)
    """
    return unpacked > max(_FREE_BYTES, _MAX_RATIO * packed)


def is_too_sparse(size: int, cells: int) -> bool:
    """Return whether a file of *size* bytes that spans so many *cells* is nearly all empty.

    Examples
    --------
    >>> is_too_sparse(2**20, 2**20), is_too_sparse(2**20, 2**30)
    (False, True)
    """
    return cells > max(_FREE_CELLS, _CELLS_A_BYTE * size)


def excess(about: Any, size: int) -> str | None:  # noqa: ANN401 - pyarrow has no types
    """Return what of a Parquet file of *size* bytes goes too far by its own metadata, if anything.

    Parameters
    ----------
    about
        What pyarrow reads of the metadata.
    size
        Bytes of the file.
    """
    if about.num_columns > MAX_COLUMNS:
        return f"has more than {MAX_COLUMNS:,} columns"
    # What pyarrow reads of a damaged column ends the process; a group of rows is told in full.
    groups = [about.row_group(index) for index in range(about.num_row_groups)]
    rows = max(about.num_rows, sum(group.num_rows for group in groups))
    if is_too_sparse(size, rows * about.num_columns):
        return "holds far more cells than its size tells"
    unpacked = sum(group.total_byte_size for group in groups)
    return f"unpacks to {unpacked:,} bytes" if is_bomb(size, unpacked) else None
