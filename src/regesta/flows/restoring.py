"""Restore a release: a new store with the same log, to which more can be appended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from regesta.errors import Refused
from regesta.flows import published
from regesta.flows.reopening import refilled
from regesta.flows.verifying import verify_release
from regesta.log.checkpoint import EMPTY, Checkpoint, dataset_of
from regesta.store.store import UNNAMED, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """A store that holds the log of a release; `anew` is False where it did so before."""

    url: str
    release: Path
    checkpoint: Checkpoint
    anew: bool

    def as_json(self) -> dict[str, object]:
        """Return it as one JSON object."""
        return {
            "store": self.url,
            "release": str(self.release),
            **self.checkpoint.as_json(),
            "restored": self.anew,
        }


def restore(release: Path, url: str, *, step: Callable[[str], None]) -> Restored:
    """Make the store at *url* and put the log of *release* into it: same positions, same root.

    The release is verified first. A store that holds that very log is left as it is.

    Raises
    ------
    Refused
        If the store holds another log.
    VerificationFailed
        If the release is not what it claims to be.
    """
    found = verify_release(release, step=step).checkpoint
    dataset = dataset_of(found.origin)
    step("restoring")
    store = Store.create(url, dataset=None if dataset == UNNAMED else dataset)
    with store.holding():
        head = store.head()
        anew = head == EMPTY
        if anew:
            head = refilled(store, published.read(release).histories).head()
        if head.checkpoint(store.dataset) != found:
            raise Refused(
                reason=f"{store.url} holds {head.size} records that are not those of {release}; "
                "name a new store."
            )
    return Restored(url=store.url, release=release, checkpoint=found, anew=anew)
