"""What every command does: it takes no empty value, and tells a fault as JSON when asked to.

And in no sentence on how it is used does it echo what would steer a terminal.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import typer
import typer.main
from typer.core import TyperCommand, TyperGroup
from typer.exceptions import TyperException

from regesta.cli.console import answer
from regesta.errors import RegestaError
from regesta.schema.unseen import visible

_MEANT = "meant"


class Command(TyperCommand):
    """A command of regesta."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - Typer's own
        """Parse *args* and decline an option or argument that is there and empty."""
        rest: list[str] = super().parse_args(ctx, args)
        for parameter in self.params:
            value = ctx.params.get(parameter.name)
            if "" in (value if isinstance(value, tuple | list) else [value]):
                what = f"{parameter.opts[0]} is empty; say something or leave it out."
                raise typer.BadParameter(what, ctx)
        return rest

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - Typer's own
        """Run the command; what it declines goes to stdout as one object under `--json`."""
        _require_csv(ctx.params)
        try:
            return super().invoke(ctx)
        except RegestaError as fault:
            if ctx.params.get("as_json"):
                answer(json.dumps(fault.as_json(), ensure_ascii=False))
            raise


class Group(TyperGroup):
    """All commands of regesta; what somebody typed is echoed without what steers a terminal."""

    def make_context(self, *words: Any, **how: Any) -> Any:  # noqa: ANN401 - Typer's own
        """Parse what stands before the command."""
        with _echoing_safely():
            return super().make_context(*words, **how)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401 - Typer's own
        """Find the command that *args* name; only of this one are the options read."""
        name, found, rest = super().resolve_command(ctx, args)
        return name, found and _whole(found), rest

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - Typer's own
        """Find the command, parse what stands after it, and run it."""
        with _echoing_safely():
            return super().invoke(ctx)


def described(command: Callable[..., None]) -> Callable[[], None]:
    """Return a stand-in that says what *command* does, for a list of many, and knows it."""

    def stand_in() -> None: ...

    stand_in.__doc__ = command.__doc__
    vars(stand_in)[_MEANT] = command
    return stand_in


def _whole(found: Any) -> Any:  # noqa: ANN401 - Typer's own
    """Return the command that *found* stands in for, with its options."""
    app = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False, add_completion=False)
    app.command(found.name, cls=Command)(vars(found.callback)[_MEANT])
    return typer.main.get_command(app)


@contextmanager
def _echoing_safely() -> Iterator[None]:
    try:
        yield
    except TyperException as fault:
        if isinstance(said := getattr(fault, "message", None), str):
            fault.message = visible(said)
        raise


def _require_csv(options: Mapping[str, Any]) -> None:
    """Refuse, before anything is done, to guard an answer that is no CSV."""
    if options.get("excel_safe") and "form" in options:
        from regesta.views.output import named_form  # polars stays asleep until then

        named_form(options["form"], options["out"], excel_safe=True)
