"""Which records an import makes, by simple rules."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from hashlib import sha256

from tests.flows.model import (
    IDENTITY,
    KEYS,
    REFERENCES,
    REFUSED,
    Declined,
    Model,
    Record,
    Row,
    Step,
    Tables,
    key_of,
)

NEEDED: Mapping[str, tuple[str, ...]] = {
    "actors": ("name", "kind"),
    "offices": (),
    "sources": ("publisher",),
    "events": ("event_type", "title", "date"),
    "participants": (),
    "evidence": ("event_id", "source_id", "stance"),
    "relations": (),
    "coverage": ("scope", "period"),
}
"""The columns without which a row is invalid, beside its key."""

DAYS: Mapping[str | None, tuple[date | None, date | None]] = {
    "2024-02-18": (date(2024, 2, 18), date(2024, 2, 18)),
    "2024-02": (date(2024, 2, 1), date(2024, 2, 29)),
    "1648": (date(1648, 1, 1), date(1648, 12, 31)),
    "2024-02-18/2024-02-20": (date(2024, 2, 18), date(2024, 2, 20)),
    "2024-02-18/..": (date(2024, 2, 18), None),
    "XXXX": (None, None),
}
"""The dates of events, each with the first and the last day that it may mean."""

BAD = ("2023-02-30", "vist", "a\u202eb")
"""Cells that no column takes."""

JAPAN: Row = {
    "actor_id": "JPN",
    "name": "Japan",
    "kind": "state",
    "country": "JPN",
    "cow_code": "740",
    "gw_code": "740",
}
"""The state that a flat file brings by naming it."""

FLAT_IS_WHOLE_OF = ("sources", "events", "participants", "evidence")


def importing(
    model: Model,
    brought: Tables,
    *,
    whole: Collection[str] = (),
    reason: str | None = None,
    card: Mapping[str, str] | None = None,
    keeps_good: bool = False,
) -> Step:
    """Return what bringing rows does, each row with the cells of its file, None where empty.

    *whole* names the tables of which the files are the whole; *keeps_good* says that bad rows
    go to a quarantine.
    """
    told = {name: [_completed(model, name, row) for row in brought[name]] for name in brought}
    good = _good(model, told, whole)
    is_good = all(len(good[name]) == len(told[name]) for name in told)
    if not is_good and (whole or not keeps_good):
        raise Declined(REFUSED)
    gone = {name: _gone(model, name, good) for name in whole}
    _require_no_orphans(model, gone, good)
    records: list[Record] = []
    counts = {}
    for name, rows in good.items():
        once = list({key_of(name, row): row for row in rows}.values())
        said = [record for row in once for record in model.say(name, row, reason)]
        retracted = model.take_back(name, gone.get(name, ()), reason or "retraction")
        records += [*said, *retracted]
        counts[name] = _counts(
            said, read=len(told[name]), good=len(rows), once=len(once), gone=len(retracted)
        )
    return Step(records=records, card=None if card in (None, model.card) else card, counts=counts)


def _completed(model: Model, table: str, told: Row) -> Row:
    """Return a row with what its file is silent about, as the log has it."""
    head = model.head(table, key_of(table, told))
    row = {**(head.row if head else {}), **told}
    row = {column: cell for column, cell in row.items() if cell is not None}
    if table == "evidence":
        row.setdefault("aspect", "occurrence")
    if table == "events":
        days = zip(("date_earliest", "date_latest"), DAYS.get(row.get("date"), ()), strict=False)
        row |= dict(days)
    return {column: cell for column, cell in row.items() if cell is not None}


def _good(model: Model, told: Tables, whole: Collection[str]) -> dict[str, list[Row]]:
    """Return the rows that may be recorded: valid, and naming only what is there."""
    good = {name: [row for row in told[name] if _is_valid(model, name, row)] for name in told}
    while True:
        kept = {
            name: [row for row in good[name] if not _dangles(model, name, row, good, whole)]
            for name in good
        }
        if kept == good:
            return good
        good = kept


def _is_valid(model: Model, table: str, row: Row) -> bool:
    needed = (*KEYS[table], *NEEDED[table])
    if any(column not in row for column in needed) or any(cell in BAD for cell in row.values()):
        return False
    if ("latitude" in row) != ("longitude" in row):
        return False
    if table == "relations":
        return bool(row["event_id"] != row["other_id"])
    if table == "events" and row["event_id"] in model.stays:
        head = model.head(table, (row["event_id"],))
        return head is not None and head.row == row
    return True


def _dangles(model: Model, table: str, row: Row, brought: Tables, whole: Collection[str]) -> bool:
    return any(
        column in row and "/" not in row[column] and row[column] not in there
        for column, target in REFERENCES.get(table, {}).items()
        for there in [_there(model, target, brought, whole)]
    )


def _there(model: Model, table: str, brought: Tables, whole: Collection[str]) -> set[str]:
    """Return what may be named of a table: what is brought and, if that is not all, the log."""
    found = {row[KEYS[table][0]] for row in brought.get(table, ())}
    return found if table in whole else {*found, *model.ids(table), *model.given_way(table)}


def _gone(model: Model, table: str, brought: Tables) -> list[Row]:
    """Return the live rows that are not among those that are *brought* as the whole."""
    told = {key_of(table, row) for row in brought[table]}
    if table == "events":
        told |= {(model.survivor(event_id),) for (event_id,) in told}
    return [
        row
        for row in model.standing(table)
        if key_of(table, row) not in told and row.get("relation") not in IDENTITY
    ]


def _require_no_orphans(model: Model, gone: Tables, brought: Tables) -> None:
    """Decline to retract what a row still names that stays or comes."""
    for table, columns in REFERENCES.items():
        left = [row for row in model.standing(table) if row not in gone.get(table, ())]
        told = {key_of(table, row) for row in brought.get(table, ())}
        left = [row for row in left if key_of(table, row) not in told]
        for row in (*left, *brought.get(table, ())):
            for column, target in columns.items():
                lost = [each[KEYS[target][0]] for each in gone.get(target, ())]
                if row.get(column) in lost:
                    raise Declined(REFUSED)


def taken_apart(model: Model, flat: Sequence[Row]) -> dict[str, list[Row]]:
    """Return what the rows of a flat file bring to each table."""
    apart: dict[str, list[Row]] = {name: [] for name in ("actors", *FLAT_IS_WHOLE_OF)}
    for line in flat:
        told = [party.split(":") for party in (line["participants"] or "").split("; ") if party]
        named = [actor for actor, _ in told] + [line["speaker"]]
        for actor in filter(None, named):
            if actor == "JPN" and actor not in model.ids("actors"):
                apart["actors"] = [JAPAN]
            elif actor not in model.ids("actors"):
                raise Declined(REFUSED)
        event = {name: line[name] for name in ("event_id", "event_type", "title", "date")}
        event["event_id"] = line["event_id"] or _minted_event(line)
        apart["events"].append(event)
        apart["participants"] += [
            {"event_id": event["event_id"], "actor_id": actor, "role": role} for actor, role in told
        ]
        if line["source_url"]:
            _take_claim(model, apart, line, event["event_id"])
    return {name: rows for name, rows in apart.items() if rows or name in FLAT_IS_WHOLE_OF}


def _take_claim(model: Model, apart: dict[str, list[Row]], line: Row, event_id: str) -> None:
    """Add the source and the claim of a line of a flat file."""
    url = line["source_url"]
    source_id = _minted("src", url=url)
    known = model.head("sources", (source_id,))
    publisher = known.row["publisher"] if known else url.split("/")[2]
    apart["sources"].append({"source_id": source_id, "url": url, "publisher": publisher})
    about = {"event_id": event_id, "source_id": url, "aspect": "occurrence"}
    claim = {
        "evidence_id": _minted("evd", **about, speaker=line["speaker"]),
        "event_id": event_id,
        "source_id": source_id,
        "stance": line["stance"] or "asserts",
        "speaker": line["speaker"],
    }
    apart["evidence"].append(claim)


def _counts(
    said: Sequence[Record], *, read: int, good: int, once: int, gone: int
) -> dict[str, int]:
    actions = [record.action for record in said]
    return {
        "read": read,
        "added": actions.count("add"),
        "revised": actions.count("revise"),
        "restored": actions.count("restore"),
        "retracted": gone,
        "unchanged": once - len(said),
        "duplicate": good - once,
        "rejected": read - good,
    }


def _minted_event(line: Row) -> str:
    said = ("date", "event_type", "participants", "title")
    return _minted("ev", **{name: line[name] for name in said})


def _minted(prefix: str, **fields: str | None) -> str:
    members = (f",{_json(name)}:{_json(text)}" for name, text in fields.items() if text)
    return f"{prefix}-{sha256(''.join(members).encode()).hexdigest()[:20]}"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
