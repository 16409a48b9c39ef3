"""Tell a log from one that was rebuilt: by a checkpoint or release kept elsewhere, or by a key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from regesta import merkle
from regesta.catalog.versions import CHECKPOINT, LOG
from regesta.errors import NoSuchFile, UsageError, VerificationFailed
from regesta.log import checkpoint
from regesta.log.checkpoint import Checkpoint
from regesta.log.note import Verifier, parse_verifier, signed_by, signers
from regesta.release import digests

_MOST = 2**20
"""Bytes of a checkpoint or key that somebody hands in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """What is believed of a log beforehand: what it goes on from, and who signs for it."""

    against: Path | None = None
    key: Verifier | None = None


NOTHING = Trust()


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A checkpoint that was kept: its note, and the leaves beneath it where a release has them."""

    path: Path
    note: str
    checkpoint: Checkpoint
    leaves: Sequence[bytes] | None = None


def read_text(path: Path) -> str:
    """Return the text of a small file that somebody hands in.

    Raises
    ------
    NoSuchFile
        If nothing is there.
    UsageError
        If it is no small text.
    """
    if not path.exists():
        raise NoSuchFile(path=path)
    if not path.is_file() or path.stat().st_size > _MOST:
        raise UsageError(reason=f"{path} is no checkpoint, key or proof.")
    try:
        return path.read_bytes().decode()
    except UnicodeDecodeError:
        raise UsageError(reason=f"{path} is no text in UTF-8.") from None


def read_verifier(text: str) -> Verifier:
    """Return the public key that *text* is, or that the file of that name holds.

    Raises
    ------
    UsageError
        If it is neither.
    """
    if "+" in text and not Path(text).exists():
        return parse_verifier(text, repr(text))
    return parse_verifier(read_text(Path(text)), text)


def read_leaves(release: Path) -> list[bytes]:
    """Return the leaf hash of each line of a release's log."""
    with (release / LOG).open("rb") as lines:
        return [merkle.leaf_hash(line.removesuffix(b"\n")) for line in lines]


def kept(path: Path) -> Kept:
    """Return the checkpoint in the file *path*, or that of the release in the folder *path*.

    Raises
    ------
    NoSuchFile
        If nothing is there.
    VerificationFailed
        If it is no checkpoint, or the release was altered.
    """
    if not path.is_dir():
        note = read_text(path)
        return Kept(path=path, note=note, checkpoint=checkpoint.parse(note, path))
    digests.check(path)
    if absent := [name for name in (CHECKPOINT, LOG) if not (path / name).is_file()]:
        raise VerificationFailed(reason=f"{path} is no release: it has no {absent[0]}.")
    note = read_text(path / CHECKPOINT)
    found = checkpoint.parse(note, path / CHECKPOINT)
    leaves = read_leaves(path)
    if (len(leaves), merkle.root_of(leaves)) != (found.size, found.root):
        raise VerificationFailed(reason=f"{path / LOG} does not give the root of its checkpoint.")
    return Kept(path=path, note=note, checkpoint=found, leaves=leaves)


def require_signed(note: str, key: Verifier, where: object) -> str:
    """Return in words who signed *note*, which must be *key*.

    Raises
    ------
    VerificationFailed
        If it was not.
    """
    if signed_by(note, key):
        return f"signed by {key.name}+{key.key_id.hex()}"
    others = ", ".join(signers(note)) or "nobody"
    reason = f"{where} is not signed by {key.name}+{key.key_id.hex()} (but by {others})."
    raise VerificationFailed(reason=reason, faults=[reason])


def require_goes_on(found: Checkpoint, leaves: Sequence[bytes], earlier: Kept) -> str:
    """Return in words from what the log under *found* goes on: it must be *earlier*.

    *leaves* are the hashes of its records in order. Its first records must give the earlier root,
    which is what a consistency proof (RFC 9162, 2.1.4) shows to those who lack the records.

    Raises
    ------
    VerificationFailed
        If it does not; the message says where the two part.
    """
    parting = _parting(found, leaves, earlier)
    if parting is None:
        return f"goes on from {earlier.path} ({earlier.checkpoint.size} records)"
    reason = f"This log does not go on from {earlier.path}: {parting}."
    raise VerificationFailed(reason=reason, faults=[parting])


def _parting(found: Checkpoint, leaves: Sequence[bytes], earlier: Kept) -> str | None:
    """Return where the two logs part, None where the one goes on from the other."""
    theirs = earlier.checkpoint
    if theirs.origin != found.origin:
        return f"that is of {theirs.origin!r}, this of {found.origin!r}"
    if earlier.leaves is not None:
        pairs = zip(leaves, earlier.leaves, strict=False)
        for position, (here, there) in enumerate(pairs):
            if here != there:
                told = f"whose leaf is {_hex(here)} here and {_hex(there)} there"
                return f"they part at record {position}, {told}"
    if theirs.size > found.size:
        what = f"it ends after {found.size} records and that after {theirs.size}"
        return f"{what}; this is an older state, or was cut short"
    root = merkle.root_of(leaves[: theirs.size])
    if root != theirs.root:
        return (
            f"they part within the first {theirs.size} records, whose root is {root.hex()} here"
            f" and {theirs.root.hex()} there"
        )
    return None


def _hex(leaf: bytes) -> str:
    return f"{leaf.hex()[:16]}…"
