"""What holds of a published release: its files say alike, and its tables are what its log says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from regesta import merkle
from regesta.abreast import abreast
from regesta.catalog.versions import (
    CHECKPOINT,
    DESCRIPTOR,
    LOG,
    SIGNER,
    read_descriptor,
    version_order,
)
from regesta.errors import UsageError, VerificationFailed
from regesta.flows.reopening import run_over
from regesta.flows.sound import Audit, Histories, ends_a_batch, examine, invalid_cells
from regesta.flows.trust import read_leaves
from regesta.log.checkpoint import Checkpoint, origin, parse
from regesta.log.note import parse_verifier, signed_by
from regesta.release.spreadsheet import wrong_copies
from regesta.release.sqlite import wrong_sqlite
from regesta.release.tabular import in_order, is_csv_of, read_csv, read_parquet, read_records
from regesta.research.register import Register
from regesta.research.vantage import Vantage
from regesta.schema.card import Card
from regesta.schema.tables import PUBLISHED, TABLES, TIMELINE
from regesta.store.store import STRETCH

LATER = frozenset({"status", "legality", "first_known_on", "last_changed_on"})
"""What the timeline says since russia-dprk 1.1.0; an older release has none of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """The log of a release as its files give it, once each can be read."""

    release: Path
    card: Card
    note: str
    checkpoint: Checkpoint
    histories: Histories
    hashes: pl.Series


def read(release: Path) -> Published:
    """Return what the files of *release* say.

    Raises
    ------
    VerificationFailed
        If a file that every release has is missing, or is none of its kind.
    """
    try:
        card: Card = read_descriptor((release / DESCRIPTOR).read_bytes(), release)
        note = (release / CHECKPOINT).read_bytes().decode()
        histories = {name: read_records(table, release) for name, table in TABLES.items()}
        hashes = pl.Series("leaf", read_leaves(release), dtype=pl.Binary)
    except (OSError, ValueError, TypeError, RecursionError, pl.exceptions.PolarsError) as fault:
        what = str(fault).partition("\n")[0]
        raise VerificationFailed(
            reason=f"{release} holds a file that cannot be read: {what}.", faults=[what]
        ) from fault
    return Published(
        release=release,
        card=card,
        note=note,
        checkpoint=parse(note, release / CHECKPOINT),
        histories=histories,
        hashes=hashes,
    )


def faults(found: Published) -> list[str]:
    """Return all that is wrong with a release."""
    audit = Audit()
    for part in abreast(examine, _slices(found.histories)):
        audit.take(part)
    if audit.lacking:
        return audit.lacking
    wrong = [*_disagreeing(found), *_wrong_signature(found), *audit.faults()]
    leaves = audit.leaves["leaf"]
    root, size = merkle.root_of(leaves), len(leaves)
    if (root, size) != (found.checkpoint.root, found.checkpoint.size):
        wrong.append("the history does not give the checkpoint's root")
    if not found.hashes.equals(leaves):
        wrong.append(f"{LOG} is not the log of the history")
    # A log that is broken adds up to nothing.
    return wrong or [
        *_wrong_tables(found),
        *wrong_copies(found.release),
        *wrong_sqlite(found.release),
    ]


def _slices(histories: Histories) -> Iterator[Histories]:
    """Yield the records of a log, some of a table at a time."""
    for name, records in histories.items():
        for part in [*records.iter_slices(STRETCH)] or [records]:
            yield {name: part}


def _disagreeing(found: Published) -> Iterable[str]:
    """Yield what descriptor, citation, checkpoint and folder do not say alike."""
    name, version = str(found.card.get("name")), found.card.get("version")
    if found.checkpoint.origin != origin(name):
        yield f"the checkpoint is of {found.checkpoint.origin!r}, {DESCRIPTOR} of {name!r}"
    citation = found.release / "CITATION.cff"
    cited = citation.read_text(encoding="utf-8", errors="replace") if citation.is_file() else ""
    if f'\nversion: "{version}"\n' not in cited:
        yield f"CITATION.cff is not of version {version!r}, as {DESCRIPTOR} is"
    folder = found.release.resolve().name
    if version_order(folder) and folder != version:
        yield f"the folder is called {folder}, {DESCRIPTOR} says {version!r}"


def _wrong_signature(found: Published) -> Iterable[str]:
    """Yield it if the checkpoint is not signed by the key that the release holds beside it."""
    path = found.release / SIGNER
    if not path.exists():
        return
    try:
        key = parse_verifier(path.read_bytes().decode(), SIGNER)
    except (UsageError, ValueError):
        yield f"{SIGNER} is no public key"
        return
    if not signed_by(found.note, key):
        yield f"{CHECKPOINT} is not signed by the key in {SIGNER}"


def _wrong_tables(found: Published) -> Iterable[str]:
    """Yield each published table that is not what the log adds up to, and each invalid cell.

    A release that an older version wrote may lack columns that tables have by now.
    """
    known_by = found.card.get("knownBy")
    register = Register(run_over(found.release), Vantage(known_by=known_by))
    tables = {
        name: in_order(table, register.timeline() if table is TIMELINE else register.table(name))
        for name, table in PUBLISHED.items()
    }
    for name, table in PUBLISHED.items():
        for file, read_in in ((f"{name}.parquet", read_parquet), (f"{name}.csv", read_csv)):
            try:
                published = read_in(table, found.release / file)
                agrees = tables[name].select(published.columns).equals(published)
                agrees &= _may_lack(tables[name], published.columns)
                if read_in is read_csv:  # a cell may be spelt otherwise and say the same
                    agrees &= is_csv_of(published, found.release / file)
            except (OSError, ValueError, pl.exceptions.PolarsError):
                agrees = False
            if not agrees:
                yield f"{file} is not what the log adds up to"
    whole = known_by is None and ends_a_batch(found.histories)
    yield from invalid_cells(tables, whole=whole)


def _may_lack(rows: pl.DataFrame, published: Sequence[str]) -> bool:
    """Return whether a file may have these columns only: the others say nothing, or came later."""
    absent = set(rows.columns) - set(published)
    if absent >= LATER:
        absent -= LATER
    return all(rows[name].is_null().all() for name in absent)
