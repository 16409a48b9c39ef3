"""Bring a database up to the newest migration, and say which one it is at; the door to Alembic.

Alembic is woken by whoever goes through: a store that is only opened and read has no need of it.
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

import sqlalchemy as sa

from regesta.errors import StorageFault
from regesta.places import migrations

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

NEWEST = "head"

_ALEMBIC = Lock()
"""Alembic keeps its environment in the process: one upgrade at a time."""


def upgrade(connection: sa.Connection, to: str = NEWEST) -> None:
    """Create or upgrade the store on *connection*, inside the caller's transaction.

    Raises
    ------
    StorageFault
        If the store is of a revision that this version does not know.
    """
    from alembic import command
    from alembic.util import CommandError

    config = _config()
    config.attributes["connection"] = connection
    try:
        with _ALEMBIC:
            command.upgrade(config, to)
    except CommandError as fault:
        raise StorageFault(
            reason=f"The store cannot be upgraded ({fault}); it is of a newer regesta, or damaged."
        ) from None


def revision_of(connection: sa.Connection) -> str | None:
    """Return the migration that the store on *connection* is at, None if it says none we know."""
    from alembic.runtime.migration import MigrationContext

    found = MigrationContext.configure(connection).get_current_heads()
    known = {script.revision for script in _scripts().walk_revisions()}
    return found[0] if len(found) == 1 and found[0] in known else None


def install(connection: sa.Connection) -> None:
    """Put views and guards over the tables of a store that has none."""
    from alembic.operations import Operations
    from alembic.runtime.migration import MigrationContext

    modules = [script.module for script in _scripts().walk_revisions()]  # the newest first
    newest = next(module for module in modules if hasattr(module, "install"))
    with Operations.context(MigrationContext.configure(connection)):
        newest.install()


def _scripts() -> ScriptDirectory:
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(migrations()).replace("%", "%%"))
    return config
