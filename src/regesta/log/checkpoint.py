"""A checkpoint: the number of records and their Merkle root, as C2SP tlog-checkpoint text."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass

from regesta.errors import VerificationFailed
from regesta.merkle import HASH_SIZE, Edge, root

_LINES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The state of a log after a batch."""

    origin: str
    size: int
    root: bytes

    def __str__(self) -> str:
        r"""Return the body of a C2SP checkpoint: origin, size, root in Base64.

        Examples
        --------
        >>> str(Checkpoint(origin="regesta/x", size=0, root=b"")).splitlines()
        ['regesta/x', '0', '']
        """
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Where a log ends: the number of its last batch (0 for none), its size and right edge."""

    batch: int
    size: int
    edge: Edge
    recorded_at: str

    def checkpoint(self, dataset: str) -> Checkpoint:
        """Return the checkpoint of the log of *dataset* at this head."""
        return Checkpoint(origin=f"regesta/{dataset}", size=self.size, root=root(self.edge))


EMPTY = Head(batch=0, size=0, edge=(), recorded_at="")


def parse(text: str) -> Checkpoint:
    """Return the checkpoint that *text* spells; signatures after a blank line are left unread.

    Raises
    ------
    VerificationFailed
        If the text is no checkpoint, or spells one in another way than `str` does.
    """
    lines = text.split("\n")
    try:
        origin, size, encoded = lines[:_LINES]
        found = Checkpoint(origin=origin, size=int(size), root=b64decode(encoded, validate=True))
    except ValueError:
        raise VerificationFailed(
            reason="The checkpoint is not one: it needs origin, size and root."
        ) from None
    if not text.startswith(str(found)) or len(found.root) != HASH_SIZE:
        raise VerificationFailed(reason="The checkpoint is not spelt as a checkpoint is.")
    return found
