"""`tables.sqlite` holds the tables of its release, typed and referring to one another."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from regesta.release.sqlite import SQLITE, wrong_sqlite
from regesta.release.tabular import read_parquet
from regesta.schema.tables import PUBLISHED
from tests.release.conftest import Whole, write_release


@pytest.fixture
def release(content: Whole, tmp_path: Path) -> Path:
    """Return the folder of a release with its tables in SQLite."""
    return write_release(replace(content, also=[SQLITE]), tmp_path / "releases")


def ask(release: Path, sql: str) -> list[tuple[object, ...]]:
    """Return what the file answers; what *sql* changes is kept."""
    with closing(sqlite3.connect(release / SQLITE)) as file:
        found = file.execute(sql).fetchall()
        file.commit()
    return found


def test_the_same_content_gives_the_same_bytes(content: Whole, release: Path) -> None:
    """The file does not depend on where, when or how often it is written."""
    again = write_release(replace(content, also=[SQLITE]), release.parents[1] / "again")
    assert (again / SQLITE).read_bytes() == (release / SQLITE).read_bytes()
    assert f"  {SQLITE}\n" in (release / "SHA256SUMS").read_text(encoding="utf-8")


def test_every_table_is_there_in_its_order(release: Path) -> None:
    """Each cell is that of the Parquet file; a day is its text."""
    for name, table in PUBLISHED.items():
        rows = read_parquet(table, release / f"{name}.parquet")
        spelt = rows.with_columns(pl.col(pl.Date).cast(pl.String)).rows()
        assert ask(release, f"SELECT * FROM {name} ORDER BY rowid") == spelt  # noqa: S608


def test_keys_and_references_are_declared_and_hold(release: Path) -> None:
    """A second row of a key is refused, and every reference that is declared leads to a row."""
    assert ask(release, "PRAGMA foreign_key_check") == []
    declared = ask(release, "PRAGMA foreign_key_list (participants)")
    assert {each[2] for each in declared} == {"events", "actors"}
    with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
        ask(release, "INSERT INTO participants SELECT * FROM participants")
    # A reference to another dataset is none within this file.
    assert len(ask(release, "PRAGMA foreign_key_list (relations)")) == 1


def test_a_column_says_what_it_is(release: Path) -> None:
    """Whoever looks at the schema reads the description of each column."""
    (sql,) = ask(release, "SELECT sql FROM sqlite_schema WHERE name = 'events'")
    assert f"-- {PUBLISHED['events'].columns['title'].description}" in str(sql)


def test_a_sound_file_and_none_are_right(release: Path) -> None:
    """What was written is as the tables are; a release without the file lacks nothing."""
    assert list(wrong_sqlite(release)) == []
    (release / SQLITE).unlink()
    assert list(wrong_sqlite(release)) == []


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE events SET title = title || ' ' WHERE event_id = 'gift'",
        "DELETE FROM evidence",
        "INSERT INTO actors (actor_id, name, kind) VALUES ('X', 'X', 'state')",
        "UPDATE batches SET batch = 9 WHERE batch = 4",
        "UPDATE events SET latitude = 51 WHERE event_id = 'peace'",
        "UPDATE events SET place = x'00' WHERE event_id = 'gift'",
        "CREATE VIEW more AS SELECT * FROM events",
        "CREATE TRIGGER t AFTER INSERT ON events BEGIN DELETE FROM events; END",
        "ALTER TABLE events ADD COLUMN secret TEXT",
        "DROP TABLE coverage",
    ],
)
def test_whatever_is_altered_is_found(sql: str, release: Path) -> None:
    """A cell, a row, a type, a table, a view and a trigger that the release does not have."""
    ask(release, sql)
    assert list(wrong_sqlite(release))


def test_a_file_that_is_no_database_is_found(release: Path) -> None:
    """Nothing is raised: it is told as a fault of the release."""
    data = (release / SQLITE).read_bytes()
    for damaged in (b"", b"no database", data[: len(data) // 2]):
        (release / SQLITE).write_bytes(damaged)
        (fault,) = wrong_sqlite(release)
        assert SQLITE in fault
