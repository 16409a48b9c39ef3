"""Freeze a dataset as its log stands: read, project, and hand over to the writer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from regesta import merkle
from regesta.abreast import abreast
from regesta.catalog.versions import CARD, CHECKPOINT, version_order, versions
from regesta.errors import Refused
from regesta.flows.seeing import batch_at, seen
from regesta.flows.signing import signed
from regesta.flows.sound import (
    Audit,
    Histories,
    ends_a_batch,
    examine,
    invalid_cells,
    records_in_order,
    require_none,
)
from regesta.log import checkpoint
from regesta.log.checkpoint import Checkpoint, origin
from regesta.log.note import Signer
from regesta.log.statements import Statement, as_text
from regesta.release.content import Content, Stretch
from regesta.release.spreadsheet import FOLDER
from regesta.release.write import drafting, write_content, write_log
from regesta.research.ground import Run
from regesta.research.register import Register
from regesta.schema.card import Card
from regesta.schema.tables import TABLES
from regesta.store.store import Store

EMPTY = "The log is empty; import something before you release it."


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """A release that was written."""

    dataset: str
    version: str
    path: Path
    checkpoint: Checkpoint

    def as_json(self) -> dict[str, object]:
        """Return what was written as one JSON object."""
        return {
            "dataset": self.dataset,
            "version": self.version,
            "path": str(self.path),
            **self.checkpoint.as_json(),
        }


def release_dataset(
    store: Store,
    version: str,
    out: Path,
    *,
    as_of: str | None = None,
    known_by: str | None = None,
    signer: Signer | None = None,
    also: Sequence[str] = (),
    step: Callable[[str], None],
) -> Released:
    """Write the release *version* of the log of *store* beneath the folder *out*.

    With *as_of* the log is taken up to that moment; with *known_by* the tables hold what was
    known then, above the whole of that log. *signer* signs the checkpoint; *also* names what
    is added: the folder of copies for spreadsheets, and `tables.sqlite`.

    Raises
    ------
    Refused
        If the log is empty, the version is there already, or an earlier one is of another log.
    UsageError
        If *as_of* or *known_by* is no moment, or the key is of another log.
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
    shelf, about = shelf_of(dataset, out), {"dataset": str(card["name"]), "version": version}
    with drafting(shelf, version) as draft:
        with store.reading_all():
            audit, checkpoints = Audit(), store.checkpoints()
            write_log(_stretches(store, audit, upto), draft, about)
            require_none(store.url, audit.faults(checkpoints))
            step("projecting")
            register = Register(_once(store.fetch), register.vantage)
            tables = {name: register.table(name) for name in TABLES}
            tables["timeline"] = register.timeline()
        links = {
            name: rows.filter(pl.col("position") <= upto) for name, rows in audit.links.items()
        }
        whole = register.vantage.known_by is None and ends_a_batch(links)
        require_none(store.url, list(invalid_cells(tables, whole=whole)))
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
            previous=_previous(shelf, version, store),
        )
        step("writing")
        write_content(content, draft, about)
    return Released(dataset=dataset, version=version, path=shelf / version, checkpoint=found)


def _stretches(store: Store, audit: Audit, upto: int) -> Iterator[Stretch]:
    """Yield the log of *store* up to position *upto*, and have *audit* take all of it."""
    until = pl.col("position") <= upto
    for part in abreast(examine, store.stretches()):
        audit.take(part)
        texts = [
            records.select("position", leaf=part.texts[name]).filter(until)
            for name, records in part.records.items()
            if name in part.texts
        ]
        if texts:
            records = {name: rows.filter(until) for name, rows in part.records.items()}
            yield Stretch(records=records, leaves=pl.concat(texts).sort("position")["leaf"])


def _once(run: Run) -> Run:
    """Return what runs each statement once, however often it is asked."""
    told: dict[str, pl.DataFrame] = {}

    def told_again(statement: Statement, dtypes: Mapping[str, pl.DataType]) -> pl.DataFrame:
        asked = as_text(statement)
        if asked not in told:
            told[asked] = run(statement, dtypes)
        return told[asked]

    return told_again


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


def _previous(shelf: Path, version: str, store: Store) -> tuple[str, int] | None:
    """Return the newest earlier release on *shelf* and its last batch in this log."""
    earlier = [v for v in versions(shelf) if _before(v, version)]
    if not earlier:
        return None
    path = shelf / earlier[-1] / CHECKPOINT
    theirs = checkpoint.parse(path.read_text(encoding="utf-8", errors="replace"), path)
    batch = batch_at(store, theirs)
    if batch is None:
        raise Refused(
            reason=f"{shelf / earlier[-1]} was not made from this log; release to another folder."
        )
    return earlier[-1], batch


def _before(one: str, other: str) -> bool:
    first, second = version_order(one), version_order(other)
    return first is not None and second is not None and first < second
