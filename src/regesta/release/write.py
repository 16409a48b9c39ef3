"""Write a release: all files into a hidden folder, synced, then one rename.

Whoever looks sees either no release or a whole one, and what is published is never overwritten.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from secrets import token_hex

import polars as pl

from regesta.abreast import abreast
from regesta.catalog.versions import CHECKPOINT, DESCRIPTOR, LOG, SIGNER, version_order
from regesta.errors import Refused, StorageFault, UsageError
from regesta.log.checkpoint import parse
from regesta.release.changes import changes
from regesta.release.citation import Cited, cff
from regesta.release.content import Content, Stretch
from regesta.release.digests import write_sums
from regesta.release.readme import readme
from regesta.release.spreadsheet import write_copies
from regesta.release.sqlite import SQLITE, write_sqlite
from regesta.release.tabular import (
    as_lines,
    in_order,
    write_csv,
    write_history,
    write_parquet,
)
from regesta.schema.codebook import codebook
from regesta.schema.datapackage import csv_resource, datapackage, foreign_keys
from regesta.schema.tables import PUBLISHED, TABLES

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
        for stretch in log:
            lines.write(as_lines(stretch.leaves))
            for name, records in stretch.records.items():
                histories[name](records)


def write_content(content: Content, draft: Path, about: Mapping[str, str]) -> None:
    """Write all of the release that *content* makes, but for its log, into the folder *draft*."""
    tables = {name: in_order(table, content.tables[name]) for name, table in PUBLISHED.items()}
    digests = _write_tables(tables, draft, about)
    texts = {DESCRIPTOR: _descriptor(draft, content, tables, digests), **_texts(content, tables)}
    for name, text in texts.items():
        (draft / name).write_text(text, encoding="utf-8", newline="\n")
    if content.excel_safe:
        write_copies(draft)
    if SQLITE in content.also:
        write_sqlite(tables, draft)
    write_sums(draft, digests)


def _write_tables(
    tables: Mapping[str, pl.DataFrame], draft: Path, about: Mapping[str, str]
) -> dict[str, str]:
    """Write each of *tables* as CSV and as Parquet, and return the digests of the CSV files."""
    csv = abreast(lambda name: write_csv(tables[name], draft / f"{name}.csv"), tables)
    digests = dict(zip([f"{name}.csv" for name in tables], csv, strict=True))

    def parquet(name: str) -> None:
        write_parquet(PUBLISHED[name], tables[name], draft / f"{name}.parquet", about)

    for _ in abreast(parquet, tables):
        pass
    return digests


def _descriptor(
    folder: Path,
    content: Content,
    tables: Mapping[str, pl.DataFrame],
    digests: Mapping[str, str],
) -> str:
    """Return `datapackage.json` for the tables that stand in *folder*."""
    resources = [
        csv_resource(
            table,
            size=(folder / f"{name}.csv").stat().st_size,
            digest=digests[f"{name}.csv"],
            foreign_keys=foreign_keys(table, tables),
        )
        for name, table in PUBLISHED.items()
    ]
    described = datapackage(
        content.card, content.version, content.recorded_at, resources, known_by=content.known_by
    )
    return json.dumps(described, ensure_ascii=False, indent=2) + "\n"


def _texts(content: Content, tables: Mapping[str, pl.DataFrame]) -> dict[str, str]:
    """Return the files of a release that people read, by name."""
    cited = Cited(
        card=content.card,
        version=content.version,
        day=content.recorded_at[:10],
        digest=f"sha256:{parse(content.checkpoint).root.hex()}",
    )
    signer = {} if content.signer is None else {SIGNER: f"{content.signer}\n"}
    return {
        "CODEBOOK.md": codebook(tables, details=content.card.get("details")),
        "README.md": readme(cited, content.known_by, excel_safe=content.excel_safe),
        "CITATION.cff": cff(cited),
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
