"""What holds of a sound log: rows give their leaves, leaves the roots, positions have no gap."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from regesta import merkle
from regesta.errors import VerificationFailed
from regesta.log.leaves import leaf_hashes, leaf_texts
from regesta.schema.columns import DECIMALS
from regesta.schema.tables import TABLES

SHOWN_FAULTS = 20

Histories = Mapping[str, pl.DataFrame]


def log_faults(histories: Histories, checkpoints: pl.DataFrame) -> list[str]:
    """Return all that is wrong with the log of a store, given its records by table."""
    leaves = records_in_order(histories)
    return [
        *wrong_leaves(histories),
        *wrong_chains(histories),
        *wrong_positions(leaves["position"]),
        *wrong_checkpoints(checkpoints, leaves),
    ]


def wrong_leaves(histories: Histories) -> Iterable[str]:
    """Yield each record whose row does not give its leaf."""
    for name, records in histories.items():
        wrong = leaf_hashes(leaf_texts(TABLES[name], records)) != records["leaf"]
        for column in TABLES[name].columns.values():
            if column.kind == "decimal":  # a leaf says no more digits than are kept
                cells = records[column.name]
                wrong |= cells.ne_missing(cells.round(DECIMALS))
        for position in records.filter(wrong)["position"]:
            yield f"the record at position {position} ({name}) does not give its leaf"


def wrong_chains(histories: Histories) -> Iterable[str]:
    """Yield each record that does not follow the one before it of the same row."""
    for name, records in histories.items():
        before = pl.col("position").shift(1).over(TABLES[name].key)
        number = pl.int_range(pl.len()).over(TABLES[name].key) + 1
        wrong = records.sort("position").filter(
            pl.col("supersedes").ne_missing(before) | (pl.col("revision") != number)
        )
        for position in wrong["position"]:
            yield f"the record at position {position} ({name}) does not follow its row's last one"


def wrong_positions(positions: pl.Series) -> Iterable[str]:
    """Yield the first position that is not where it should be."""
    expected = pl.int_range(len(positions), dtype=pl.Int64, eager=True)
    wrong = expected.filter(positions != expected)
    if len(wrong):
        yield f"there is no single record at position {wrong[0]}"


def wrong_batches(histories: Histories, leaves: pl.DataFrame) -> Iterable[str]:
    """Yield each record that does not stand between its batch's own record and the next one."""
    starts = histories["batches"].sort("position")["position"]
    number = starts.search_sorted(leaves["position"], side="right")
    wrong = leaves.filter(leaves["batch"] != number)
    for position in wrong["position"]:
        yield f"the record at position {position} is not of the batch that it names"


def wrong_checkpoints(checkpoints: pl.DataFrame, leaves: pl.DataFrame) -> Iterable[str]:
    """Yield each checkpoint, and each record, that is not of the batch it claims to be of."""
    size = 0
    edge: merkle.Edge = ()
    for number, (batch, end, root, packed) in enumerate(checkpoints.iter_rows(), 1):
        records = leaves[size:end]
        size, edge = merkle.grow(size, edge, records["leaf"])
        if batch != number or (size, merkle.root(edge), merkle.pack(edge)) != (end, root, packed):
            yield f"the checkpoint of batch {batch} is not what its records give"
        for position in records.filter(pl.col("batch") != batch)["position"]:
            yield f"the record at position {position} is not of the batch that it names"
        if records.height == 0:
            yield f"batch {batch} has no record"
    if size != leaves.height:
        yield f"{leaves.height - size} records belong to no checkpoint"


def records_in_order(histories: Histories) -> pl.DataFrame:
    """Return position, batch and leaf of every record, in the order of the log."""
    return pl.concat(
        records.select("position", "batch", "leaf") for records in histories.values()
    ).sort("position")


def require_none(what: str, faults: list[str]) -> None:
    """Raise `VerificationFailed` if *what* has *faults*, and name the first of them."""
    if faults:
        shown = "\n  ".join(faults[:SHOWN_FAULTS])
        more = (
            f"\n  ... and {len(faults) - SHOWN_FAULTS} more" if len(faults) > SHOWN_FAULTS else ""
        )
        raise VerificationFailed(
            reason=f"{what} is not what it claims to be:\n  {shown}{more}", faults=faults
        )
