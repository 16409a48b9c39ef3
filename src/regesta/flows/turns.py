"""Write in turn: at once where nobody is in the way, else with the others kept out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from regesta.errors import Outrun, RegestaError
from regesta.store.store import Store

Done = TypeVar("Done")


def in_turn(
    store: Store,
    attempt: Callable[[Store, Callable[[], Store]], Done],
    target: Callable[[], Store] | None = None,
) -> Done:
    """Return what *attempt* does: plan from a store, and append to the one that it is given.

    If another writer was faster, it is done once more in one transaction with the planning, so
    that each writer's turn comes. So it is with what was refused while another wrote: the plan may
    have seen half of it before and half after. *target* opens the store to append to, where
    *store* is but a stand-in for one that is not there yet.

    Raises
    ------
    Busy
        If another writer goes on for too long.
    """
    opened = target or (lambda: store)
    before = store.head()
    try:
        return attempt(store, opened)
    except RegestaError as fault:
        if not isinstance(fault, Outrun) and store.head() == before:
            raise
    there = opened()
    with there.holding():
        return attempt(there, lambda: there)
