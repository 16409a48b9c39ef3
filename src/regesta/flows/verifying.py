"""Verify a store or a release: every leaf from its row, every root from the leaves.

This finds damage, and tampering with rows or files. A log that was rebuilt as a whole agrees with
itself: only a checkpoint that was kept elsewhere tells.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import polars as pl

from regesta import merkle
from regesta.catalog.versions import DESCRIPTOR, version_order
from regesta.errors import UsageError, VerificationFailed
from regesta.flows.restoring import run_over
from regesta.flows.sound import (
    Histories,
    log_faults,
    records_in_order,
    require_none,
    wrong_batches,
    wrong_chains,
    wrong_leaves,
    wrong_positions,
)
from regesta.log.checkpoint import Checkpoint, origin, parse
from regesta.release import digests
from regesta.release.tabular import in_order, read_csv, read_parquet, read_records
from regesta.research.register import Register
from regesta.research.vantage import Vantage
from regesta.schema.card import Card
from regesta.schema.tables import PUBLISHED, TABLES, TIMELINE
from regesta.store.store import Store


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
    require_none(store.url, store.missing_tables())
    with store.standing_still():
        head = store.head()
        histories = {name: store.records(name) for name in TABLES}
        checkpoints = store.checkpoints()
        altered = store.catalogue_faults()
    step("hashing")
    faults = log_faults(histories, checkpoints)
    step("comparing")
    require_none(store.url, [*faults, *altered])
    return Verified(
        what=store.url,
        checked=(
            "rows against leaves",
            "leaves against roots",
            "positions",
            "revisions",
            "guards and views",
        ),
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
    if not any((release / name).exists() for name in (digests.SUMS, DESCRIPTOR)):
        raise UsageError(reason=f"{release} is no release: it has no {digests.SUMS}.")
    step("comparing digests")
    digests.check(release)
    step("hashing")
    checkpoint, histories, hashes, card = _readable(release)
    faults = [*_disagreeing(release, card, checkpoint)]
    faults += [*wrong_leaves(histories), *wrong_chains(histories)]
    leaves = records_in_order(histories)
    faults += [*wrong_positions(leaves["position"]), *wrong_batches(histories, leaves)]
    if merkle.root_of(leaves["leaf"]) != checkpoint.root or leaves.height != checkpoint.size:
        faults.append("the history does not give the checkpoint's root")
    if hashes != leaves["leaf"].to_list():
        faults.append("log.jsonl is not the log of the history")
    step("projecting")
    if not faults:  # a log that is broken adds up to nothing
        faults += _wrong_tables(release, card.get("knownBy"))
    require_none(str(release), faults)
    return Verified(
        what=str(release),
        checked=(
            "every file against SHA256SUMS",
            "rows against leaves",
            "log.jsonl and history against the checkpoint",
            "tables against the log",
            "name and version",
        ),
        checkpoint=checkpoint,
    )


def _disagreeing(release: Path, card: Card, checkpoint: Checkpoint) -> Iterable[str]:
    """Yield what descriptor, citation, checkpoint and folder do not say alike."""
    name, version = str(card.get("name")), card.get("version")
    if checkpoint.origin != origin(name):
        yield f"the checkpoint is of {checkpoint.origin!r}, {DESCRIPTOR} of {name!r}"
    citation = release / "CITATION.cff"
    cited = citation.read_text(encoding="utf-8", errors="replace") if citation.is_file() else ""
    if f'\nversion: "{version}"\n' not in cited:
        yield f"CITATION.cff is not of version {version!r}, as {DESCRIPTOR} is"
    folder = release.resolve().name
    if version_order(folder) and folder != version:
        yield f"the folder is called {folder}, {DESCRIPTOR} says {version!r}"


def _readable(release: Path) -> tuple[Checkpoint, Histories, list[bytes], Card]:
    """Return checkpoint, records by table, the hash of each line of the log, and descriptor.

    Raises
    ------
    VerificationFailed
        If a file that every release has is missing, or is none of its kind.
    """
    try:
        card: Card = dict(json.loads((release / DESCRIPTOR).read_text(encoding="utf-8")))
        signed = release / "checkpoint"
        checkpoint = parse(signed.read_text(encoding="utf-8"), signed)
        histories = {name: read_records(table, release) for name, table in TABLES.items()}
        with (release / "log.jsonl").open("rb") as lines:
            hashes = [sha256(b"\x00" + line.removesuffix(b"\n")).digest() for line in lines]
    except (OSError, ValueError, TypeError, pl.exceptions.PolarsError) as fault:
        what = str(fault).partition("\n")[0]
        raise VerificationFailed(
            reason=f"{release} holds a file that cannot be read: {what}.", faults=[what]
        ) from fault
    return checkpoint, histories, hashes, card


def _wrong_tables(release: Path, known_by: str | None) -> Iterable[str]:
    """Yield each published table that is not what the log adds up to.

    A release that an older version wrote may lack columns that tables have by now.
    """
    register = Register(run_over(release), Vantage(known_by=known_by))
    for name, table in PUBLISHED.items():
        rows = register.timeline() if name == TIMELINE.name else register.table(name)
        expected = in_order(table, rows)
        for file, read in ((f"{name}.parquet", read_parquet), (f"{name}.csv", read_csv)):
            try:
                found = read(table, release / file)
                agrees = expected.select(found.columns).equals(found)
            except (OSError, ValueError, pl.exceptions.PolarsError):
                agrees = False
            if not agrees:
                yield f"{file} is not what the log adds up to"
