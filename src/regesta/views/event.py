"""An event and all that hangs on it, as a page or as data."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from regesta.errors import UsageError
from regesta.views.output import console, write, write_text

Parts = Mapping[str, pl.DataFrame]


def show_event(parts: Parts, form: str, out: Path | None) -> None:
    """Write an event: its row, participants, evidence and relations, as one object or as a page.

    Raises
    ------
    UsageError
        If a form is asked for that holds one table only.
    """
    match form:
        case "table" if out is None:
            _page(parts)
        case "json" | "jsonl":
            indent = orjson.OPT_INDENT_2 if form == "json" else 0
            write_text(orjson.dumps(_object(parts), option=indent).decode() + "\n", out)
        case _:
            raise UsageError(reason="An event is several tables; ask for table, json or jsonl.")


def _object(parts: Parts) -> dict[str, Any]:
    event = parts["events"].row(0, named=True)
    if event["details"]:
        event["details"] = orjson.loads(event["details"])
    others = {name: frame.to_dicts() for name, frame in parts.items() if name != "events"}
    return {"event": event, **others}


def _page(parts: Parts) -> None:
    page = console()
    event = parts["events"].row(0, named=True)
    page.print(event["title"], style="bold", markup=False)
    place = " · ".join(filter(None, (event["place"], event["country"])))
    heads = (event["event_id"], event["event_type"], event["date"], place)
    page.print(" · ".join(filter(None, heads)), markup=False)
    if event["summary"]:
        page.print(event["summary"], markup=False)
    for name, fact in orjson.loads(event["details"] or "{}").items():
        page.print(f"  {name}: {_plain(fact)}", markup=False)
    for title, frame in (
        ("Participants", _participants(parts["participants"])),
        ("Evidence", _evidence(parts["evidence"])),
        ("Relations", _relations(parts["relations"])),
    ):
        page.print(f"\n{title}", style="bold", markup=False)
        if frame.is_empty():
            page.print("none", markup=False)
        else:
            said = [name for name in frame.columns if frame[name].null_count() < frame.height]
            write(frame.select(said), "table", None)


def _plain(fact: object) -> str:
    """Return a fact of `details` as a person writes it."""
    if isinstance(fact, list):
        return "; ".join(map(_plain, fact))
    return fact if isinstance(fact, str) else orjson.dumps(fact).decode()


def _participants(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select("role", "actor_id", "name", "on_behalf_of")


def _evidence(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(
        known=pl.coalesce("said_on", "published_on"),
        speaker=pl.coalesce("speaker", pl.format("({})", "publisher")),
        stance="stance",
        aspect="aspect",
        value="value",
        gist="gist",
        publisher="publisher",
    )


def _relations(frame: pl.DataFrame) -> pl.DataFrame:
    arrow = pl.when(pl.col("direction") == "to").then(pl.lit("→")).otherwise(pl.lit("←"))
    return frame.select(
        relation=pl.concat_str(arrow, pl.lit(" "), "relation"),
        other="other_id",
        provision="provision",
        date="other_date",
        title="other_title",
        note="note",
    )
