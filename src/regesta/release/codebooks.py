"""The codebook of a release, for people: as Markdown, and as HTML that needs no other file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from regesta.schema.card import Card
from regesta.schema.codebook import codebook_page, wording
from regesta.schema.gates import Outcome
from regesta.schema.page import html, markdown

MARKDOWN = "CODEBOOK.md"
HTML = "CODEBOOK.html"


def codebooks(
    card: Card, version: str, tables: Mapping[str, pl.DataFrame], gates: Sequence[Outcome]
) -> dict[str, str]:
    """Return the files that are the codebook of a release, by name."""
    release = f"{card['title']}, version {version}"
    page = codebook_page(tables, release=release, details=card.get("details"), gates=gates)
    return {MARKDOWN: markdown(page), HTML: html(page)}


def has_our_codebook(release: Path) -> bool:
    """Return whether the codebook of *release* has the words of this version of regesta.

    Another version describes columns in other words, so that its codebook cannot be told from one
    that somebody has changed.
    """
    files = [release / name for name in (MARKDOWN, HTML)]
    return any(wording().encode() in path.read_bytes() for path in files if path.is_file())
