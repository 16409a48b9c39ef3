"""A register of events as an application of the library `eventsourcing`."""

from __future__ import annotations

from uuid import NAMESPACE_URL, UUID, uuid5

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event


class Stated(Aggregate):
    """An event, as it was stated."""

    @event("Added")
    def __init__(self, name: str, fields: dict[str, str]) -> None:
        self.name = name
        self.fields = fields

    @staticmethod
    def create_id(name: str) -> UUID:
        """Return the identifier of the event *name*."""
        return uuid5(NAMESPACE_URL, name)


class Register(Application[UUID]):
    """All events."""
