"""Account for an import: every row that was read, and every cell that its records change."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from regesta.flows.preparing import Frames, Prepared
from regesta.log.changes import CHANGE, as_old, changes, whole_rows
from regesta.log.plan import TablePlan
from regesta.log.receipt import COUNTS, Counts
from regesta.schema.tables import TABLES
from regesta.store.store import Store

Plans = Mapping[str, TablePlan]


def row_counts(prepared: Prepared, plans: Plans, gone: Frames) -> Counts:
    """Return, for each table, what became of its rows; `read` is counted where they are read."""
    checked = prepared.checked
    counts = {}
    for name, read in prepared.read.items():
        numbers = {
            "read": read,
            "retracted": gone[name].height if name in gone else 0,
            "duplicate": checked.duplicates.get(name, 0),
            "rejected": checked.rejected.get(name, 0) + prepared.torn.get(name, 0),
        }
        if planned := plans.get(name):
            numbers["added"] = planned.count("add")
            numbers["revised"] = planned.count("revise")
            numbers["restored"] = planned.count("restore")
            numbers["unchanged"] = planned.unchanged
        counts[name] = {each: numbers.get(each, 0) for each in COUNTS}
    return counts


def cell_changes(plans: Plans, gone: Frames, store: Store) -> pl.DataFrame:
    """Return what each planned record changes: whole rows come and go, revisions name columns."""
    schema = {"action": pl.String(), **CHANGE}
    found = [pl.DataFrame(schema=schema)]
    for name, planned in plans.items():
        table = TABLES[name]
        others = planned.records.filter(pl.col("action") != "revise")
        revised = planned.records.filter(pl.col("action") == "revise")
        before = store.records_at(name, revised["supersedes"].alias("position"))
        old = before.select(*table.key, *as_old(table))
        pairs = revised.join(old, on=table.key, maintain_order="left")
        found += [whole_rows(table, others, ["action"]), changes(table, pairs, ["action"])]
        if name in gone:
            retracted = gone[name].with_columns(action=pl.lit("retract"))
            found.append(whole_rows(table, retracted, ["action"]))
    return pl.concat(found)
