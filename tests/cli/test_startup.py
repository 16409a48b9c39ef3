"""The command line answers at once: nothing heavy is loaded before it is needed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.cli.conftest import OUTSIDE, environment

PYPROJECT = tomllib.loads(
    (Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8")
)["project"]
NEEDED = {re.split(r"[\[<>=]", each)[0].replace("-", "_") for each in PYPROJECT["dependencies"]}
HEAVY = NEEDED - {"typer"}
"""Packages that the project depends on, but for the one that parses the command line."""

HELP = """
import sys
from regesta.cli import main
sys.argv = ["regesta", {words}]
try:
    main()
except SystemExit as end:
    assert end.code in (0, None), end.code
"""
LOADED = """
import json, sys
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})), file=sys.stderr)
"""


def loaded_by(program: str) -> set[str]:
    """Return the packages that a fresh Python has loaded at the end of *program*."""
    ended = subprocess.run(
        [sys.executable, "-c", program + LOADED],
        capture_output=True,
        text=True,
        env=environment(),
        check=True,
    )
    return set(json.loads(ended.stderr))


@pytest.mark.parametrize(
    "program",
    [
        "import regesta\n",
        "import regesta\nassert regesta.__version__\nassert 'load' in regesta.__all__\n",
        "import regesta.cli\n",
        HELP.format(words='"--help"'),
        HELP.format(words='"import", "--help"'),
        HELP.format(words='"--version"'),
    ],
    ids=["import", "version", "import-cli", "help", "help-of-import", "print-version"],
)
def test_nothing_heavy_is_loaded(program: str) -> None:
    """Neither `import regesta` nor help or version load a data frame, a database or a renderer."""
    loaded = loaded_by(program)
    assert "regesta" in loaded
    assert loaded.isdisjoint(HEAVY)


def test_loading_a_release_needs_no_sql() -> None:
    """`regesta.load` comes with pandas and pyarrow, without SQLAlchemy, Alembic or Typer."""
    loaded = loaded_by("import regesta\nregesta.load\n")
    assert loaded >= {"pandas", "regesta"}
    assert loaded.isdisjoint({"alembic", "sqlalchemy", "typer", "pandera"})


def test_a_store_is_read_without_migrations() -> None:
    """Whoever opens a store to read it does not wait for Alembic."""
    loaded = loaded_by("import regesta.flows.show, regesta.flows.timeline, regesta.store.store\n")
    assert loaded >= {"regesta", "sqlalchemy", "polars"}
    assert "alembic" not in loaded


def test_what_reads_apart_starts_at_once() -> None:
    """The process that reads a large store loads its driver and Arrow, and no data frames."""
    loaded = loaded_by("import regesta.store.reader\n")
    assert loaded >= {"adbc_driver_sqlite", "pyarrow"}
    assert loaded.isdisjoint({"pandas", "polars", "sqlalchemy", "pandera"})


def test_the_heavy_packages_are_named_as_they_are_imported() -> None:
    """The packages whose sleep is watched are among what the project depends on, by these names."""
    known = "alembic edtf openpyxl pandas pandera polars pyarrow rich sqlalchemy"
    assert set(known.split()) <= HEAVY


def test_the_version_is_that_of_the_project() -> None:
    """`__version__`, `--version` and pyproject.toml say the same."""
    stated = PYPROJECT["version"]
    program = "import regesta; print(regesta.__version__)"
    said = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        env=environment(),
        check=True,
    )
    assert said.stdout.strip() == stated
    shown = subprocess.run(
        [*OUTSIDE, "--version"], capture_output=True, text=True, env=environment(), check=True
    )
    assert shown.stdout == f"regesta {stated}\n"


def test_python_m_regesta_is_the_command(tmp_path: Path) -> None:
    """`python -m regesta` calls itself regesta, and ends with the status of the command."""
    shown = subprocess.run(
        [*OUTSIDE, "--help"], capture_output=True, text=True, env=environment(), check=True
    )
    assert re.match(r"Usage: (python3? -m )?regesta ", shown.stdout.strip())
    missing = subprocess.run(
        [*OUTSIDE, "timeline"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env=environment(),
        check=False,
    )
    assert (missing.returncode, missing.stdout) == (2, "")
    assert "regesta init" in missing.stderr


def test_what_duplicates_takes_for_granted_is_said_once_in_effect() -> None:
    """The command's defaults, which must wake nothing heavy, are those of the comparison."""
    from inspect import signature

    from regesta.cli.duplicates import command
    from regesta.research.duplicates import LEAST, WINDOW

    given = signature(command).parameters
    assert (given["window"].default, given["least"].default) == (WINDOW, LEAST)
