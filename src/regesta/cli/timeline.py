"""`regesta timeline`: events in order, one line each."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from regesta.cli.options import (
    AsOfOption,
    ExcelSafeOption,
    Form,
    FormatOption,
    KnownByOption,
    OutOption,
    PolicyOption,
    ValuesOption,
    settings,
)


class Style(StrEnum):
    """The forms of a query's citation."""

    TEXT = "text"
    BIBTEX = "bibtex"
    CSL_JSON = "csl-json"
    JSON = "json"


def command(
    context: typer.Context,
    actor: Annotated[
        str | None,
        typer.Option(
            "--actor", metavar="ACTOR", help="With this actor; a state counts with its people."
        ),
    ] = None,
    between: Annotated[
        tuple[str, str] | None,
        typer.Option("--between", metavar="A B", help="With both of these actors."),
    ] = None,
    event_type: Annotated[
        str | None,
        typer.Option(
            "--type", metavar="TYPE", help="Of this type: see `regesta codes event_types`."
        ),
    ] = None,
    country: Annotated[
        str | None,
        typer.Option("--country", metavar="CODE", help="In this country (ISO 3166 alpha-3)."),
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="DATE", help="Not over before DATE (EDTF).")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="DATE", help="Begun by DATE (EDTF).")
    ] = None,
    status: Annotated[
        str | None,
        typer.Option("--status", metavar="STATUS", help="With it: see `regesta codes statuses`."),
    ] = None,
    related_to: Annotated[
        str | None,
        typer.Option("--related-to", metavar="EVENT_ID", help="In a relation to this event."),
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, max=2**63 - 1, help="At most so many events.")
    ] = None,
    as_of: AsOfOption = None,
    known_by: KnownByOption = None,
    policy: PolicyOption = "parties",
    values: ValuesOption = "as_coded",
    cite: Annotated[
        Style | None,
        typer.Option(
            "--cite",
            help="Print how to cite the answer, instead of it; `regesta verify --citation` asks "
            "it again. json has a digest of each row.",
        ),
    ] = None,
    form: FormatOption = Form.TABLE,
    out: OutOption = None,
    excel_safe: ExcelSafeOption = False,
) -> None:
    """List events in order of time, with their status.

    Example: regesta timeline --between RUS PRK --type gift --since 2023

    Example: regesta timeline --known-by 2024-02-20 --policy strict

    Example: regesta timeline --related-to gift-aurus-2024-02-18

    Example: regesta timeline --between RUS PRK --type gift --cite bibtex
    """
    from regesta.errors import UsageError
    from regesta.flows.seeing import seen
    from regesta.flows.timeline import filtered_timeline
    from regesta.research.filters import Filters
    from regesta.store.store import Store
    from regesta.views.output import write, write_text

    if cite and (form != Form.TABLE or excel_safe):
        raise UsageError(reason="--cite has a form of its own; leave --format or --excel-safe out.")
    filters = Filters(
        actor=actor,
        between=between,
        event_type=event_type,
        country=country,
        since=since,
        until=until,
        status=status,
        related_to=related_to,
        limit=limit,
    )
    store = Store.open(settings(context).store)
    register = seen(store, as_of=as_of, known_by=known_by, policy=policy, value_policy=values)
    rows = filtered_timeline(register, filters)
    if cite:
        from regesta.flows.citing import cite_from_store

        citation = cite_from_store(store, register, filters, rows, cite.value)
        write_text(f"{citation.rstrip()}\n", out)
        return
    shown = ("date", "event_type", "event_id", "title", "participants", "status", "legality")
    write(rows, form, out, excel_safe=excel_safe, shown=shown)
