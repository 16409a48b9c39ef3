"""Tables as files: CSV for everybody, Parquet for the typed and described."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from regesta.merkle import HASH_SIZE
from regesta.research.timeline import ORDER
from regesta.schema.codebook import LOG_COLUMNS
from regesta.schema.columns import Kind
from regesta.schema.tables import TIMELINE, TableSchema

ARROW: Mapping[Kind, pa.DataType] = MappingProxyType(
    {
        # 64-bit offsets: a text column of a large table outgrows 2 GiB.
        "text": pa.large_string(),
        "json": pa.large_string(),
        "integer": pa.int64(),
        "decimal": pa.float64(),
        "day": pa.date32(),
    }
)
"""The Arrow type of a kind of column."""

_LOG_TYPES = MappingProxyType(
    {name: pa.int64() for name in ("position", "batch", "revision", "supersedes")}
    | {"leaf": pa.binary(HASH_SIZE)}
)
_SLICE = 65_536


def in_order(table: TableSchema, frame: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of *table* in the order in which they are published, columns as described."""
    order: Sequence[str] = ORDER if table is TIMELINE else table.key
    return frame.select(list(table.columns)).sort(order, nulls_last=True)


def write_csv(frame: pl.DataFrame, path: Path) -> None:
    """Write *frame* as CSV: UTF-8, LF, minimal quotes, an empty cell for null, no exponents."""
    # Slices go through Python's own file, whose errors say what is wrong with the disk.
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(frame.clear().write_csv())
        for part in frame.iter_slices(_SLICE):
            file.write(part.write_csv(include_header=False, float_scientific=False))


def write_parquet(
    table: TableSchema, frame: pl.DataFrame, path: Path, about: Mapping[str, str]
) -> None:
    """Write rows of *table* as Parquet; the file also holds *about* and each description."""
    _write(frame, [_field(table, name) for name in table.columns], path, about)


def write_history(
    table: TableSchema, frame: pl.DataFrame, path: Path, about: Mapping[str, str]
) -> None:
    """Write the records of *table* as Parquet, by position."""
    own = [_field(table, name) for name in table.columns if name not in LOG_COLUMNS]
    _write(frame.sort("position"), [*map(_log_field, LOG_COLUMNS), *own], path, about)


def _write(
    frame: pl.DataFrame, fields: Sequence[pa.Field], path: Path, about: Mapping[str, str]
) -> None:
    schema = pa.schema(fields, metadata=dict(about))
    columns = [_column(frame[field.name], field) for field in fields]
    with path.open("wb") as file:
        pq.write_table(
            pa.Table.from_arrays(columns, schema=schema),
            file,
            compression="zstd",
            write_statistics=True,
            write_page_checksum=True,
        )


def _column(cells: pl.Series, field: pa.Field) -> pa.Array:
    """Return *cells* in one chunk: chunks would show in the bytes of the file."""
    if pa.types.is_date(field.type):
        cells = cells.cast(pl.Date)
    return cells.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest()).cast(field.type)


def _field(table: TableSchema, name: str) -> pa.Field:
    column = table.columns[name]
    said = {"description": column.description, "coding": column.coding, "unit": column.unit}
    return pa.field(
        name,
        ARROW[column.kind],
        nullable=not column.required,
        metadata={key: value for key, value in said.items() if value},
    )


def _log_field(name: str) -> pa.Field:
    return pa.field(
        name,
        _LOG_TYPES.get(name, pa.large_string()),
        nullable=name == "supersedes",
        metadata={"description": LOG_COLUMNS[name]},
    )


def read_csv(table: TableSchema, path: Path) -> pl.DataFrame:
    """Return the rows of *table* that `write_csv` wrote to *path*, with the columns of then."""
    text = pl.read_csv(path, infer_schema=False, glob=False)
    return text.select(_typed(table, name) for name in _columns_of(table, text))


def _typed(table: TableSchema, name: str) -> pl.Expr:
    if table.columns[name].kind == "day":
        return pl.col(name).str.to_date("%Y-%m-%d")
    return pl.col(name).cast(table.dtypes[name])


def _columns_of(table: TableSchema, found: pl.DataFrame) -> list[str]:
    """Return the columns of *table* that are there; every column that is there must be one."""
    if unknown := set(found.columns) - set(table.columns):
        raise ValueError(f"{table.name} has no column {min(unknown)}")
    return [name for name in table.columns if name in found.columns]


def read_records(table: TableSchema, release: Path) -> pl.DataFrame:
    """Return the records of *table* from its history in *release*, by position."""
    columns = dict.fromkeys([*LOG_COLUMNS, *table.columns])
    return pl.read_parquet(release / "history" / f"{table.name}.parquet", glob=False).select(
        list(columns)
    )


def read_parquet(table: TableSchema, path: Path) -> pl.DataFrame:
    """Return the rows of *table* that `write_parquet` wrote to *path*, likewise."""
    found = pl.read_parquet(path, glob=False)
    return found.select(_columns_of(table, found))
