"""Gather what an import brings from the paths that it is given.

A path is a dataset folder, a dataset's name, a table file or a flat file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any, TypeVar

import polars as pl

from regesta.abreast import ahead
from regesta.canonical import OutsideProfile, decode_object, encode
from regesta.catalog.versions import CARD, read_card
from regesta.errors import InvalidInput, NoSuchFile, NoSuchName, UsageError
from regesta.intake import flat
from regesta.intake.incoming import Incoming, Part
from regesta.intake.quarantined import reasons_in
from regesta.intake.raw import RawTable
from regesta.intake.read import read_table
from regesta.intake.stretches import is_long, stretches
from regesta.places import shelf
from regesta.research.names import Names
from regesta.schema import failures
from regesta.schema.check import check_header
from regesta.schema.tables import IMPORTED
from regesta.schema.tidy import FILE, ROW, trimmed
from regesta.vectors import at_once
from regesta.vocabulary import hint

FLAT = "flat"

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How files are to be read: which table they are, and what to do with what nobody knows."""

    table: str | None = None
    keep_extra: bool = False
    new_actors: bool = False


def gather(paths: Sequence[Path], reading: Reading, actors: pl.DataFrame) -> Incoming:
    """Read all of *paths* and return what they bring.

    Parameters
    ----------
    actors
        The actors that the log knows, by whose names a flat file may call them.

    Raises
    ------
    NoSuchFile
        If a path is not there.
    InvalidInput
        If a file cannot be read at all; the failures of all such files are reported together.
    """
    _required(reading.table)
    folders = [_located(path) for path in paths]
    cards = [read_card(_card_of(place).parent) for place in folders if _has_card(place)]
    said = {file: table for place in folders for file, table in _files(place).items()}
    files = list(said)
    labels = _labels(files)
    raws = _all_or_every_fault(lambda file: _read(file, labels[file]), files)
    tables = [
        reading.table or said[file] or _recognise(raw)
        for file, raw in zip(files, raws, strict=True)
    ]
    names = Names.of(_actors_among(raws, tables, actors))
    parts = _all_or_every_fault(
        lambda each: _part(*each, reading, names), zip(raws, tables, strict=True)
    )
    return Incoming(
        parts=tuple(parts),
        files=frozenset([*files, *map(_card_of, filter(_has_card, folders))]),
        name=", ".join(dict.fromkeys(_printable(place.name) for place in folders)),
        sha256=_digest(files, folders),
        card=_card(cards),
    )


def gather_by_stretches(
    paths: Sequence[Path], reading: Reading, actors: pl.DataFrame
) -> Iterator[Incoming]:
    """Yield what *paths* bring, as `gather` does; one long file of one table in stretches.

    The rows of a flat file are told by one another, so it is gathered whole.
    """
    if len(paths) != 1 or not is_long(paths[0]):
        yield gather(paths, reading, actors)
        return
    [path], table = paths, _required(reading.table)
    label, digest, names = _printable(path.name), "", Names.of(actors)
    for raw in map(partial(_mended, label), _labelled(label, ahead(stretches(path)))):
        table = table or _recognise(raw)
        if table == FLAT:
            yield gather(paths, reading, actors)
            return
        digest = digest or _digest([path], [])
        yield Incoming(
            parts=(_part(raw, table, reading, names),),
            files=frozenset([path.resolve()]),
            name=label,
            sha256=digest,
            card=None,
        )


def _labelled(label: str, raws: Iterator[RawTable]) -> Iterator[RawTable]:
    """Yield *raws*, and have what refuses one call its file by its *label*."""
    try:
        yield from raws
    except InvalidInput as fault:
        named = fault.failures.with_columns(pl.lit(label).alias("file"))
        raise InvalidInput(named) from None


def _required(table: str | None) -> str | None:
    if table is not None and table not in (*IMPORTED, FLAT):
        raise NoSuchName(kind="table", name=table, hint=hint(table, IMPORTED))
    return table


def _located(path: Path) -> Path:
    """Return *path*, or the folder of the dataset on the shelf that it names."""
    if path.exists():
        return path.resolve()
    named = shelf() / path.name
    if len(path.parts) == 1 and (named / CARD).is_file():
        return named
    raise NoSuchFile(path=path)


def _has_card(place: Path) -> bool:
    return place.name == CARD or (place / CARD).is_file()


def _card_of(place: Path) -> Path:
    return place if place.name == CARD else place / CARD


def _labels(files: Sequence[Path]) -> dict[Path, str]:
    """Return what to call each file: its name, or its path where two have the same name."""
    times = Counter(file.name for file in files)
    return {file: _printable(file.name if times[file.name] == 1 else file) for file in files}


def _printable(name: str | Path) -> str:
    """Return a file's name as text: what cannot be printed, such as half a character, is `?`."""
    return "".join(char if char.isprintable() else "?" for char in str(name))


def _read(file: Path, label: str) -> RawTable:
    """Return the rows of *file*, with every failure under its *label*."""
    [raw] = _labelled(label, map(read_table, [file]))
    return _mended(label, raw)


def _mended(label: str, raw: RawTable) -> RawTable:
    """Return *raw* under its label, without the reasons that a quarantine put beside its rows."""
    return replace(
        raw,
        source=label,
        frame=raw.frame.drop(reasons_in(raw.frame.columns)),
        unreadable=raw.unreadable.with_columns(pl.lit(label).alias("file")),
    )


def _files(place: Path) -> dict[Path, str | None]:
    """Return the table files of a dataset folder, each with its table, or the file itself."""
    if place.name == CARD:
        return {}
    if not place.is_dir():
        return {place: None}
    if not (place / CARD).is_file():
        raise UsageError(reason=f"{place} is a folder without {CARD}; name its files instead.")
    found = _by_table(place / "tables")
    if not found:
        reason = f"{place / 'tables'} holds no table; name {place / CARD} to bring the card alone."
        raise UsageError(reason=reason)
    return {found[name]: name for name in IMPORTED if name in found}


def _by_table(folder: Path) -> dict[str, Path]:
    """Return the one file of each table in *folder*, without what editors leave beside it."""
    found: dict[str, list[Path]] = {}
    for path in sorted(folder.glob("[!.]*[!~]")):
        found.setdefault(path.name.partition(".")[0], []).append(path)
    if strangers := [path.name for name in found.keys() - IMPORTED.keys() for path in found[name]]:
        raise UsageError(
            reason=f"{folder} holds {', '.join(sorted(strangers))}, which no table is called; "
            f"the tables are {', '.join(IMPORTED)}."
        )
    for name, paths in found.items():
        if len(paths) > 1:
            names = " and ".join(path.name for path in paths)
            raise UsageError(reason=f"{folder} holds {names}; keep one file of {name}.")
    return {name: path for name, [path] in found.items()}


def _all_or_every_fault(do: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """Return what *do* makes of each item, or raise the failures of all that it refuses."""
    done, refused = [], []
    for item in items:
        try:
            done.append(do(item))
        except InvalidInput as fault:
            refused.append(fault.failures)
    if refused:
        raise InvalidInput(failures.together(refused))
    return done


def _recognise(raw: RawTable) -> str:
    """Return the table that a file is: as it is called, or as its header fits best."""
    header = set(raw.frame.columns)
    stem = Path(raw.source).name.partition(".")[0]
    if header & (set(flat.COLUMNS) - set(flat.EVENT)) and header.issuperset(flat.NEEDED):
        return FLAT
    if header.issuperset(flat.NEEDED) and header <= set(flat.EVENT) and _unnamed(raw):
        return FLAT
    if stem in IMPORTED:
        return stem
    whole = [
        n for n, t in IMPORTED.items() if header.issuperset(t.key) and header <= set(t.columns)
    ]
    if whole:
        return max(whole, key=lambda name: len(IMPORTED[name].key))
    candidates = {
        **{name: set(table.columns) for name, table in IMPORTED.items()},
        FLAT: set(flat.COLUMNS),
    }
    return max(reversed(candidates), key=lambda name: len(header & candidates[name]))


def _unnamed(raw: RawTable) -> bool:
    """Return whether no row of a file of events has an identifier."""
    if "event_id" not in raw.frame.columns:
        return True
    return raw.frame.height > 0 and raw.frame["event_id"].null_count() == raw.frame.height


def _actors_among(
    raws: Sequence[RawTable], tables: Sequence[str], actors: pl.DataFrame
) -> pl.DataFrame:
    """Return the actors that the log knows and those that the same import brings."""
    columns = ["actor_id", "name", "kind", "country", "aliases"]
    brought = [
        raw.frame.select(
            c if c in raw.frame.columns else pl.lit(None, pl.String).alias(c) for c in columns
        )
        for raw, table in zip(raws, tables, strict=True)
        if table == "actors"
    ]
    known = pl.concat([*brought, actors.select(columns)])
    return known.filter(pl.col("actor_id").is_not_null()).unique(
        "actor_id", keep="first", maintain_order=True
    )


def _part(raw: RawTable, table: str, reading: Reading, names: Names) -> Part:
    if raw.says_nothing:
        return _all_torn(raw, "events" if table == FLAT else table)
    kept, raw = _extra_kept(raw, table) if reading.keep_extra else (None, raw)
    known, needed = (
        (flat.COLUMNS, flat.NEEDED)
        if table == FLAT
        else (IMPORTED[table].columns, IMPORTED[table].key)
    )
    wrong = check_header(raw.frame.columns, known, needed, raw.source, raw.named_at)
    if wrong.height:
        raise InvalidInput(failures.together([raw.unreadable, wrong]))
    rows = raw.frame.with_columns(
        pl.lit(raw.source).alias(FILE), raw.rows.cast(pl.Int64).alias(ROW)
    )
    if kept is not None:
        rows = rows.with_columns(kept)
    if table == FLAT:
        texts = at_once(trimmed, [rows[name] for name in raw.frame.columns], rows.height)
        return flat.take_apart(raw, rows.with_columns(texts), names, new_actors=reading.new_actors)
    return Part(
        rows={table: rows},
        raw=raw,
        counted_as=table,
        whole=frozenset([table]),
        is_flat=False,
        failures=raw.unreadable,
    )


def _all_torn(raw: RawTable, table: str) -> Part:
    return Part(
        rows={},
        raw=raw,
        counted_as=table,
        whole=frozenset([table]),
        is_flat=False,
        failures=raw.unreadable,
    )


def _extra_kept(raw: RawTable, table: str) -> tuple[pl.Series | None, RawTable]:
    """Return `details` with the columns that nobody knows, and the file without them.

    Raises
    ------
    InvalidInput
        If such a column cannot be a key of `details`, or is one already.
    """
    known = flat.COLUMNS if table == FLAT else tuple(IMPORTED[table].columns)
    extra = [name for name in raw.frame.columns if name not in known]
    if not extra or "details" not in known:
        return None, raw
    texts = raw.frame.select(trimmed(raw.frame[name]) for name in extra)
    given = raw.frame["details"] if "details" in raw.frame.columns else [None] * texts.height
    objects = [_object(text) for text in given]
    taken = {name for found in objects if found for name in found}
    if wrong := [_unfit(raw.source, name) for name in extra if name in taken or not name.isascii()]:
        raise InvalidInput(failures.together(wrong))
    kept = [
        _merged(text, found, row)
        for text, found, row in zip(given, objects, texts.iter_rows(named=True), strict=True)
    ]
    details = pl.Series("details", kept, dtype=pl.String)
    return details, replace(raw, frame=raw.frame.drop(extra))


def _object(text: str | None) -> dict[str, Any] | None:
    """Return the object that a cell of `details` holds, None where it is none."""
    try:
        return decode_object(text) if text else {}
    except OutsideProfile:
        return None


def _merged(
    text: str | None, given: dict[str, Any] | None, row: dict[str, str | None]
) -> str | None:
    """Return a cell of `details` with what is said beside it; one that is no object stays."""
    extra = {name: said for name, said in row.items() if said is not None}
    if given is None or not extra:
        return text
    return encode({**given, **extra}).decode()


def _unfit(source: str, name: str) -> pl.DataFrame:
    return failures.failure(
        file=source,
        row=1,
        column=name,
        rule="bad-json",
        value=name,
        message="cannot be kept in details, where keys are ASCII and stand once; rename it",
    )


def _digest(files: Sequence[Path], places: Sequence[Path]) -> str:
    """Return the digest of the one file, or of the list of digests of all files."""
    cards = [_card_of(place) for place in places if _has_card(place)]
    digests = [(path.name, _file_digest(path)) for path in [*files, *cards]]
    if len(digests) == 1:
        return digests[0][1]
    listed = "".join(f"{digest}  {name}\n" for name, digest in sorted(digests))
    return sha256(listed.encode()).hexdigest()


def _file_digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _card(cards: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    if len(cards) > 1:
        raise UsageError(
            reason="An import takes one dataset at a time; these paths hold several cards."
        )
    return cards[0] if cards else None
