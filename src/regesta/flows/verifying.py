"""Verify a store or a release: every leaf from its row, every root from the leaves.

This finds damage, and tampering with rows or files. A log that was rebuilt as a whole agrees with
itself: only a checkpoint that was kept elsewhere tells, or the signature of a key that one trusts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from secrets import randbits

import polars as pl

from regesta.abreast import abreast
from regesta.catalog.versions import DESCRIPTOR, SIGNER
from regesta.errors import StorageFault, UsageError
from regesta.flows import published
from regesta.flows.since import FILE as CHANGES_FILE
from regesta.flows.sound import Audit, Histories, examine, in_pieces, require_none
from regesta.flows.trust import NOTHING, Trust, kept, require_goes_on, require_signed
from regesta.log.checkpoint import Checkpoint
from regesta.log.note import signers
from regesta.release import digests
from regesta.release.codebooks import has_our_codebook
from regesta.release.descriptors import edition
from regesta.schema.tables import TABLES, TableSchema
from regesta.store.store import STRETCH, Store

REBUILT = (
    "whether this is the log that others saw: compare it with a checkpoint that was kept "
    "elsewhere (--against), or check who signed it (--key)"
)
SHAPES = ("the table ", "the column ")
GUARDS = (
    "guards, views, indexes and constraints: this role may make nothing to compare them with; "
    "ask the owner of the store to verify it"
)
WORDS = (
    "what no log says and no key signs: the version, CHANGES.md, files of other names, and which "
    "moment the tables are of; compare SHA256SUMS with what the publisher made known"
)

CODEBOOK = "the codebook: a version of regesta wrote it that describes the columns in other words"

FOREIGN = (
    "the words in which the descriptors tell of columns and codes: another edition of regesta "
    "wrote them"
)

PRINT = ("#print", "#second")
"""Where the fingerprint of a row is kept."""

_SEEDS = [randbits(64) for _ in PRINT]
"""Of this process alone: no row can be made to look like another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What was found to hold, by what it is trusted beyond itself, and what was not checked."""

    what: str
    checkpoint: Checkpoint
    checked: tuple[str, ...]
    trusted: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        """Return it as one JSON object."""
        return {
            "verified": self.what,
            "checked": list(self.checked),
            "trusted": list(self.trusted),
            "unchecked": list(self.unchecked),
            **self.checkpoint.as_json(),
        }

    def __str__(self) -> str:
        """Return it in words."""
        lines = [
            f"{self.what}: {self.checkpoint.size} records, root {self.checkpoint.root.hex()}.",
            "Checked:",
            *(f"  {checked}" for checked in self.checked),
            *(f"It {trusted}." for trusted in self.trusted),
            *(f"Not checked: {unchecked}." for unchecked in self.unchecked),
        ]
        return "\n".join(lines)


def verify_store(store: Store, *, trust: Trust = NOTHING, step: Callable[[str], None]) -> Verified:
    """Recompute every leaf, root, checkpoint and projection of *store*.

    Raises
    ------
    UsageError
        If a key is to be checked and no checkpoint was given that it may have signed.
    VerificationFailed
        If anything differs; every fault is named.
    """
    if trust.key and trust.against is None:
        raise UsageError(reason="A store is not signed; give the checkpoint that is: --against.")
    step("reading")
    require_none(store.url, _unreadable(store))
    with _told_as_faults(store), store.reading_all():
        faults = store.own_faults()
        if any(fault.startswith(SHAPES) for fault in faults):  # rows of another shape are not read
            require_none(store.url, faults)
        head, checkpoints, comparable = store.head(), store.checkpoints(), store.may_compare()
        audit = Audit(_fingerprint)
        pieces = chain.from_iterable(map(in_pieces, store.stretches()))
        for part in abreast(examine, pieces):
            audit.take(part)
        step("hashing")
        faults = [*audit.faults(checkpoints), *(faults or _wrong_views(store, audit.links))]
    require_none(store.url, faults)
    step("comparing")
    found = head.checkpoint(store.dataset)
    trusted, unchecked = _trust(found, None, audit.leaves["leaf"], trust)
    return Verified(
        what=store.url,
        checkpoint=found,
        checked=(
            "rows against leaves",
            "leaves against roots",
            "positions",
            "revisions",
            "projections",
            *(["guards, views, indexes and constraints"] if comparable else ()),
        ),
        trusted=trusted,
        unchecked=unchecked if comparable else (*unchecked, GUARDS),
    )


def verify_release(
    release: Path, *, trust: Trust = NOTHING, step: Callable[[str], None]
) -> Verified:
    """Compare the files of *release* with their digests, tables with log, log with root.

    Raises
    ------
    UsageError
        If there is no release at *release*.
    VerificationFailed
        If anything differs; every fault is named.
    """
    require_release(release)
    step("comparing digests")
    digests.check(release)
    step("hashing")
    found = published.read(release)
    audit = Audit()
    require_none(str(release), published.faults(found, audit))
    step("comparing")
    trusted, unchecked = _trust(found.checkpoint, found.note, audit.leaves["leaf"], trust)
    foreign = () if found.card.get("edition") == edition() else (FOREIGN,)
    return Verified(
        what=str(release),
        checkpoint=found.checkpoint,
        checked=(
            "every file against SHA256SUMS",
            "rows against leaves",
            "log.jsonl and history against the checkpoint",
            "tables against the log and the schema",
            "outcomes of gates against the tables",
            *(["the codebook against the tables"] if has_our_codebook(release) else ()),
            "descriptors against card, log and files",
            "name and version",
            *(["changes since the release before"] if (release / CHANGES_FILE).exists() else ()),
            *([f"the signature against {SIGNER}"] if (release / SIGNER).exists() else ()),
        ),
        trusted=trusted,
        unchecked=(
            *unchecked,
            *(() if has_our_codebook(release) else (CODEBOOK,)),
            *foreign,
            WORDS,
        ),
    )


def require_release(release: Path) -> None:
    """Raise `UsageError` unless there is something of a release at *release*."""
    if not any((release / name).exists() for name in (digests.SUMS, DESCRIPTOR)):
        raise UsageError(reason=f"{release} is no release: it has no {digests.SUMS}.")


def _unreadable(store: Store) -> list[str]:
    try:
        return store.unreadable()
    except StorageFault as fault:
        return [str(fault)]


def _wrong_views(store: Store, links: Histories) -> Iterator[str]:
    """Yield each view that does not show what the records add up to, replayed one by one."""
    for name, records in links.items():
        table = TABLES[name]
        last = records.sort("position").unique(table.key, keep="last", maintain_order=True)
        live = last.filter(pl.col("action") != "retract")
        cuts = live[table.key[0]].sort().gather_every(STRETCH, STRETCH).unique(maintain_order=True)
        shown = (part.select(_fingerprint(table)) for part in store.shown(name, cuts.to_list()))
        if not pl.concat(shown).sort(PRINT).equals(live.select(PRINT).sort(PRINT)):
            yield f"the view {name} does not show what the log adds up to"


def _fingerprint(table: TableSchema) -> list[pl.Expr]:
    """Return 128 bits that say what a row says, in which nobody can know which rows are alike."""
    row = pl.struct(list(table.columns))
    return [row.hash(seed).alias(name) for name, seed in zip(PRINT, _SEEDS, strict=True)]


@contextmanager
def _told_as_faults(store: Store) -> Iterator[None]:
    """Tell text that is none as what it is in a store: a fault of its content, not of the disk."""
    try:
        yield
    except StorageFault as fault:
        if "decode" not in str(fault):
            raise
        require_none(store.url, [str(fault)])


def _trust(
    found: Checkpoint, note: str | None, leaves: pl.Series, trust: Trust
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return in words by what a log is trusted, and what of it nobody vouches for.

    A release's own *note* must be signed by the key; of a store, the one that was kept.
    """
    trusted, unchecked = [], []
    if trust.against is not None:
        earlier = kept(trust.against)
        goes_on = require_goes_on(found, leaves.to_list(), earlier)
        if trust.key and note is None:
            goes_on += f", {require_signed(earlier.note, trust.key, earlier.path)}"
        trusted.append(goes_on)
        if later := found.size - earlier.checkpoint.size:
            unchecked.append(f"the {later} records after that checkpoint")
    if note is not None:
        if trust.key:
            trusted.append(f"is {require_signed(note, trust.key, 'The checkpoint')}")
            unchecked.clear()
        elif names := ", ".join(signers(note)):
            who = f"whether {names}, who signed the checkpoint, is who you think"
            unchecked.append(f"{who}: give the --key")
    if not trusted:
        unchecked.insert(0, REBUILT)
    return tuple(trusted), tuple(unchecked)
