"""What holds for every dataset on the shelf: it is whole, valid, described and released."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from regesta.catalog.versions import datasets
from regesta.schema.tables import IMPORTED
from tests.cli.conftest import Answer, run
from tests.datasets.tables import SHELF, table


@pytest.fixture(scope="module", params=datasets())
def folder(request: pytest.FixtureRequest) -> Path:
    """Return the folder of a dataset."""
    return SHELF / str(request.param)


@pytest.fixture(scope="module")
def made(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Answer]:
    """Return the URL of a store of the dataset, and what its import answered."""
    store = f"sqlite:///{tmp_path_factory.mktemp('store')}/regesta.db"
    return store, run("--store", store, "import", folder, "--author", "Tess", "--json")


class TestWhole:
    """All of it is accepted, and comes out as a release."""

    def test_the_import_is_valid_and_complete(self, folder: Path, made: tuple[str, Answer]) -> None:
        """Every row of every table is added, none refused and none twice."""
        assert made[1].status == 0, made[1].err
        tables = made[1].json["tables"]
        assert set(tables) == set(IMPORTED)
        for name, counts in tables.items():
            rows = len(table(name, folder))
            assert (counts["read"], counts["added"]) == (rows, rows)
        assert made[1].err.count("\n") <= 1

    @pytest.mark.parametrize("words", [(), ("--dry-run",)])
    def test_the_second_import_plans_nothing(
        self, words: tuple[str, ...], folder: Path, made: tuple[str, Answer]
    ) -> None:
        """The same folder again gives no batch, dry or not."""
        receipt = run("--store", made[0], "import", folder, *words, "--json").json
        assert receipt["batch"] is None
        assert all(c["unchanged"] == c["read"] for c in receipt["tables"].values())

    def test_its_release_is_verified(
        self, folder: Path, made: tuple[str, Answer], tmp_path: Path
    ) -> None:
        """What is released of it has its name, and passes every check."""
        answer = run("--store", made[0], "release", "9.0.0", "--out", tmp_path)
        assert answer.status == 0, answer.err
        release = tmp_path / folder.name / "9.0.0"
        answer = run("verify", release)
        assert answer.status == 0, answer.err
        described = json.loads((release / "datapackage.json").read_text(encoding="utf-8"))
        assert described["name"] == folder.name


class TestDescribed:
    """What a reader needs to understand a cell."""

    def test_every_event_has_evidence_that_it_occurred(self, folder: Path) -> None:
        """No event stands without a source that speaks of its occurrence."""
        attested = {
            row["event_id"] for row in table("evidence", folder) if row["aspect"] == "occurrence"
        }
        assert {row["event_id"] for row in table("events", folder)} <= attested

    def test_every_event_has_somebody_who_takes_part(self, folder: Path) -> None:
        """No event is without participants."""
        assert {row["event_id"] for row in table("events", folder)} == {
            row["event_id"] for row in table("participants", folder)
        }

    def test_the_card_describes_every_key_and_aspect(self, folder: Path) -> None:
        """Each key of `details` and each aspect that is no column is in the card, and no other."""
        card = tomllib.loads((folder / "dataset.toml").read_text(encoding="utf-8"))
        keys = {
            key for row in table("events", folder) for key in json.loads(row["details"] or "{}")
        }
        aspects = {row["aspect"] for row in table("evidence", folder)}
        extra = aspects - {"occurrence", "legality", *IMPORTED["events"].columns}
        assert keys
        assert extra
        assert keys | extra == card["details"].keys()
        claims_only = {key for key, text in card["details"].items() if "Claims only" in text}
        assert claims_only == extra - keys

    def test_every_source_is_used(self, folder: Path) -> None:
        """No source stands in its table that no evidence names."""
        assert {row["source_id"] for row in table("sources", folder)} == {
            row["source_id"] for row in table("evidence", folder)
        }

    def test_evidence_is_numbered_within_its_event(self, folder: Path) -> None:
        """An evidence identifier begins with that of its event."""
        assert all(
            row["evidence_id"].rpartition(".")[0] == row["event_id"]
            for row in table("evidence", folder)
        )
