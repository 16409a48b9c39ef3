"""The pages agree with the code and with one another."""

from __future__ import annotations

import re
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest
from typer.main import get_command

from regesta.cli import app

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    ROOT / "SECURITY.md",
    *sorted(DOCS.glob("*.md")),
]

_LINK = re.compile(r"\[[^\]]*\]\((?!https?://|mailto:)([^)\s]+)\)")


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    """Return docs/generate.py."""
    spec = spec_from_file_location("generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    made = module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


@pytest.mark.parametrize("name", ["cli.md", "codebook.md"])
def test_a_page_that_follows_from_the_code_is_up_to_date(name: str, maker: ModuleType) -> None:
    """The page is what docs/generate.py makes now; `make docs` writes it."""
    assert (DOCS / name).read_text(encoding="utf-8") == maker.PAGES[name]()


def test_every_page_that_is_made_is_compared() -> None:
    """The pages that say they were written by `make docs` are the two compared here."""
    made = {page.name for page in DOCS.glob("*.md") if "Written by `make docs`" in page.read_text()}
    assert made == {"cli.md", "codebook.md"}


def test_every_command_is_explained() -> None:
    """Each command has its section in docs/cli.md, and docs/cli.md has no others."""
    commands = set(get_command(app).commands)  # type: ignore[attr-defined]
    sections = re.findall(r"^## regesta(?: (.+))?$", (DOCS / "cli.md").read_text(), re.MULTILINE)
    assert set(filter(None, sections)) == commands


def test_every_command_that_a_page_names_exists() -> None:
    """No page speaks of a command that is not there."""
    commands = set(get_command(app).commands)  # type: ignore[attr-defined]
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        named = set(re.findall(r"(?:`|^\$ )regesta (?!-)([a-z]+)", text, re.MULTILINE))
        assert named <= commands, page.name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    """What a page links to within the project is there."""
    links = _LINK.findall(page.read_text(encoding="utf-8"))
    broken = [link for link in links if not (page.parent / link.partition("#")[0]).exists()]
    assert not broken


def test_the_readme_leads_to_every_page() -> None:
    """A reader who begins with the README finds all of docs/, and the pattern finds its links."""
    linked = set(_LINK.findall((ROOT / "README.md").read_text(encoding="utf-8")))
    assert {f"docs/{page.name}" for page in DOCS.glob("*.md")} <= linked
