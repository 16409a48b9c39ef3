"""A receipt, or a plan, as a person reads it."""

from __future__ import annotations

import orjson
import polars as pl

from regesta.log.receipt import COUNTS, Receipt, Recorded
from regesta.views.output import console, write, write_text

SHOWN_CHANGES = 50


def show_receipt(receipt: Receipt) -> None:
    """Print what an import did, or would do, table by table."""
    rows = [{"table": name, **counts} for name, counts in receipt.tables.items()]
    write(pl.DataFrame(rows, schema=["table", *COUNTS], orient="row"), "table", None)
    page = console()
    if receipt.dry_run:
        _show_changes(receipt.changes)
        page.print("A dry run: nothing was recorded.", markup=False)
    elif receipt.batch is None:
        page.print(_why_nothing(receipt), markup=False)
    else:
        size, root = receipt.checkpoint.size, receipt.checkpoint.root.hex()
        page.print(f"Batch {receipt.batch}: the log has {size} records, root {root}.", markup=False)


def _why_nothing(receipt: Receipt) -> str:
    rejected = receipt.total("rejected")
    if not rejected:
        return "The log says all this already: nothing was recorded."
    if rejected == receipt.total("read"):
        return "Every row was refused: nothing was recorded."
    return "The log says all that is valid already: nothing was recorded."


def show_recorded(recorded: Recorded, *, as_json: bool) -> None:
    """Print what a batch of curation recorded."""
    if as_json:
        write_text(orjson.dumps(recorded.as_json()).decode() + "\n", None)
        return
    page = console()
    if recorded.batch is None:
        page.print("There was nothing to record.", markup=False)
        return
    write(recorded.records, "table", None)
    size, root = recorded.checkpoint.size, recorded.checkpoint.root.hex()
    page.print(f"Batch {recorded.batch}: the log has {size} records, root {root}.", markup=False)


def _show_changes(changes: pl.DataFrame) -> None:
    if changes.height:
        write(changes.head(SHOWN_CHANGES), "table", None)
    if changes.height > SHOWN_CHANGES:
        console().print(f"... and {changes.height - SHOWN_CHANGES} more.", markup=False)
