"""What changed since the release before, as a release says it: rows, shape, and which bump."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from regesta.catalog.versions import version_order
from regesta.errors import VerificationFailed
from regesta.merkle import HASH_SIZE
from regesta.release.bump import CAUSES, Cause, causes_in_rows, level_of, next_version
from regesta.vocabulary import code_list

PROPERTY = "previous"
"""What the descriptor of a release calls it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """The release before: its version, the log that it was made from and by when it knew.

    `shape` says what became of the shape of its tables, which no log tells.
    """

    version: str
    size: int
    root: bytes
    known_by: str | None
    shape: Sequence[Cause]


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """What changed since the release `before`.

    `rows` has the columns of `CHANGES`; `batch` is the last batch that the release before holds;
    `described` says whether the dataset's card is another.
    """

    before: Before
    rows: pl.DataFrame
    batch: int
    described: bool

    @property
    def causes(self) -> list[Cause]:
        """All that changed, by what calls for a bump."""
        described: list[Cause] = [{"what": "described"}] if self.described else []
        return [*self.before.shape, *causes_in_rows(self.rows), *described]

    @property
    def level(self) -> str | None:
        """The bump that the changes call for, None where nothing changed."""
        return level_of(self.causes)

    @property
    def due(self) -> str:
        """The least version that the changes call for."""
        return next_version(self.before.version, self.level or "patch")

    def as_json(self) -> dict[str, object]:
        """Return it as the descriptor of the release says it."""
        before = self.before
        known_by = {} if before.known_by is None else {"knownBy": before.known_by}
        return {
            "version": before.version,
            "size": before.size,
            "root": before.root.hex(),
            **known_by,
            "bump": self.level,
            "causes": [dict(cause) for cause in self.causes],
        }


def read_before(descriptor: Mapping[str, Any]) -> Before | None:
    """Return the release before, as the *descriptor* of a release names it, None for a first one.

    Raises
    ------
    VerificationFailed
        If what is said of it makes no sense.
    """
    said = descriptor.get(PROPERTY)
    if said is None:
        return None
    try:
        root, causes = bytes.fromhex(said["root"]), said["causes"]
        known_by = said.get("knownBy")
        whole = isinstance(said["size"], int) and said["size"] > 0 and len(root) == HASH_SIZE
        whole &= version_order(said["version"]) is not None and isinstance(known_by, str | None)
        shape = [cause for cause in causes if _is_of_shape(cause)]
    except (KeyError, TypeError, ValueError, AttributeError):
        whole = False
    if not whole:
        reason = f"The descriptor names no release before it that could be: {PROPERTY!r}."
        raise VerificationFailed(reason=reason, faults=[reason])
    return Before(
        version=said["version"], size=said["size"], root=root, known_by=known_by, shape=shape
    )


def _is_of_shape(cause: Mapping[str, Any]) -> bool:
    what = cause["what"]
    return what in CAUSES and what != "described" and what not in code_list("changes")
