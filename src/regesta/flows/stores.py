"""Open the store that an import goes to, making it where there is none yet."""

from __future__ import annotations

from collections.abc import Callable

from regesta.errors import NoStore
from regesta.store.store import Store


def store_for_import(url: str) -> tuple[Store, Callable[[], Store]]:
    """Return the store to plan an import against, and what opens the one to append it to.

    Where there is no store yet, that is an empty one in memory, and the file is made only when
    there is something to append: an import that is refused leaves nothing behind.
    """
    try:
        store = Store.open(url)
    except NoStore:
        return Store.create("sqlite://"), lambda: Store.create(url)
    return store, lambda: store
