"""The official validator of each format finds no error, offline; and where it is weak, we look."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from regesta.release.crate import CRATE
from regesta.release.datacite import DATACITE
from regesta.release.descriptors import OPTIONAL
from regesta.schema.tables import CHANGES, PUBLISHED
from tests.release.conftest import small_content, write_release

ROOT = Path(__file__).parents[2]
SCHEMAS = ROOT / "tests" / "schemas"
SPOKEN_FOR = {
    "publisher": "Institut für Beispiele",
    "homepage": "https://example.org/gifts",
    "languages": ["en", "ko"],
    "sources": ["Old newspapers", {"title": "An archive", "path": "https://example.org/archive"}],
    "temporal": "1648/2024",
    "spatial": ["PRK", "RUS"],
}


@pytest.fixture(scope="module", params=["plain", "spoken for"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a release with all descriptors, whose card says little or all that a card may."""
    content = replace(small_content(), also=tuple(OPTIONAL))
    if request.param == "spoken for":
        people = [{"title": "Anna Amsel", "kind": "person"}, "Institut für Beispiele"]
        card = {**content.card, **SPOKEN_FOR, "contributors": people}
        content = replace(content, card=card, excel_safe=True)
    return write_release(content, tmp_path_factory.mktemp("releases"))


@pytest.fixture
def quiet() -> Any:  # noqa: ANN401 - a generator
    """Leave aside what the validators' own dependencies are warned of."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _json(path: Path) -> Any:  # noqa: ANN401
    return json.loads(path.read_bytes())


@pytest.mark.usefixtures("quiet")
def test_frictionless_accepts_the_data_package(folder: Path) -> None:
    """Every cell, key, reference, size and hash of every table, and of what changed."""
    report = import_module("frictionless").validate(str(folder / "datapackage.json"))
    assert report.flatten(["name", "type", "note"]) == []
    assert report.valid
    assert [task.name for task in report.tasks] == [*PUBLISHED, CHANGES.name]


@pytest.mark.usefixtures("quiet")
class TestCroissant:
    """mlcroissant accepts wrong digests and columns that are not there until it loads a record."""

    def test_it_is_valid(self, folder: Path) -> None:
        """No error, and no warning either."""
        issues = self._opened(folder).metadata.ctx.issues
        assert (issues.errors, issues.warnings) == (set(), set())

    @pytest.mark.parametrize("name", PUBLISHED)
    def test_it_loads_every_row_of_every_table(self, folder: Path, name: str) -> None:
        """All rows, all columns, and text as it is: `NA` is no null."""
        rows = pl.read_parquet(folder / f"{name}.parquet")
        # An opened dataset gives records of one set only: the second finds the first one's files.
        found = list(self._opened(folder).records(name))
        assert len(found) == rows.height
        for record in found:
            assert list(record) == [f"{name}/{column}" for column in rows.columns]
        key = next(iter(PUBLISHED[name].key))
        if rows.height and rows.schema[key] == pl.String:
            said = sorted(record[f"{name}/{key}"].decode() for record in found)
            assert said == rows[key].sort().to_list()
        if name == "actors":
            assert {record["actors/aliases"] for record in found} == {b"NA", None}

    def test_it_loads_every_code_list(self, folder: Path) -> None:
        """A list is a record set whose rows stand in the description itself."""
        lists = [each.id for each in self._opened(folder).metadata.record_sets]
        lists = [name for name in lists if name not in PUBLISHED]
        assert "codes/stances" in lists
        for name in lists:
            assert list(self._opened(folder).records(name))

    def test_a_wrong_digest_is_found_by_loading(self, folder: Path, tmp_path: Path) -> None:
        """That is why a record of each set is loaded here."""
        said = _json(folder / "croissant.json")
        for file in said["distribution"]:
            file["sha256"] = "0" * 64
            file["contentUrl"] = str(folder / file["contentUrl"])
        path = tmp_path / "croissant.json"
        path.write_text(json.dumps(said), encoding="utf-8")
        mlcroissant = import_module("mlcroissant")
        with pytest.raises(mlcroissant.GenerationError):
            list(mlcroissant.Dataset(jsonld=str(path)).records("events"))

    @staticmethod
    def _opened(folder: Path) -> Any:  # noqa: ANN401
        return import_module("mlcroissant").Dataset(jsonld=str(folder / "croissant.json"))


@pytest.mark.parametrize("path", [None, ROOT / "CITATION.cff"], ids=["release", "regesta"])
def test_the_schema_of_cff_accepts_the_citation(folder: Path, path: Path | None) -> None:
    """The citation of a release, and that of regesta itself."""
    jsonschema, yaml = import_module("jsonschema"), import_module("yaml")
    text = (path or folder / "CITATION.cff").read_text(encoding="utf-8")
    said = json.loads(json.dumps(yaml.safe_load(text), default=str))
    schema = _json(SCHEMAS / "cff-1.2.0.json")
    checker = jsonschema.Draft7Validator(schema, format_checker=jsonschema.FormatChecker())
    assert [error.message for error in checker.iter_errors(said)] == []


@pytest.mark.usefixtures("quiet")
def test_the_schema_of_datacite_accepts_the_record(folder: Path) -> None:
    """4.5 is the newest that is packaged; what later ones added is not used, none took away."""
    schema = import_module("datacite.schema45")
    said = _json(folder / DATACITE)
    assert [error.message for error in schema.validator.iter_errors(said)] == []
    assert schema.tostring({**said, "doi": "10.5072/example"})


def test_the_validator_of_ro_crate_accepts_the_crate(folder: Path) -> None:
    """It asks for another `rich` than we do, and so for an environment of its own."""
    python = os.environ.get("CRATE_PYTHON", str(ROOT / ".venv-crate" / "bin" / "python"))
    if not Path(python).is_file():
        pytest.skip("no roc-validator here: `make .venv-crate` installs it")
    script = Path(__file__).with_name("crate_validator.py")
    made = subprocess.run(
        [python, str(script), str(folder)], check=False, capture_output=True, text=True
    )
    assert made.stdout.splitlines() == ["valid"], made.stdout + made.stderr


def test_every_file_is_part_of_the_crate(folder: Path) -> None:
    """The validator does not ask for files that the crate leaves out."""
    there = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    graph = _json(folder / CRATE)["@graph"]
    files = {node["@id"]: node for node in graph if node["@type"] == "File"}
    assert set(files) == there - {CRATE, "SHA256SUMS"}
    for name, node in files.items():
        assert int(node["contentSize"]) == (folder / name).stat().st_size


LOAD = """
import sys
import datasets
for name in datasets.get_dataset_config_names(sys.argv[1]):
    print(name, datasets.load_dataset(sys.argv[1], name)["train"].num_rows)
"""


def test_datasets_loads_each_table_by_its_name(folder: Path, tmp_path: Path) -> None:
    """The front matter of the README makes each table a configuration."""
    home = {"HF_HOME": str(tmp_path), "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}
    made = subprocess.run(
        [sys.executable, "-c", LOAD, str(folder)],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, **home},
    )
    heights = {name: pl.read_parquet(folder / f"{name}.parquet").height for name in PUBLISHED}
    heights = {name: rows for name, rows in heights.items() if rows}
    found = dict(line.split() for line in made.stdout.splitlines())
    assert {name: int(rows) for name, rows in found.items()} == heights


@pytest.mark.usefixtures("quiet")
def test_the_hub_reads_the_card(folder: Path) -> None:
    """What stands above the README is a card whose licence and size the hub knows."""
    card = import_module("huggingface_hub").DatasetCard.load(folder / "README.md")
    said = card.data.to_dict()
    assert said["license"] == "cc-by-4.0"
    assert said["pretty_name"] == "Two gifts & a peace"
    assert said["size_categories"] == ["n<1K"]
    assert said["tags"] == ["diplomacy", "gifts"]
    assert [each["config_name"] for each in said["configs"] if each.get("default")] == ["timeline"]
    assert card.text.lstrip().startswith("# Two gifts & a peace, version 1.0.0")
