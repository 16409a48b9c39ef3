"""What changed between two states: two moments of a log, or two releases of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from regesta.catalog.versions import CHECKPOINT, resolve
from regesta.errors import NoSuchName, Refused, RegestaError, UsageError, VerificationFailed
from regesta.flows.reopening import store_of
from regesta.flows.seeing import batch_at, position_of
from regesta.log import checkpoint
from regesta.log.changes import CHANGE, as_old, changes, key_text, whole_rows
from regesta.log.checkpoint import Checkpoint
from regesta.release import digests
from regesta.research.merges import Merged
from regesta.research.register import Register
from regesta.research.vantage import Vantage, parse_known_by
from regesta.schema.tables import IMPORTED, TableSchema
from regesta.store.store import Store

DIFFERENCE = {
    "reason": pl.String(),
    "action": pl.String(),
    **CHANGE,
    "batch": pl.Int64(),
    "author": pl.String(),
    "message": pl.String(),
}
"""A cell that differs, or a row that came or went, and why: by the last record of the row."""

_WORDS = ("reason", "action", "batch", "author", "message")
_ENDS = ("event_id", "other_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ends:
    """Two states of one log: its store, and the last position of each."""

    store: Store
    first: int
    second: int


def ends_of(first: str, second: str, store_url: str) -> Ends:
    """Return the two states that *first* and *second* name: moments of the store, or releases.

    Raises
    ------
    UsageError
        If one of them is neither.
    Refused
        If the two are not states of one log.
    """
    releases = [_release(first), _release(second)]
    paths = [path for path in releases if path is not None]
    for path in paths:
        digests.check(path)
    checkpoints = [_checkpoint(path) for path in paths]
    if len(paths) == len(releases):
        longest = max(range(len(paths)), key=lambda index: checkpoints[index].size)
        store = _restored(paths[longest])
    else:
        store = Store.open(store_url)
    for path, found in zip(paths, checkpoints, strict=True):
        _require_state(store, found, path)
    positions = [
        position_of(store, text) if path is None else _checkpoint(path).size - 1
        for text, path in zip((first, second), releases, strict=True)
    ]
    return Ends(store=store, first=positions[0], second=positions[1])


def _restored(release: Path) -> Store:
    try:
        return store_of(release)
    except RegestaError as fault:
        if fault.exit_status != RegestaError.exit_status:
            raise
        reason = f"{release} holds no log that adds up; `regesta verify` tells why."
        raise VerificationFailed(reason=reason) from None


def _release(text: str) -> Path | None:
    """Return the release that *text* names, or None where it is a moment."""
    try:
        if "\0" in text or not ("/" in text or Path(text).is_dir()):
            return None
        return resolve(Path(text))
    except (NoSuchName, OSError):
        raise UsageError(reason=f"{text} is no release; name its folder.") from None


def _checkpoint(release: Path) -> Checkpoint:
    return checkpoint.parse((release / CHECKPOINT).read_text("utf-8", errors="replace"))


def _require_state(store: Store, found: Checkpoint, path: Path) -> None:
    if batch_at(store, found) is None:
        raise Refused(
            reason=f"{path} is no state of the log that it is compared with; "
            "name releases or moments of one log, or pass --store."
        )


def diff(ends: Ends, known_by: str | None = None) -> pl.DataFrame:
    """Return what differs between the states, by reason, then in the order of tables and keys.

    With *known_by* each state is taken as it was known then. The columns are `DIFFERENCE`.
    """
    known = None if known_by is None else parse_known_by(known_by)
    before, after = (
        Register(ends.store.fetch, Vantage(upto=upto, known_by=known))
        for upto in (ends.first, ends.second)
    )
    parts = [
        part for table in IMPORTED.values() for part in _differences(table, before, after, ends)
    ]
    found = pl.concat([pl.DataFrame(schema=DIFFERENCE), *parts])
    return found.sort("reason", nulls_last=True, maintain_order=True)


def _differences(
    table: TableSchema, before: Register, after: Register, ends: Ends
) -> Iterator[pl.DataFrame]:
    old, new, maps = (
        before.table(table.name),
        after.table(table.name),
        (before.merged, after.merged),
    )
    why, anew = _why(table, ends, maps), _why_read_anew(ends, maps)
    came = new.join(old, on=table.key, how="anti", maintain_order="left")
    went = old.join(new, on=table.key, how="anti", maintain_order="left")
    both = new.join(old.select(*table.key, *_others_as_old(table)), on=table.key)
    for rows, action in ((came, "added"), (went, "retracted")):
        told = _with_reasons(rows, why, anew, table).with_columns(action=pl.lit(action))
        yield whole_rows(table, told, _WORDS).select(*DIFFERENCE)
    paired = both.with_columns(pl.col(name).alias(f"old_{name}") for name in table.key)
    told = _with_reasons(paired, why, anew, table).with_columns(action=pl.lit("revised"))
    yield changes(table, told, _WORDS).select(*DIFFERENCE)


def _others_as_old(table: TableSchema) -> list[pl.Expr]:
    return [e for e in as_old(table) if e.meta.output_name().removeprefix("old_") not in table.key]


def _with_reasons(
    rows: pl.DataFrame, why: pl.DataFrame, anew: pl.DataFrame, table: TableSchema
) -> pl.DataFrame:
    """Return *rows* with the reason of their last record, or else of their event's merge."""
    keyed = rows.with_columns(key_text(table).alias("#key"))
    told = keyed.join(why, on="#key", how="left", maintain_order="left")
    for end in (name for name in _ENDS if name in table.columns):
        told = told.join(anew, left_on=end, right_on="#event", how="left", suffix="_anew")
        words = ("reason", "batch", "author", "message")
        known = pl.col("batch").is_not_null()
        told = told.with_columns(
            pl.when(known).then(word).otherwise(f"{word}_anew").alias(word) for word in words
        ).drop(f"{word}_anew" for word in words)
    return told


def _why(table: TableSchema, ends: Ends, maps: Sequence[Merged]) -> pl.DataFrame:
    """Return the reasons of each row's records between the states, and its last batch.

    A row goes by its key as recorded and as it is read through the merges of either state.
    """
    low, high = sorted((ends.first, ends.second))
    records = ends.store.records(table.name, since=low + 1).filter(pl.col("position") <= high)
    batches = ends.store.rows("batches").select("batch", "author", "message")
    naming = [name for name in _ENDS if name in table.references]  # an event is itself
    read = [records.with_columns(pl.col(naming).replace(dict(merged))) for merged in ({}, *maps)]
    return (
        pl.concat(read)
        .with_columns(key_text(table).alias("#key"))
        .unique(["#key", "position"], maintain_order=True)
        .sort("position", maintain_order=True)
        .group_by("#key", maintain_order=True)
        .agg(
            pl.col("reason").unique(maintain_order=True).str.join("; "),
            pl.col("batch").last(),
        )
        .join(batches, on="batch", how="left")
    )


def _why_read_anew(ends: Ends, maps: Sequence[Merged]) -> pl.DataFrame:
    """Return why rows of an event are read under another id: the merge or split of that event."""
    low, high = sorted((ends.first, ends.second))
    told = ends.store.records("relations", since=low + 1).filter(
        pl.col("position") <= high, pl.col("relation") == "same_as"
    )
    batches = ends.store.rows("batches").select("batch", "author", "message")
    named = [
        told.select(pl.col(end).alias("#event"), "reason", "batch", "position") for end in _ENDS
    ]
    read_as = [
        each.with_columns(pl.col("#event").replace(merged)) for each in named for merged in maps
    ]
    both = pl.concat([*named, *read_as])
    last = both.sort("position").unique("#event", keep="last", maintain_order=True)
    return last.drop("position").join(batches, on="batch", how="left")
