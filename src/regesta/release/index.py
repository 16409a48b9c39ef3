"""`index.json`: what stands on a shelf of releases, and which is the latest.

It holds nothing that the releases do not say; each of them is verified by itself.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from regesta.catalog.versions import (
    CHECKPOINT,
    DESCRIPTOR,
    is_stable,
    read_descriptor,
    versions,
)
from regesta.errors import VerificationFailed
from regesta.log.checkpoint import parse
from regesta.release.bump import reasons
from regesta.release.digests import SUMS, digest
from regesta.release.since import PROPERTY

INDEX = "index.json"


def index_of(shelf: Path) -> str:
    """Return the text of `index.json` for the releases in the folder *shelf*, the oldest first.

    One that cannot be read is left out; `verify` says what is wrong with it.
    """
    entries = [entry for version in versions(shelf) if (entry := _entry(shelf / version))]
    stable = [entry["version"] for entry in entries if entry["kind"] == "stable"]
    index = {
        "dataset": entries[-1]["dataset"] if entries else None,
        "latest": stable[-1] if stable else None,
        "versions": [{k: said for k, said in each.items() if k != "dataset"} for each in entries],
    }
    return json.dumps(index, ensure_ascii=False, indent=2) + "\n"


def _entry(release: Path) -> dict[str, Any] | None:
    """Return what the index says of *release*, None if it cannot be read."""
    try:
        card = read_descriptor((release / DESCRIPTOR).read_bytes(), release)
        path = release / CHECKPOINT
        checkpoint = parse(path.read_text(encoding="utf-8"), path)
        names = [each["name"] for each in card["resources"] if "primaryKey" in each["schema"]]
        counts = {name: _rows(release / f"{name}.parquet") for name in names}
        previous = card.get(PROPERTY) or {}
        return {
            "dataset": card["name"],
            "version": release.name,
            "kind": "stable" if is_stable(release.name) else "provisional",
            "recorded_at": card["created"],
            **checkpoint.as_json(),
            "sha256sums": f"sha256:{digest(release / SUMS)}",
            "rows": counts,
            "previous": previous.get("version"),
            "bump": previous.get("bump"),
            "because": reasons(previous.get("causes", [])),
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError, VerificationFailed):
        return None


def _rows(path: Path) -> int:
    try:
        return int(pq.read_metadata(path).num_rows)
    except pa.ArrowException as fault:
        raise ValueError(str(fault)) from fault
