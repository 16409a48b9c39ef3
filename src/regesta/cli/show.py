"""`regesta show`: one event and all that hangs on it."""

from __future__ import annotations

from typing import Annotated

import typer

from regesta.cli.options import (
    AsOfOption,
    EventArgument,
    ExcelSafeOption,
    Form,
    FormatOption,
    KnownByOption,
    OutOption,
    PolicyOption,
    ValuesOption,
    settings,
)


def command(
    context: typer.Context,
    event_id: EventArgument,
    status_history: Annotated[
        bool,
        typer.Option("--status-history", help="Tell each change of a status, and its cause."),
    ] = False,
    as_of: AsOfOption = None,
    known_by: KnownByOption = None,
    policy: PolicyOption = "parties",
    values: ValuesOption = "as_coded",
    form: FormatOption = Form.TABLE,
    out: OutOption = None,
    excel_safe: ExcelSafeOption = False,
) -> None:
    """Show an event: who took part, who says what, its status.

    With why the status is what it is, what is claimed for its values, and its relations. As CSV
    or Parquet, one row a claim.

    Example: regesta show gift-aurus-2024-02-18

    Example: regesta show gift-aurus-2024-02-18 --known-by 2024-02-20T10:30+09:00

    Example: regesta show gift-aurus-2024-02-18 --status-history
    """
    from regesta.flows import show
    from regesta.flows.seeing import seen
    from regesta.store.store import Store
    from regesta.views.event import show_event
    from regesta.views.output import write

    store = Store.open(settings(context).store)
    register = seen(store, as_of=as_of, known_by=known_by, policy=policy, value_policy=values)
    if status_history:
        write(show.status_history(register, event_id), form, out, excel_safe=excel_safe)
    else:
        show_event(show.event(register, event_id), event_id, form, out, excel_safe=excel_safe)
