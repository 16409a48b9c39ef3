"""The command line: `regesta [--store URL] COMMAND`, one file a command.

Nothing heavy is imported here, so that `regesta --help` answers at once.
"""

from __future__ import annotations

import typer

from regesta import __version__
from regesta.cli import (
    checkpoint,
    cite,
    codes,
    datasets,
    history,
    import_,
    init,
    log,
    release,
    schema,
    show,
    template,
    timeline,
    validate,
    verify,
)
from regesta.cli.console import speaking_errors
from regesta.cli.options import DEFAULT_STORE, Settings

app = typer.Typer(
    name="regesta",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit status: 0 done, 1 a fault of ours, 2 usage, 3 input refused, 4 verification "
    "failed, 5 busy, 6 storage.",
)

for name, module in (
    ("init", init),
    ("import", import_),
    ("validate", validate),
    ("template", template),
    ("schema", schema),
    ("codes", codes),
    ("timeline", timeline),
    ("show", show),
    ("history", history),
    ("log", log),
    ("release", release),
    ("verify", verify),
    ("checkpoint", checkpoint),
    ("datasets", datasets),
    ("cite", cite),
):
    app.command(name)(module.command)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"regesta {__version__}")
        raise typer.Exit


@app.callback()
def regesta(
    context: typer.Context,
    store: str = typer.Option(
        DEFAULT_STORE,
        "--store",
        envvar="REGESTA_STORE",
        metavar="URL",
        help="The store: sqlite:///FILE, or postgresql://USER@HOST/NAME.",
    ),
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version."
    ),
) -> None:
    """Keep a register of diplomatic events: who said what when, and what became of it."""
    del version
    context.obj = Settings(store=store)


def main() -> None:
    """Run the command line; the exit status says how it went."""
    with speaking_errors():
        app()
