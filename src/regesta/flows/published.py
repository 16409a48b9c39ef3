"""What holds of a published release: its files say alike, and its tables are what its log says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import orjson
import polars as pl

from regesta import merkle
from regesta.abreast import abreast
from regesta.catalog.versions import (
    CHECKPOINT,
    DESCRIPTOR,
    LOG,
    SIGNER,
    read_descriptor,
    version_order,
)
from regesta.errors import Refused, UsageError, VerificationFailed
from regesta.flows.described import files_described, wrong_descriptors
from regesta.flows.gates import outcomes, require_gates
from regesta.flows.reopening import run_over
from regesta.flows.since import wrong_changes
from regesta.flows.sound import (
    Audit,
    Examined,
    Histories,
    ends_a_batch,
    examine,
    in_pieces,
    invalid_cells,
)
from regesta.flows.trust import read_leaves
from regesta.log.checkpoint import Checkpoint, origin, parse
from regesta.log.note import parse_verifier, signed_by
from regesta.log.project import live_rows
from regesta.log.statements import Statement
from regesta.release.codebooks import codebooks, has_our_codebook
from regesta.release.described import Described
from regesta.release.since import PROPERTY
from regesta.release.spreadsheet import wrong_copies
from regesta.release.sqlite import wrong_sqlite
from regesta.release.tabular import (
    as_lines,
    csv_columns,
    holds,
    in_order,
    is_csv_of,
    read_parquet,
    read_records,
)
from regesta.research.ground import Run
from regesta.research.register import Register
from regesta.research.vantage import Vantage
from regesta.schema.card import Card
from regesta.schema.tables import PUBLISHED, TABLES, TIMELINE, TableSchema

LATER = frozenset({"status", "legality", "first_known_on", "last_changed_on"})
"""What the timeline says since russia-dprk 1.1.0; an older release has none of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """The log of a release as its files give it, once each can be read."""

    release: Path
    card: Card
    note: str
    checkpoint: Checkpoint
    histories: Histories


def read(release: Path) -> Published:
    """Return what the files of *release* say.

    Raises
    ------
    VerificationFailed
        If a file that every release has is missing, or is none of its kind.
    """
    try:
        card: Card = read_descriptor((release / DESCRIPTOR).read_bytes(), release)
        note = (release / CHECKPOINT).read_bytes().decode()
        histories = {name: read_records(table, release) for name, table in TABLES.items()}
        (release / LOG).open("rb").close()
    except (OSError, ValueError, TypeError, RecursionError, pl.exceptions.PolarsError) as fault:
        what = str(fault).partition("\n")[0]
        raise VerificationFailed(
            reason=f"{release} holds a file that cannot be read: {what}.", faults=[what]
        ) from fault
    return Published(
        release=release,
        card=card,
        note=note,
        checkpoint=parse(note, release / CHECKPOINT),
        histories=histories,
    )


def faults(found: Published, audit: Audit) -> list[str]:
    """Return all that is wrong with a release, whose records *audit* takes."""
    is_log = holds(found.release / LOG, _lines(found.histories, audit))
    if audit.lacking:
        return audit.lacking
    wrong = [*_disagreeing(found), *_wrong_signature(found), *audit.faults()]
    leaves = audit.leaves["leaf"]
    root, size = merkle.root_of(leaves), len(leaves)
    if (root, size) != (found.checkpoint.root, found.checkpoint.size):
        wrong.append("the history does not give the checkpoint's root")
    # Rows that do not give their leaves say nothing of the log's.
    if not is_log and read_leaves(found.release) != leaves.to_list():
        wrong.append(f"{LOG} is not the log of the history")
    if wrong:  # a log that is broken adds up to nothing
        return wrong
    run = _run_over(found.release)
    tables = _tables(found, run)
    wrong = [
        *_wrong_tables(found, tables),
        *_wrong_changes(found, run, leaves),
        *wrong_copies(found.release),
        *wrong_sqlite(found.release),
    ]
    return wrong or [*_wrong_words(found, tables)]  # of tables that are wrong, words are too


def _lines(histories: Histories, audit: Audit) -> Iterator[bytes]:
    """Have *audit* take the records of a log, and yield the lines that their rows give."""

    def lines_of(records: Histories) -> tuple[Examined, bytes]:
        part = examine(records)
        return part, as_lines(part.leaves["leaf"])

    for part, lines in abreast(lines_of, in_pieces(histories)):
        audit.take(part)
        yield lines


def _disagreeing(found: Published) -> Iterable[str]:
    """Yield what descriptor, citation, checkpoint and folder do not say alike."""
    name, version = str(found.card.get("name")), found.card.get("version")
    if found.checkpoint.origin != origin(name):
        yield f"the checkpoint is of {found.checkpoint.origin!r}, {DESCRIPTOR} of {name!r}"
    citation = found.release / "CITATION.cff"
    cited = citation.read_text(encoding="utf-8", errors="replace") if citation.is_file() else ""
    if f'\nversion: "{version}"\n' not in cited:
        yield f"CITATION.cff is not of version {version!r}, as {DESCRIPTOR} is"
    folder = found.release.resolve().name
    if version_order(folder) and folder != version:
        yield f"the folder is called {folder}, {DESCRIPTOR} says {version!r}"


def _wrong_signature(found: Published) -> Iterable[str]:
    """Yield it if the checkpoint is not signed by the key that the release holds beside it."""
    path = found.release / SIGNER
    if not path.exists():
        return
    try:
        key = parse_verifier(path.read_bytes().decode(), SIGNER)
    except (UsageError, ValueError):
        yield f"{SIGNER} is no public key"
        return
    if not signed_by(found.note, key):
        yield f"{CHECKPOINT} is not signed by the key in {SIGNER}"


def _tables(found: Published, run: Run) -> dict[str, pl.DataFrame]:
    """Return what the log of a release, which *run* asks, adds up to, as it is published."""
    rows = {name: live_rows(records) for name, records in found.histories.items()}
    register = Register(run, Vantage(known_by=found.card.get("knownBy")), at_hand=rows)
    return {
        name: in_order(table, register.timeline() if table is TIMELINE else register.table(name))
        for name, table in PUBLISHED.items()
    }


def _wrong_tables(found: Published, tables: Mapping[str, pl.DataFrame]) -> Iterable[str]:
    """Yield each published table that is not what the log adds up to, and each invalid cell.

    A release that an older version wrote may lack columns that tables have by now.
    """

    def fault_of(file: str) -> str | None:
        name = file.partition(".")[0]
        agrees = _agrees(PUBLISHED[name], tables[name], found.release / file)
        return None if agrees else f"{file} is not what the log adds up to"

    files = [f"{name}.{kind}" for name in PUBLISHED for kind in ("parquet", "csv")]
    yield from filter(None, abreast(fault_of, files))
    whole = found.card.get("knownBy") is None and ends_a_batch(found.histories)
    yield from invalid_cells(tables, whole=whole)


def _wrong_changes(found: Published, run: Run, leaves: pl.Series) -> Iterable[str]:
    """Yield what the release says of the one before that its log, which *run* asks, does not."""
    batches = found.histories["batches"]
    yield from wrong_changes(found.release, found.card, leaves, batches, run)


def _wrong_words(found: Published, tables: Mapping[str, pl.DataFrame]) -> Iterable[str]:
    """Yield where gates, codebook and descriptors are not what card, log and tables give."""
    name, version = found.card["name"], found.card["version"]
    batches = found.histories["batches"].sort("position")
    card = {"name": name, "title": name, **_card_in(batches)}
    try:
        measured = outcomes(require_gates(card), tables)
    except Refused:  # an older version recorded it, and asked nothing of a release
        measured = []
    if found.card.get("gates", []) != [each.as_json() for each in measured]:
        yield f"the gates in {DESCRIPTOR} are not what the card asks and the tables hold"
    if has_our_codebook(found.release):
        for file, text in codebooks(card, version, tables, measured).items():
            path = found.release / file
            if not path.is_file() or path.read_bytes() != text.encode():
                yield f"{file} is not what the tables and the card give"
    derived = Described(
        card=card,
        version=version,
        recorded_at=str(batches["recorded_at"][-1]),
        root=found.checkpoint.root.hex(),
        known_by=found.card.get("knownBy"),
        tables=tables,
        files=files_described(found.release),
        gates=measured,
        previous=found.card.get(PROPERTY),  # it was held against the log before
    )
    yield from wrong_descriptors(found.release, found.card, derived)


def _card_in(batches: pl.DataFrame) -> Card:
    """Return the card that the last of *batches* that brought one has brought."""
    brought = batches.filter(pl.col("card").is_not_null())["card"]
    try:
        return dict(orjson.loads(brought[-1])) if len(brought) else {}
    except (ValueError, TypeError):  # a log that none of ours wrote
        return {}


def _run_over(release: Path) -> Run:
    """Return what runs a statement on the log of *release*, which is opened when one is to run."""
    opened = cache(run_over)

    def run(statement: Statement, dtypes: Mapping[str, pl.DataType]) -> pl.DataFrame:
        return opened(release)(statement, dtypes)

    return run


def _agrees(table: TableSchema, rows: pl.DataFrame, path: Path) -> bool:
    """Return whether the file *path* says of *table* these *rows*, a CSV file byte for byte."""
    try:
        if path.suffix == ".csv":
            columns = csv_columns(table, path)
            says = is_csv_of(rows.select(columns), path)
        else:
            published = read_parquet(table, path)
            columns = published.columns
            says = rows.select(columns).equals(published)
    except (OSError, ValueError, pl.exceptions.PolarsError):
        return False
    return says and _may_lack(rows, columns)


def _may_lack(rows: pl.DataFrame, published: Sequence[str]) -> bool:
    """Return whether a file may have these columns only: the others say nothing, or came later."""
    absent = set(rows.columns) - set(published)
    if absent >= LATER:
        absent -= LATER
    return all(rows[name].is_null().all() for name in absent)
