"""Verify a store or a release: every leaf from its row, every root from the leaves.

This finds damage, and tampering with rows or files. A log that was rebuilt as a whole agrees with
itself: only a checkpoint that was kept elsewhere tells.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import polars as pl

from regesta import merkle
from regesta.catalog.versions import DESCRIPTOR
from regesta.errors import UsageError, VerificationFailed
from regesta.log.checkpoint import Checkpoint, parse
from regesta.log.leaves import leaf_hashes, leaf_texts
from regesta.release import digests
from regesta.release.past import project
from regesta.release.tabular import in_order, read_csv, read_parquet, read_records
from regesta.research.timeline import timeline
from regesta.schema.columns import DECIMALS
from regesta.schema.tables import PUBLISHED, TABLES
from regesta.store.store import Store

SHOWN_FAULTS = 20

Histories = Mapping[str, pl.DataFrame]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What was found to hold."""

    what: str
    checked: tuple[str, ...]
    checkpoint: Checkpoint

    def as_json(self) -> dict[str, object]:
        """Return it as one JSON object."""
        return {
            "verified": self.what,
            "checked": list(self.checked),
            "size": self.checkpoint.size,
            "root": self.checkpoint.root.hex(),
        }

    def __str__(self) -> str:
        """Return it in words, with what this did not check."""
        return (
            f"{self.what}: {self.checkpoint.size} records, root {self.checkpoint.root.hex()}.\n"
            f"Checked: {', '.join(self.checked)}.\n"
            "Not checked: whether this is the log that others saw; compare the root with a "
            "checkpoint that was kept elsewhere."
        )


def verify_store(store: Store, *, step: Callable[[str], None]) -> Verified:
    """Recompute every leaf, root and checkpoint of *store*.

    Raises
    ------
    VerificationFailed
        If anything differs; every fault is named.
    """
    step("reading")
    with store.standing_still():
        head = store.head()
        histories = {name: store.records(name) for name in TABLES}
        checkpoints = store.checkpoints()
        unguarded = store.missing_guards()
    step("hashing")
    faults = [*_wrong_leaves(histories), *_wrong_chains(histories)]
    step("comparing")
    leaves = _in_order(histories)
    faults += _wrong_positions(leaves["position"])
    faults += _wrong_checkpoints(checkpoints, leaves)
    faults += [f"the guard {name} is missing" for name in unguarded]
    _require_none(store.url, faults)
    return Verified(
        what=store.url,
        checked=("rows against leaves", "leaves against roots", "positions", "revisions", "guards"),
        checkpoint=head.checkpoint(store.dataset),
    )


def verify_release(release: Path, *, step: Callable[[str], None]) -> Verified:
    """Compare the files of *release* with their digests, tables with log, log with root.

    Raises
    ------
    UsageError
        If there is no release at *release*.
    VerificationFailed
        If anything differs; every fault is named.
    """
    if not (release / digests.SUMS).is_file():
        raise UsageError(reason=f"{release} is no release: it has no {digests.SUMS}.")
    step("comparing digests")
    digests.check(release)
    step("hashing")
    checkpoint, histories, hashes = _readable(release)
    faults = [*_wrong_leaves(histories), *_wrong_chains(histories)]
    leaves = _in_order(histories)
    faults += [*_wrong_positions(leaves["position"]), *_wrong_batches(histories, leaves)]
    if merkle.root_of(leaves["leaf"]) != checkpoint.root or leaves.height != checkpoint.size:
        faults.append("the history does not give the checkpoint's root")
    if hashes != leaves["leaf"].to_list():
        faults.append("log.jsonl is not the log of the history")
    step("projecting")
    faults += _wrong_tables(release, histories)
    _require_none(str(release), faults)
    return Verified(
        what=str(release),
        checked=(
            "every file against SHA256SUMS",
            "rows against leaves",
            "log.jsonl and history against the checkpoint",
            "tables against the log",
        ),
        checkpoint=checkpoint,
    )


def _readable(release: Path) -> tuple[Checkpoint, Histories, list[bytes]]:
    """Return checkpoint, records by table and the hash of each line of the log.

    Raises
    ------
    VerificationFailed
        If a file that every release has is missing, or is none of its kind.
    """
    try:
        json.loads((release / DESCRIPTOR).read_text(encoding="utf-8"))
        checkpoint = parse((release / "checkpoint").read_text(encoding="utf-8"))
        histories = {name: read_records(table, release) for name, table in TABLES.items()}
        with (release / "log.jsonl").open("rb") as lines:
            hashes = [sha256(b"\x00" + line.removesuffix(b"\n")).digest() for line in lines]
    except (OSError, ValueError, pl.exceptions.PolarsError) as fault:
        what = str(fault).partition("\n")[0]
        raise VerificationFailed(
            reason=f"{release} holds a file that cannot be read: {what}.", faults=[what]
        ) from fault
    return checkpoint, histories, hashes


def _wrong_leaves(histories: Histories) -> Iterable[str]:
    """Yield each record whose row does not give its leaf."""
    for name, records in histories.items():
        wrong = leaf_hashes(leaf_texts(TABLES[name], records)) != records["leaf"]
        for column in TABLES[name].columns.values():
            if column.kind == "decimal":  # a leaf says no more digits than are kept
                cells = records[column.name]
                wrong |= cells.ne_missing(cells.round(DECIMALS))
        for position in records.filter(wrong)["position"]:
            yield f"the record at position {position} ({name}) does not give its leaf"


def _wrong_chains(histories: Histories) -> Iterable[str]:
    """Yield each record that does not follow the one before it of the same row."""
    for name, records in histories.items():
        before = pl.col("position").shift(1).over(TABLES[name].key)
        number = pl.int_range(pl.len()).over(TABLES[name].key) + 1
        wrong = records.sort("position").filter(
            pl.col("supersedes").ne_missing(before) | (pl.col("revision") != number)
        )
        for position in wrong["position"]:
            yield f"the record at position {position} ({name}) does not follow its row's last one"


def _wrong_positions(positions: pl.Series) -> Iterable[str]:
    """Yield the first position that is not where it should be."""
    expected = pl.int_range(len(positions), dtype=pl.Int64, eager=True)
    wrong = expected.filter(positions != expected)
    if len(wrong):
        yield f"there is no single record at position {wrong[0]}"


def _wrong_batches(histories: Histories, leaves: pl.DataFrame) -> Iterable[str]:
    """Yield each record that does not stand between its batch's own record and the next one."""
    starts = histories["batches"].sort("position")["position"]
    number = starts.search_sorted(leaves["position"], side="right")
    wrong = leaves.filter(leaves["batch"] != number)
    for position in wrong["position"]:
        yield f"the record at position {position} is not of the batch that it names"


def _wrong_checkpoints(checkpoints: pl.DataFrame, leaves: pl.DataFrame) -> Iterable[str]:
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


def _in_order(histories: Histories) -> pl.DataFrame:
    return pl.concat(
        records.select("position", "batch", "leaf") for records in histories.values()
    ).sort("position")


def _wrong_tables(release: Path, histories: Histories) -> Iterable[str]:
    """Yield each published table that is not what the log adds up to."""
    last = _last(histories)
    projected = {
        name: pl.DataFrame(
            project(records.to_arrow(), last, list(TABLES[name].columns), TABLES[name].key)
        )
        for name, records in histories.items()
    }
    projected["timeline"] = timeline(projected)
    for name, table in PUBLISHED.items():
        expected = in_order(table, projected[name])
        for file, read in ((f"{name}.parquet", read_parquet), (f"{name}.csv", read_csv)):
            try:
                agrees = expected.equals(read(table, release / file))
            except (OSError, pl.exceptions.PolarsError):
                agrees = False
            if not agrees:
                yield f"{file} is not what the log adds up to"


def _last(histories: Histories) -> int:
    return sum(records.height for records in histories.values()) - 1


def _require_none(what: str, faults: list[str]) -> None:
    if faults:
        shown = "\n  ".join(faults[:SHOWN_FAULTS])
        more = (
            f"\n  ... and {len(faults) - SHOWN_FAULTS} more" if len(faults) > SHOWN_FAULTS else ""
        )
        raise VerificationFailed(
            reason=f"{what} is not what it claims to be:\n  {shown}{more}", faults=faults
        )
