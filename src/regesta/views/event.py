"""An event and all that hangs on it, as a page or as data."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import polars as pl
from rich.console import Console

from regesta.research.words import when
from regesta.views.output import named_form, print_table, write, write_page, write_text

Parts = Mapping[str, pl.DataFrame]


def show_event(
    parts: Parts, asked: str, form: str, out: Path | None, *, excel_safe: bool = False
) -> None:
    """Write an event as a page or one object with all that hangs on it, or its claims as rows.

    *asked* is the id that was asked for, which another may have taken over; *excel_safe* as
    `write` takes it.
    """
    match named_form(form, out, excel_safe=excel_safe):
        case "table":
            write_page(lambda page: _page(page, parts, asked), out)
        case "json" | "jsonl" as named:
            indent = orjson.OPT_INDENT_2 if named == "json" else 0
            write_text(orjson.dumps(_object(parts), option=indent).decode() + "\n", out)
        case named:
            write(parts["evidence"], named, out, excel_safe=excel_safe)


def _object(parts: Parts) -> dict[str, Any]:
    event = parts["events"].row(0, named=True)
    if event["details"]:
        event["details"] = orjson.loads(event["details"])
    merged = parts["merged"]["event_id"].to_list()
    others = {
        name: frame.to_dicts() for name, frame in parts.items() if name not in ("events", "merged")
    }
    return {"event": event, "merged": merged, **others}


def _page(page: Console, parts: Parts, asked: str) -> None:
    event = parts["events"].row(0, named=True)
    if asked != event["event_id"]:
        page.print(f"{asked} gave way to {event['event_id']}.", markup=False)
    page.print(event["title"], style="bold", markup=False)
    place = " · ".join(filter(None, (event["place"], event["country"])))
    heads = (event["event_id"], event["event_type"], event["date"], place)
    page.print(" · ".join(filter(None, heads)), markup=False)
    if event["summary"]:
        page.print(event["summary"], markup=False)
    for name, fact in orjson.loads(event["details"] or "{}").items():
        page.print(f"  {name}: {_plain(fact)}", markup=False)
    if parts["merged"].height:
        gone = ", ".join(parts["merged"]["event_id"])
        page.print(f"Gave way to it: {gone}", markup=False)
    _statuses(page, parts["statuses"])
    for title, frame in (
        ("Participants", _participants(parts["participants"])),
        ("Values that are claimed", _values(parts["values"])),
        ("Evidence", _evidence(parts["evidence"])),
        ("Relations", _relations(parts["relations"])),
    ):
        if frame.is_empty() and title.startswith("Values"):
            continue
        page.print(f"\n{title}", style="bold", markup=False)
        if frame.is_empty():
            page.print("none", markup=False)
        else:
            said = [name for name in frame.columns if frame[name].null_count() < frame.height]
            print_table(frame.select(said), page)


def _statuses(page: Console, statuses: pl.DataFrame) -> None:
    """Print status and reason of what happened and of its legality; values have a table."""
    page.print("\nStatus", style="bold", markup=False)
    told = statuses.filter(pl.col("aspect").is_in(["occurrence", "legality"]))
    if told.is_empty():
        page.print("unsourced: no evidence", markup=False)
    for row in told.iter_rows(named=True):
        line = f"{row['aspect']}: {row['status']} since {row['since']}; {row['why']}"
        page.print(line, markup=False)


def _plain(fact: object) -> str:
    """Return a fact of `details` as a person writes it."""
    if isinstance(fact, list):
        return "; ".join(map(_plain, fact))
    return fact if isinstance(fact, str) else orjson.dumps(fact).decode()


def _participants(frame: pl.DataFrame) -> pl.DataFrame:
    named = pl.coalesce("name", "actor_id")
    titled = pl.when(pl.col("office").is_null()).then(named)
    return frame.select(
        "role",
        "actor_id",
        name=titled.otherwise(pl.concat_str(named, pl.col("office"), separator=", ")),
        on_behalf_of="on_behalf_of",
        note="note",
    )


def _values(frame: pl.DataFrame) -> pl.DataFrame:
    mark = pl.when(pl.col("is_disputed")).then(pl.lit("disputed"))
    return frame.select("aspect", "value", mark.alias(" "), "claimed")


def _evidence(frame: pl.DataFrame) -> pl.DataFrame:
    known = pl.col("known_at").map_elements(when, return_dtype=pl.String)
    recorded = pl.format("recorded {}", known)
    return frame.select(
        known=pl.when(pl.col("is_dated") == 1).then(known).otherwise(recorded),
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
