"""`CHANGES.md`: what a first release holds, or the batches since the release before."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import polars as pl

from regesta.release.content import Content


def changes(content: Content) -> str:
    """Return `CHANGES.md` of the release that *content* makes."""
    head = [f"# Changes in {content.card['title']} {content.version}"]
    if content.previous is None:
        return "\n\n".join([*head, *_holdings(content.tables)]) + "\n"
    version, last = content.previous
    batches = content.tables["batches"].filter(pl.col("batch") > last).sort("batch")
    head.append(f"Batches since {version}: {batches.height}, the oldest first.")
    parts = [part for batch in batches.iter_rows(named=True) for part in _batch(batch)]
    return "\n\n".join([*head, *parts]) + "\n"


def _holdings(tables: Mapping[str, pl.DataFrame]) -> Iterator[str]:
    yield "First release. Rows by table:"
    yield "\n".join(f"- {name}: {frame.height}" for name, frame in tables.items())


def _batch(batch: Mapping[str, str | int | None]) -> Iterator[str]:
    """Yield a batch's heading, message and counts."""
    yield f"## Batch {batch['batch']}, {batch['recorded_at']}, {batch['author']}"
    if batch["message"]:
        yield "\n".join(f"> {line}".rstrip() for line in str(batch["message"]).splitlines())
    counts = json.loads(str(batch["counts"] or "{}"))
    lines = [f"- {table}: {_counted(found)}" for table, found in sorted(counts.items())]
    if lines:
        yield "\n".join(lines)


def _counted(found: int | Mapping[str, int]) -> str:
    """Return the counts of one table in words, those of nothing left out."""
    if isinstance(found, int):
        return str(found)
    said = [f"{count} {word}" for word, count in found.items() if count]
    return ", ".join(said) or "nothing"
