"""`regesta breaches`: what is alleged to breach an instrument, and each state's position."""

from __future__ import annotations

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
    settings,
)


def command(
    context: typer.Context,
    instrument: EventArgument,
    as_of: AsOfOption = None,
    known_by: KnownByOption = None,
    policy: PolicyOption = "parties",
    form: FormatOption = Form.TABLE,
    out: OutOption = None,
    excel_safe: ExcelSafeOption = False,
) -> None:
    """List what allegedly breaches an instrument, and who says so.

    Each event is told with each state's position on its legality. An allegation is no finding:
    who alleges it, who rejects it and who makes conditions is told.

    Example: regesta breaches unsc-res-1718

    Example: regesta breaches unsc-dprk/unsc-res-1718
    """
    from regesta.cli.console import say
    from regesta.flows.beyond import heading
    from regesta.flows.seeing import seen
    from regesta.flows.timeline import breaches
    from regesta.store.store import Store
    from regesta.views.output import write

    store = Store.open(settings(context).store)
    register = seen(store, as_of=as_of, known_by=known_by, policy=policy)
    shown = ("date", "event_id", "provision", "legality", "state", "stance", "value", "known_on")
    rows = breaches(register, instrument)
    say(heading(register, instrument))
    write(rows, form, out, excel_safe=excel_safe, shown=shown)
