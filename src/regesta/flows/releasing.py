"""Freeze a dataset as its log stands: read, project, and hand over to the writer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import polars as pl

from regesta import merkle
from regesta.abreast import abreast, beside
from regesta.catalog.versions import CARD, version_order
from regesta.errors import Refused
from regesta.flows.gates import outcomes, require_gates, require_met
from regesta.flows.seeing import seen
from regesta.flows.shelving import refresh_index
from regesta.flows.signing import signed
from regesta.flows.since import Due, since
from regesta.flows.sound import (
    Audit,
    Examined,
    Histories,
    ends_a_batch,
    examine,
    in_pieces,
    invalid_cells,
    records_in_order,
    require_none,
)
from regesta.log.checkpoint import Checkpoint, origin
from regesta.log.note import Signer
from regesta.log.project import live_rows
from regesta.release.bump import reasons
from regesta.release.content import Content, Stretch
from regesta.release.since import Since
from regesta.release.spreadsheet import FOLDER
from regesta.release.tabular import as_lines
from regesta.release.write import drafting, write_content, write_log
from regesta.research.register import Register
from regesta.research.vantage import Vantage
from regesta.schema.card import Card
from regesta.schema.tables import TABLES
from regesta.store.store import Store

EMPTY = "The log is empty; import something before you release it."

Told = dict[str, list[pl.DataFrame]]
"""The records of each table, part by part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """A release that was written.

    `allowed` are the gates that it was allowed to fall short of and does.
    """

    dataset: str
    version: str
    path: Path
    checkpoint: Checkpoint
    since: Since | None
    allowed: Sequence[str] = ()
    notes: Sequence[str] = ()

    @property
    def bump(self) -> str | None:
        """Return in words which bump the changes since the release before call for, and why."""
        if self.since is None or self.since.level is None:
            return None
        why = "; ".join(reasons(self.since.causes))
        return f"{self.since.level.upper()} against {self.since.before.version}: {why}."

    @property
    def falls_short(self) -> str | None:
        """Return in words what version the changes call for, where this one is less."""
        if self.since is None or self.since.level is None:
            return None
        given, due = (version_order(each) for each in (self.version, self.since.due))
        if given is None or due is None or given[:3] >= due[:3]:
            return None
        return f"{self.version} is less than the changes call for, which is {self.since.due}"

    def as_json(self) -> dict[str, object]:
        """Return what was written as one JSON object."""
        return {
            "dataset": self.dataset,
            "version": self.version,
            "path": str(self.path),
            "allowed": list(self.allowed),
            "notes": list(self.notes),
            **self.checkpoint.as_json(),
            "previous": None if self.since is None else self.since.before.version,
            "bump": None if self.since is None else self.since.level,
            "because": [] if self.since is None else reasons(self.since.causes),
        }


def release_dataset(  # noqa: PLR0913 - each is an option of the command
    store: Store,
    version: str | Due,
    out: Path,
    *,
    as_of: str | None = None,
    known_by: str | None = None,
    signer: Signer | None = None,
    also: Sequence[str] = (),
    allow: Sequence[str] = (),
    step: Callable[[str], None],
) -> Released:
    """Write the release *version* of the log of *store* beneath the folder *out*.

    *version* is a number, or the one that is due by what changed since the newest stable release.
    With *as_of* the log is taken up to that moment; with *known_by* the tables hold what was
    known then, above the whole of that log. *signer* signs the checkpoint; *also* names what
    is added: the folder of copies for spreadsheets, `tables.sqlite`, descriptors. *allow* names
    gates of the card that may fall short this time.

    Raises
    ------
    Refused
        If the log is empty, the version is there already, an earlier one is of another log or of a
        later state, or no version is due.
    GatesNotMet
        If the tables fall short of what the card asks for.
    UsageError
        If *as_of* or *known_by* is no moment, the key is of another log, or *allow* names no gate.
    VerificationFailed
        If the rows of the log do not give its leaves, or those its roots, or the schema refuses a
        cell.
    """
    step("reading")
    dataset, register = store.dataset, seen(store, as_of=as_of, known_by=known_by)
    upto = register.vantage.upto
    if upto is None or upto < 0:
        raise Refused(reason=EMPTY if as_of is None else f"Nothing was recorded by {as_of}.")
    card: Card = {"name": dataset, "title": dataset, **store.card(upto)}
    gates = require_gates(card, allow)
    shelf = shelf_of(dataset, out)
    named = None if isinstance(version, Due) else version
    changed = since(shelf, named, store, register.vantage)
    version = version.after(changed, shelf) if isinstance(version, Due) else version
    about = {"dataset": str(card["name"]), "version": version}
    with drafting(shelf, version) as draft:
        with store.reading_all():
            audit, checkpoints = Audit(), store.checkpoints()
            told: Told = {name: [] for name in TABLES}
            write_log(_stretches(store, audit, told, upto), draft, about)
            step("projecting")
            with beside(lambda: audit.faults(checkpoints)) as faults:
                try:
                    tables = _tables(store, register.vantage, told)
                finally:  # a log that is broken adds up to nothing
                    require_none(store.url, faults())
        links = {
            name: rows.filter(pl.col("position") <= upto) for name, rows in audit.links.items()
        }
        whole = register.vantage.known_by is None and ends_a_batch(links)
        require_none(store.url, list(invalid_cells(tables, whole=whole)))
        measured = outcomes(gates, tables)
        notes = require_met(measured, allow)
        root = _root(links, checkpoints, upto + 1)
        found = Checkpoint(origin=origin(dataset), size=upto + 1, root=root)
        content = Content(
            card=card,
            version=version,
            tables=tables,
            checkpoint=signed(found, signer),
            signer=None if signer is None else str(signer.verifier),
            recorded_at=str(links["batches"].sort("position")["recorded_at"][-1]),
            known_by=register.vantage.known_by,
            excel_safe=FOLDER in also,
            also=also,
            gates=measured,
            since=changed,
        )
        step("writing")
        write_content(content, draft, about)
    refresh_index(shelf)
    return Released(
        dataset=dataset,
        version=version,
        path=shelf / version,
        checkpoint=found,
        since=changed,
        allowed=[each.name for each in measured if not each.met],
        notes=notes,
    )


def _tables(store: Store, vantage: Vantage, told: Told) -> dict[str, pl.DataFrame]:
    """Return what the records *told* of a log add up to: each table, and the timeline."""
    rows = {name: live_rows(pl.concat(told.pop(name))) for name in TABLES}
    register = Register(store.fetch, vantage, at_hand=rows)
    tables = {name: register.table(name) for name in TABLES}
    return {**tables, "timeline": register.timeline()}


def _stretches(store: Store, audit: Audit, told: Told, upto: int) -> Iterator[Stretch]:
    """Yield the log of *store* up to position *upto*, and add its records to *told*.

    *audit* takes all of the log.
    """
    until = pl.col("position") <= upto

    def stretch_of(records: Histories) -> tuple[Examined, Stretch]:
        part = examine(records)
        lines = as_lines(part.leaves.filter(until)["leaf"])
        return part, Stretch(
            records={name: rows.filter(until) for name, rows in records.items()}, lines=lines
        )

    pieces = chain.from_iterable(map(in_pieces, store.stretches()))
    for part, stretch in abreast(stretch_of, pieces):
        audit.take(part)
        for name, rows in stretch.records.items():
            if not (rows.is_empty() and told[name]):
                told[name].append(rows.drop("leaf"))
        yield stretch


def _root(history: Histories, checkpoints: pl.DataFrame, size: int) -> bytes:
    """Return the root of the first *size* records, which end a batch or lie within one."""
    if size in checkpoints["size"]:
        return bytes(checkpoints.filter(size=size)["root"][0])
    return merkle.root_of(records_in_order(history)["leaf"])


def shelf_of(dataset: str, out: Path) -> Path:
    """Return the folder of the dataset's versions beneath *out*.

    That is *out* itself where it is the `releases` folder of a dataset, else a folder in it.
    """
    return out if (out.absolute().parent / CARD).is_file() else out / dataset
