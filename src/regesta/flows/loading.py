"""Load a release, as it was published or as it would have been seen from elsewhen."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa

from regesta.catalog import versions
from regesta.catalog.versions import LATEST
from regesta.errors import NoSuchName
from regesta.places import cache
from regesta.release.archive import Archive
from regesta.release.files import Copy, Files
from regesta.release.load import PARTIES, Dataset
from regesta.release.remote import copy_of, is_url
from regesta.research.filters import Filters

ABOUT_EVENTS = ("events", "participants", "evidence", "relations")
"""Tables of which a policy keeps what is about the events that it keeps."""

if TYPE_CHECKING:
    import polars as pl

    from regesta.research.register import Register


def load(
    name_or_path: str | Path,
    *,
    version: str | None = None,
    as_of: str | int | None = None,
    known_by: str | None = None,
    policy: str = PARTIES,
) -> Dataset:
    """Open a release; its tables are read when they are asked for.

    Parameters
    ----------
    name_or_path
        Name of a dataset; path of a release, of its zip, of a folder of versions, or of a
        dataset; or any URL that fsspec reads of a release, its zip or a shelf with `index.json`:
        ``https://...``, ``s3://...``. What is packed or elsewhere is copied, a file when it is
        first asked for, into the folder `REGESTA_CACHE` or where the system keeps such.
    version
        Which version; the newest when None.
    as_of
        Which state of the log: a position (``41``: after the record with that position), a batch
        (``"batch:7"``), a day (``"2026-11-24"``: its end in UTC) or a time
        (``"2026-11-24T09:30Z"``); the state that was released when None.
    known_by
        By when a claim must have been known to count: a day (its end in UTC), a time or any EDTF
        date. What was learnt later does not show: no event, value, participant or status.
    policy
        How claims are weighed and which events are kept: see `regesta codes policies`.

    Raises
    ------
    NoSuchName
        If there is no such dataset, version or policy.
    UsageError
        If *as_of* is no moment, or one that the log has not reached; if *known_by* is no date; if
        there is no release at the URL, or what reads it is not installed.
    StorageFault
        If the URL cannot be reached, or the copy not be written.
    VerificationFailed
        If a file is not the one that was released.
    """
    version = None if version == LATEST else version
    files = _files(name_or_path, version)
    dataset = Dataset(files, ask, as_of=as_of, known_by=known_by, policy=policy)
    if version not in {None, dataset.version}:
        hint = f"; {files.where} is {dataset.version}"
        raise NoSuchName(kind="release", name=version, hint=hint)
    return dataset


def _files(name_or_path: str | Path, version: str | None) -> Files:
    """Return the files of a release, wherever it lies."""
    written = str(name_or_path)
    if is_url(written):
        return copy_of(written, version, cache())
    # The operating system refuses a NUL with an error of its own.
    if "\0" not in written and written.endswith(".zip") and Path(written).is_file():
        return Copy(Archive(Path(written).open("rb"), written), cache())
    return Files(versions.resolve(name_or_path, version))


class Elsewhen:
    """The log of a release as it is seen from a vantage, opened when the first table is asked for.

    SQL is woken only here: what a release publishes is loaded without it.
    """

    def __init__(
        self, release: Path, *, upto: int | None, known_by: str | None, policy: str
    ) -> None:
        self._release = release
        self._upto = upto
        self._known_by = known_by
        self._policy = policy

    @cached_property
    def _register(self) -> Register:
        from regesta.flows.reopening import run_over
        from regesta.research.register import Register
        from regesta.research.vantage import Vantage

        vantage = Vantage(upto=self._upto, known_by=self._known_by)
        return Register(run_over(self._release), vantage, policy=self._policy)

    def table(self, name: str) -> pa.Table:
        """Return the timeline or a table's rows: of events and theirs what the policy keeps."""
        register = self._register
        if name == "timeline":
            return _arrow(register.timeline())
        rows = register.table(name)
        if self._policy != PARTIES and name in ABOUT_EVENTS:
            rows = rows.join(self._kept, on="event_id", how="semi", maintain_order="left")
        return _arrow(rows)

    @cached_property
    def _kept(self) -> pl.DataFrame:
        """The events that the policy keeps."""
        return self._register.timeline().select("event_id")

    def found(self, filters: Filters) -> pa.Table:
        """Return the timeline of the events that *filters* let through."""
        from regesta.flows.timeline import filtered_timeline

        return _arrow(filtered_timeline(self._register, filters))

    def cite(self, rows: pd.DataFrame, filters: Filters, form: str) -> str:
        """Return the citation of *rows*, which are what *filters* let through."""
        from regesta.flows.citing import cite_from_release

        return cite_from_release(self._release, self._register, filters, rows, form)

    def status(self) -> pa.Table:
        """Return the status of each aspect of each event, also of those that the policy drops."""
        return _arrow(self._register.statuses())


def ask(release: Path, *, upto: int | None, known_by: str | None, policy: str) -> Elsewhen:
    """Return *release* as seen after the record *upto*, by what was known, under a policy."""
    return Elsewhen(release, upto=upto, known_by=known_by, policy=policy)


def _arrow(frame: pl.DataFrame) -> pa.Table:
    import polars as pl

    return frame.to_arrow(compat_level=pl.CompatLevel.oldest())
