"""Keys and signatures: make a pair, keep the private half to oneself, sign a checkpoint."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from regesta.errors import Refused, StorageFault, UsageError
from regesta.flows.trust import read_text
from regesta.log.checkpoint import Checkpoint, dataset_of, origin
from regesta.log.note import Signer, Verifier, new_signer, parse_signer
from regesta.schema.card import is_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A new pair of keys: where each is, and the public one."""

    private: Path
    public: Path
    verifier: Verifier

    def as_json(self) -> dict[str, object]:
        """Return it as one JSON object; the private key is not told."""
        return {
            "private": str(self.private),
            "public": str(self.public),
            "key": str(self.verifier),
        }


def make_keys(dataset: str, folder: Path) -> Pair:
    """Make a pair of keys that sign for *dataset*: `NAME.key` and `NAME.pub` in *folder*.

    Raises
    ------
    UsageError
        If *dataset* is no name, or there is no such folder.
    Refused
        If one of the files is there: a key that is lost can never sign again.
    StorageFault
        If they cannot be written.
    """
    if not is_name(dataset):
        raise UsageError(reason=f"{dataset!r} is no name of a dataset.")
    if not folder.is_dir():
        raise UsageError(reason=f"{folder} is no folder; make it first.")
    signer = new_signer(origin(dataset))
    private, public = folder / f"{dataset}.key", folder / f"{dataset}.pub"
    for path in (private, public):
        if os.path.lexists(path):
            raise Refused(reason=f"{path} is there already; a key is never overwritten.")
    try:
        _write_new(private, signer.spelt(), mode=0o600)
        _write_new(public, str(signer.verifier), mode=0o644)
    except OSError as fault:
        raise StorageFault(reason=f"No keys could be written: {fault.strerror}.") from fault
    return Pair(private=private, public=public, verifier=signer.verifier)


def read_signer(path: Path) -> Signer:
    """Return the private key in the file *path*.

    Raises
    ------
    NoSuchFile
        If nothing is there.
    UsageError
        If it holds no private key.
    """
    return parse_signer(read_text(path), path)


def signed(found: Checkpoint, signer: Signer | None) -> str:
    """Return the note of a checkpoint, signed where there is a *signer*.

    Raises
    ------
    UsageError
        If the key is of another log: its name is that of the log it signs for.
    """
    if signer is None:
        return str(found)
    if signer.name != found.origin:
        raise UsageError(
            reason=f"The key signs for {signer.name!r}, and this log is {found.origin!r}; make "
            f"one with `regesta keygen {dataset_of(found.origin)}`."
        )
    return signer.sign(str(found))


def _write_new(path: Path, line: str, *, mode: int) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(f"{line}\n")
