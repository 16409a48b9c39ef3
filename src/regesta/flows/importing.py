"""Bring files into the log: read, check, plan, append, and account for every row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

import polars as pl

from regesta.canonical import encode
from regesta.errors import InvalidInput, Refused, UsageError
from regesta.flows.order import Order, signed
from regesta.flows.preparing import prepare
from regesta.flows.quarantine import clear_quarantine, is_quarantine, write_quarantine
from regesta.flows.taking import Taken, set_apart
from regesta.flows.turns import in_turn
from regesta.intake.gather import Reading, gather, gather_by_stretches
from regesta.intake.incoming import Incoming
from regesta.log.batch import Provenance
from regesta.log.checkpoint import EMPTY
from regesta.log.receipt import Receipt
from regesta.schema.check import Checked
from regesta.spool import Spool
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
        stretches = partial(_stretches, paths, store, order)
        with _taken(stretches(), store, order, step) as taken:
            if (repeated := taken.repeated()).is_empty():
                return _record(taken, store, target, order, at=at, step=step)
        with _taken(set_apart(stretches(), repeated), store, order, step) as taken:
            return _record(taken, store, target, order, at=at, step=step)

    receipt = in_turn(store, attempt, target)
    return _without_old_rejects(receipt, order)


def validate_paths(paths: Sequence[Path], store: Store, reading: Reading) -> Checked:
    """Check *paths* as an import would, and record nothing."""
    incoming = gather(paths, reading, store.rows("actors"))
    _require_same_dataset(incoming, store)
    return prepare(incoming, store, None).checked


def _stretches(paths: Sequence[Path], store: Store, order: Order) -> Iterator[Incoming]:
    """Yield what *paths* bring, as far as it is this dataset's."""
    # What is gone from a snapshot is seen only of the whole.
    gathered = gather_by_stretches if order.snapshot is None else _gathered_whole
    for incoming in gathered(paths, order.reading, store.rows("actors")):
        _require_apart(order.quarantine, incoming)
        _require_same_dataset(incoming, store)
        yield incoming


def _gathered_whole(
    paths: Sequence[Path], reading: Reading, actors: pl.DataFrame
) -> Iterator[Incoming]:
    yield gather(paths, reading, actors)


@contextmanager
def _taken(
    stretches: Iterable[Incoming], store: Store, order: Order, step: Callable[[str], None]
) -> Iterator[Taken]:
    """Yield what was made of *stretches*; the records are kept only until it is left."""
    with Spool() as spool:
        taken = Taken(store, order, spool)
        step("reading")
        for incoming in stretches:
            step("checking")
            taken.take(incoming)
        yield taken


def _record(
    taken: Taken,
    store: Store,
    target: Callable[[], Store],
    order: Order,
    *,
    at: datetime,
    step: Callable[[str], None],
) -> Receipt:
    """Append what was taken, all or nothing."""
    if taken.is_refused:
        raise InvalidInput(taken.failures)
    card = _new_card(
        taken.input, store, names_dataset=not taken.draft.is_empty and taken.head == EMPTY
    )
    receipt = Receipt(
        tables=taken.counts,
        batch=None,
        checkpoint=taken.head.checkpoint(store.dataset),
        changes=taken.changes,
        failures=taken.failures,
        dry_run=order.dry_run,
        notes=taken.notes,
    )
    if order.dry_run:
        return receipt
    if order.quarantine and taken.refused:
        write_quarantine(order.quarantine, taken.refused)
    if taken.draft.is_empty and card is None:
        return receipt
    step("appending")
    provenance = Provenance(
        author=order.author,
        message=order.message,
        source_name=taken.input.name,
        source_sha256=taken.input.sha256,
        card=card,
    )
    batch = taken.draft.seal(at=at, provenance=provenance, counts=encode(taken.counts).decode())
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
