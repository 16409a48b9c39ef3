"""Run the migrations on the connection that regesta hands over, or on REGESTA_STORE."""

import os

import sqlalchemy as sa
from alembic import context

from regesta.log.tables import METADATA


def run(connection: sa.Connection) -> None:
    """Bring the store up to date inside the caller's transaction."""
    context.configure(connection=connection, target_metadata=METADATA, render_as_batch=False)
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    url = os.environ.get("REGESTA_STORE", "sqlite:///regesta.db")
    with sa.create_engine(url).begin() as opened:
        run(opened)
