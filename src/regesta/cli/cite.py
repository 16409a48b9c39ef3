"""`regesta cite`: how to cite a dataset."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from regesta.cli.console import answer, say


class Style(StrEnum):
    """The forms of a citation."""

    TEXT = "text"
    BIBTEX = "bibtex"
    CSL_JSON = "csl-json"
    CFF = "cff"


def command(
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME]", help="A dataset or a release folder; else all datasets."),
    ] = None,
    version: Annotated[
        str | None, typer.Option("--version", metavar="V", help="Which version; else the newest.")
    ] = None,
    style: Annotated[Style, typer.Option("--format", help="Form of the citation.")] = Style.TEXT,
) -> None:
    """Print the citation of a release; `regesta timeline --cite` prints that of a query.

    Example: regesta cite russia-dprk --format bibtex
    """
    from regesta.catalog.versions import datasets
    from regesta.flows.loading import load

    names = [name] if name else datasets()
    for each in names:
        answer(load(each, version=version).cite(style.value).rstrip())
    if not names:
        say("There is no dataset on the shelf.")
