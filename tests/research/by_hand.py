"""Statuses worked out by hand: the words of the design in plain loops, without SQL.

Rows are dicts as they stand; moments are text, `2024-03-01T23:59:59Z`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from tests.strategies import Row

Tables = Mapping[str, Sequence[Row]]
Ends = Mapping[str | None, tuple[str | None, str | None]]
"""First day's beginning and last day's end of every date that is met."""

NO_SIDE = ("announcer", "intermediary", "observer")
LONG_AGO, NEVER = "0000", "9999"


class Claim(NamedTuple):
    """A piece of evidence: what it is about, when it became known, and who speaks which way."""

    event_id: str
    as_recorded: str
    aspect: str
    at: str
    evidence_id: str
    voice: str
    sign: int
    value: str | None


def statuses(
    tables: Tables,
    recorded: Mapping[str, str],
    ends: Ends,
    *,
    known_by: str = NEVER,
    kinds: Collection[str] = (),
) -> dict[tuple[str, str], str]:
    """Return the status of each aspect of each event, as far as anybody had spoken of it.

    *recorded* is the end of the day on which each piece of evidence was first recorded; *kinds*
    are those of the sources that count, all if none is named.
    """
    everything = list(claims(tables, recorded, ends))
    kind_of = {row["source_id"]: row["kind"] for row in tables["sources"]}
    heard = {
        row["evidence_id"]
        for row in tables["evidence"]
        if not kinds or kind_of[row["source_id"]] in kinds
    }
    by_aspect: dict[tuple[str, str], list[Claim]] = {}
    for claim in everything:
        if claim.at <= known_by and claim.evidence_id in heard:
            by_aspect.setdefault((claim.event_id, claim.aspect), []).append(claim)
    return {
        (event_id, aspect): _status(known, _sides(tables, ends, everything, event_id, known_by))
        for (event_id, aspect), known in by_aspect.items()
    }


def claims(tables: Tables, recorded: Mapping[str, str], ends: Ends) -> Iterator[Claim]:
    """Yield every piece of evidence with when it became known and who speaks which way."""
    actors = {row["actor_id"]: row for row in tables["actors"]}
    sources = {row["source_id"]: row for row in tables["sources"]}
    stays = survivors(tables)
    for row in tables["evidence"]:
        source = sources[row["source_id"]]
        at = (
            ends[row["said_on"]][1]
            or ends[source["published_on"]][1]
            or recorded[row["evidence_id"]]
        )
        speaker = row["speaker"] or _called(source["publisher"], tables["actors"])
        voice = speaker or source["publisher"]
        if speaker and (row["speaker"] or source["kind"] in ("official", "state_media")):
            voice = _state(actors[speaker], tables, ends, at, at) or speaker
        yield Claim(
            event_id=stays.get(row["event_id"]) or row["event_id"],
            as_recorded=row["event_id"],
            aspect=row["aspect"],
            at=at,
            evidence_id=row["evidence_id"],
            voice=voice,
            sign=_sign(row),
            value=row["value"],
        )


def survivors(tables: Tables) -> dict[str, str]:
    """Return the event that stayed, by each that gave way."""
    there = {row["event_id"] for row in tables["events"]}
    into = {
        row["event_id"]: row["other_id"]
        for row in tables["relations"]
        if row["relation"] == "same_as" and row["event_id"] not in there
    }
    found = {}
    for event_id in into:
        end = event_id
        while end in into:
            end = into[end]
        found[event_id] = end
    return found


def _sign(row: Row) -> int:
    sign = {"asserts": 1, "confirms": 1, "denies": -1}.get(row["stance"], 0)
    return -sign if row["aspect"] == "legality" and row["value"] == "lawful" else sign


def _called(name: str, actors: Sequence[Row]) -> str | None:
    """Return the one actor that has this name."""
    found = set()
    for row in actors:
        names = [row["actor_id"], row["name"], *(row["aliases"] or "").split(";")]
        if row["kind"] == "state":
            names.append(row["country"] or "")
        if name.lower() in [each.strip().lower() for each in names]:
            found.add(row["actor_id"])
    return found.pop() if len(found) == 1 else None


def _state(actor: Row, tables: Tables, ends: Ends, since: str, until: str) -> str | None:
    """Return the state or the body that *actor* speaks for between two moments, if any."""
    if actor["kind"] == "state":
        return str(actor["country"] or actor["actor_id"])
    if actor["kind"] == "organisation":
        return str(actor["country"]) if actor["country"] else None
    if actor["kind"] != "person":
        return None
    mine = [row for row in tables["offices"] if row["actor_id"] == actor["actor_id"]]
    spans = [
        (
            ends[row["held_from"]][0] or LONG_AGO,
            (row["held_until"] and ends[row["held_until"]][1]) or NEVER,
            row["country"] or _called(row["organisation"] or "", tables["actors"]),
        )
        for row in mine
    ]
    held = [whom for first, last, whom in spans if first <= until and last >= since]
    if held:
        return min((whom for whom in held if whom), default=None)
    if spans and all(last < since for _, last, _ in spans):
        return None
    return str(actor["country"]) if actor["country"] else None


def _sides(
    tables: Tables, ends: Ends, everything: Sequence[Claim], event_id: str, known_by: str
) -> set[str]:
    """Return the sides of an event that are known by a moment."""
    actors = {row["actor_id"]: row for row in tables["actors"]}
    stays = survivors(tables)
    [event] = [row for row in tables["events"] if row["event_id"] == event_id]
    first, last = ends[event["date"]]
    found = set()
    for row in tables["participants"]:
        if stays.get(row["event_id"], row["event_id"]) != event_id or row["role"] in NO_SIDE:
            continue
        names = (row["actor_id"], f"{row['actor_id']}:{row['role']}")
        named = [
            claim.at
            for claim in everything
            if claim.event_id == event_id
            and claim.aspect == "participants"
            and claim.value in names
            and claim.sign > 0
        ]
        of_merged = [
            claim.at
            for claim in everything
            if claim.as_recorded == row["event_id"] and row["event_id"] != event_id
        ]
        if min(named or of_merged, default=LONG_AGO) > known_by:
            continue
        whom = row["on_behalf_of"] or row["actor_id"]
        found.add(_state(actors[whom], tables, ends, first or LONG_AGO, last or NEVER) or whom)
    return found


def _status(known: Sequence[Claim], sides: set[str]) -> str:
    stands: dict[str, int] = {}
    for claim in sorted(known, key=lambda claim: (claim.at, claim.evidence_id)):
        if claim.sign:
            stands[claim.voice] = claim.sign
    affirm = {voice for voice, sign in stands.items() if sign > 0}
    deny = {voice for voice, sign in stands.items() if sign < 0}
    if deny & sides:
        return "disputed" if affirm else "denied"
    if sides and sides <= affirm:
        return "confirmed"
    if sides & affirm:
        return "one_sided"
    return "alleged" if affirm else "unsourced"
