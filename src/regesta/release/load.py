"""A release in pandas and its kin; every file is held against its digest before it is parsed.

What the release itself publishes is read from its files. What it would have said at another time
is asked of its log, through the function that a `Dataset` is given for that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol, Unpack

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from regesta.catalog import versions
from regesta.catalog.versions import CHECKPOINT
from regesta.errors import NoSuchName, UsageError, VerificationFailed
from regesta.limits import excess
from regesta.log.checkpoint import parse
from regesta.log.moment import cutoff, parse_moment
from regesta.merkle import HASH_SIZE
from regesta.places import shelf
from regesta.release.citation import FORMS, QUERY_FORMS, Cited
from regesta.release.files import Files
from regesta.release.frames import as_polars, in_duckdb
from regesta.release.past import RECORDED, batch_ends, project, until
from regesta.research.filters import Asked, Filters
from regesta.research.vantage import parse_known_by
from regesta.vocabulary import hint, require_code

if TYPE_CHECKING:
    import duckdb
    import polars as pl

PARTIES = "parties"
"""The policy that a release is published under."""

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


_NUMBERS = ("position", "batch", "revision", "supersedes")
_LEAF = pa.binary(HASH_SIZE)


class Seen(Protocol):
    """The log of a release as it is seen from a vantage: tables with the timeline, statuses."""

    def table(self, name: str) -> pa.Table:
        """Return the rows of a table."""
        ...

    def status(self) -> pa.Table:
        """Return the status of each aspect of each event."""
        ...

    def found(self, filters: Filters) -> pa.Table:
        """Return the timeline of the events that *filters* let through."""
        ...

    def cite(self, rows: pd.DataFrame, filters: Filters, form: str) -> str:
        """Return the citation of *rows*, which are what *filters* let through."""
        ...


class Ask(Protocol):
    """What opens the log of a release to look at it from a vantage."""

    def __call__(
        self, release: Path, *, upto: int | None, known_by: str | None, policy: str
    ) -> Seen:
        """Return *release* as seen after the record *upto*, by what was known, under a policy."""
        ...


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
        What it is, and the folder in which it lies, or into which its files are copied.
    digest
        `sha256:` and the digest of `SHA256SUMS`, which holds the digest of every other file.
    root
        `sha256:` and the Merkle root of the log, which does not depend on any file format.
    position
        Position of the last record that counts; None for all.
    known_by
        The last moment at which a claim that counts became known, in UTC; None for any.
    policy
        The policy by which claims are weighed and events kept.
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

    def __init__(
        self,
        files: Files,
        ask: Ask,
        *,
        as_of: str | int | None = None,
        known_by: str | None = None,
        policy: str = PARTIES,
    ) -> None:
        """Read what the release says about itself, and where the moment *as_of* lies in it."""
        require_code(policy, "policies", "policy")
        self.path = files.path
        self.policy = policy
        self._files = files
        self._ask = ask
        self._card = self._described()
        checkpoint = files.read(CHECKPOINT).decode("utf-8", errors="replace")
        self._checkpoint = parse(checkpoint, f"{files.where}/{CHECKPOINT}")
        self._frames: dict[str, pd.DataFrame] = {}
        self.name: str = self._card["name"]
        self.version: str = self._card["version"]
        self.digest = f"sha256:{files.digest}"
        self.root = f"sha256:{self._checkpoint.root.hex()}"
        self.position = None if as_of is None else self._cutoff(as_of)
        known = [parse_known_by(str(known_by))] if known_by is not None else []
        known += [self._card["knownBy"]] if "knownBy" in self._card else []
        self.known_by = min(known, default=None)
        self._is_as_released = as_of is None and known_by is None and policy == PARTIES

    def __repr__(self) -> str:
        """Return name, version and state in one line."""
        state = "" if self.position is None else f" as of record {self.position}"
        known = "" if self.known_by is None else f" known by {self.known_by}"
        policy = "" if self.policy == PARTIES else f" under {self.policy}"
        return f"<Dataset {self.name} {self.version}{state}{known}{policy}>"

    def table(self, name: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Return the rows of the table *name*; every column has a nullable dtype.

        Of *columns* only these are read, and come in this order. A whole file is read once; each
        frame is the caller's own, to change at will. Its `attrs` say which dataset, version and
        state it came from.

        Raises
        ------
        NoSuchName
            If there is no such table or column.
        """
        if columns is not None:
            return self._frame(self._rows(name, columns))
        if name not in self._frames:
            self._frames[name] = self._frame(self._rows(name))
        # pandas copies the values only when somebody changes them.
        return self._frames[name].copy(deep=False)

    def arrow(self, name: str = "timeline", columns: Sequence[str] | None = None) -> pa.Table:
        """Return the rows of the table *name* as an Arrow table, of *columns* only these.

        Raises
        ------
        NoSuchName
            If there is no such table or column.
        """
        return self._rows(name, columns)

    def polars(self, name: str = "timeline", columns: Sequence[str] | None = None) -> pl.DataFrame:
        """Return the rows of the table *name* as a frame of polars, of *columns* only these.

        Raises
        ------
        NoSuchName
            If there is no such table or column.
        """
        return as_polars(self._rows(name, columns))

    def duckdb(self) -> duckdb.DuckDBPyConnection:
        """Return a DuckDB database in memory, in UTC, with a view of each table by its name.

        What was released is read from its files, each checked now, when a query asks for it.

        Raises
        ------
        UsageError
            If DuckDB is not installed.
        """
        if not self._is_as_released:
            return in_duckdb({name: self._rows(name) for name in self._resources})
        for name in self._resources:
            self._opened(f"{name}.parquet")
        return in_duckdb({name: self.path / f"{name}.parquet" for name in self._resources})

    def timeline(self, **asked: Unpack[Asked]) -> pd.DataFrame:
        """Return one row an event that the policy keeps, by date, with its status.

        The filters are those of `regesta timeline`; with one, the log of the release is asked.
        `cite` gives the citation of what is returned.

        Parameters
        ----------
        asked
            ``actor``, ``between`` (two actors), ``event_type``, ``country``, ``since``, ``until``
            (EDTF), ``status``, ``related_to`` (an event) and ``limit``.

        Raises
        ------
        NoSuchName
            If an actor, an event or a code is not known.
        UsageError
            If a day cannot be read, or the limit is none.
        """
        filters = Filters(**asked)
        if filters == Filters():
            return self.table("timeline")
        frame = self._frame(self._seen.found(filters))
        frame.attrs["filters"] = filters.as_json()
        return frame

    def status(self) -> pd.DataFrame:
        """Return the status of each aspect of each event, the moment since which, and the sums."""
        return self._frame(self._seen.status())

    def resolve(self, event_id: str) -> str:
        """Return the event that *event_id* names: itself, or the one that it was merged into.

        Raises
        ------
        NoSuchName
            If there is no such event.
        """
        from regesta.research.merges import survivors

        there = self._ids()
        gone = _last_records(self.history("events"), ["event_id"], "retract")
        log = self.history("relations")
        said = log.loc[(log["relation"] == "same_as") & (log["action"] != "retract")]
        then = said.merge(gone, on=["event_id", "batch"])
        key = ["event_id", "relation", "other_id"]
        told = _last_records(log, key).merge(then[key], on=key)
        pairs = told[["event_id", "other_id"]].itertuples(index=False)
        found = survivors(dict(pairs)).get(event_id, event_id)
        if found not in there:
            raise NoSuchName(kind="event", name=event_id, hint=hint(event_id, there))
        return found

    def history(self, name: str) -> pd.DataFrame:
        """Return every record of the table *name*, by position."""
        log = self._arrow(f"history/{name}")
        return self._frame(log if self.position is None else until(log, self.position))

    def cite(self, form: str = "text", *, rows: pd.DataFrame | None = None) -> str:
        """Return how to cite this: as `text`, `bibtex`, `csl-json` or `cff`.

        Parameters
        ----------
        form
            One of these; for *rows* `text`, `bibtex`, `csl-json` or `json`.
        rows
            What `timeline` returned, unchanged: the citation is then of that query, with its
            filters and the digest of its rows. `regesta verify --citation` asks it again.

        Raises
        ------
        UsageError
            If there is no such form, or `timeline` answers otherwise than *rows*.
        """
        forms = FORMS if rows is None else QUERY_FORMS
        if form not in forms:
            raise UsageError(reason=f"There is no citation as {form!r}{hint(form, forms)}.")
        if rows is not None:
            self._files.bring_all()
            return self._seen.cite(rows, Filters(**rows.attrs.get("filters", {})), form)
        return FORMS[form](
            Cited(
                card=self._card,
                version=self.version,
                day=self._card["created"][:10],
                digest=self.root,
                position=self.position,
                known_by=self.known_by,
                policy=None if self.policy == PARTIES else self.policy,
            )
        )

    def _ids(self) -> set[str]:
        """Return the events that were there and known, whether the policy keeps them or not."""
        if self.known_by is None:
            return set(_last_records(self.history("events"), ["event_id"])["event_id"])
        return set(self._seen_under(PARTIES).table("events")["event_id"].to_pylist())

    @cached_property
    def _resources(self) -> Mapping[str, Mapping[str, Any]]:
        """Return the Table Schema of each table by the table's name; what has no key is none."""
        listed = {each["name"]: each.get("schema", {}) for each in self._card["resources"]}
        return {name: schema for name, schema in listed.items() if "primaryKey" in schema}

    def _described(self) -> dict[str, Any]:
        """Return `datapackage.json`, which says what every other file is."""
        return versions.read_descriptor(self._files.read(versions.DESCRIPTOR), self._files.where)

    def _arrow(self, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        """Return the table that the file *name* holds: *columns* of it, in their order, or all."""
        file = f"{name}.parquet"
        if file not in self._files.sums:
            raise NoSuchName(kind="table", name=name, hint=hint(name, self._resources))
        opened = self._opened(file)
        try:
            found = opened.read(columns)
            found = found if columns is None else found.select(list(columns))
        except (pa.ArrowException, OSError, ValueError, KeyError) as fault:
            raise self._strange(file, f"cannot be read ({fault})") from None
        if wrong := _strange(found.schema):
            raise self._strange(file, wrong)
        # What else the file says is no part of the table, and pandas would obey it.
        return found.replace_schema_metadata()

    def _opened(self, file: str) -> pq.ParquetFile:
        """Return the Parquet file *file*, which holds no more than a file of its size may."""
        data = self._files.read(file)
        try:
            opened = pq.ParquetFile(pa.BufferReader(data))
            wrong = excess(opened.metadata, len(data))
        except (pa.ArrowException, OSError, ValueError) as fault:
            wrong = f"is no Parquet file ({fault})"
        if wrong:
            raise self._strange(file, wrong)
        return opened

    def _strange(self, file: str, wrong: str) -> VerificationFailed:
        return VerificationFailed(reason=f"{self._files.where}: {file} {wrong}.")

    def _rows(self, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        """Return the rows of the table *name*: *columns* of it, in their order, or all."""
        if columns is not None:
            self._require_columns(name, columns)
        if self._is_as_released:
            return self._arrow(name, columns)
        asked = self.known_by is not None or self.policy != PARTIES or name == "timeline"
        if self.position is None or asked or self._has_merges:
            found = self._seen.table(self._named(name))
            return found if columns is None else found.select(list(columns))
        return self._projected(self._named(name), columns, self.position)

    def _projected(self, name: str, columns: Sequence[str] | None, upto: int) -> pa.Table:
        """Return the rows that the log of one table adds up to by itself."""
        key = self._resources[name]["primaryKey"]
        wanted = self._columns(name) if columns is None else columns
        needed = list(dict.fromkeys([*wanted, *key]))
        log = self._arrow(f"history/{name}", [*RECORDED, *needed])
        return project(log, upto, needed, key).select(list(wanted))

    def _columns(self, name: str) -> list[str]:
        return [field["name"] for field in self._resources[self._named(name)]["fields"]]

    def _require_columns(self, name: str, columns: Sequence[str]) -> None:
        known = self._columns(name)
        for column in columns:
            if column not in known:
                raise NoSuchName(kind=f"column of {name}", name=column, hint=hint(column, known))

    def _named(self, name: str) -> str:
        if name not in self._resources:
            raise NoSuchName(kind="table", name=name, hint=hint(name, self._resources))
        return name

    @cached_property
    def _has_merges(self) -> bool:
        """Whether the log ever merged two events: names must then be read as others."""
        relations = self._arrow("history/relations", ["relation"])
        return "same_as" in relations["relation"].to_pylist()

    @cached_property
    def _seen(self) -> Seen:
        """The log of the release as it is seen from elsewhen."""
        return self._seen_under(self.policy)

    def _seen_under(self, policy: str) -> Seen:
        """Return the log as it is seen under *policy*; its files are checked first."""
        for file in self._files.sums:
            if file.startswith("history/"):
                self._files.read(file)
        return self._ask(self.path, upto=self.position, known_by=self.known_by, policy=policy)

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
        told = {"position": self.position, "known_by": self.known_by}
        frame.attrs |= {name: value for name, value in told.items() if value is not None}
        if self.policy != PARTIES:
            frame.attrs["policy"] = self.policy
        return frame


def _strange(schema: pa.Schema) -> str | None:
    """Return what is wrong with a table's columns, if one is of a type that no table has."""
    for column in schema:
        is_number = column.name in _NUMBERS
        if (column.type != pa.int64()) if is_number else (column.type not in (*DTYPES, _LEAF)):
            return f"holds {column.type} in the column {column.name!r}"
    return None


def _newest(name: str) -> str | None:
    try:
        return versions.resolve(name).name
    except NoSuchName:
        return None


def _last_records(log: pd.DataFrame, key: list[str], action: str | None = None) -> pd.DataFrame:
    """Return key and batch of the newest record of each row that stands, or was retracted."""
    last = log.drop_duplicates(key, keep="last")
    retracted = last["action"] == "retract"
    return last.loc[retracted if action == "retract" else ~retracted, [*key, "batch"]]


def _title(name: str) -> str:
    return str(versions.read_card(shelf() / name).get("title", name))
