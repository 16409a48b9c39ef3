"""Prove that records are in a log, or that a log goes on from an earlier state; check it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from regesta.errors import Refused, StorageFault, UsageError, VerificationFailed
from regesta.flows.history import records_about
from regesta.flows.seeing import position_of
from regesta.flows.signing import signed
from regesta.flows.trust import Trust, kept, read_text, require_goes_on, require_signed
from regesta.flows.verifying import REBUILT, Verified, verify_store
from regesta.log.checkpoint import Checkpoint, origin
from regesta.log.leaves import leaf_texts
from regesta.log.note import Signer
from regesta.log.proof import Consistency, Inclusion, parse
from regesta.merkle import Tree, root_of
from regesta.schema.tables import TABLES
from regesta.store.store import Store
from regesta.views.files import written_whole

ENDING = ".tlog-proof"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """Proofs that were written, and the checkpoint that they are against."""

    files: tuple[Path, ...]
    checkpoint: Checkpoint
    later: int

    def as_json(self) -> dict[str, object]:
        """Return it as one JSON object."""
        return {
            "proofs": [str(path) for path in self.files],
            "later": self.later,
            **self.checkpoint.as_json(),
        }


def checkpoint_note(store: Store, as_of: str | None = None, signer: Signer | None = None) -> str:
    """Return the checkpoint of *store*, as the log stands or stood, signed where asked to.

    Raises
    ------
    UsageError
        If *as_of* is no moment, or the key is of another log.
    """
    _require_sound(store, signer)
    if as_of is None:
        return signed(store.head().checkpoint(store.dataset), signer)
    return signed(_grown(store, as_of)[0], signer)


def consistency(
    store: Store, since: Path, as_of: str | None = None, signer: Signer | None = None
) -> str:
    """Return the proof that the log of *store* goes on from the checkpoint or release *since*.

    Raises
    ------
    UsageError
        If *as_of* is before that checkpoint.
    VerificationFailed
        If it does not go on from it.
    """
    _require_sound(store, signer)
    earlier = kept(since)
    found, leaves = _grown(store, as_of)
    require_goes_on(found, leaves, earlier)
    size = earlier.checkpoint.size
    hashes = tuple(Tree(leaves).consistency(size, found.size))
    return str(Consistency(earlier_size=size, hashes=hashes, note=signed(found, signer)))


def prove(
    store: Store,
    event_id: str,
    folder: Path,
    *,
    against: Path | None = None,
    signer: Signer | None = None,
) -> Proven:
    """Write into *folder* a proof for each record of an event that its log held at a checkpoint.

    That is the one in *against*, a file or a release, else the present one.

    Raises
    ------
    NoSuchName
        If the log never held such an event.
    Refused
        If it held none of its records at the checkpoint.
    VerificationFailed
        If the log does not go on from the checkpoint.
    """
    _require_sound(store, signer)
    with store.standing_still():
        found, leaves = _grown(store)
        records = sorted(_leaves_about(store, event_id))
    tree = Tree(leaves)
    note = signed(found, signer)
    if against is not None:
        earlier = kept(against)
        require_goes_on(found, leaves, earlier)
        found, note = earlier.checkpoint, earlier.note
    within = [record for record in records if record[0] < found.size]
    if not within:
        raise Refused(reason=f"All of {event_id} was recorded after that checkpoint.")
    proofs = {}
    for position, name, text in within:
        hashes = tuple(tree.inclusion(position, found.size))
        proof = Inclusion(leaf=text.encode(), index=position, hashes=hashes, note=note)
        if not proof.holds():
            raise VerificationFailed(
                reason=f"The record at position {position} ({name}) does not give its leaf; "
                "`regesta verify` tells more."
            )
        proofs[folder / f"{position}-{name}{ENDING}"] = str(proof)
    files = tuple(_written(path, text) for path, text in proofs.items())
    return Proven(files=files, checkpoint=found, later=len(records) - len(within))


def verify_proof(path: Path, trust: Trust) -> Verified:
    """Check the proof in the file *path*, or all those in a folder, with nothing but themselves.

    Raises
    ------
    UsageError
        If a consistency proof comes without the checkpoint to go on from.
    VerificationFailed
        If a proof does not hold, or its checkpoint is not the one that is trusted.
    """
    files = sorted(path.glob(f"*{ENDING}")) if path.is_dir() else [path]
    if not files:
        raise UsageError(reason=f"{path} holds no *{ENDING}.")
    found = sorted(((file, parse(read_text(file), file)) for file in files), key=_place)
    told = [_require_holds(file, proof, trust) for file, proof in found]
    checkpoints = {proof.checkpoint for _, proof in found}
    if len(checkpoints) > 1:
        raise VerificationFailed(
            reason=f"The proofs in {path} are against several checkpoints; check them file by file."
        )
    trusted = tuple(_trusted(found[0], trust))
    # That a log goes on from an earlier one says nothing of what it goes on with.
    is_inclusion = isinstance(found[0][1], Inclusion)
    return Verified(
        what=str(path),
        checkpoint=checkpoints.pop(),
        checked=tuple(told),
        trusted=trusted,
        unchecked=() if trust.key or (trusted and is_inclusion) else (REBUILT,),
    )


def _require_sound(store: Store, signer: Signer | None) -> None:
    """Sign for no log that does not verify."""
    if signer is not None:
        verify_store(store, step=lambda _: None)


def _grown(store: Store, as_of: str | None = None) -> tuple[Checkpoint, list[bytes]]:
    """Return the checkpoint of *store* at a moment, and the leaves beneath it."""
    size = position_of(store, as_of) + 1
    leaves = store.leaves(size)
    found = Checkpoint(origin=origin(store.dataset), size=size, root=root_of(leaves))
    return found, leaves


def _leaves_about(store: Store, event_id: str) -> Iterator[tuple[int, str, str]]:
    """Yield position, table and canonical leaf of each record of an event."""
    for name, records in records_about(store, event_id).items():
        texts = leaf_texts(TABLES[name], records)
        for position, text in zip(records["position"], texts, strict=True):
            yield position, name, text


def _place(found: tuple[Path, Inclusion | Consistency]) -> int:
    """Return where in the log a proof's record is."""
    proof = found[1]
    return proof.index if isinstance(proof, Inclusion) else 0


def _require_holds(path: Path, proof: Inclusion | Consistency, trust: Trust) -> str:
    """Return in words what *proof* proves."""
    if isinstance(proof, Inclusion):
        said = proof.leaf.decode("utf-8", errors="replace")
        holds, what = proof.holds(), f"record {proof.index} is {said}"
    else:
        if trust.against is None:
            raise UsageError(
                reason=f"{path} proves that a log goes on from an earlier checkpoint; give that "
                "one: --against."
            )
        earlier = kept(trust.against)
        holds = proof.holds(earlier.checkpoint)
        what = f"the log goes on from {earlier.path} ({proof.earlier_size} records)"
    if not holds:
        raise VerificationFailed(reason=f"{path} does not hold.", faults=[f"not so: {what}"])
    return what


def _trusted(found: tuple[Path, Inclusion | Consistency], trust: Trust) -> Iterator[str]:
    """Yield in words by what a proof's checkpoint is trusted."""
    path, proof = found
    if trust.against is not None:
        earlier = kept(trust.against)
        if isinstance(proof, Inclusion):
            if earlier.checkpoint != proof.checkpoint:
                reason = f"{path} is against another checkpoint than that in {earlier.path}"
                raise VerificationFailed(reason=f"{reason}.", faults=[reason])
            yield f"is against the checkpoint in {earlier.path}"
        else:
            yield f"goes on from {earlier.path}"
    if trust.key is not None:
        yield f"is {require_signed(proof.note, trust.key, path)}"


def _written(path: Path, text: str) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(path) as draft:
            draft.write_text(text, encoding="utf-8", newline="\n")
    except OSError as fault:
        raise StorageFault(reason=f"{path} cannot be written: {fault.strerror}.") from fault
    return path
