"""Cite a query: name the state that it was asked of, and the rows that it answered.

And ask a cited query again, of a store or a release, to say whether the rows are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa

from regesta.catalog.versions import CHECKPOINT, DESCRIPTOR, read_descriptor
from regesta.errors import NoSuchFile, Refused, UsageError, VerificationFailed
from regesta.flows.reopening import run_over
from regesta.flows.sound import SHOWN_FAULTS
from regesta.flows.timeline import filtered_timeline
from regesta.flows.trust import read_leaves
from regesta.flows.verifying import Verified, require_release
from regesta.log.checkpoint import Checkpoint, dataset_of, origin, parse
from regesta.merkle import root_of
from regesta.release import digests
from regesta.release.citation import QUERY_FORMS, Cited
from regesta.release.query import Events, Query, read_events, read_query
from regesta.release.rows import MOST_LISTED, digest_of, events_of
from regesta.research.filters import Filters
from regesta.research.ground import Run
from regesta.research.register import Register
from regesta.research.vantage import Vantage
from regesta.schema.card import Card
from regesta.schema.tables import TIMELINE
from regesta.store.store import Store

if TYPE_CHECKING:
    import pandas as pd

_LARGEST = 2**24
"""Bytes of a citation: one that lists `MOST_LISTED` rows has fewer."""

_BEYOND = "whether rows and log agree, and whether it is the log that others saw: `regesta verify`"
_VERSION = "whether that state was released as version"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A log that can be asked, that of a store or a release, and what names its states.

    `card` returns the card after the record at a position, `root` the root of so many records.
    """

    what: str
    dataset: str
    size: int
    run: Run
    card: Callable[[int], Card]
    root: Callable[[int], bytes]


def store_source(store: Store) -> Source:
    """Return the log of *store*."""
    roots = dict(store.checkpoints().select("size", "root").iter_rows())
    named: Card = {"name": store.dataset, "title": store.dataset}
    return Source(
        what=store.url,
        dataset=store.dataset,
        size=max(roots, default=0),
        run=store.fetch,
        card=lambda upto: {**named, **store.card(upto)},
        # A state may lie within a batch.
        root=lambda size: roots.get(size) or root_of(store.leaves(size)),
    )


def release_source(release: Path) -> Source:
    """Return the log of the release in the folder *release*.

    Raises
    ------
    UsageError
        If there is none.
    VerificationFailed
        If a file is not the one that was released.
    """
    require_release(release)
    digests.check(release)
    card = read_descriptor((release / DESCRIPTOR).read_bytes(), release)
    path = release / CHECKPOINT
    whole = parse(path.read_text("utf-8", errors="replace"), path)
    return Source(
        what=str(release),
        dataset=dataset_of(whole.origin),
        size=whole.size,
        run=run_over(release),
        card=lambda _: card,
        root=lambda size: (
            whole.root if size == whole.size else root_of(read_leaves(release)[:size])
        ),
    )


def cite_from_store(
    store: Store, register: Register, filters: Filters, rows: pl.DataFrame, form: str
) -> str:
    """Return the citation of *rows*, which *register*, of *store*, answered to *filters*.

    Raises
    ------
    Refused
        If nothing was recorded by then.
    """
    source = store_source(store)
    query = _query(source, register, filters, rows)
    cited = Cited(
        card=source.card(query.position),
        version=None,
        day=query.day,
        digest=f"sha256:{query.root}",
        position=query.position,
        query=query,
        events=_listed(rows, form),
    )
    return QUERY_FORMS[form](cited)


def cite_from_release(
    release: Path, register: Register, filters: Filters, frame: pd.DataFrame, form: str
) -> str:
    """Return the citation of *frame*, which *register*, of *release*, answered to *filters*.

    Raises
    ------
    UsageError
        If it answers otherwise.
    Refused
        If nothing was recorded by then.
    """
    source = release_source(release)
    card = source.card(source.size - 1)
    rows = filtered_timeline(register, filters)
    query = _query(source, register, filters, rows, version=card["version"])
    if _digest(frame) != query.sha256:
        raise UsageError(
            reason="These rows are not what the timeline of this state answers; give them as "
            "timeline(...) returned them, narrowed by its filters (between=, since=, ...)."
        )
    cited = Cited(
        card=card,
        version=card["version"],
        day=card["created"][:10],
        digest=f"sha256:{query.root}",
        position=None if query.position == source.size - 1 else query.position,
        query=query,
        events=_listed(rows, form),
    )
    return QUERY_FORMS[form](cited)


def verify_citation(file: Path, source: Source) -> Verified:
    """Ask the query that *file* cites again, of *source*, and compare the rows.

    Raises
    ------
    NoSuchFile
        If nothing is there.
    UsageError
        If it is no citation of a query, or a garbled one.
    VerificationFailed
        If the log is another, or the rows are; every row that differs is named, if the citation
        lists them.
    """
    text = _text(file)
    query = read_query(text, file)
    events = read_events(text, query, file)
    _require_state(source, query, file)
    vantage = Vantage(upto=query.position, known_by=query.known_by)
    register = Register(source.run, vantage, policy=query.policy, value_policy=query.values)
    rows = filtered_timeline(register, query.filters)
    found = _query(source, register, query.filters, rows)
    _require_same(file, source, [*_otherwise(query, found), *_strays(query, found, events, rows)])
    return Verified(
        what=f"{file}, asked again of {source.what}",
        checkpoint=Checkpoint(
            origin=origin(source.dataset),
            size=query.position + 1,
            root=bytes.fromhex(query.root),
        ),
        checked=(
            "the root of the log up to the record that is cited",
            f"{query.rows} {'row' if query.rows == 1 else 'rows'} against the digest that is cited",
        ),
        unchecked=(_BEYOND, *([f"{_VERSION} {query.version}"] if query.version else ())),
    )


def _query(
    source: Source,
    register: Register,
    filters: Filters,
    rows: pl.DataFrame,
    version: str | None = None,
) -> Query:
    """Return what names this question to *source*, through *register*, and its answer."""
    upto = register.vantage.upto
    position = source.size - 1 if upto is None else upto
    batches = register.table("batches")
    if batches.is_empty():
        raise Refused(reason="Nothing was recorded by then, so there is nothing to cite.")
    return Query(
        dataset=source.dataset,
        version=version,
        filters=filters,
        policy=register.policy,
        values=register.value_policy,
        position=position,
        day=batches["recorded_at"][-1][:10],
        known_by=register.vantage.known_by,
        root=source.root(position + 1).hex(),
        rows=rows.height,
        sha256=digest_of(rows),
    )


def _listed(rows: pl.DataFrame, form: str) -> Events | None:
    return events_of(rows) if form == "json" and rows.height <= MOST_LISTED else None


def _digest(frame: pd.DataFrame) -> str | None:
    """Return the digest of a pandas *frame*, None where it is no timeline."""
    try:
        table = pa.Table.from_pandas(frame[list(TIMELINE.columns)], preserve_index=False)
        return digest_of(
            pl.DataFrame(table).select(
                pl.col(name).cast(dtype) for name, dtype in TIMELINE.dtypes.items()
            )
        )
    except (KeyError, TypeError, ValueError, pa.ArrowException, pl.exceptions.PolarsError):
        return None


def _text(file: Path) -> str:
    if not file.exists():
        raise NoSuchFile(path=file)
    if not file.is_file() or file.stat().st_size > _LARGEST:
        raise UsageError(reason=f"{file} is no citation.")
    try:
        return file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(reason=f"{file} is no text in UTF-8.") from None


def _require_state(source: Source, query: Query, file: Path) -> None:
    """Raise `VerificationFailed` unless *query* was asked of a state of *source*."""
    wrong = _elsewhere(source, query)
    if wrong:
        reason = f"{file} cites no state of {source.what}: {wrong}."
        raise VerificationFailed(reason=reason, faults=[wrong])


def _elsewhere(source: Source, query: Query) -> str | None:
    """Return why *query* was not asked of *source*, and what to do; None if it was."""
    other = "name the store (--store) or the release that it was asked of"
    if query.dataset != source.dataset:
        return f"that is of {query.dataset!r}, this of {source.dataset!r}; {other}"
    size = query.position + 1
    if size > source.size:
        return f"this ends after {source.size} records, and that is of {size}; {other}"
    root = source.root(size).hex()
    if root != query.root:
        return (
            f"the two logs part within the first {size} records, whose root is {root} here and "
            f"{query.root} there; {other}"
        )
    return None


def _otherwise(query: Query, found: Query) -> Iterator[str]:
    """Yield what the citation says otherwise of its state."""
    if found.day != query.day:
        yield f"record {query.position} was recorded on {found.day}, and not on {query.day}"


def _strays(query: Query, found: Query, events: Events | None, rows: pl.DataFrame) -> Iterator[str]:
    """Yield which of *rows* are not those that were cited, as far as *events* tell."""
    is_same = (found.rows, found.sha256) == (query.rows, query.sha256)
    parted = [] if events is None else list(_parted(events, events_of(rows)))
    yield from parted
    if is_same or parted:
        return
    if events is not None:
        yield "the rows are answered in another order"
    else:
        yield (
            f"{query.rows} rows with SHA-256 {query.sha256} were cited, and {found.rows} with "
            f"{found.sha256} are answered; `--cite json` lists rows, and would tell which differ"
        )


def _parted(cited: Events, found: Events) -> Iterator[str]:
    """Yield each event whose row was cited, or is answered, only or otherwise."""
    for event_id, digest in cited.items():
        if event_id not in found:
            yield f"{event_id} was cited, and is not answered"
        elif found[event_id] != digest:
            yield f"{event_id} was cited with other cells"
    for event_id in found:
        if event_id not in cited:
            yield f"{event_id} is answered, and was not cited"


def _require_same(file: Path, source: Source, faults: list[str]) -> None:
    if faults:
        shown = "\n  ".join(faults[:SHOWN_FAULTS])
        more = len(faults) - SHOWN_FAULTS
        rest = f"\n  ... and {more} more" if more > 0 else ""
        reason = f"{source.what} does not answer what {file} cites:\n  {shown}{rest}"
        raise VerificationFailed(reason=reason, faults=faults)
