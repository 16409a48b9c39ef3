"""Proofs as files: that a record is in a log (C2SP tlog-proof), that a log goes on from an earlier.

The second is the body that a log sends to a witness (C2SP tlog-witness, add-checkpoint).
"""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass

from regesta import merkle
from regesta.errors import VerificationFailed
from regesta.log import checkpoint
from regesta.log.checkpoint import Checkpoint
from regesta.log.note import decoded

INCLUSION = "c2sp.org/tlog-proof@v1"
MOST_HASHES = 63

_HASH = r"[A-Za-z0-9+/]{43}="
_NUMBER = r"0|[1-9][0-9]{0,17}"
_INCLUSION = re.compile(
    rf"{re.escape(INCLUSION)}\nextra ([A-Za-z0-9+/]+={{0,2}})\nindex ({_NUMBER})\n"
    rf"((?:{_HASH}\n){{0,{MOST_HASHES}}})\n([^\n].*)",
    re.DOTALL,
)
_CONSISTENCY = re.compile(
    rf"old ({_NUMBER})\n((?:{_HASH}\n){{0,{MOST_HASHES}}})\n([^\n].*)", re.DOTALL
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inclusion:
    """That the record with this canonical *leaf* is at *index* of the log that *note* is of.

    The leaf travels as the extra data of the format; the proof itself vouches for it.
    """

    leaf: bytes
    index: int
    hashes: tuple[bytes, ...]
    note: str

    @property
    def checkpoint(self) -> Checkpoint:
        """The checkpoint that the note spells."""
        return checkpoint.parse(self.note)

    def holds(self) -> bool:
        """Return whether it is so."""
        found = self.checkpoint
        return merkle.includes(
            found.root,
            found.size,
            leaf=merkle.leaf_hash(self.leaf),
            index=self.index,
            proof=self.hashes,
        )

    def __str__(self) -> str:
        """Return the proof as the text of a ``.tlog-proof`` file."""
        extra = b64encode(self.leaf).decode()
        lines = _lines(self.hashes)
        return f"{INCLUSION}\nextra {extra}\nindex {self.index}\n{lines}\n{self.note}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Consistency:
    """That the log that *note* is of goes on from what it was after *earlier_size* records."""

    earlier_size: int
    hashes: tuple[bytes, ...]
    note: str

    @property
    def checkpoint(self) -> Checkpoint:
        """The checkpoint that the note spells."""
        return checkpoint.parse(self.note)

    def holds(self, earlier: Checkpoint) -> bool:
        """Return whether it is so of the *earlier* checkpoint."""
        later = self.checkpoint
        if (earlier.origin, earlier.size) != (later.origin, self.earlier_size):
            return False
        if earlier.size == 0:
            return not self.hashes
        return merkle.extends(
            later.root,
            later.size,
            earlier_root=earlier.root,
            earlier_size=earlier.size,
            proof=self.hashes,
        )

    def __str__(self) -> str:
        """Return the proof as text."""
        return f"old {self.earlier_size}\n{_lines(self.hashes)}\n{self.note}"


def parse(text: str, where: object = "The proof") -> Inclusion | Consistency:
    """Return the proof that *text*, read from *where*, spells.

    Raises
    ------
    VerificationFailed
        If it spells none, or its checkpoint is none.
    """
    found: Inclusion | Consistency
    if match := _INCLUSION.fullmatch(text):
        extra, index, hashes, note = match.groups()
        found = Inclusion(leaf=decoded(extra), index=int(index), hashes=_hashes(hashes), note=note)
    elif match := _CONSISTENCY.fullmatch(text):
        size, hashes, note = match.groups()
        found = Consistency(earlier_size=int(size), hashes=_hashes(hashes), note=note)
    else:
        raise VerificationFailed(reason=f"{where} is no proof; `regesta prove` writes one.")
    checkpoint.parse(found.note, f"The checkpoint in {where}")
    if str(found) != text:  # Base64 with spare bits that are set
        raise VerificationFailed(reason=f"{where} is not spelt as a proof is.")
    return found


def _lines(hashes: tuple[bytes, ...]) -> str:
    return "".join(f"{b64encode(each).decode()}\n" for each in hashes)


def _hashes(lines: str) -> tuple[bytes, ...]:
    return tuple(decoded(line) for line in lines.splitlines())
