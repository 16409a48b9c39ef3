"""What changed between two states: two moments of a log, or two releases of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from regesta.catalog.versions import CHECKPOINT, DESCRIPTOR, read_descriptor, resolve
from regesta.errors import NoSuchName, Refused, RegestaError, UsageError, VerificationFailed
from regesta.flows.reopening import store_of
from regesta.flows.seeing import batch_at, position_of
from regesta.log import checkpoint
from regesta.log.checkpoint import Checkpoint
from regesta.release import digests
from regesta.research.differences import differences
from regesta.research.vantage import Vantage, parse_known_by
from regesta.store.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Ends:
    """Two states of one log: its store, and the vantage of each."""

    store: Store
    first: Vantage
    second: Vantage


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
    before, after = (
        Vantage(upto=position_of(store, text)) if path is None else _vantage(path)
        for text, path in zip((first, second), releases, strict=True)
    )
    return Ends(store=store, first=before, second=after)


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


def _vantage(release: Path) -> Vantage:
    """Return from where *release* is seen: after its last record, and knowing what it says."""
    card = read_descriptor((release / DESCRIPTOR).read_bytes(), release)
    return Vantage(upto=_checkpoint(release).size - 1, known_by=card.get("knownBy"))


def _require_state(store: Store, found: Checkpoint, path: Path) -> None:
    if batch_at(store, found) is None:
        raise Refused(
            reason=f"{path} is no state of the log that it is compared with; "
            "name releases or moments of one log, or pass --store."
        )


def diff(ends: Ends, known_by: str | None = None) -> pl.DataFrame:
    """Return what differs between the states, by reason, then in the order of tables and keys.

    With *known_by* each state is taken as it was known then; a release that holds what was known
    by some earlier moment holds no more than that. The columns are those of `CHANGES`.
    """
    known = None if known_by is None else parse_known_by(known_by)
    before, after = (
        Vantage(upto=end.upto, known_by=min(filter(None, (end.known_by, known)), default=None))
        for end in (ends.first, ends.second)
    )
    return differences(ends.store.fetch, before, after)
