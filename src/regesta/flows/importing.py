"""Bring files into the log: read, check, plan, append, and account for every row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import polars as pl

from regesta.canonical import encode
from regesta.errors import InvalidInput, Refused, UsageError
from regesta.flows.accounting import Plans, cell_changes, row_counts
from regesta.flows.conflicts import require_up_to_date
from regesta.flows.order import Order, signed
from regesta.flows.preparing import Frames, prepare
from regesta.flows.quarantine import clear_quarantine, is_quarantine, write_quarantine
from regesta.flows.snapshot import gone_rows, require_no_orphans
from regesta.flows.turns import in_turn
from regesta.intake.gather import Reading, gather
from regesta.intake.incoming import Incoming
from regesta.log.batch import Provenance, seal
from regesta.log.checkpoint import EMPTY
from regesta.log.plan import plan, plan_retractions
from regesta.log.receipt import Receipt
from regesta.schema.check import Checked
from regesta.schema.tables import TABLES
from regesta.store.store import Store
from regesta.vocabulary import require_code


def _silent(_: str) -> None:
    """Say nothing of the steps."""


def import_paths(
    paths: Sequence[Path],
    store: Store,
    order: Order,
    *,
    at: datetime,
    step: Callable[[str], None] = _silent,
    target: Callable[[], Store] | None = None,
) -> Receipt:
    """Bring *paths* into the log of *store* and report what that recorded.

    *target* opens the store to append to where that is another than the one to plan against.

    Raises
    ------
    InvalidInput
        If a row is invalid and the order names no quarantine; nothing is recorded.
    Refused
        If the input is another dataset's.
    Conflict
        If the order says which state the input was made from, and a row has changed since.
    Busy
        If others keep writing.
    """
    if order.reason:
        require_code(order.reason, "reasons", "reason")
    order = signed(order)

    def attempt(store: Store, target: Callable[[], Store]) -> Receipt:
        step("reading")
        return _bring(_read(paths, store, order), store, target, order, at=at, step=step)

    receipt = in_turn(store, attempt, target)
    return _without_old_rejects(receipt, order)


def validate_paths(paths: Sequence[Path], store: Store, reading: Reading) -> Checked:
    """Check *paths* as an import would, and record nothing."""
    return prepare(_gathered(paths, store, reading), store, None).checked


def _read(paths: Sequence[Path], store: Store, order: Order) -> Incoming:
    incoming = _gathered(paths, store, order.reading)
    _require_apart(order.quarantine, incoming)
    return incoming


def _gathered(paths: Sequence[Path], store: Store, reading: Reading) -> Incoming:
    incoming = gather(paths, reading, store.rows("actors"))
    _require_same_dataset(incoming, store)
    return incoming


def _bring(
    incoming: Incoming,
    store: Store,
    target: Callable[[], Store],
    order: Order,
    *,
    at: datetime,
    step: Callable[[str], None],
) -> Receipt:
    step("checking")
    prepared = prepare(incoming, store, order.snapshot)
    checked = prepared.checked
    # What a snapshot lacks is gone; a row that is refused is neither there nor gone.
    if checked.failures.height and (order.quarantine is None or order.snapshot):
        raise InvalidInput(checked.failures)
    whole = incoming.whole()
    if checked.failures.is_empty():
        incoming = incoming.without_rows()  # or a million cells of text stay until the end
    step("planning")
    plans = {
        name: plan(
            TABLES[name],
            rows,
            prepared.heads[name],
            reason=order.reason,
            gave_way=prepared.merged if name == "events" else (),
        )
        for name, rows in checked.rows.items()
    }
    gone = gone_rows(plans, store, order.snapshot, whole, prepared.merged)
    require_no_orphans(gone, checked.rows, store)
    records = _due(plans, gone, order.reason)
    if order.made_from is not None:
        require_up_to_date(records, store, order.made_from)
    counts = row_counts(prepared, plans, gone)
    card = _new_card(incoming, store, names_dataset=bool(records) and prepared.head == EMPTY)
    receipt = Receipt(
        tables=counts,
        batch=None,
        checkpoint=prepared.head.checkpoint(store.dataset),
        changes=cell_changes(plans, gone, store),
        failures=checked.failures,
        dry_run=order.dry_run,
        notes=checked.notes,
    )
    if order.dry_run:
        return receipt
    if order.quarantine and checked.failures.height:
        write_quarantine(order.quarantine, incoming, checked.failures)
    if not records and card is None:
        return receipt
    step("appending")
    provenance = Provenance(
        author=order.author,
        message=order.message,
        source_name=incoming.name,
        source_sha256=incoming.sha256,
        card=card,
    )
    batch = seal(
        records, head=prepared.head, at=at, provenance=provenance, counts=encode(counts).decode()
    )
    target().append(batch)
    return replace(receipt, batch=batch.head.batch, checkpoint=batch.head.checkpoint(store.dataset))


def _require_apart(quarantine: Path | None, incoming: Incoming) -> None:
    """Refuse to write the quarantine over a file that the rows came from, or any but its like."""
    if quarantine is None:
        return
    if quarantine.resolve() in incoming.files:
        raise UsageError(reason=f"{quarantine} is the input itself; name another file.")
    if quarantine.is_file() and quarantine.stat().st_size and not is_quarantine(quarantine):
        raise UsageError(reason=f"{quarantine} is there and no quarantine; name another file.")


def _without_old_rejects(receipt: Receipt, order: Order) -> Receipt:
    """Return *receipt* after clearing a quarantine that this import has nothing to put into."""
    if order.quarantine is None or order.dry_run or receipt.failures.height:
        return receipt
    cleared = clear_quarantine(order.quarantine)
    return replace(receipt, notes=(*receipt.notes, cleared)) if cleared else receipt


def _require_same_dataset(incoming: Incoming, store: Store) -> None:
    name = incoming.card.get("name") if incoming.card else None
    holds = store.card().get("name") or store.declared_dataset()
    if name and holds and name != holds:
        raise Refused(reason=f"This store holds the dataset {holds!r}; the input is of {name!r}.")


def _due(plans: Plans, gone: Frames, reason: str | None) -> dict[str, pl.DataFrame]:
    records = {}
    for name, planned in plans.items():
        parts = [planned.records]
        if name in gone:
            parts.append(plan_retractions(TABLES[name], gone[name], reason=reason))
        records[name] = pl.concat(parts)
    return {name: frame for name, frame in records.items() if frame.height}


def _new_card(incoming: Incoming, store: Store, *, names_dataset: bool) -> str | None:
    """Return the card that the input brings if it is not the one that the log has.

    A first batch of records that brings none says at least of which dataset the store is.
    """
    card = incoming.card
    if card is None and names_dataset and (name := store.declared_dataset()):
        card = {"name": name}
    if card is None or card == store.card():
        return None
    return encode(card).decode()
