"""Hold a release against the one before: on the way out from the store, and again to verify it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from regesta import merkle
from regesta.catalog.versions import (
    CHECKPOINT,
    DESCRIPTOR,
    is_stable,
    read_descriptor,
    version_order,
    versions,
)
from regesta.errors import Refused, VerificationFailed
from regesta.flows.seeing import batch_at
from regesta.log import checkpoint
from regesta.release.bump import FIRST, causes_in_shape, next_candidate, shape_of
from regesta.release.since import PROPERTY, Before, Since, read_before
from regesta.release.tabular import is_csv_of
from regesta.research.differences import differences
from regesta.research.ground import Run
from regesta.research.vantage import Vantage
from regesta.schema.tables import CHANGES
from regesta.store.store import Store

FILE = f"{CHANGES.name}.csv"


@dataclass(frozen=True, slots=True)
class Due:
    """The version that is due by what changed since the newest stable release on a shelf."""

    provisional: bool = False

    def after(self, found: Since | None, shelf: Path) -> str:
        """Return the version that is due on *shelf* by what was *found* to have changed.

        Raises
        ------
        Refused
            If nothing changed.
        """
        if found is not None and found.level is None:
            raise Refused(
                reason=f"Nothing has changed since {found.before.version}, so no version is due; "
                "import something first, or name a VERSION to release the same again."
            )
        version = FIRST if found is None else found.due
        return next_candidate(version, versions(shelf)) if self.provisional else version


def since(shelf: Path, version: str | None, store: Store, now: Vantage) -> Since | None:
    """Return what changed at *now* since the newest stable release on *shelf* before *version*.

    None where there is none; without a *version*, since the newest stable one of all.

    Raises
    ------
    Refused
        If a release before is not of this log, or of a later state of it.
    """
    earlier = [name for name in versions(shelf) if version is None or _before(name, version)]
    stable = [name for name in earlier if is_stable(name)]
    for name in {*earlier[-1:], *stable[-1:]}:
        _require_state(shelf / name, store)
    return _since(shelf / stable[-1], store, now) if stable else None


def _since(release: Path, store: Store, now: Vantage) -> Since:
    card = read_descriptor((release / DESCRIPTOR).read_bytes(), release)
    theirs, upto = _checkpoint(release), -1 if now.upto is None else now.upto
    if theirs.size > upto + 1:
        raise Refused(
            reason=f"{release} holds {theirs.size} records and this would hold {upto + 1}: what "
            "comes after holds no less. Name a version before that one, or a later --as-of."
        )
    before = Before(
        version=release.name,
        size=theirs.size,
        root=theirs.root,
        known_by=card.get("knownBy"),
        shape=causes_in_shape(shape_of(card["resources"])),
    )
    return Since(
        before=before,
        rows=_rows(store.fetch, before, now),
        batch=_require_state(release, store),
        described=store.card(theirs.size - 1) != store.card(upto),
    )


def _rows(run: Run, before: Before, now: Vantage) -> pl.DataFrame:
    return differences(run, Vantage(upto=before.size - 1, known_by=before.known_by), now)


def _checkpoint(release: Path) -> checkpoint.Checkpoint:
    path = release / CHECKPOINT
    return checkpoint.parse(path.read_text(encoding="utf-8", errors="replace"), path)


def _require_state(release: Path, store: Store) -> int:
    """Return the last batch of *release*, which must have been made from the log of *store*."""
    batch = batch_at(store, _checkpoint(release))
    if batch is None:
        raise Refused(reason=f"{release} was not made from this log; release to another folder.")
    return batch


def _before(one: str, other: str) -> bool:
    first, second = version_order(one), version_order(other)
    return first is not None and second is not None and first < second


def _card(batches: pl.DataFrame, size: int) -> str | None:
    """Return the dataset's card, as *batches* give it, after the first *size* records."""
    cards = batches.filter(pl.col("position") < size)["card"].drop_nulls()
    return None if cards.is_empty() else str(cards[-1])


def wrong_changes(
    release: Path, card: Mapping[str, Any], leaves: pl.Series, batches: pl.DataFrame, run: Run
) -> Iterator[str]:
    """Yield what a release says of the one before that its own log does not.

    A release that an older version wrote says nothing of it.
    """
    if not (release / FILE).is_file():
        if PROPERTY in card:
            yield f"{FILE} is missing"
        return
    try:
        before = read_before(card)
    except VerificationFailed as fault:
        yield str(fault)
        return
    if before is None:
        rows = CHANGES.empty()
    elif before.size > len(leaves) or merkle.root_of(leaves[: before.size]) != before.root:
        yield f"{DESCRIPTOR} names a release before it that is not of this log"
        return
    else:
        rows = _rows(run, before, Vantage(upto=len(leaves) - 1, known_by=card.get("knownBy")))
        described = _card(batches, before.size) != _card(batches, len(leaves))
        told = Since(before=before, rows=rows, batch=0, described=described)
        if told.as_json() != card[PROPERTY]:
            yield f"{DESCRIPTOR} does not say what changed since {before.version}"
    if not is_csv_of(rows, release / FILE):
        yield f"{FILE} is not what changed since the release before"
