"""Freeze a dataset as its log stands: read, project, and hand over to the writer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from regesta.catalog.versions import CARD, version_order, versions
from regesta.errors import Refused
from regesta.log import checkpoint
from regesta.log.checkpoint import Checkpoint
from regesta.log.leaves import leaf_texts
from regesta.release.content import Content
from regesta.release.write import write_release
from regesta.research.timeline import timeline
from regesta.schema.tables import TABLES
from regesta.store.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """A release that was written."""

    dataset: str
    version: str
    path: Path
    checkpoint: Checkpoint

    def as_json(self) -> dict[str, object]:
        """Return what was written as one JSON object."""
        return {
            "dataset": self.dataset,
            "version": self.version,
            "path": str(self.path),
            "size": self.checkpoint.size,
            "root": self.checkpoint.root.hex(),
        }


def release_dataset(
    store: Store, version: str, out: Path, *, step: Callable[[str], None]
) -> Released:
    """Write the release *version* of the log of *store* beneath the folder *out*.

    Raises
    ------
    Refused
        If the log is empty, the version is there already, or an earlier one is of another log.
    """
    step("reading")
    head, dataset = store.head(), store.dataset
    if head.size == 0:
        raise Refused(reason="The log is empty; import something before you release it.")
    shelf = shelf_of(dataset, out)
    upto = head.size - 1
    history = {name: store.records(name).filter(pl.col("position") <= upto) for name in TABLES}
    step("projecting")
    tables = {name: store.rows(name, upto) for name in TABLES}
    found = head.checkpoint(dataset)
    content = Content(
        card={"name": dataset, "title": dataset, **store.card(upto)},
        version=version,
        tables={**tables, "timeline": timeline(tables)},
        history=history,
        leaves=_leaves(history),
        checkpoint=str(found),
        recorded_at=head.recorded_at,
        previous=_previous(shelf, version, store),
    )
    step("writing")
    path = write_release(content, shelf)
    return Released(dataset=dataset, version=version, path=path, checkpoint=found)


def shelf_of(dataset: str, out: Path) -> Path:
    """Return the folder of the dataset's versions beneath *out*.

    That is *out* itself where it is the `releases` folder of a dataset, else a folder in it.
    """
    return out if (out.absolute().parent / CARD).is_file() else out / dataset


def _leaves(history: dict[str, pl.DataFrame]) -> pl.Series:
    """Return the leaf of every record in the order of the log."""
    parts = [
        records.select("position", leaf_texts(TABLES[name], records))
        for name, records in history.items()
    ]
    return pl.concat(parts).sort("position")["leaf"]


def _previous(shelf: Path, version: str, store: Store) -> tuple[str, int] | None:
    """Return the newest earlier release on *shelf* and its last batch in this log."""
    earlier = [v for v in versions(shelf) if _before(v, version)]
    if not earlier:
        return None
    theirs = checkpoint.parse((shelf / earlier[-1] / "checkpoint").read_text(encoding="utf-8"))
    ours = store.checkpoints().filter(size=theirs.size, root=theirs.root)
    if ours.is_empty():
        raise Refused(
            reason=f"{shelf / earlier[-1]} was not made from this log; release to another folder."
        )
    return earlier[-1], int(ours["batch"][0])


def _before(one: str, other: str) -> bool:
    first, second = version_order(one), version_order(other)
    return first is not None and second is not None and first < second
