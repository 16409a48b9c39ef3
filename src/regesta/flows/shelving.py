"""A shelf of releases: its index is kept in step, and all of it can be verified at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from regesta.catalog.versions import versions
from regesta.errors import StorageFault, VerificationFailed
from regesta.flows.trust import Trust
from regesta.flows.verifying import Verified, verify_release
from regesta.release.index import INDEX, index_of
from regesta.views.files import written_whole


def refresh_index(shelf: Path) -> None:
    """Write `index.json` for the releases on *shelf*: beside it, and renamed.

    Others may be releasing: whoever writes last has seen what everybody published.

    Raises
    ------
    StorageFault
        If it cannot be written.
    """
    path, written = shelf / INDEX, None
    try:
        while (text := index_of(shelf)) != written:
            with written_whole(path) as draft:
                draft.write_text(text, encoding="utf-8", newline="\n")
            written = text
    except OSError as fault:
        raise StorageFault(
            reason=f"The release is published, and {path} could not be written: "
            f"{fault.strerror}. The next release writes it anew."
        ) from fault


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedShelf:
    """What was found to hold of each release on a shelf, and whether it has an index."""

    what: str
    releases: tuple[Verified, ...]
    has_index: bool

    def as_json(self) -> dict[str, object]:
        """Return it as one JSON object."""
        return {
            "verified": self.what,
            "releases": [each.as_json() for each in self.releases],
            "index": self.has_index,
        }

    def __str__(self) -> str:
        """Return it in words."""
        index = f"{INDEX} says what they say." if self.has_index else f"There is no {INDEX}."
        found = [str(each) for each in self.releases]
        return "\n".join([*found, f"{self.what}: {len(found)} releases. {index}"])


def verify_shelf(shelf: Path, *, trust: Trust, step: Callable[[str], None]) -> VerifiedShelf:
    """Verify each release on *shelf*, and `index.json` if there is one.

    Raises
    ------
    VerificationFailed
        If anything differs; every fault of every release is named.
    """
    found, faults = list[Verified](), list[str]()
    for version in versions(shelf):
        try:
            found.append(verify_release(shelf / version, trust=trust, step=step))
        except VerificationFailed as fault:
            faults.append(str(fault))
    index = shelf / INDEX
    has_index = index.exists()
    if has_index and index.read_bytes() != index_of(shelf).encode():
        faults.append(f"{index} is not what the releases say; the next release writes it anew.")
    if faults:
        raise VerificationFailed(reason=" ".join(faults), faults=faults)
    return VerifiedShelf(what=str(shelf), releases=tuple(found), has_index=has_index)
