"""Keys, checkpoints, proofs and restores, as they are typed."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.cli.conftest import N_RECORDS, Regesta, write_files
from tests.cli.test_commands import declined

RELEASE = "releases/two-gifts/1.0.0"
EVENTS = "event_id,event_type,title,date\n{0},gift,A {0},2030\n"


def _told(answer: object) -> str:
    return str(getattr(answer, "err", ""))


def test_a_checkpoint_that_was_kept_gives_a_rewritten_log_away(
    regesta: Regesta, desk: Path
) -> None:
    """A store that was made anew from other rows holds by itself, and not against what was kept."""
    write_files(desk, {"kept.txt": regesta("checkpoint").out, "one.csv": EVENTS.format("one")})
    assert regesta("release", "1.0.0").status == 0
    assert regesta("import", "one.csv").status == 0
    for kept in ("kept.txt", RELEASE):
        answer = regesta("verify", "--against", kept, "--json")
        assert answer.json["trusted"] == [f"goes on from {kept} ({N_RECORDS} records)"]
        assert answer.json["unchecked"] == ["the 2 records after that checkpoint"]

    forged = ("--store", "forged.db")
    regesta(*forged, "init", "--dataset", "two-gifts")
    regesta(*forged, "import", "one.csv")
    assert regesta(*forged, "verify").status == 0
    declined(regesta(*forged, "verify", "--against", "kept.txt"), 4, "cut short")
    declined(regesta(*forged, "verify", "--against", RELEASE), 4, "part at record 0")


def test_keys_sign_and_are_checked(regesta: Regesta, desk: Path) -> None:
    """What one signs, others can tell from what they did not."""
    assert "two-gifts.pub" in regesta("keygen", "two-gifts").err
    declined(regesta("keygen", "two-gifts"), 3, "never overwritten")
    assert regesta("release", "1.0.0", "--sign", "two-gifts.key").status == 0
    assert (
        "is signed by regesta/two-gifts+"
        in regesta("verify", RELEASE, "--key", "two-gifts.pub").err
    )
    other = desk / "other"
    other.mkdir()
    key = regesta("keygen", "two-gifts", "--out", "other", "--json").json["key"]
    declined(regesta("verify", RELEASE, "--key", key), 4, "is not signed by")
    declined(regesta("verify", RELEASE, "--key", "two-gifts.key"), 2, "no public key")
    signed = regesta("checkpoint", "--sign", "two-gifts.key").out
    assert signed == (desk / RELEASE / "checkpoint").read_text(encoding="utf-8")
    regesta("keygen", "three-gifts")
    declined(regesta("release", "2.0.0", "--sign", "three-gifts.key"), 2, "keygen two-gifts")
    assert not (desk / "releases/two-gifts/2.0.0").exists()


def test_the_records_of_an_event_are_proven(regesta: Regesta, desk: Path) -> None:
    """A proof says what the record says, and an altered one is declined."""
    proven = regesta("prove", "gift-car", "--json").json
    assert len(proven["proofs"]) == 1 + 2 + 2 + 2
    assert proven["size"] == N_RECORDS
    checked = regesta("verify", "--proof", "gift-car.proofs")
    assert checked.status == 0
    assert "Says that the car was handed over." in checked.err
    assert "Not checked" in checked.err
    write_files(desk, {"kept.txt": regesta("checkpoint").out})
    assert "Not checked" not in _told(
        regesta("verify", "--proof", "gift-car.proofs", "--against", "kept.txt")
    )
    first = Path(proven["proofs"][0])
    first.write_text(first.read_text(encoding="utf-8").replace("index 9", "index 8"), "utf-8")
    declined(regesta("verify", "--proof", first), 4, "does not hold")
    declined(regesta("verify", "--proof", "kept.txt"), 4, "no proof")


def test_a_log_is_proven_to_go_on(regesta: Regesta, desk: Path) -> None:
    """The proof is read with the two checkpoints alone."""
    write_files(desk, {"kept.txt": regesta("checkpoint").out, "one.csv": EVENTS.format("one")})
    regesta("import", "one.csv")
    proof = regesta("checkpoint", "--since", "kept.txt")
    assert proof.out.startswith(f"old {N_RECORDS}\n")
    assert proof.out.endswith(regesta("checkpoint").out)
    write_files(desk, {"goes-on.txt": proof.out})
    (desk / "regesta.db").unlink()
    assert regesta("verify", "--proof", "goes-on.txt", "--against", "kept.txt").status == 0
    declined(regesta("verify", "--proof", "goes-on.txt"), 2, "--against")


def test_a_checkpoint_of_the_past(regesta: Regesta, desk: Path) -> None:
    """`--as-of` gives the checkpoint of then."""
    before = regesta("checkpoint").out
    write_files(desk, {"one.csv": EVENTS.format("one")})
    regesta("import", "one.csv")
    assert regesta("checkpoint").out != before
    assert regesta("checkpoint", "--as-of", "batch:1").out == before


def test_a_release_is_restored_and_gone_on_with(regesta: Regesta, desk: Path) -> None:
    """The new store has the same log; the same import gives both the same root but for its time."""
    regesta("release", "1.0.0")
    again = ("--store", "again.db")
    assert regesta(*again, "restore", RELEASE, "--json").json["restored"] is True
    assert regesta(*again, "checkpoint").out == regesta("checkpoint").out
    assert (
        regesta(*again, "log", "--format", "jsonl").out == regesta("log", "--format", "jsonl").out
    )
    assert regesta(*again, "restore", RELEASE, "--json").json["restored"] is False
    write_files(desk, {"one.csv": EVENTS.format("one")})
    assert regesta(*again, "import", "one.csv").status == 0
    assert regesta(*again, "verify", "--against", RELEASE).status == 0
    declined(regesta(*again, "restore", RELEASE), 3, "not those of")


def test_guards_and_views_are_put_up_again(regesta: Regesta, desk: Path) -> None:
    """`rebuild` mends what `verify` finds, and leaves the log alone."""
    before = regesta("checkpoint").out
    with closing(sqlite3.connect(desk / "regesta.db")) as store:
        store.execute("DROP TRIGGER events_log_no_update")
        store.execute("DROP VIEW participants")
        store.commit()
    declined(regesta("verify"), 4, "the guard events_log_no_update is missing")
    assert regesta("rebuild").status == 0
    assert regesta("verify").status == 0
    assert regesta("checkpoint").out == before


def test_a_table_of_another_shape_is_told(regesta: Regesta, desk: Path) -> None:
    """A table that lost a column, or the types of its cells, is told before any row is read."""
    unlocked = ("DROP VIEW events", "DROP TRIGGER events_log_no_update")
    loosened = (
        "UPDATE sqlite_master SET sql = replace(sql, ' STRICT', '') WHERE name = 'events_log'"
    )
    for change in (
        ("ALTER TABLE events_log DROP COLUMN intensity_scheme",),
        ("PRAGMA writable_schema = ON", loosened),
    ):
        shutil.copy(desk / "regesta.db", desk / "other.db")
        with closing(sqlite3.connect(desk / "other.db")) as store:
            for statement in (*unlocked, *change):
                store.execute(statement)
            store.commit()
        declined(regesta("--store", "other.db", "verify"), 4, "the table events_log was altered")


def test_a_store_without_a_table_is_called_damaged(regesta: Regesta, desk: Path) -> None:
    """No command pretends to bring back what only a release holds."""
    with closing(sqlite3.connect(desk / "regesta.db")) as store:
        store.execute("DROP TABLE coverage_log")
        store.commit()
    for command in ("verify", "rebuild", "init"):
        declined(regesta(command), 4, "the table coverage_log is missing")
