"""`regesta duplicates`: pairs of events that may be one, to decide on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from regesta.cli.console import clock, login_name
from regesta.cli.options import (
    AuthorOption,
    ExcelSafeOption,
    Form,
    FormatOption,
    JsonOption,
    MessageOption,
    OutOption,
    settings,
)


def command(
    context: typer.Context,
    window: Annotated[
        int, typer.Option("--window", metavar="DAYS", min=0, max=366, help="Days apart at most.")
    ] = 3,
    least: Annotated[
        float, typer.Option("--least", metavar="SCORE", min=0, max=1, help="Least score.")
    ] = 0.72,
    decisions: Annotated[
        Path | None,
        typer.Option(
            "--decide",
            metavar="FILE",
            help="Record the decisions in FILE: this table with `same` or `different` in the "
            "column `decision`; pairs without one are left.",
        ),
    ] = None,
    author: AuthorOption = None,
    message: MessageOption = None,
    as_json: JsonOption = False,
    form: FormatOption = Form.TABLE,
    out: OutOption = None,
    excel_safe: ExcelSafeOption = False,
) -> None:
    """Propose pairs of events that may be one, or decide on them.

    Each pair comes with a score and why. In a file of decisions `same` merges the first of a pair
    into the other; `different` is remembered, and the pair is not proposed again.

    Example: regesta duplicates --format csv --out pairs.csv

    Example: regesta duplicates --decide pairs.csv
    """
    from regesta.flows.curating import Signature
    from regesta.flows.duplicates import decide_file, proposed
    from regesta.store.store import Store
    from regesta.views.output import write
    from regesta.views.receipt import show_recorded

    store = Store.open(settings(context).store)
    if decisions is None:
        shown = ("event_id", "other_id", "score", "why", "title", "other_title")
        write(
            proposed(store, window=window, least=least),
            form,
            out,
            excel_safe=excel_safe,
            shown=shown,
        )
    else:
        signature = Signature(author=author or login_name(), message=message, at=clock())
        show_recorded(decide_file(store, decisions, signature), as_json=as_json)
