"""Write a release: all files into a hidden folder, synced, then one rename.

Whoever looks sees either no release or a whole one, and what is published is never overwritten.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from secrets import token_hex

import polars as pl

from regesta.abreast import abreast, beside
from regesta.catalog.versions import CHECKPOINT, LOG, SIGNER, version_order
from regesta.errors import Refused, StorageFault, UsageError
from regesta.log.checkpoint import parse
from regesta.release.changes import changes
from regesta.release.codebooks import codebooks
from regesta.release.content import Content, Stretch
from regesta.release.described import Described
from regesta.release.descriptors import descriptors
from regesta.release.digests import digest, files_of, write_sums
from regesta.release.spreadsheet import write_copies
from regesta.release.sqlite import SQLITE, write_sqlite
from regesta.release.tabular import (
    in_order,
    write_csv,
    write_history,
    write_parquet,
)
from regesta.schema.tables import CHANGES, PUBLISHED, TABLES

_TAKEN = (errno.EEXIST, errno.ENOTEMPTY)


@contextmanager
def drafting(shelf: Path, version: str) -> Iterator[Path]:
    """Yield a hidden folder for the files of a release; it is published once all are written.

    Raises
    ------
    UsageError
        If *version* is not ``MAJOR.MINOR.PATCH`` or ``MAJOR.MINOR.PATCH-rc.N``.
    Refused
        If the version is there already.
    StorageFault
        If the disk is full, read-only or closed to us.
    """
    if version_order(version) is None:
        raise UsageError(reason=f"{version!r} is no version number; write 1.2.3 or 1.2.3-rc.1.")
    target = shelf / version
    draft = shelf / f".{version}.{token_hex(4)}"
    with _explained(shelf):
        if os.path.lexists(target):
            raise _taken(target)
        new = [folder for folder in (shelf, *shelf.parents) if not folder.exists()]
        shelf.mkdir(parents=True, exist_ok=True)
        try:
            (draft / "history").mkdir(parents=True)
            yield draft
            _sync(draft)
            _publish(draft, target)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            for folder in new:
                with suppress(OSError):  # somebody else has put something there
                    folder.rmdir()
            raise
        _sync_one(shelf)


def write_log(log: Iterable[Stretch], draft: Path, about: Mapping[str, str]) -> None:
    """Write the *log* of a release, and the history of each table, into the folder *draft*."""
    with ExitStack() as open_files:
        lines = open_files.enter_context((draft / LOG).open("wb"))
        histories = {
            name: open_files.enter_context(
                write_history(table, draft / "history" / f"{name}.parquet", about)
            )
            for name, table in TABLES.items()
        }

        def write(stretch: Stretch) -> None:
            lines.write(stretch.lines)
            for name, records in stretch.records.items():
                histories[name](records)

        for _ in abreast(write, log, workers=1):
            pass


def write_content(content: Content, draft: Path, about: Mapping[str, str]) -> None:
    """Write all of the release that *content* makes, but for its log, into the folder *draft*."""
    tables = {name: in_order(table, content.tables[name]) for name, table in PUBLISHED.items()}
    with beside(lambda: _texts(content, tables)) as texts:
        digests = {**_write_tables(tables, draft, about), **_write_changes(content, draft)}
        _write_texts(texts(), draft)
    if content.excel_safe:
        write_copies(draft)
    if SQLITE in content.also:
        write_sqlite(tables, draft)
    files = files_of(draft, digests)
    described = Described(
        card=content.card,
        version=content.version,
        recorded_at=content.recorded_at,
        root=parse(content.checkpoint).root.hex(),
        known_by=content.known_by,
        tables=tables,
        files=files,
        gates=content.gates,
        previous=None if content.since is None else content.since.as_json(),
    )
    _write_texts(descriptors(described, content.also), draft)
    write_sums(draft, {name: file.digest for name, file in files.items()})


def _write_texts(texts: Mapping[str, str], draft: Path) -> None:
    for name, text in texts.items():
        (draft / name).write_text(text, encoding="utf-8", newline="\n")


def _write_tables(
    tables: Mapping[str, pl.DataFrame], draft: Path, about: Mapping[str, str]
) -> dict[str, str]:
    """Write each of *tables* as CSV and as Parquet; return their digests and that of the log."""

    def digest_of(file: str) -> str:
        name, _, kind = file.partition(".")
        path = draft / file
        if kind == "csv":
            return write_csv(tables[name], path)
        if kind == "parquet":
            write_parquet(PUBLISHED[name], tables[name], path, about)
        return digest(path)

    files = [LOG, *(f"{name}.{kind}" for name in tables for kind in ("csv", "parquet"))]
    return dict(zip(files, abreast(digest_of, files), strict=True))


def _write_changes(content: Content, draft: Path) -> dict[str, str]:
    """Write what changed since the release before, and return the digest of that file."""
    rows = CHANGES.empty() if content.since is None else content.since.rows
    name = f"{CHANGES.name}.csv"
    return {name: write_csv(rows, draft / name)}


def _texts(content: Content, tables: Mapping[str, pl.DataFrame]) -> dict[str, str]:
    """Return the files of a release that people read, but for its descriptors, by name."""
    signer = {} if content.signer is None else {SIGNER: f"{content.signer}\n"}
    return {
        **codebooks(content.card, content.version, tables, content.gates),
        "CHANGES.md": changes(content),
        CHECKPOINT: content.checkpoint,
        **signer,
    }


def _publish(draft: Path, target: Path) -> None:
    """Give *draft* its name, unless somebody else has published under it meanwhile."""
    try:
        draft.rename(target)
    except OSError as fault:
        if fault.errno in _TAKEN:
            raise _taken(target) from None
        raise


def _taken(target: Path) -> Refused:
    return Refused(reason=f"{target} is there already; published versions are never overwritten.")


@contextmanager
def _explained(shelf: Path) -> Iterator[None]:
    """Say in one sentence what the disk says with a number."""
    try:
        yield
    except OSError as fault:
        why = fault.strerror or str(fault)
        raise StorageFault(reason=f"No release could be written to {shelf}: {why}.") from fault


def _sync(folder: Path) -> None:
    """Have the disk keep every file and folder beneath *folder*, and *folder* itself."""
    for path in [*folder.rglob("*"), folder]:
        _sync_one(path)


def _sync_one(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
