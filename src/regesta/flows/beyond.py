"""Say what the events are that relations name, also those of other datasets on the shelf.

Of another dataset only its newest release is read, as it was published: whatever the vantage of
the register, an event elsewhere is told as its own curators tell it now.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING

import polars as pl

from regesta.catalog import versions
from regesta.errors import NoSuchName
from regesta.research.register import Register

if TYPE_CHECKING:
    from regesta.release.load import Dataset

TOLD = {"other_id": pl.String(), "other_title": pl.String(), "other_date": pl.String()}
"""An event as a relation names it, and what it is."""


def is_elsewhere(event_id: str) -> bool:
    """Return whether *event_id* is written `dataset/id`: an event of another dataset."""
    return "/" in event_id


def told(register: Register, events: Collection[str]) -> pl.DataFrame:
    """Return title and date of those of *events* that are known here or released elsewhere.

    The columns are those of `TOLD`.

    Raises
    ------
    VerificationFailed
        If a release on the shelf is not the one that was published.
    """
    here = register.narrowed(events).table("events")
    return pl.concat(
        [
            here.select(other_id="event_id", other_title="title", other_date="date"),
            pl.DataFrame(list(_elsewhere(events)), schema=TOLD, orient="row"),
        ]
    )


def heading(register: Register, event_id: str) -> str:
    """Return an event's id with its title and date, as far as they are told."""
    rows = told(register, [register.survivor(event_id)])
    parts = [event_id, *(f"{title} ({date})" for _, title, date in rows.iter_rows())]
    return ": ".join(parts)


def _elsewhere(events: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """Yield id, title and date of those of *events* that a release on the shelf has."""
    named = sorted({event_id.partition("/") for event_id in events if is_elsewhere(event_id)})
    for dataset, group in groupby(named, key=lambda parts: parts[0]):
        release = _newest(dataset)
        if release is None:
            continue
        rows = release.events[["event_id", "title", "date"]].itertuples(index=False)
        there = {found: (title, date) for found, title, date in rows}
        for *_, event_id in group:
            if survivor := _survivor(release, event_id):
                yield (f"{dataset}/{event_id}", *there[survivor])


def _newest(dataset: str) -> Dataset | None:
    """Return the newest release of *dataset* on the shelf, if there is one."""
    from regesta.flows.loading import load  # pandas stays asleep until an event is elsewhere

    try:
        return load(dataset) if dataset in versions.datasets() else None
    except NoSuchName:
        return None


def _survivor(release: Dataset, event_id: str) -> str | None:
    """Return the event that *event_id* names in *release*, if it names one."""
    try:
        return release.resolve(event_id)
    except NoSuchName:
        return None
