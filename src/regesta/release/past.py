"""The past of a release: what its log tables add up to after a given record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc


def project(log: pa.Table, upto: int, columns: Sequence[str], key: Sequence[str]) -> pa.Table:
    """Return the rows that the records of *log* add up to after the record at position *upto*.

    A record stands until another supersedes it; a retraction leaves no row.

    Parameters
    ----------
    log
        The records of one table, as `history/<table>.parquet` holds them.
    upto
        Position of the last record that counts; -1 for none.
    columns
        The columns of the table, in order.
    key
        The columns that the rows are sorted by.
    """
    known = until(log, upto)
    superseded = pc.is_in(known["position"], value_set=known["supersedes"].drop_null())
    retracted = pc.equal(known["action"], "retract")
    standing = known.filter(pc.invert(pc.or_(superseded, retracted)))
    return standing.select(list(columns)).sort_by([(name, "ascending") for name in key])


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
