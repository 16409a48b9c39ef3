"""Whose plan another writer ran into plans again, once, with the others kept out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from regesta.errors import NoSuchName
from regesta.flows.curating import Signature, retract
from regesta.flows.recording import Records, record
from regesta.store.store import Store
from tests import logs

AT = datetime(2026, 11, 24, 3, tzinfo=UTC)
HALF_SEEN = NoSuchName(kind="event", name="gift", hint="")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Return a store on disk of two events."""
    store = Store.create(f"sqlite:///{tmp_path / 'regesta.db'}")
    events = [{"event_id": "gift", "title": "Gift"}, {"event_id": "visit", "title": "V"}]
    return logs.record(store, {"events": events})


class Plans:
    """Plans that are asked for one after another."""

    def __init__(self, *plans: Callable[[], Records]) -> None:
        self._left = list(plans)

    def record(self, store: Store) -> int:
        """Record the first that is not refused, and return how many are left."""
        record(store, self._next, author="A. Curator", message=None, at=AT)
        return len(self._left)

    def _next(self) -> Records:
        return self._left.pop(0)()


def meanwhile(store: Store) -> None:
    """Have somebody else retract an event."""
    other = Signature(author="Somebody Else", at=AT)
    retract(Store.open(store.url), "visit", other, reason="correction")


def refused() -> Records:
    """Refuse, as a plan does that found an event gone."""
    raise HALF_SEEN


def test_what_was_refused_while_another_wrote_is_planned_again(store: Store) -> None:
    """The refusal may rest on half of the other's batch; the second plan sees all of it."""

    def overtaken() -> Records:
        meanwhile(store)
        return refused()

    assert Plans(overtaken, dict).record(store) == 0


def test_what_is_refused_twice_stays_refused(store: Store) -> None:
    """Who is refused with the others kept out is told so."""

    def overtaken() -> Records:
        meanwhile(store)
        return refused()

    with pytest.raises(NoSuchName):
        Plans(overtaken, refused).record(store)


def test_what_is_refused_with_nobody_in_the_way_is_refused_at_once(store: Store) -> None:
    """Nothing has changed, so that nothing else would come of it."""
    with pytest.raises(NoSuchName):
        Plans(refused, dict).record(store)
