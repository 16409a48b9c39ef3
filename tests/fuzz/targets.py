"""What is fuzzed: every reader of files and every parser of texts, and what each may raise."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from regesta.canonical import OutsideProfile, decode_object
from regesta.catalog.versions import CARD, read_card, read_descriptor, version_order
from regesta.dates import BadDate, bounds, known_at
from regesta.errors import RegestaError
from regesta.flows.snapshot import parse_scope
from regesta.intake.gather import Reading, gather
from regesta.intake.read import READERS, read_table
from regesta.log import checkpoint
from regesta.log.moment import parse_moment
from regesta.release.digests import parse_sums
from regesta.research.vantage import parse_known_by
from regesta.schema.card import is_name
from regesta.schema.tables import IMPORTED
from regesta.schema.tidy import tidy
from regesta.store.engine import parse_url

ACTORS = IMPORTED["actors"].empty()


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Something that takes bytes from a stranger, and the faults that it states.

    `is_text` says that it takes text: its seeds are mutated as text as well.
    """

    run: Callable[[bytes], object]
    faults: tuple[type[Exception], ...] = (RegestaError,)
    is_text: bool = False


def _as_file(name: str, read: Callable[[Path], object]) -> Callable[[bytes], object]:
    """Return what puts bytes into a file called *name* and reads that."""

    def run(data: bytes) -> object:
        with TemporaryDirectory() as folder:
            path = Path(folder) / name
            path.write_bytes(data)
            return read(path)

    return run


def _reader(ending: str) -> Callable[[bytes], object]:
    return lambda data: READERS[ending]("fuzz", data)


def _packed(path: Path) -> object:
    return read_table(path)


def _imported(path: Path) -> object:
    """Gather a file and give its cells their types, as an import does."""
    incoming = gather([path], Reading(new_actors=True), ACTORS)
    return {name: tidy(IMPORTED[name], rows) for name, rows in incoming.rows().items()}


def _text(parse: Callable[[str], object]) -> Callable[[bytes], object]:
    return lambda data: parse(data.decode(errors="surrogateescape"))


TARGETS: Mapping[str, Target] = {
    "csv": Target(run=_reader(".csv"), is_text=True),
    "tsv": Target(run=_reader(".tsv"), is_text=True),
    "jsonl": Target(run=_reader(".jsonl"), is_text=True),
    "xlsx": Target(run=_reader(".xlsx")),
    "parquet": Target(run=_reader(".parquet")),
    "gz": Target(run=_as_file("fuzz.csv.gz", _packed)),
    "card": Target(run=_as_file(CARD, lambda path: read_card(path.parent)), is_text=True),
    "flat": Target(run=_as_file("mine.csv", _imported), is_text=True),
    "events": Target(run=_as_file("events.csv", _imported), is_text=True),
    "quarantine": Target(run=_as_file("refused.csv", _imported), is_text=True),
    "date": Target(
        run=_text(lambda text: (bounds(text), known_at(text))), faults=(BadDate,), is_text=True
    ),
    "known-by": Target(run=_text(parse_known_by), is_text=True),
    "object": Target(run=_text(decode_object), faults=(OutsideProfile,), is_text=True),
    "checkpoint": Target(run=_text(checkpoint.parse), is_text=True),
    "sums": Target(run=_text(parse_sums), is_text=True),
    "descriptor": Target(run=lambda data: read_descriptor(data, Path("release")), is_text=True),
    "moment": Target(run=_text(parse_moment), is_text=True),
    "store": Target(run=_text(parse_url), is_text=True),
    "version": Target(run=_text(version_order), faults=(), is_text=True),
    "name": Target(run=_text(is_name), faults=(), is_text=True),
    "scope": Target(run=_text(parse_scope), is_text=True),
}


def law(name: str, data: bytes) -> None:
    """Run a target: a value or a fault that it states, and nothing else."""
    target = TARGETS[name]
    try:
        target.run(data)
    except target.faults as fault:
        assert str(fault)


def packed(data: bytes) -> bytes:
    """Return *data* as a gzip file of no day."""
    return gzip.compress(data, mtime=0)
