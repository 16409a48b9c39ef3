"""A release whose descriptors say something else than its card, log and files does not verify."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq
import pytest

from regesta.errors import VerificationFailed
from regesta.flows.verifying import FOREIGN, Verified, verify_release
from regesta.release import write
from regesta.release.crate import CRATE
from regesta.release.datacite import DATACITE
from regesta.release.descriptors import ALWAYS, CROISSANT, OPTIONAL
from regesta.release.digests import write_sums
from regesta.schema.tables import PUBLISHED, TABLES
from tests.release import conftest
from tests.release.conftest import STEPS, small_content, write_release

DESCRIPTOR = "datapackage.json"
Alter = Callable[[dict[str, Any]], object]


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """Return a small release with every descriptor."""
    return write_release(replace(small_content(), also=tuple(OPTIONAL)), tmp_path)


def _verify(release: Path) -> Verified:
    return verify_release(release, step=lambda _: None)


def _faults(release: Path) -> list[str]:
    """Return what is found once the list of digests is written anew, as a forger would."""
    write_sums(release)
    with pytest.raises(VerificationFailed) as fault:
        _verify(release)
    found = fault.value.facts["faults"]
    assert isinstance(found, list)
    return found


def _alter(release: Path, name: str, alter: Alter) -> None:
    said = json.loads((release / name).read_bytes())
    alter(said)
    text = json.dumps(said, ensure_ascii=False, indent=2) + "\n"
    (release / name).write_text(text, encoding="utf-8")


def _events(said: dict[str, Any]) -> dict[str, Any]:
    """Return what a Data Package says of the events."""
    [found] = [each for each in said["resources"] if each["name"] == "events"]
    return dict(found)


PLANTED: dict[str, tuple[str, Alter]] = {
    "digest": (DESCRIPTOR, lambda said: said["resources"][4].update(hash="sha256:" + "0" * 64)),
    "size": (DESCRIPTOR, lambda said: said["resources"][4].update(bytes=1)),
    "column": (DESCRIPTOR, lambda said: _events(said)["schema"]["fields"].pop()),
    "key": (DESCRIPTOR, lambda said: _events(said)["schema"].update(primaryKey=["title"])),
    "enum": (
        DESCRIPTOR,
        lambda said: _events(said)["schema"]["fields"][1]["constraints"]["enum"].append("giftt"),
    ),
    "foreign-key": (
        DESCRIPTOR,
        lambda said: said["resources"][5]["schema"]["foreignKeys"][0]["fields"].append("role"),
    ),
    "title": (DESCRIPTOR, lambda said: said.update(title="Three gifts")),
    "licence": (DESCRIPTOR, lambda said: said["licenses"][0].update(name="CC0-1.0")),
    "created": (DESCRIPTOR, lambda said: said.update(created="2020-01-01T00:00:00.000000Z")),
    "croissant-digest": (CROISSANT, lambda said: said["distribution"][3].update(sha256="0" * 64)),
    "croissant-column": (CROISSANT, lambda said: said["recordSet"][-1]["field"].pop()),
    "croissant-code": (CROISSANT, lambda said: said["recordSet"][0]["data"].pop()),
    "croissant-licence": (CROISSANT, lambda said: said.update(license="https://example.org")),
    "crate-file": (CRATE, lambda said: said["@graph"].pop(3)),
    "datacite-creator": (DATACITE, lambda said: said["creators"].pop()),
}


@pytest.mark.parametrize("fault", PLANTED)
def test_a_planted_fault_is_found(release: Path, fault: str) -> None:
    """Whatever a descriptor says falsely is found, and its file is named."""
    name, alter = PLANTED[fault]
    _alter(release, name, alter)
    found = _faults(release)
    assert any(each.startswith(f"{name} is not what card, log and files give") for each in found)


@pytest.mark.parametrize("name", ["README.md", "CITATION.cff"])
def test_a_text_that_says_otherwise_is_found(release: Path, name: str) -> None:
    """The citation and the dataset card are derived as the others are."""
    text = (release / name).read_text(encoding="utf-8")
    (release / name).write_text(text.replace("Anna Amsel", "Berta Beispiel"), encoding="utf-8")
    assert f"{name} is not what card, log and files give" in _faults(release)


def test_the_place_of_the_first_difference_is_told(release: Path) -> None:
    """Whoever must mend it knows where to look."""
    _alter(release, *PLANTED["licence"])
    assert any(each.endswith("see licenses/0/name") for each in _faults(release))


@pytest.mark.parametrize("name", sorted(set(ALWAYS) - {DESCRIPTOR}))
def test_a_missing_descriptor_is_found(release: Path, name: str) -> None:
    """Each release has these; those that it has by option may be taken away, digest and all."""
    (release / name).unlink()
    assert _faults(release)


def test_a_descriptor_by_option_is_known_from_the_release(release: Path) -> None:
    """The README names what is there: one that goes missing is missed."""
    assert f"`{DATACITE}`" in (release / "README.md").read_text(encoding="utf-8")
    (release / DATACITE).unlink()
    assert "README.md is not what card, log and files give" in _faults(release)


class TestOtherEditions:
    """What regesta says of columns changes from one version to the next; the facts do not."""

    @pytest.fixture
    def foreign(self, release: Path) -> Path:
        """Return a release that another edition of regesta wrote."""
        _alter(release, DESCRIPTOR, lambda said: said.update(edition="sha256:" + "1" * 64))
        write_sums(release)
        return release

    def test_it_verifies_and_what_was_not_compared_is_told(self, foreign: Path) -> None:
        """Other words are no fault."""
        assert FOREIGN in _verify(foreign).unchecked

    @pytest.mark.parametrize(
        "fault", ["digest", "size", "column", "title", "licence", "created", "croissant-digest"]
    )
    def test_a_false_fact_is_found_all_the_same(self, foreign: Path, fault: str) -> None:
        """Files, columns, card and time are facts."""
        name, alter = PLANTED[fault]
        _alter(foreign, name, alter)
        assert any(each.startswith(name) for each in _faults(foreign))


def test_a_missing_column_is_found(release: Path) -> None:
    """A column that is gone from both files of a table, digests and all, is missed."""
    for name in ("events.parquet", "events.csv"):
        (release / name).write_bytes(_without(release / name, "title"))
    found = _faults(release)
    assert "events.csv is not what the log adds up to" in found
    assert "events.parquet is not what the log adds up to" in found


def _without(path: Path, column: str) -> bytes:
    read, write = (
        (pl.read_csv, pl.DataFrame.write_csv)
        if path.suffix == ".csv"
        else (pl.read_parquet, pl.DataFrame.write_parquet)
    )
    frame = read(path).drop(column)
    write(frame, path)
    return path.read_bytes()


SEALED_FAULTS = {
    "dangling-key": (
        "participants",
        {"event_id": "gift", "actor_id": "nobody", "role": "giver"},
        "participants.csv row 4, column actor_id: 'nobody'",
    ),
    "bad-code": (
        "actors",
        {"actor_id": "CHN", "name": "China", "kind": "statee"},
        "actors.csv row 2, column kind: 'statee'",
    ),
}


@pytest.mark.parametrize("fault", SEALED_FAULTS)
def test_what_the_schema_refuses_is_found_in_a_sealed_log(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, fault: str
) -> None:
    """A dangling key or a bad code is found, though leaves, root, tables and digests agree."""
    table, row, says = SEALED_FAULTS[fault]
    more = (conftest._batch(5, None), (5, table, "add", "new", row))
    monkeypatch.setattr(conftest, "STEPS", (*STEPS, *more))
    # An honest codebook has no label for a code that is none, and ends there.
    monkeypatch.setattr(write, "codebooks", lambda *_, **__: {})
    release = write_release(small_content(batches=5), tmp_path)
    found = _faults(release)
    assert any(each.startswith(says) for each in found), found


@pytest.mark.parametrize("name", PUBLISHED)
def test_each_column_of_a_parquet_file_describes_itself(release: Path, name: str) -> None:
    """Description, coding, unit, code list and reference, from the schema."""
    schema = pq.read_schema(release / f"{name}.parquet")
    for column in PUBLISHED[name].columns.values():
        said = {
            "description": column.description,
            "coding": column.coding,
            "unit": column.unit,
            "codes": column.codes,
            "references": column.references,
        }
        found = schema.field(column.name).metadata
        assert found == {k.encode(): v.encode() for k, v in said.items() if v}


@pytest.mark.parametrize("name", TABLES)
def test_each_column_of_a_history_describes_itself(release: Path, name: str) -> None:
    """Those of the table as there, and those of the log beside them."""
    schema = pq.read_schema(release / "history" / f"{name}.parquet")
    assert all(field.metadata[b"description"] for field in schema)
    assert schema.field("reason").metadata[b"codes"] == b"reasons"
    own = [each for each in TABLES[name].columns.values() if each.name != "batch"]
    for column in own:
        assert schema.field(column.name).metadata[b"description"] == column.description.encode()
