"""Tables as files: CSV for everybody, Parquet for the typed and described."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from types import MappingProxyType

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from regesta.abreast import abreast
from regesta.errors import VerificationFailed
from regesta.limits import excess
from regesta.merkle import HASH_SIZE
from regesta.research.timeline import ORDER
from regesta.schema.codebook import LOG_COLUMNS
from regesta.schema.columns import Kind
from regesta.schema.tables import TIMELINE, TableSchema
from regesta.vectors import utf8_of

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
_LOG_DTYPES = MappingProxyType(
    {name: pl.Int64() for name in ("position", "batch", "revision", "supersedes")}
    | {"leaf": pl.Binary()}
)
_LOG_CODES = MappingProxyType({"action": {"codes": "actions"}, "reason": {"codes": "reasons"}})
_SLICE = 8192

_ROW_GROUP = 1_048_576
"""Rows of a Parquet file that lie together: as many as Arrow puts there by itself."""


def in_order(table: TableSchema, frame: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of *table* in the order in which they are published, columns as described."""
    order: Sequence[str] = ORDER if table is TIMELINE else table.key
    return frame.select(list(table.columns)).sort(order, nulls_last=True)


def csv_parts(frame: pl.DataFrame) -> Iterator[bytes]:
    """Yield *frame* as CSV in parts: LF, minimal quotes, an empty cell for null, no exponents."""
    return abreast(_as_csv, [frame.clear(), *frame.iter_slices(_SLICE)])


def _as_csv(part: pl.DataFrame) -> bytes:
    """Return some rows as CSV, or the header where there are none."""
    buffer = BytesIO()
    part.write_csv(buffer, include_header=part.is_empty(), float_scientific=False)
    return buffer.getvalue()


def write_csv(frame: pl.DataFrame, path: Path) -> str:
    """Write *frame* as CSV in UTF-8, and return the SHA-256 of the file in hex."""
    digest = sha256()
    # Python's own file says what is wrong with the disk.
    with path.open("wb") as file:
        for part in csv_parts(frame):
            file.write(part)
            digest.update(part)
    return digest.hexdigest()


def is_csv_of(frame: pl.DataFrame, path: Path) -> bool:
    """Return whether the file *path* is, byte for byte, what `write_csv` writes of *frame*."""
    return holds(path, csv_parts(frame))


def holds(path: Path, parts: Iterable[bytes]) -> bool:
    """Return whether the file *path* is these *parts*, one after another; all of them are taken."""
    with path.open("rb") as file:
        # Only bytes are compared with bytes as fast as the machine can.
        same = [file.read(len(part)) == part for part in parts]
        return all(same) and not file.read(1)


def as_lines(texts: pl.Series) -> bytes:
    """Return each of *texts* and a line feed, in UTF-8."""
    lines = texts.to_frame("line").select(pl.concat_str("line", pl.lit("\n")))
    return utf8_of(lines.to_series()).tobytes()


def write_parquet(
    table: TableSchema, frame: pl.DataFrame, path: Path, about: Mapping[str, str]
) -> None:
    """Write rows of *table* as Parquet; the file also holds *about* and each description."""
    with _writing([_field(table, name) for name in table.columns], path, about) as add:
        add(frame)


@contextmanager
def write_history(
    table: TableSchema, path: Path, about: Mapping[str, str]
) -> Iterator[Callable[[pl.DataFrame], None]]:
    """Yield what writes the records of *table*, the next ones by position, to a Parquet file."""
    own = [_field(table, name) for name in table.columns if name not in LOG_COLUMNS]
    with _writing([*map(_log_field, LOG_COLUMNS), *own], path, about) as add:
        yield lambda records: add(records.sort("position"))


@contextmanager
def _writing(
    fields: Sequence[pa.Field], path: Path, about: Mapping[str, str]
) -> Iterator[Callable[[pl.DataFrame], None]]:
    """Yield what takes the next rows of a Parquet file: they are written a row group at a time.

    The file is the same in whatever parts they come.
    """
    schema = pa.schema(fields, metadata=dict(about))
    waiting: list[pl.DataFrame] = []

    def write(rows: pl.DataFrame) -> None:
        columns = [_column(rows[field.name], field) for field in fields]
        writer.write_table(pa.Table.from_arrays(columns, schema=schema))

    def add(rows: pl.DataFrame) -> None:
        if rows.is_empty() and waiting:
            return
        waiting.append(rows)
        while sum(part.height for part in waiting) > _ROW_GROUP:
            whole = pl.concat(waiting)
            write(whole[:_ROW_GROUP])
            waiting[:] = [whole[_ROW_GROUP:]]

    with (
        path.open("wb") as file,
        pq.ParquetWriter(
            file, schema, compression="zstd", write_statistics=True, write_page_checksum=True
        ) as writer,
    ):
        yield add
        write(pl.concat(waiting))


def _column(cells: pl.Series, field: pa.Field) -> pa.Array:
    """Return *cells* in one chunk: chunks would show in the bytes of the file."""
    if pa.types.is_date(field.type):
        cells = cells.cast(pl.Date)
    return cells.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest()).cast(field.type)


def _field(table: TableSchema, name: str) -> pa.Field:
    column = table.columns[name]
    said = {
        "description": column.description,
        "coding": column.coding,
        "unit": column.unit,
        "codes": column.codes,
        "references": column.references,
    }
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
        metadata={"description": LOG_COLUMNS[name], **_LOG_CODES.get(name, {})},
    )


def csv_columns(table: TableSchema, path: Path) -> list[str]:
    """Return the columns of *table*, in its order, that a CSV file of a release has.

    Raises
    ------
    ValueError
        If its first line is no header of columns of the table.
    """
    return _columns_of(table, _header(path))


def read_text_csv(path: Path) -> pl.DataFrame:
    """Return the cells of a CSV file of a release as text; what is packed or damaged is no CSV.

    Raises
    ------
    ValueError
        If its first line is no header in ASCII.
    """
    _header(path)  # polars would unpack what begins as packed files do
    return pl.read_csv(path, infer_schema=False, glob=False)


def _header(path: Path) -> list[str]:
    with path.open("rb") as file:
        header = file.readline(2**16).decode("ascii").removesuffix("\n")
    if not header.replace("_", "").replace(",", "").isalnum():
        raise ValueError(f"{path.name} has no header")
    return header.split(",")


def _columns_of(table: TableSchema, found: Sequence[str]) -> list[str]:
    """Return those of the columns *found*, all of which must be columns of *table*, in its order.

    Raises
    ------
    ValueError
        If one is not.
    """
    if unknown := set(found) - set(table.columns):
        raise ValueError(f"{table.name} has no column {min(unknown)}")
    return [name for name in table.columns if name in found]


def read_records(table: TableSchema, release: Path) -> pl.DataFrame:
    """Return the records of *table* from its history in *release*, by position.

    A column that tables did not have when the release was written is null.

    Raises
    ------
    VerificationFailed
        If the file is no such history.
    """
    columns = dict.fromkeys([*LOG_COLUMNS, *table.columns])
    new = [name for name, each in table.columns.items() if not each.required]
    known = [name for name in columns if name != "supersedes" and name in LOG_COLUMNS]
    path = release / "history" / f"{table.name}.parquet"
    try:
        found = _opened(path)
        strange = set(found.columns) - set(columns)
        absent = [pl.lit(None, table.dtypes[name]).alias(name) for name in new if name not in found]
        found = found.with_columns(absent).select(list(columns))
    except (OSError, ValueError, pl.exceptions.PolarsError) as fault:
        raise _no_history(path, str(fault).partition("\n")[0]) from None
    if strange:
        raise _no_history(path, f"there is no column {min(strange)!r}")
    for name, dtype in found.schema.items():
        if dtype != (_LOG_DTYPES.get(name) or table.dtypes.get(name, pl.String())):
            raise _no_history(path, f"{dtype} in the column {name!r}")
    if not found["position"].is_sorted() or sum(found.select(known).null_count().row(0)):
        raise _no_history(path, "its records are not in order, or lack what each has")
    return found


def _no_history(path: Path, what: str) -> VerificationFailed:
    return VerificationFailed(reason=f"{path} is no history of a table: {what}.", faults=[what])


def read_parquet(table: TableSchema, path: Path) -> pl.DataFrame:
    """Return the rows of *table* that `write_parquet` wrote to *path*, likewise."""
    found = _opened(path)
    return found.select(_columns_of(table, found.columns))


def _opened(path: Path) -> pl.DataFrame:
    """Return what a Parquet file holds, if that is no more than a file of its size may."""
    if beyond := excess(pq.read_metadata(path), path.stat().st_size):
        raise ValueError(f"{path.name} {beyond}")
    return pl.read_parquet(path, glob=False)
