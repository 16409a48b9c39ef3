"""Write the pages that follow from the code: docs/cli.md and docs/codebook.md."""

from __future__ import annotations

from pathlib import Path

from typer.main import get_command
from typer.testing import CliRunner

from regesta.cli import app
from regesta.schema.codebook import codebook

DOCS = Path(__file__).parent
MAKER = "<!-- Written by `make docs` from {source}; change that instead. -->\n\n"


def cli_page() -> str:
    """Return the help of every command as Markdown."""
    runner = CliRunner(env={"COLUMNS": "100", "TERMINAL_WIDTH": "100"})
    names = list(get_command(app).commands)  # type: ignore[attr-defined]
    parts = [MAKER.format(source="src/regesta/cli"), "# Command line\n"]
    for name in ["", *names]:
        shown = runner.invoke(app, [*filter(None, [name]), "--help"], prog_name="regesta").output
        parts.append(f"\n## regesta {name}".rstrip() + f"\n\n```text\n{shown.strip()}\n```\n")
    return "".join(parts)


def codebook_page() -> str:
    """Return the codebook as Markdown."""
    return MAKER.format(source="src/regesta/schema/models.py") + codebook()


PAGES = {"cli.md": cli_page, "codebook.md": codebook_page}

if __name__ == "__main__":
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), encoding="utf-8")
