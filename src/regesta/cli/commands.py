"""What every command does: it takes no empty value, and tells a fault as JSON when asked to."""

from __future__ import annotations

import json
from typing import Any

import typer
from typer.core import TyperCommand

from regesta.errors import RegestaError


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
        try:
            return super().invoke(ctx)
        except RegestaError as fault:
            if ctx.params.get("as_json"):
                typer.echo(json.dumps(fault.as_json(), ensure_ascii=False))
            raise
