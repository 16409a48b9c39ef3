"""Show one event from a vantage: participants, claims, statuses and why, values, relations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from regesta.errors import NoSuchName
from regesta.flows import beyond
from regesta.flows.seeing import require_event
from regesta.flows.timeline import neighbours
from regesta.research.merges import names_of
from regesta.research.offices import Span, existed, held_on
from regesta.research.register import Register
from regesta.research.status import OCCURRENCE
from regesta.research.words import explained, said, when

Parts = dict[str, pl.DataFrame]

STATUS = {
    "aspect": pl.String(),
    "status": pl.String(),
    "since": pl.String(),
    "why": pl.String(),
}
STATUS_CHANGE = {
    "at": pl.String(),
    "aspect": pl.String(),
    "before": pl.String(),
    "status": pl.String(),
    "cause": pl.String(),
}
"""A change of status, and the claims that brought it about."""

NO_LONGER = "no state on that day"


def event(register: Register, event_id: str) -> Parts:
    """Return all that hangs on one event as it is seen from the register's vantage, by table.

    `events` holds its row; `participants` also has `name`, `office` and `note`; `statuses` one
    row an aspect; `values` what is claimed for columns and details; `evidence` also has `voice`,
    `known_at`, `publisher`, `published_on`, `url` and `speaker_name`; `relations` holds both
    directions, with the other's title and date, also where it is an event of another dataset that
    is on the shelf; `merged` the ids that gave way to this one.

    Raises
    ------
    NoSuchName
        If there was no such event, or none that was known, or it is another dataset's.
    """
    survivor = _require_own(register, event_id)
    near = register.narrowed([survivor])
    events, positions, steps = near.table("events"), near.positions(), near.steps()
    people = near.table("actors").select("actor_id", "name", "kind", "country")
    span = (events["date_earliest"][0], events["date_latest"][0])
    return {
        "events": events,
        "merged": pl.DataFrame(
            {"event_id": sorted(names_of(survivor, register.merged)[1:])},
            schema={"event_id": pl.String()},
        ),
        "participants": _participants(near, people, span),
        "statuses": _statuses(near.statuses(), steps, positions),
        "values": near.values().drop("event_id"),
        "evidence": _evidence(near, people),
        "relations": _relations(register, survivor),
    }


def _require_own(register: Register, event_id: str) -> str:
    """Return the event that *event_id* names, if it is this dataset's."""
    survivor = require_event(register, event_id)
    if beyond.is_elsewhere(survivor):
        told = "; it is another dataset's: `regesta timeline --related-to` lists what names it here"
        raise NoSuchName(kind="event", name=event_id, hint=told)
    return survivor


def _participants(near: Register, people: pl.DataFrame, span: Span) -> pl.DataFrame:
    rows = near.table("participants").join(people, on="actor_id", how="left", maintain_order="left")
    offices = near.table("offices")
    told = [
        {
            "office": held_on(offices, row["actor_id"], span),
            "note": _existence(row["kind"], row["country"], span),
        }
        for row in rows.iter_rows(named=True)
    ]
    schema = {"office": pl.String(), "note": pl.String()}
    return pl.concat(
        [rows.drop("kind", "country"), pl.DataFrame(told, schema=schema)], how="horizontal"
    )


def _existence(kind: str | None, country: str | None, span: Span) -> str | None:
    return NO_LONGER if kind == "state" and country and not existed(country, span) else None


def _statuses(statuses: pl.DataFrame, steps: pl.DataFrame, positions: pl.DataFrame) -> pl.DataFrame:
    """Return each aspect's status, the moment since which it holds, and why."""
    rows = [
        {
            "aspect": row["aspect"],
            "status": row["status"],
            "since": when(_since(steps.filter(aspect=row["aspect"]))),
            "why": explained(row["status"], positions.filter(aspect=row["aspect"])),
        }
        for row in statuses.iter_rows(named=True)
    ]
    return pl.DataFrame(rows, schema=STATUS).sort(pl.col("aspect") != OCCURRENCE, "aspect")


def _since(steps: pl.DataFrame) -> str:
    """Return the moment of the last change among the *steps* of one aspect."""
    changed = steps.filter(pl.col("status").ne_missing(pl.col("status").shift(1)))
    return str(changed["at"][-1])


def _evidence(near: Register, people: pl.DataFrame) -> pl.DataFrame:
    speakers = people.select(speaker="actor_id", speaker_name="name")
    claims = near.claims().select(
        "evidence_id",
        "publisher",
        "published_on",
        "url",
        "voice",
        "state",
        "is_dated",
        known_at="at",
    )
    return (
        near.table("evidence")
        .join(claims, on="evidence_id", maintain_order="left")
        .join(speakers, on="speaker", how="left", maintain_order="left")
        .sort(pl.col("aspect") != OCCURRENCE, "aspect", "known_at", "evidence_id")
    )


def _relations(register: Register, event_id: str) -> pl.DataFrame:
    """Return the relations of an event in both directions; `direction` is `to` or `from`."""
    touching = neighbours(register, event_id)
    onward = touching.filter(pl.col("event_id") == event_id)
    inward = touching.filter(pl.col("event_id") != event_id)
    turned = inward.with_columns(other_id=pl.col("event_id"), event_id=pl.col("other_id"))
    both = pl.concat(
        [
            onward.with_columns(direction=pl.lit("to")),
            turned.select(*onward.columns).with_columns(direction=pl.lit("from")),
        ]
    )
    others = beyond.told(register, both["other_id"].unique().to_list())
    return both.join(others, on="other_id", how="left", maintain_order="left")


def status_history(register: Register, event_id: str) -> pl.DataFrame:
    """Return each change of a status, oldest first: the columns of `STATUS_CHANGE`."""
    near = register.narrowed([_require_own(register, event_id)])
    rows = list(_changes(near.steps(), near.heard()))
    return (
        pl.DataFrame(rows, schema=STATUS_CHANGE)
        .sort("at", pl.col("aspect") != OCCURRENCE, "aspect", maintain_order=True)
        .with_columns(pl.col("at").map_elements(when, return_dtype=pl.String))
    )


def _changes(steps: pl.DataFrame, claims: pl.DataFrame) -> Iterator[Mapping[str, Any]]:
    before: dict[str, str] = {}
    for step in steps.sort("aspect", "at").iter_rows(named=True):
        aspect = step["aspect"]
        if before.get(aspect) == step["status"]:
            continue
        came = claims.filter(aspect=aspect, at=step["at"])
        counting = came.filter(pl.col("sign") != 0)
        causes = (counting if counting.height else came).unique(
            ["voice", "stance"], keep="first", maintain_order=True
        )
        yield {
            "at": step["at"],
            "aspect": aspect,
            "before": before.get(aspect),
            "status": step["status"],
            "cause": "; ".join(said(claim) for claim in causes.iter_rows(named=True))
            or "a participant came to be known",
        }
        before[aspect] = step["status"]
