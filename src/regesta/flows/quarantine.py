"""Write the rows that an import refused, whole and unchanged, with the reason beside them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import polars as pl

from regesta.errors import StorageFault, UsageError
from regesta.intake.incoming import Incoming
from regesta.intake.quarantined import PREFIX, REASONS, TORN
from regesta.intake.raw import RawTable
from regesta.schema.tidy import FILE, ROW
from regesta.views.files import written_whole


def refused_rows(incoming: Incoming, failures: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of *incoming* that *failures* name, whole, with the reasons beside them."""
    return pl.concat([_refused(part.raw, failures) for part in incoming.parts], how="diagonal")


def write_quarantine(path: Path, refused: Iterable[pl.DataFrame]) -> None:
    """Write the rows *refused* to the CSV file *path*, one line a row.

    Raises
    ------
    UsageError
        If *path* is a folder or a device, which would not keep them.
    StorageFault
        If the file cannot be written.
    """
    if path.exists() and not path.is_file():
        raise UsageError(reason=f"{path} is no file that keeps rows; name another.")
    whole = pl.concat(refused, how="diagonal")
    try:
        with written_whole(path) as draft:
            whole.write_csv(draft, line_terminator="\n")
    except OSError as fault:
        raise StorageFault(reason=f"{path} cannot be written: {fault.strerror or fault}.") from None


def clear_quarantine(path: Path) -> str | None:
    """Remove the quarantine at *path* that an earlier import wrote, and say so; None without one.

    Raises
    ------
    StorageFault
        If the file cannot be removed.
    """
    if not path.is_file():
        return None
    try:
        path.unlink()
    except OSError as fault:
        raise StorageFault(reason=f"{path} cannot be removed: {fault.strerror}.") from None
    return f"No row was refused: {path}, which held those of an earlier import, was removed."


def is_quarantine(path: Path) -> bool:
    """Return whether the file at *path* is one that `write_quarantine` wrote."""
    begins = f"{PREFIX}{REASONS[0]},".encode()
    with path.open("rb") as file:
        return file.read(len(begins)) == begins


def _refused(raw: RawTable, failures: pl.DataFrame) -> pl.DataFrame:
    """Return the refused rows of one file; a row that fails twice gives both reasons."""
    mine = failures.filter(pl.col("file") == raw.source)
    joined = {
        name: pl.col(name).cast(pl.String).fill_null("").str.join(" | ")
        for name in ("column", "rule", "value", "message")
    }
    reasons = mine.group_by("file", "row", maintain_order=True).agg(**joined)
    whole = raw.frame.with_columns(
        pl.lit(raw.source).alias(FILE), raw.rows.cast(pl.Int64).alias(ROW)
    )
    torn = pl.DataFrame(
        {ROW: list(raw.torn), TORN: list(raw.torn.values())},
        schema={ROW: pl.Int64, TORN: pl.String},
    )
    named = reasons.rename({name: f"{PREFIX}{name}" for name in REASONS})
    at = f"{PREFIX}row"
    return named.join(
        whole.drop(FILE), left_on=at, right_on=ROW, how="left", maintain_order="left"
    ).join(torn, left_on=at, right_on=ROW, how="left", maintain_order="left")
