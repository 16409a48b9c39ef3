"""`regesta timeline`: events in order, one line each."""

from __future__ import annotations

from typing import Annotated

import typer

from regesta.cli.options import AsOfOption, Form, FormatOption, OutOption, settings


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
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, max=2**63 - 1, help="At most so many events.")
    ] = None,
    as_of: AsOfOption = None,
    form: FormatOption = Form.TABLE,
    out: OutOption = None,
) -> None:
    """List events in order of time, one line each.

    Example: regesta timeline --between RUS PRK --type gift --since 2023
    """
    from regesta.flows.asking import Filters, filtered_timeline
    from regesta.store.store import Store
    from regesta.views.output import write

    filters = Filters(
        actor=actor,
        between=between,
        event_type=event_type,
        country=country,
        since=since,
        until=until,
        limit=limit,
    )
    rows = filtered_timeline(Store.open(settings(context).store), filters, as_of)
    shown = ("date", "event_type", "event_id", "title", "participants", "n_sources")
    write(rows, form, out, shown=shown)
