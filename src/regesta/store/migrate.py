"""Bring a database up to the newest migration; the only door to Alembic."""

from __future__ import annotations

from threading import Lock

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.util import CommandError

from regesta.errors import StorageFault
from regesta.places import migrations

_ALEMBIC = Lock()
"""Alembic keeps its environment in the process: one upgrade at a time."""


def upgrade(connection: sa.Connection) -> None:
    """Create or upgrade the store on *connection*, inside the caller's transaction.

    Raises
    ------
    StorageFault
        If the store is of a revision that this version does not know.
    """
    config = Config()
    config.set_main_option("script_location", str(migrations()).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        with _ALEMBIC:
            command.upgrade(config, "head")
    except CommandError as fault:
        raise StorageFault(
            reason=f"The store cannot be upgraded ({fault}); it is of a newer regesta, or damaged."
        ) from None
