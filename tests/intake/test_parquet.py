"""Parquet as pandas, polars, Spark and R write it."""

import io
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import inf, nan

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regesta.errors import InvalidInput, RegestaError
from regesta.intake.parquet import read_parquet
from regesta.intake.raw import RawTable

TEXT = st.text(st.characters(exclude_categories=["Cs"])) | st.none()


def parquet(table: pa.Table) -> bytes:
    """Return *table* as a Parquet file."""
    file = io.BytesIO()
    pq.write_table(table, file)
    return file.getvalue()


def column(values: Sequence[object], kind: pa.DataType) -> RawTable:
    """Return what is read of one column of *values*."""
    return read_parquet("talks.parquet", parquet(pa.table({"a": pa.array(values, kind)})))


WHOLE = parquet(
    pa.table(
        {"id": ["ev_1", "ev_2"], "tally": [1, 2], "place": pa.array(["a", None]), "x": [0.5, 1]}
    )
)


@given(st.lists(st.fixed_dictionaries({"a": TEXT, "b": TEXT})))
def test_what_polars_writes_comes_back(records: list[dict[str, str | None]]) -> None:
    """Every text comes back as written; null and the empty text come back as missing."""
    file = io.BytesIO()
    pl.DataFrame(records, schema={"a": pl.String, "b": pl.String}).write_parquet(file)
    raw = read_parquet("talks.parquet", file.getvalue())
    kept = [(row, record) for row, record in enumerate(records, 2) if any(record.values())]
    assert raw.frame.to_dicts() == [
        {key: value or None for key, value in record.items()} for _, record in kept
    ]
    assert raw.rows.to_list() == [row for row, _ in kept]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_a_float_comes_back_from_its_text(values: list[float]) -> None:
    """The text of a float is the shortest that gives it back, and has no exponent."""
    texts = column(values, pa.float64()).frame["a"].to_list()
    assert [float(text) for text in texts] == values
    assert not any("e" in text.lower() or text.endswith(".0") for text in texts)


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        (pa.int64(), -7, "-7"),
        (pa.uint64(), 2**64 - 1, "18446744073709551615"),
        (pa.bool_(), True, "true"),
        (pa.float64(), 12.0, "12"),
        (pa.float64(), -0.0, "0"),
        (pa.float64(), 1e20, "100000000000000000000"),
        (pa.float32(), 0.1, "0.1"),
        (pa.date32(), date(1648, 10, 24), "1648-10-24"),
        (pa.date64(), date(1648, 10, 24), "1648-10-24"),
        (pa.timestamp("us"), datetime(1648, 10, 24), "1648-10-24T00:00:00"),  # noqa: DTZ001 - naive
        (pa.timestamp("ns"), datetime(2023, 9, 13, 10, 5, 6, 700), "2023-09-13T10:05:06.0007"),  # noqa: DTZ001 - naive
        (pa.timestamp("ms", "Asia/Seoul"), 0, "1970-01-01T00:00:00Z"),
        (pa.time64("us"), time(10, 5), "10:05:00"),
        (pa.decimal128(10, 2), Decimal("1.50"), "1.50"),
        (pa.decimal128(20, 12), Decimal("0.00000001"), "0.000000010000"),
        (pa.large_string(), "007", "007"),
        (pa.binary(), "é".encode(), "é"),
        (pa.dictionary(pa.int8(), pa.string()), "RUS", "RUS"),
        (pa.list_(pa.string()), ["b", "a"], '["b","a"]'),
        (
            pa.struct({"b": pa.int8(), "a": pa.date32(), "c": pa.int8()}),
            {"b": 1, "a": date(1648, 1, 1)},
            '{"a":"1648-01-01","b":1}',
        ),
        (pa.map_(pa.string(), pa.int8()), [("b", 1), ("a", 2)], '{"a":2,"b":1}'),
        (pa.uuid(), b"regesta-regesta-", "regesta-regesta-"),
    ],
    ids=str,
)
def test_a_value_becomes_plain_text(kind: pa.DataType, value: object, text: str) -> None:
    """Each type has one plain spelling; null stays missing and its row, if blank, is skipped."""
    raw = column([value, None], kind)
    assert (raw.frame.rows(), raw.rows.to_list()) == ([(text,)], [2])


@pytest.mark.parametrize(
    ("kind", "value", "says"),
    [
        (pa.float64(), nan, "not a number"),
        (pa.float64(), inf, "not a number"),
        (pa.timestamp("ms"), 2**62, "calendar"),
        (pa.list_(pa.float64()), [0.5], "fraction"),
        (pa.list_(pa.string()), [None], "null"),
        (pa.map_(pa.string(), pa.string()), [("a", "1"), ("a", "2")], "duplicate key was 'a'"),
        (pa.struct([("at", pa.timestamp("us"))]), {"at": 2**60}, "cannot be read"),
        (pa.struct([("at", pa.timestamp("us", "Mars/X"))]), {"at": 2**40}, "cannot be read"),
    ],
    ids=str,
)
def test_a_value_without_text_tears_its_row(kind: pa.DataType, value: object, says: str) -> None:
    """A cell that has no plain text is named by row and column; the other rows are read."""
    values = pa.table({"id": ["x", "y", "z"], "a": pa.array([None, value, None], kind)})
    raw = read_parquet("talks.parquet", parquet(values))
    assert raw.rows.to_list() == [2, 4]
    assert raw.torn.keys() == {3}
    assert raw.torn[3].startswith("y,")
    assert raw.unreadable.select("row", "column", "rule").rows() == [(3, "a", "type-error")]
    assert says in raw.unreadable["message"].item()


def test_an_old_spark_timestamp_before_1677_is_read() -> None:
    """A timestamp of 96 bits is not squeezed into nanoseconds since 1970."""
    file = io.BytesIO()
    table = pa.table({"a": pa.array([datetime(1648, 10, 24)], pa.timestamp("us"))})  # noqa: DTZ001 - naive
    pq.write_table(table, file, use_deprecated_int96_timestamps=True)
    assert read_parquet("t.parquet", file.getvalue()).frame.rows() == [("1648-10-24T00:00:00",)]


def refusal(data: bytes) -> list[tuple[str | None, str]]:
    """Return column and rule of each failure that *data* is refused with."""
    with pytest.raises(InvalidInput) as caught:
        read_parquet("talks.parquet", data)
    return caught.value.failures.select("column", "rule").rows()


def test_labels_are_checked_and_columns_without_text_named_together() -> None:
    """Repeated and blank labels and columns that have no text are all refused at once."""
    columns = [["x"], ["y"], ["z"], pa.array([timedelta(1)]), pa.array([b"\xff"])]
    table = pa.table([pa.array(cells) for cells in columns], names=["a", " a", "", "d", "b"])
    expected = {("a", "duplicate-label"), (None, "blank-header")}
    assert set(refusal(parquet(table))) == expected | {("d", "type-error"), ("b", "type-error")}


@pytest.mark.parametrize(
    "data", [b"", b"PAR1", b"PAR1PAR1", b"id,day\n1,2\n", WHOLE[:-1], WHOLE[8:]]
)
def test_a_damaged_file_is_refused(data: bytes) -> None:
    """A file that is cut or is no Parquet is refused as a whole."""
    assert refusal(data) == [(None, "parquet-error")]


@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 255))
def test_any_altered_byte_gives_a_table_or_a_refusal(place: int, change: int) -> None:
    """A file with one byte altered gives a table or an error of ours, never a traceback."""
    altered = WHOLE[:place] + bytes([WHOLE[place] ^ change]) + WHOLE[place + 1 :]
    with suppress(RegestaError):
        read_parquet("talks.parquet", altered)


def test_every_cut_is_refused() -> None:
    """No beginning of a file passes for the file."""
    for stop in range(0, len(WHOLE), 7):
        assert refusal(WHOLE[:stop]) == [(None, "parquet-error")]
