"""The one door for files: a path in, a table of texts out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from regesta.errors import UsageError
from regesta.intake.delimited import read_delimited
from regesta.intake.jsonlines import read_jsonlines
from regesta.intake.opened import contents
from regesta.intake.parquet import read_parquet
from regesta.intake.raw import RawTable
from regesta.intake.workbook import read_workbook

Reader = Callable[[str, bytes], RawTable]

READERS: Mapping[str, Reader] = {
    ".csv": read_delimited,
    ".tsv": partial(read_delimited, delimiter="\t"),
    ".txt": read_delimited,
    ".parquet": read_parquet,
    ".jsonl": read_jsonlines,
    ".ndjson": read_jsonlines,
    ".xlsx": read_workbook,
}
"""What reads a file, by the ending of its name; each ending may be followed by ``.gz``."""


def read_table(path: Path) -> RawTable:
    """Return the rows of a file as text, numbered, those that cannot be read set aside.

    Parameters
    ----------
    path
        A file whose ending is one of `READERS`, in capitals or not, with or without ``.gz``.

    Raises
    ------
    NoSuchFile
        If nothing is there.
    UsageError
        If the ending is unknown, or the path is a folder.
    StorageFault
        If the file cannot be read.
    InvalidInput
        If the file as a whole cannot be taken apart, with every reason.
    """
    read = _reader(path)
    return read(path.name, contents(path))


def _reader(path: Path) -> Reader:
    name = path.name.lower().removesuffix(".gz")
    found = READERS.get(Path(name).suffix)
    if found is None:
        known = " ".join(READERS)
        reason = f"{path} has no ending that tells its format; known are {known}, also with .gz."
        raise UsageError(reason=reason)
    return found
