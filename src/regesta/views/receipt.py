"""A receipt, or a plan, as a person reads it."""

from __future__ import annotations

import polars as pl

from regesta.log.receipt import COUNTS, Receipt
from regesta.views.output import console, write

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
        page.print("The log says all this already: nothing was recorded.", markup=False)
    else:
        size, root = receipt.checkpoint.size, receipt.checkpoint.root.hex()
        page.print(f"Batch {receipt.batch}: the log has {size} records, root {root}.", markup=False)


def _show_changes(changes: pl.DataFrame) -> None:
    if changes.height:
        write(changes.head(SHOWN_CHANGES), "table", None)
    if changes.height > SHOWN_CHANGES:
        console().print(f"... and {changes.height - SHOWN_CHANGES} more.", markup=False)
