"""A checkpoint: the number of records and their Merkle root, as C2SP tlog-checkpoint text."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from dataclasses import dataclass
from pathlib import Path

from regesta.errors import VerificationFailed
from regesta.merkle import HASH_SIZE, Edge, root

_OURS = "regesta/"
_LINES = 3
_SIGNATURES = re.compile(r"(\n(— [^\s+]+ [A-Za-z0-9+/]+={0,2}\n)+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The state of a log after a batch."""

    origin: str
    size: int
    root: bytes

    def __str__(self) -> str:
        r"""Return the text of a C2SP checkpoint: origin, size, root in Base64.

        Examples
        --------
        >>> str(Checkpoint(origin="regesta/x", size=0, root=b"")).splitlines()
        ['regesta/x', '0', '']
        """
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"

    def as_json(self) -> dict[str, object]:
        """Return size and root as they stand in every JSON answer."""
        return {"size": self.size, "root": self.root.hex()}


def origin(dataset: str) -> str:
    """Return the name under which the log of *dataset* signs.

    Examples
    --------
    >>> origin("russia-dprk")
    'regesta/russia-dprk'
    """
    return f"{_OURS}{dataset}"


def dataset_of(origin: str) -> str:
    """Return the dataset whose log signs under the name *origin*.

    Examples
    --------
    >>> dataset_of("regesta/russia-dprk")
    'russia-dprk'
    """
    return origin.removeprefix(_OURS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Where a log ends: the number of its last batch (0 for none), its size and right edge."""

    batch: int
    size: int
    edge: Edge
    recorded_at: str

    def checkpoint(self, dataset: str) -> Checkpoint:
        """Return the checkpoint of the log of *dataset* at this head."""
        return Checkpoint(origin=origin(dataset), size=self.size, root=root(self.edge))


EMPTY = Head(batch=0, size=0, edge=(), recorded_at="")


def parse(text: str, where: str | Path = "The checkpoint") -> Checkpoint:
    """Return the checkpoint that *text*, read from *where*, spells.

    Signatures after a blank line are left to `note`.

    Raises
    ------
    VerificationFailed
        If the text is no checkpoint, spells one in another way than `str` does, or goes on with
        anything but signatures.
    """
    if "\r" in text or text.startswith("\ufeff"):
        raise VerificationFailed(
            reason=f"{where} has the line ends or the mark of another system; keep it as it was."
        )
    lines = text.split("\n")
    try:
        origin, size, encoded = lines[:_LINES]
        found = Checkpoint(origin=origin, size=int(size), root=b64decode(encoded, validate=True))
    except ValueError:
        raise VerificationFailed(
            reason=f"{where} is no checkpoint: it needs origin, size and root."
        ) from None
    spelt = text.startswith(str(found)) and len(found.root) == HASH_SIZE and found.origin
    if not spelt or found.size < 0 or (found.size == 0 and found.root != root(())):
        raise VerificationFailed(reason=f"{where} is not spelt as a checkpoint is.")
    if not _SIGNATURES.fullmatch(text.removeprefix(str(found))):
        raise VerificationFailed(
            reason=f"{where} goes on after its three lines with what is no signature."
        )
    return found
