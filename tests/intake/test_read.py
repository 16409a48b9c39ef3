"""The door for files: endings, gzip, and paths that lead nowhere."""

import gzip
import io
import json
from contextlib import suppress
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regesta.errors import InvalidInput, NoSuchFile, RegestaError, StorageFault, UsageError
from regesta.intake import delimited, torn
from regesta.intake.opened import contents
from regesta.intake.read import READERS, read_table
from regesta.limits import MAX_COLUMNS


def example(ending: str) -> bytes:
    """Return a file of one row in the format of *ending*."""
    file = io.BytesIO()
    if ending == ".parquet":
        pl.DataFrame({"id": ["1"], "day": ["2"]}).write_parquet(file)
    elif ending == ".xlsx":
        book = openpyxl.Workbook()
        book.active.append(["id", "day"])
        book.active.append([1, 2])
        book.save(file)
    elif ending in (".jsonl", ".ndjson"):
        file.write(b'{"id": 1, "day": 2}')
    else:
        file.write(b"id\tday\n1\t2\n")
    return file.getvalue()


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("ending", READERS)
def test_the_ending_chooses_the_reader(tmp_path: Path, ending: str, *, packed: bool) -> None:
    """Each format is read by its ending, in capitals or not, packed or not."""
    data = example(ending)
    path = tmp_path / f"talks.v2{ending.upper()}{'.gz' if packed else ''}"
    path.write_bytes(gzip.compress(data, mtime=0) if packed else data)
    raw = read_table(path)
    assert raw.source == path.name
    assert raw.frame.to_dicts() == [{"id": "1", "day": "2"}]


@pytest.mark.parametrize("ending", READERS)
@given(data=st.binary())
def test_any_bytes_give_a_table_or_a_refusal(ending: str, data: bytes) -> None:
    """Bytes of any kind give a table or an error of ours, never a traceback."""
    with suppress(RegestaError):
        READERS[ending]("talks", data)


@pytest.mark.parametrize("ending", READERS)
def test_any_beginning_of_a_file_gives_a_table_or_a_refusal(ending: str) -> None:
    """A file cut short anywhere gives a table or an error of ours, never a traceback."""
    data = example(ending)
    for stop in range(0, len(data), max(1, len(data) // 200)):
        with suppress(RegestaError):
            READERS[ending]("talks", data[:stop])


@pytest.mark.parametrize("name", ["talks.doc", "talks", "talks.gz", ".csv", "talks.csv.zip"])
def test_an_unknown_ending_names_the_known_ones(tmp_path: Path, name: str) -> None:
    """A file whose format nothing tells is a usage error that lists the formats."""
    with pytest.raises(UsageError, match=r"\.csv \.tsv .*\.xlsx") as caught:
        read_table(tmp_path / name)
    assert caught.value.exit_status == 2


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A path that leads nowhere is named."""
    with pytest.raises(NoSuchFile, match=r"talks\.csv"):
        read_table(tmp_path / "talks.csv")


def test_a_folder_is_no_table_file(tmp_path: Path) -> None:
    """A folder is refused, whatever its name ends in."""
    folder = tmp_path / "talks.csv"
    folder.mkdir()
    with pytest.raises(UsageError, match="folder"):
        read_table(folder)


def test_a_device_is_no_table_file(tmp_path: Path) -> None:
    """Something that has no end is not read."""
    path = tmp_path / "talks.csv"
    path.symlink_to("/dev/zero")
    with pytest.raises(UsageError, match="no regular file"):
        read_table(path)


def test_a_file_that_cannot_be_read_is_a_fault_of_storage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the disk refuses is told with its reason."""

    def refuse(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    path = tmp_path / "talks.csv"
    path.touch()
    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(StorageFault, match="Permission denied"):
        read_table(path)


PACKED = gzip.compress(b"id,day\n1,2\n" * 20, mtime=0)


@pytest.mark.parametrize("data", [b"id,day\n", PACKED[:-1], PACKED[:12], PACKED + b"x", b"\x1f"])
def test_a_damaged_gzip_file_is_refused(tmp_path: Path, data: bytes) -> None:
    """A gzip file that is none, is cut, or has more behind it is refused."""
    path = tmp_path / "talks.csv.gz"
    path.write_bytes(data)
    with pytest.raises(InvalidInput) as caught:
        read_table(path)
    assert caught.value.failures.select("file", "rule").rows() == [(path.name, "gzip-error")]


@given(st.integers(0, len(PACKED) - 1), st.integers(1, 255))
def test_any_altered_byte_of_a_gzip_file_gives_a_table_or_a_refusal(
    tmp_path_factory: pytest.TempPathFactory, place: int, change: int
) -> None:
    """A gzip file with one byte altered gives its bytes or an error of ours."""
    path = tmp_path_factory.getbasetemp() / "altered.csv.gz"
    path.write_bytes(PACKED[:place] + bytes([PACKED[place] ^ change]) + PACKED[place + 1 :])
    with suppress(RegestaError):
        assert contents(path) == gzip.decompress(PACKED)


def test_a_gzip_file_may_not_unpack_to_more_than_the_limit(tmp_path: Path) -> None:
    """A file that unpacks to more than the limit is dropped there."""
    path = tmp_path / "talks.csv.gz"
    path.write_bytes(gzip.compress(bytes(1001), mtime=0))
    assert len(contents(path, most=1001)) == 1001
    with pytest.raises(InvalidInput) as caught:
        contents(path, most=1000)
    assert "1,000 bytes" in caught.value.failures["message"].item()


def test_a_packed_file_that_holds_far_more_than_its_size_tells_is_a_bomb(tmp_path: Path) -> None:
    """Text packs to a tenth; what packs to a thousandth is nothing, many times."""
    path = tmp_path / "talks.csv.gz"
    path.write_bytes(gzip.compress(bytes(2**25), mtime=0))
    with pytest.raises(InvalidInput) as caught:
        contents(path)
    assert "as no table does" in caught.value.failures["message"].item()


@pytest.mark.parametrize("ending", [".csv", ".jsonl", ".parquet", ".xlsx"])
def test_a_table_wider_than_any_is_refused(ending: str) -> None:
    """More columns than are read are one failure of the file, not one each."""
    names = [f"c{number}" for number in range(MAX_COLUMNS + 1)]
    file = io.BytesIO()
    if ending == ".parquet":
        pl.DataFrame({name: ["x"] for name in names}).write_parquet(file)
    elif ending == ".xlsx":
        book = openpyxl.Workbook()
        book.active.append(names)
        book.save(file)
    else:
        line = dict.fromkeys(names, 1)
        file.write(json.dumps(line).encode() if ending == ".jsonl" else ",".join(names).encode())
    with pytest.raises(InvalidInput) as caught:
        READERS[ending]("talks", file.getvalue())
    assert caught.value.failures.height == 1


@pytest.mark.parametrize(
    ("ending", "row"), [(".csv", b"x\n"), (".csv", b'"x"y,z\n'), (".jsonl", b'{"a"\n')]
)
def test_a_file_of_nothing_but_torn_rows_is_no_table(
    ending: str, row: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond a million rows that cannot be taken apart, it is the file that is told."""
    for module in (torn, delimited):
        monkeypatch.setattr(module, "MAX_TORN", 10)
    with pytest.raises(InvalidInput) as caught:
        READERS[ending]("talks", b"a,b\n" + row * 12)
    assert caught.value.failures.height == 1
    assert "rows cannot be taken apart" in caught.value.failures["message"].item()
