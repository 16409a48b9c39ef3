"""Load a release into pandas; every file is held against its digest before it is parsed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from regesta.catalog import versions
from regesta.errors import NoSuchName, UsageError, VerificationFailed
from regesta.log.checkpoint import parse
from regesta.log.moment import cutoff, parse_moment
from regesta.places import shelf
from regesta.release.citation import FORMS, Cited
from regesta.release.digests import read_checked, read_sums
from regesta.release.past import batch_ends, project, until
from regesta.vocabulary import hint

_TEXT = pd.StringDtype("pyarrow")

DTYPES: Mapping[pa.DataType, Any] = MappingProxyType(
    {
        pa.large_string(): _TEXT,
        pa.string(): _TEXT,
        pa.int64(): pd.Int64Dtype(),
        pa.float64(): pd.Float64Dtype(),
        # Nanosecond timestamps begin in 1677; Arrow days reach the year 1.
        pa.date32(): pd.ArrowDtype(pa.date32()),
    }
)
"""The pandas dtype of an Arrow type."""


def load(
    name_or_path: str | Path, *, version: str | None = None, as_of: str | int | None = None
) -> Dataset:
    """Open a release; its tables are read when they are asked for.

    Parameters
    ----------
    name_or_path
        Name of a dataset, or path of a release, of a folder of versions, or of a dataset.
    version
        Which version; the newest when None.
    as_of
        Which state of the log: a position (``41``: after the record with that position), a batch
        (``"batch:7"``), a day (``"2026-11-24"``: its end in UTC) or a time
        (``"2026-11-24T09:30Z"``); the state that was released when None.

    Raises
    ------
    NoSuchName
        If there is no such dataset or version.
    UsageError
        If *as_of* is no moment, or one that the log has not reached.
    VerificationFailed
        If a file is not the one that was released.
    """
    return Dataset(versions.resolve(name_or_path, version), as_of=as_of)


def datasets() -> pd.DataFrame:
    """Return name, newest version (null for none) and what each dataset on the shelf is."""
    rows = [(name, _newest(name), _title(name)) for name in versions.datasets()]
    return pd.DataFrame(rows, columns=["name", "version", "description"], dtype=_TEXT)


class _TableAttribute:
    """A table as an attribute of a `Dataset`, read once, when it is first asked for."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name
        self.__doc__ = f"The rows of the table `{name}`."

    def __get__(self, dataset: Dataset, owner: type) -> pd.DataFrame:
        return dataset.table(self.name)


class Dataset:
    """A release of a dataset, or a past state of it.

    Attributes
    ----------
    name, version, path
        What it is and where it lies.
    digest
        `sha256:` and the digest of `SHA256SUMS`, which holds the digest of every other file.
    root
        `sha256:` and the Merkle root of the log, which does not depend on any file format.
    position
        Position of the last record that counts; None for all.
    """

    events = _TableAttribute()
    participants = _TableAttribute()
    actors = _TableAttribute()
    offices = _TableAttribute()
    sources = _TableAttribute()
    evidence = _TableAttribute()
    relations = _TableAttribute()
    coverage = _TableAttribute()
    batches = _TableAttribute()

    def __init__(self, path: Path, *, as_of: str | int | None = None) -> None:
        """Read what the release says about itself, and where the moment *as_of* lies in it."""
        self.path = path
        self._sums, digest = read_sums(path)
        try:
            self._card = json.loads(self._read("datapackage.json"))
        except ValueError:
            raise VerificationFailed(reason=f"{path}: datapackage.json is not JSON.") from None
        self._checkpoint = parse(self._read("checkpoint").decode("utf-8", errors="replace"))
        self._frames: dict[str, pd.DataFrame] = {}
        self.name: str = self._card["name"]
        self.version: str = self._card["version"]
        self.digest = f"sha256:{digest}"
        self.root = f"sha256:{self._checkpoint.root.hex()}"
        self.position = None if as_of is None else self._cutoff(as_of)

    def __repr__(self) -> str:
        """Return name, version and state in one line."""
        state = "" if self.position is None else f" as of record {self.position}"
        return f"<Dataset {self.name} {self.version}{state}>"

    def table(self, name: str) -> pd.DataFrame:
        """Return the rows of the table *name*; every column has a nullable dtype.

        The frame's `attrs` say which dataset, version and state it came from.
        """
        if name not in self._frames:
            table = self._arrow(name) if self.position is None else self._past(name, self.position)
            self._frames[name] = self._frame(table)
        return self._frames[name]

    def timeline(self) -> pd.DataFrame:
        """Return one row an event, by date, with who took part and who has spoken of it."""
        return self.table("timeline")

    def history(self, name: str) -> pd.DataFrame:
        """Return every record of the table *name*, by position."""
        log = self._arrow(f"history/{name}")
        return self._frame(log if self.position is None else until(log, self.position))

    def cite(self, form: str = "text") -> str:
        """Return how to cite this: as `text`, `bibtex` or `cff`.

        Raises
        ------
        UsageError
            If there is no such form.
        """
        if form not in FORMS:
            raise UsageError(reason=f"There is no citation as {form!r}{hint(form, FORMS)}.")
        return FORMS[form](
            Cited(
                card=self._card,
                version=self.version,
                day=self._card["created"][:10],
                digest=self.root,
                position=self.position,
            )
        )

    @cached_property
    def _resources(self) -> Mapping[str, Mapping[str, Any]]:
        """Return the Table Schema of each table by the table's name."""
        listed = self._card["resources"]
        return {each["name"]: each["schema"] for each in listed if "schema" in each}

    def _read(self, name: str) -> bytes:
        return read_checked(self.path, name, self._sums)

    def _arrow(self, name: str) -> pa.Table:
        file = f"{name}.parquet"
        if file not in self._sums:
            raise NoSuchName(kind="table", name=name, hint=hint(name, self._resources))
        return pq.read_table(pa.BufferReader(self._read(file)))

    def _past(self, name: str, upto: int) -> pa.Table:
        """Return the rows of a table as they stood after the record at position *upto*."""
        if name == "timeline":
            return self._past_timeline(upto)
        schema = self._resources[name]
        columns = [field["name"] for field in schema["fields"]]
        log = self._arrow(f"history/{name}")
        return project(log, upto, columns, schema["primaryKey"])

    def _past_timeline(self, upto: int) -> pa.Table:
        import polars as pl

        from regesta.research.timeline import timeline

        tables = {
            name: pl.DataFrame(self._past(name, upto))
            for name in ("events", "participants", "evidence")
        }
        return timeline(tables).to_arrow(compat_level=pl.CompatLevel.oldest())

    def _cutoff(self, as_of: str | int) -> int:
        moment = parse_moment(as_of)
        return cutoff(moment, batch_ends(self._arrow("history/batches"), self._checkpoint.size))

    def _frame(self, table: pa.Table) -> pd.DataFrame:
        frame: pd.DataFrame = table.to_pandas(types_mapper=DTYPES.get)
        frame.attrs = {
            "dataset": self.name,
            "version": self.version,
            "digest": self.digest,
            "root": self.root,
        }
        if self.position is not None:
            frame.attrs["position"] = self.position
        return frame


def _newest(name: str) -> str | None:
    try:
        return versions.resolve(name).name
    except NoSuchName:
        return None


def _title(name: str) -> str:
    return str(versions.read_card(shelf() / name).get("title", name))
