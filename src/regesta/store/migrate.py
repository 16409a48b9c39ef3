"""Bring a database up to the newest migration; the only door to Alembic."""

from __future__ import annotations

from threading import Lock

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from regesta.places import migrations

_ALEMBIC = Lock()
"""Alembic keeps its environment in the process: one upgrade at a time."""


def upgrade(connection: sa.Connection) -> None:
    """Create or upgrade the store on *connection*, inside the caller's transaction."""
    config = Config()
    config.set_main_option("script_location", str(migrations()).replace("%", "%%"))
    config.attributes["connection"] = connection
    with _ALEMBIC:
        command.upgrade(config, "head")
