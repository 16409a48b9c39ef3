"""Curation: retract, merge, split, rekey; each a batch with a reason, and none loses anything."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from regesta.errors import NoSuchName, Refused, UsageError
from regesta.flows.recording import Records, record
from regesta.flows.seeing import seen
from regesta.log.plan import NOT_FOR_ADD, plan, plan_retractions
from regesta.log.project import gave_way
from regesta.log.receipt import Recorded
from regesta.research.merges import IDENTITY, Merged, names_of, survivors
from regesta.schema.rules import IDENTIFIER
from regesta.schema.tables import TABLES
from regesta.store.store import Store
from regesta.vocabulary import hint, require_code

HANGING = ("participants", "evidence", "relations")
"""Tables whose rows are taken back with the event that they are about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """Who curates, why in words, and when."""

    author: str
    message: str | None = None
    at: datetime


def retract(store: Store, event_id: str, signature: Signature, *, reason: str) -> Recorded:
    """Retract an event and what hangs on it: participants, evidence, relations either way.

    What was recorded for events that were merged into it goes too; their ids still resolve.

    Raises
    ------
    NoSuchName
        If there is no such event, or no such reason.
    UsageError
        If the reason cannot explain a retraction.
    """
    require_code(reason, "reasons", "reason")
    if reason not in NOT_FOR_ADD:
        fit = ", ".join(sorted(NOT_FOR_ADD))
        raise UsageError(reason=f"{reason!r} explains no retraction; take one of {fit}.")

    def planned() -> Records:
        _require_live(store, event_id)
        merged = seen(store).merged
        ids = names_of(event_id, merged)
        gone = {name: store.live_heads(name, {"event_id": ids}) for name in HANGING}
        inward = store.live_heads("relations", {"other_id": ids})
        related = pl.concat([gone["relations"], inward]).unique("position", maintain_order=True)
        gone["relations"] = related.filter(~pl.col("relation").is_in(IDENTITY))
        gone["events"] = store.live_heads("events", {"event_id": [event_id]})
        return {
            name: plan_retractions(TABLES[name], rows, reason=reason) for name, rows in gone.items()
        }

    return _record(store, planned, signature)


def restore(store: Store, event_id: str, signature: Signature) -> Recorded:
    """Undo the retraction of an event: it comes back with all that was retracted with it.

    What was recorded anew since stays as it is, and what is of an event that is gone, or relates
    to one, stays gone.

    Raises
    ------
    NoSuchName
        If the log never held such an event.
    Refused
        If it is there, gave way to another (a merge is undone by `split`), or an actor or a source
        that its rows name is gone.
    """

    def planned() -> Records:
        last = _newest(store, event_id)
        if last["action"][0] != "retract":
            raise Refused(reason=f"{event_id} is there; nothing is to be undone.")
        if event_id in seen(store).merged:
            raise Refused(reason=f"{event_id} gave way to another; `regesta split {event_id}`.")
        if last["reason"][0] == "split":
            raise Refused(reason=f"{event_id} was taken back by a split; rekey to it again.")
        batch = int(last["batch"][0])
        ids = names_of(event_id, seen(store, as_of=f"batch:{batch}").merged)
        mine = pl.col("event_id").is_in(ids)
        rows = {name: _still_gone(store, name, batch) for name in HANGING}
        rows["relations"] = rows["relations"].filter(mine | pl.col("other_id").is_in(ids))
        rows |= {name: rows[name].filter(mine) for name in ("participants", "evidence")}
        there = [*store.rows("events")["event_id"], event_id, *seen(store).merged]
        whole = pl.col("other_id").is_in(there) | pl.col("other_id").str.contains("/", literal=True)
        rows["relations"] = rows["relations"].filter(whole)
        rows = {name: gone.filter(pl.col("event_id").is_in(there)) for name, gone in rows.items()}
        _require_named(store, rows)
        rows["events"] = last
        return {name: _planned(store, name, gone, "correction") for name, gone in rows.items()}

    return _record(store, planned, signature)


def _require_named(store: Store, rows: Records) -> None:
    """Refuse to bring back rows that name an actor or a source that is gone."""
    for name, back in rows.items():
        for column, target in TABLES[name].references.items():
            if target == "events":
                continue
            key, wanted = TABLES[target].key[0], back[column].drop_nulls().unique()
            there = store.rows(target, where={key: wanted.to_list()})[key]
            if gone := sorted(set(wanted) - set(there)):
                raise Refused(reason=f"Its {name} name {target} that are gone; import {gone[0]}.")


def _still_gone(store: Store, name: str, batch: int) -> pl.DataFrame:
    """Return the rows that *batch* retracted and that nothing has brought back since."""
    retracted = store.records_in(name, batch).filter(action="retract")
    heads = store.heads(name, retracted.select(TABLES[name].key)).select("position")
    return retracted.join(heads, on="position", how="semi")


def merge(store: Store, duplicate: str, into: str, signature: Signature) -> Recorded:
    """Say that *duplicate* tells the same event as *into*, which stays.

    Nothing is moved: a `same_as` relation is recorded and the duplicate retracted. A
    `not_same_as` between the two is taken back.

    Raises
    ------
    NoSuchName
        If there is no such event.
    Refused
        If the two are one already, or the duplicate gave way to another before.
    """

    def planned() -> Records:
        register = seen(store)
        stays = register.survivor(duplicate)
        if stays not in (duplicate, register.survivor(into)):
            raise Refused(reason=f"{duplicate} gave way to {stays}; merge that, or split it first.")
        return _merging(store, [(duplicate, into)])

    return _record(store, planned, signature)


def _merging(store: Store, pairs: Sequence[tuple[str, str]]) -> Records:
    """Return the records that merge each of *pairs*, a duplicate and what it goes into.

    A pair that earlier pairs have made one already needs nothing more.
    """
    before = seen(store).merged
    merged, gone = dict(before), dict[str, str]()
    for duplicate, into in pairs:
        if before.get(duplicate, duplicate) == before.get(into, into):
            raise Refused(reason=f"{duplicate} and {into} are one event already.")
        survivor, stays = merged.get(duplicate, duplicate), merged.get(into, into)
        if survivor == stays:
            continue
        _require_live(store, survivor)
        _require_live(store, stays)
        merged = {old: stays if new == survivor else new for old, new in merged.items()}
        merged[survivor] = gone[survivor] = stays
    events = store.live_heads("events", {"event_id": list(gone)})
    denied = store.live_heads("relations", {"relation": ["not_same_as"]})
    belied = denied.filter(~_are_one(before), _are_one(merged))
    return {
        "events": plan_retractions(TABLES["events"], events, reason="merge"),
        "relations": pl.concat(
            [
                _same_as(store, list(gone.items()), "merge"),
                plan_retractions(TABLES["relations"], belied, reason="merge"),
            ]
        ),
    }


def _are_one(merged: Merged) -> pl.Expr:
    """Return whether the two ends of a relation are read as one event."""
    one, other = (pl.col(name).replace(dict(merged)) for name in ("event_id", "other_id"))
    return one == other


def _same_as(store: Store, pairs: Sequence[tuple[str, str]], reason: str) -> pl.DataFrame:
    """Return the records that state *pairs* to be the same, also where somebody did before.

    An event gives way by what its own batch says; a provision or a note stays as it is.
    """
    table, bare = TABLES["relations"], _relations("same_as", pairs)
    words = [name for name in table.columns if name not in table.key]
    heads = store.heads("relations", bare.select(table.key), words)
    rows = bare.drop(words).join(heads, on=table.key, how="left", maintain_order="left")
    return plan(table, rows, heads, reason=reason, anew=True).records


def split(store: Store, event_id: str, signature: Signature) -> Recorded:
    """Undo the merge or the rekeying in which *event_id* gave way.

    After a merge both events stand again, told apart if they were before; after a rekeying the
    new id is taken back, and the old one keeps what was corrected under it.

    Raises
    ------
    NoSuchName
        If the log never held such an event.
    Refused
        If it did not give way to another, or rows have come to name the new id.
    """

    def planned() -> Records:
        last = _newest(store, event_id)
        batch = int(last["batch"][0])
        told = store.live_heads("relations", {"event_id": [event_id], "relation": ["same_as"]})
        then = store.records_in("relations", batch).filter(pl.col("action") != "retract")
        told = told.join(then, on=TABLES["relations"].key, how="semi", maintain_order="left")
        if last["action"][0] != "retract" or told.is_empty():
            raise Refused(reason=f"{event_id} was not merged into another event.")
        rekeyed = told["other_id"].to_list() if last["reason"][0] == "rekey" else []
        _require_bare(store, rekeyed, told)
        new = store.live_heads("events", {"event_id": rekeyed})
        if rekeyed and new.is_empty():
            raise Refused(
                reason=f"{rekeyed[0]} was retracted; `regesta retract {rekeyed[0]} --undo` first."
            )
        old = new.with_columns(pl.lit(event_id).alias("event_id")) if rekeyed else last
        others = store.fetch(gave_way(), TABLES["relations"].dtypes).filter(
            pl.col("event_id") != event_id
        )
        merged = survivors(dict(others.select("event_id", "other_id").iter_rows()))
        belied = _still_gone(store, "relations", batch).filter(relation="not_same_as")
        apart = belied.filter(~_are_one(merged))
        return {
            "events": pl.concat(
                [
                    _planned(store, "events", old, "split"),
                    plan_retractions(TABLES["events"], new, reason="split"),
                ]
            ),
            "relations": pl.concat(
                [
                    plan_retractions(TABLES["relations"], told, reason="split"),
                    _planned(store, "relations", apart, "split"),
                ]
            ),
        }

    return _record(store, planned, signature)


def rekey(store: Store, event_id: str, new_id: str, signature: Signature) -> Recorded:
    """Give an event another id: the row comes again under *new_id*, and the old id resolves to it.

    Raises
    ------
    NoSuchName
        If there is no such event.
    UsageError
        If *new_id* is no identifier.
    Refused
        If the log knows *new_id* already.
    """
    if not re.fullmatch(IDENTIFIER, new_id):
        raise UsageError(
            reason=f"{new_id!r} is no identifier; use letters, digits and . _ : - and begin with "
            "a letter or digit."
        )

    def planned() -> Records:
        _require_live(store, event_id)
        before = store.records_of("events", "event_id", new_id).tail(1)
        if before.filter(~((pl.col("action") == "retract") & (pl.col("reason") == "split"))).height:
            raise Refused(reason=f"The log knows an event {new_id} already; choose another id.")
        old = store.live_heads("events", {"event_id": [event_id]})
        new = old.with_columns(pl.lit(new_id).alias("event_id"))
        return {
            "events": pl.concat(
                [
                    _planned(store, "events", new, "rekey"),
                    plan_retractions(TABLES["events"], old, reason="rekey"),
                ]
            ),
            "relations": _same_as(store, [(event_id, new_id)], "rekey"),
        }

    return _record(store, planned, signature)


def decide(
    store: Store,
    same: Sequence[tuple[str, str]],
    different: Sequence[tuple[str, str]],
    signature: Signature,
) -> Recorded:
    """Record decisions on pairs: merge the first of *same* into the second, tell *different* apart.

    Raises
    ------
    NoSuchName
        If there is no such event.
    Refused
        If a pair is one event already, in the log or by the other decisions.
    """

    def planned() -> Records:
        for event_id in {name for pair in (*same, *different) for name in pair}:
            _require_live(store, event_id)
        merging = _merging(store, same)
        told_same = merging["relations"].filter(relation="same_as")
        ends = survivors(dict(told_same.select("event_id", "other_id").iter_rows()))
        for pair in different:
            if len({ends.get(event_id, event_id) for event_id in pair}) == 1:
                raise Refused(reason=f"{' and '.join(pair)} are to be the same and different.")
        known = store.rows("relations", where={"relation": ["not_same_as"]})
        told = {frozenset(pair) for pair in known.select("event_id", "other_id").iter_rows()}
        fresh = {frozenset(pair): pair for pair in different if frozenset(pair) not in told}
        apart = _planned(store, "relations", _relations("not_same_as", list(fresh.values())), None)
        return {**merging, "relations": pl.concat([merging["relations"], apart])}

    return _record(store, planned, signature)


def _record(store: Store, planned: Callable[[], Records], signature: Signature) -> Recorded:
    return record(
        store, planned, author=signature.author, message=signature.message, at=signature.at
    )


def _planned(store: Store, name: str, rows: pl.DataFrame, reason: str | None) -> pl.DataFrame:
    """Return the records that bring a table in step with *rows*."""
    table = TABLES[name]
    wanted = rows.select(list(table.columns))
    heads = store.heads(name, wanted.select(table.key))
    return plan(table, wanted, heads, reason=reason).records


def _relations(relation: str, pairs: Sequence[tuple[str, str]]) -> pl.DataFrame:
    rows = [
        {"event_id": one, "relation": relation, "other_id": other, "provision": None, "note": None}
        for one, other in pairs
    ]
    return pl.DataFrame(rows, schema=TABLES["relations"].dtypes)


def _require_live(store: Store, event_id: str) -> None:
    if store.live_heads("events", {"event_id": [event_id]}).is_empty():
        known = store.rows("events")["event_id"]
        raise NoSuchName(kind="event", name=event_id, hint=hint(event_id, known))


def _require_bare(store: Store, new_ids: Sequence[str], told: pl.DataFrame) -> None:
    """Refuse to take back ids that rows name, but for the relation *told* that brought them."""
    columns = [*((name, "event_id") for name in HANGING), ("relations", "other_id")]
    for name, column in columns:
        naming = store.live_heads(name, {column: list(new_ids)})
        others = naming.filter(~pl.col("position").is_in(told["position"].implode()))
        if others.height:
            raise Refused(
                reason=f"{others.height} rows of {name} name {new_ids[0]} by now; split or retract "
                "what they are of first."
            )


def _newest(store: Store, event_id: str) -> pl.DataFrame:
    """Return the newest record of an event, which the log must have held."""
    records = store.records_of("events", "event_id", event_id)
    if records.is_empty():
        known = store.rows("events")["event_id"]
        raise NoSuchName(kind="event", name=event_id, hint=hint(event_id, known))
    return records.tail(1)
