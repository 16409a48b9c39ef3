"""Which records a curation makes, by simple rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.flows.model import (
    HANGING,
    IDENTITY,
    REFERENCES,
    REFUSED,
    USAGE,
    Declined,
    Model,
    Row,
    Step,
    end_of,
)


def _live_event(model: Model, event_id: str) -> Row:
    for row in model.standing("events"):
        if row["event_id"] == event_id:
            return row
    raise Declined(USAGE)


def retracting(model: Model, event_id: str, reason: str) -> Step:
    """Return what taking an event back does: all that hangs on it goes too."""
    event = _live_event(model, event_id)
    ids = model.names_of(event_id)
    records = model.take_back("events", [event], reason)
    for name in ("participants", "evidence"):
        rows = [row for row in model.standing(name) if row["event_id"] in ids]
        records += model.take_back(name, rows, reason)
    related = [row for row in model.standing("relations") if row["relation"] not in IDENTITY]
    outward = [row for row in related if row["event_id"] in ids]
    inward = [row for row in related if row["other_id"] in ids and row not in outward]
    records += model.take_back("relations", [*outward, *inward], reason)
    return Step(records=records)


def restoring(model: Model, event_id: str) -> Step:
    """Return what undoing a retraction does: what was taken back with the event comes back."""
    place = model.heads().get(("events", (event_id,)))
    if place is None:
        raise Declined(USAGE)
    head = model.log[place]
    if head.action != "retract" or event_id in model.stays or head.reason == "split":
        raise Declined(REFUSED)
    back = _taken_back_with(model, event_id, _batch_of(model, place))
    if any(_names_what_is_gone(model, name, row) for name, row in back):
        raise Declined(REFUSED)
    rows = [("events", head.row), *back]
    return Step(records=[each for name, row in rows for each in model.say(name, row, "correction")])


def _taken_back_with(model: Model, event_id: str, batch: tuple[int, int]) -> list[tuple[str, Row]]:
    """Return what *batch* took back with an event and may come back: what it names is there."""
    then = model.stays_after[model.ends.index(batch[1])]
    ids = [event_id, *(old for old in then if end_of(old, then) == event_id)]
    known = {*model.ids("events"), event_id, *model.stays}
    return [
        (name, row)
        for name, row in _still_gone(model, batch)
        if name in HANGING
        and {row["event_id"], row.get("other_id")} & {*ids}
        and row["event_id"] in known
        and ("/" in row.get("other_id", "/") or row["other_id"] in known)
    ]


def _names_what_is_gone(model: Model, table: str, row: Row) -> bool:
    """Return whether an actor or a source that *row* names is not there any more."""
    return any(
        target != "events" and column in row and row[column] not in model.ids(target)
        for column, target in REFERENCES[table].items()
    )


def _batch_of(model: Model, position: int) -> tuple[int, int]:
    """Return where the batch of a record begins and ends."""
    starts = [0, *model.ends]
    return next((a, b) for a, b in zip(starts, model.ends, strict=False) if a <= position < b)


def _still_gone(model: Model, batch: tuple[int, int]) -> Iterator[tuple[str, Row]]:
    """Yield the rows that a batch retracted and that nothing has brought back since."""
    newest = set(model.heads().values())
    for position in range(*batch):
        record = model.log[position]
        if record.action == "retract" and position in newest:
            yield record.table, record.row


def merging(model: Model, duplicate: str, into: str) -> Step:
    """Return what a merge does: the duplicate goes, and is the same as the event that stays."""
    stays = model.survivor(into)
    if duplicate in model.stays or stays == duplicate:
        raise Declined(REFUSED)
    event = _live_event(model, duplicate)
    _live_event(model, stays)
    apart = [
        row
        for row in model.standing("relations")
        if row["relation"] == "not_same_as"
        and {model.survivor(row["event_id"]), model.survivor(row["other_id"])} == {duplicate, stays}
    ]
    return Step(
        records=[
            *model.take_back("events", [event], "merge"),
            *model.say_anew("relations", _same(duplicate, stays), "merge"),
            *model.take_back("relations", apart, "merge"),
        ],
        stays={**model.stays, duplicate: stays},
    )


def rekeying(model: Model, event_id: str, new_id: str) -> Step:
    """Return what another id does: the event comes again under it, and the old id goes."""
    if not new_id[0].isalnum():
        raise Declined(USAGE)
    event = _live_event(model, event_id)
    before = model.head("events", (new_id,))
    if before and (before.action, before.reason) != ("retract", "split"):
        raise Declined(REFUSED)
    return Step(
        records=[
            *model.say("events", {**event, "event_id": new_id}, "rekey"),
            *model.take_back("events", [event], "rekey"),
            *model.say_anew("relations", _same(event_id, new_id), "rekey"),
        ],
        stays={**model.stays, event_id: new_id},
    )


def splitting(model: Model, event_id: str) -> Step:
    """Return what undoing a merge or a rekeying does."""
    place = model.heads().get(("events", (event_id,)))
    if place is None:
        raise Declined(USAGE)
    if event_id not in model.stays:
        raise Declined(REFUSED)
    head, stays = model.log[place], model.stays[event_id]
    same = [
        row for row in model.standing("relations") if row.items() >= _same(event_id, stays).items()
    ]
    event, new = head.row, []
    if head.reason == "rekey":
        new = _bare(model, stays, same)
        event = {**new[0], "event_id": event_id}
    left = {old: there for old, there in model.stays.items() if old != event_id}
    apart = [
        row
        for table, row in _still_gone(model, _batch_of(model, place))
        if table == "relations"
        and row["relation"] == "not_same_as"
        and end_of(row["event_id"], left) != end_of(row["other_id"], left)
    ]
    return Step(
        records=[
            *model.say_anew("events", event, "split"),
            *model.take_back("events", new, "split"),
            *model.take_back("relations", same, "split"),
            *(record for row in apart for record in model.say("relations", row, "split")),
        ],
        stays=left,
    )


def _bare(model: Model, new_id: str, told: Sequence[Row]) -> list[Row]:
    """Return the event that a rekeying brought, if it is there and only that names it."""
    for name in HANGING:
        for row in model.standing(name):
            if new_id in (row["event_id"], row.get("other_id")) and row not in told:
                raise Declined(REFUSED)
    found = [row for row in model.standing("events") if row["event_id"] == new_id]
    if not found:
        raise Declined(REFUSED)
    return found


def _same(event_id: str, other_id: str) -> Row:
    return {"event_id": event_id, "relation": "same_as", "other_id": other_id}
