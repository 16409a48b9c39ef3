"""Bring a database up to the newest migration; the only door to Alembic."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from regesta.places import migrations


def upgrade(connection: sa.Connection) -> None:
    """Create or upgrade the store on *connection*, inside the caller's transaction."""
    config = Config()
    config.set_main_option("script_location", str(migrations()).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
