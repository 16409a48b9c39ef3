"""`CHANGES.md`: what changed since the release before and why, in words; or what a first one holds.

The same lines stand in `changes.csv`, all of them and for programs.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

import polars as pl

from regesta.release.bump import reasons
from regesta.release.content import Content
from regesta.release.shortfalls import shortfalls
from regesta.release.since import Since
from regesta.schema.datapackage import Descriptor, csv_resource
from regesta.schema.gates import Outcome
from regesta.schema.tables import CHANGES, IMPORTED
from regesta.vocabulary import code_list

LISTED = 50
"""Lines of one reason that are written out; `changes.csv` has all of them."""

_LONGEST = 100
_FILE = f"{CHANGES.name}.csv"


def changes(content: Content) -> str:
    """Return `CHANGES.md` of the release that *content* makes."""
    head = [f"# Changes in {content.card['title']} {content.version}"]
    if "-" in content.version:
        head.append("This version is provisional: a stable one follows, and may differ.")
    head += _short(content.gates)
    if content.since is None:
        return "\n\n".join([*head, *_holdings(content.tables)]) + "\n"
    since, batches = content.since, content.tables["batches"]
    newer = batches.filter(pl.col("batch") > since.batch).sort("batch")
    said = [part for batch in newer.iter_rows(named=True) for part in _batch(batch)]
    told = f"Batches since {since.before.version}: {newer.height}, the oldest first."
    parts = [*head, *_summary(since), *_by_reason(since.rows), told, *said]
    return "\n\n".join(parts) + "\n"


def changes_resource(size: int, digest: str) -> Descriptor:
    """Return the resource of `changes.csv`, which has no Parquet file beside it and no key."""
    described = csv_resource(CHANGES, size=size, digest=digest)
    schema = {name: said for name, said in described["schema"].items() if name != "primaryKey"}
    return {**{n: said for n, said in described.items() if n != "parquet"}, "schema": schema}


def _short(gates: Sequence[Outcome]) -> Iterator[str]:
    """Yield the gates that the release was allowed to fall short of, if there are any."""
    if lines := shortfalls(gates):
        yield "This release was allowed to fall short of these gates of the dataset's card:"
        yield "\n".join(lines)


def _holdings(tables: Mapping[str, pl.DataFrame]) -> Iterator[str]:
    yield "First release. Rows by table:"
    yield "\n".join(f"- {name}: {frame.height}" for name, frame in tables.items())
    yield f"`{_FILE}` has no line: there is no release before this one that it could differ from."


def _summary(since: Since) -> Iterator[str]:
    """Yield what the changes add up to: the bump that they call for, and counts by reason."""
    version = since.before.version
    if since.level is None:
        yield f"Nothing differs from {version} but the log."
        return
    why = "; ".join(reasons(since.causes))
    yield (
        f"Against {version} the changes call for a new {since.level.upper()} version "
        f"({since.due}): {why}."
    )
    if since.rows.height:
        rows = [
            (_heading(reason), table, *counts)
            for reason, lines in _groups(since.rows)
            for table, *counts in _counts(lines)
        ]
        yield f"Rows that differ, by reason (each is named in `{_FILE}`):"
        yield _grid(("why", "table", *code_list("changes"), "cells revised"), rows)


def _groups(rows: pl.DataFrame) -> Iterator[tuple[str | None, pl.DataFrame]]:
    """Yield the lines of each reason, in the order of the code list; those without one last."""
    for reason in (*code_list("reasons"), None):
        lines = rows.filter(pl.col("reason").eq_missing(pl.lit(reason, pl.String)))
        if lines.height:
            yield reason, lines


def _heading(reason: str | None) -> str:
    if reason is None:
        return "Seen otherwise"
    return code_list("reasons")[reason]["heading"]


def _counts(lines: pl.DataFrame) -> Iterator[list[str]]:
    """Yield each table of *lines*, how many rows became what, and how many cells were revised."""
    for table in IMPORTED:
        mine = lines.filter(table=table)
        by_action = [mine.filter(action=action) for action in code_list("changes")]
        if mine.height:
            counts = [found["key"].n_unique() for found in by_action]
            counts.append(mine["column"].count())
            yield [table, *(f"{count:,}" if count else "" for count in counts)]


def _by_reason(rows: pl.DataFrame) -> Iterator[str]:
    for reason, lines in _groups(rows):
        code = "no reason of its own" if reason is None else f"`{reason}`"
        yield f"## {_heading(reason)} ({code})"
        yield (
            "No record of these rows made the difference, but what came to be known of others."
            if reason is None
            else code_list("reasons")[reason]["description"]
        )
        yield "\n".join(_said(line) for line in lines.head(LISTED).iter_rows(named=True))
        if lines.height > LISTED:
            yield f"And {lines.height - LISTED:,} more lines of `{_FILE}`."


def _said(line: Mapping[str, str | int | None]) -> str:
    """Return one line of the changes in words."""
    row = f"- {line['table']} {_code(line['key'])}"
    batch = "" if line["batch"] is None else f" (batch {line['batch']})"
    match line["action"]:
        case "revised":
            cells = " → ".join(_code(line[end]) for end in ("old", "new"))
            return f"{row}, {line['column']}: {cells}{batch}"
        case "merged":
            return f"{row}: merged into {_code(line['new'])}{batch}"
        case "rekeyed":
            return f"{row}: now {_code(line['new'])}{batch}"
        case action:
            return f"{row}: {action}{batch}"


def _code(value: str | int | None) -> str:
    """Return *value* as a code span on one line, short; nothing in it is Markdown or HTML."""
    if value is None:
        return "(empty)"
    text = " ".join(str(value).split())
    text = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    fence = "`" * (max(map(len, _runs(text)), default=0) + 1)
    pad = " " if "`" in text or not text else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def _runs(text: str) -> list[str]:
    """Return the runs of backticks in *text*."""
    return "".join(sign if sign == "`" else " " for sign in text).split()


def _grid(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


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
