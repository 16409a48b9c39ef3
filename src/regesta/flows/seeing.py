"""Look at a store from a vantage: as of a moment of the log, knowing what by when."""

from __future__ import annotations

import polars as pl

from regesta.errors import NoSuchName
from regesta.log.checkpoint import Checkpoint
from regesta.log.moment import cutoff, parse_moment
from regesta.merkle import root_of
from regesta.research.register import Register
from regesta.research.values import AS_CODED
from regesta.research.vantage import Vantage, parse_known_by
from regesta.research.words import when
from regesta.store.store import Store
from regesta.vocabulary import hint


def position_of(store: Store, as_of: str | None) -> int:
    """Return the position that *as_of* means in *store*; None means the last one now.

    Whoever reads several tables reads them all up to that position: others may be writing.
    """
    if as_of is None:
        return store.head().size - 1
    return cutoff(parse_moment(as_of), store.batch_ends())


def seen(
    store: Store,
    *,
    as_of: str | None = None,
    known_by: str | None = None,
    policy: str = "parties",
    value_policy: str = AS_CODED,
) -> Register:
    """Return the register of *store* as it stood at *as_of*, by what was known at *known_by*.

    Raises
    ------
    UsageError
        If one of them is no moment.
    NoSuchName
        If there is no such policy.
    """
    vantage = Vantage(
        upto=position_of(store, as_of),
        known_by=None if known_by is None else parse_known_by(known_by),
    )
    return Register(store.fetch, vantage, policy=policy, value_policy=value_policy)


def batch_at(store: Store, found: Checkpoint) -> int | None:
    """Return the batch in which the log of *store* came to the checkpoint *found*, None if never.

    A release may have been made from within a batch: its root is then computed from the leaves.
    """
    checkpoints = store.checkpoints()
    after = checkpoints.filter(pl.col("size") >= found.size)
    if after.is_empty():
        return None
    root = after["root"][0] if after["size"][0] == found.size else root_of(store.leaves(found.size))
    return int(after["batch"][0]) if root == found.root else None


def require_event(register: Register, event_id: str) -> str:
    """Return the event that *event_id* names, if it was there and known.

    Raises
    ------
    NoSuchName
        If it was not.
    """
    survivor = register.survivor(event_id)
    if "/" in event_id:  # of another dataset: all that is known of it is what names it here
        if register.relations_of(event_id).is_empty():
            raise NoSuchName(kind="event", name=event_id, hint="; no relation names it")
        return event_id
    near = register.narrowed([survivor])
    if near.table("events").height:
        return survivor
    known_by = register.vantage.known_by
    if known_by is not None and near.is_recorded(survivor):
        told = f"; nobody is known to have spoken of it by {when(known_by)}"
    else:
        told = hint(event_id, register.table("events")["event_id"])
    raise NoSuchName(kind="event", name=event_id, hint=told)
