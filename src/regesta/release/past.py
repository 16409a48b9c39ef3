"""The past of a release: what its log tables add up to after a given record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

RECORDED = ("position", "supersedes", "action")
"""What a projection needs to know of a record, beside its row."""


def project(log: pa.Table, upto: int, columns: Sequence[str], key: Sequence[str]) -> pa.Table:
    """Return the rows that the records of *log* add up to after the record at position *upto*.

    A record stands until another supersedes it; a retraction leaves no row.

    Parameters
    ----------
    log
        The records of one table, as `history/<table>.parquet` holds them: `RECORDED` and *columns*.
    upto
        Position of the last record that counts; -1 for none.
    columns
        The columns of the table, in order.
    key
        The columns that the rows are sorted by.
    """
    known = pc.less_equal(log["position"], upto)
    superseded = pc.is_in(log["position"], value_set=log["supersedes"].filter(known).drop_null())
    gone = pc.or_(superseded, pc.equal(log["action"], "retract"))
    rows = log.select(list(columns)).filter(pc.and_not(known, gone))
    return rows if _is_sorted(rows, key) else rows.sort_by([(name, "ascending") for name in key])


def _is_sorted(rows: pa.Table, key: Sequence[str]) -> bool:
    """Return whether *rows* are known to be sorted by *key*, of one column: most logs are."""
    if len(key) > 1:
        return False
    column = rows[key[0]]
    rising = pc.less_equal(column.slice(0, max(len(column) - 1, 0)), column.slice(1))
    return bool(pc.all(rising, skip_nulls=False).as_py())


def until(log: pa.Table, upto: int) -> pa.Table:
    """Return the records of *log* up to the one at position *upto*."""
    return log.filter(pc.less_equal(log["position"], upto))


def batch_ends(batches: pa.Table, size: int) -> Iterator[tuple[int, str, int]]:
    """Yield number, recorded time and last position of each batch of a log of *size* records.

    *batches* is the log table of the batches: the first record of a batch is its own row.
    """
    rows = batches.sort_by("position").select(["position", "batch", "recorded_at"]).to_pylist()
    if not rows:
        return
    starts = [row["position"] for row in rows[1:]]
    for row, end in zip(rows, [*starts, size], strict=True):
        yield row["batch"], row["recorded_at"], end - 1
