"""The command line: `regesta [--store URL] COMMAND`, one file a command.

Nothing heavy is imported here, so that `regesta --help` answers at once.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TextIO

import typer

from regesta import __version__
from regesta.cli import (
    breaches,
    checkpoint,
    cite,
    codes,
    datasets,
    diff,
    duplicates,
    history,
    import_,
    init,
    keygen,
    log,
    merge,
    prove,
    rebuild,
    rekey,
    release,
    restore,
    retract,
    schema,
    show,
    split,
    template,
    timeline,
    validate,
    verify,
)
from regesta.cli.commands import Command, Group, described
from regesta.cli.console import speaking_errors
from regesta.cli.options import DEFAULT_STORE, Settings, require_store_name

app = typer.Typer(
    cls=Group,
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
    ("diff", diff),
    ("breaches", breaches),
    ("duplicates", duplicates),
    ("retract", retract),
    ("merge", merge),
    ("split", split),
    ("rekey", rekey),
    ("release", release),
    ("verify", verify),
    ("checkpoint", checkpoint),
    ("prove", prove),
    ("keygen", keygen),
    ("restore", restore),
    ("rebuild", rebuild),
    ("datasets", datasets),
    ("cite", cite),
):
    app.command(name, cls=Command)(described(module.command))


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
        callback=require_store_name,
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
    sys.stdout = sys.stdout or _nowhere()
    sys.stderr = sys.stderr or _nowhere()
    out = sys.stdout
    with speaking_errors():
        try:
            app()
        except SystemExit:
            # Typer puts another stream in the place of one whose reader has gone.
            if sys.stdout is not out:
                sys.exit(0)
            raise


def _nowhere() -> TextIO:
    """Return a stream for what a shell has closed: the next file must not take its place."""
    return Path(os.devnull).open("w", encoding="utf-8")
