"""The store's own row has a leaf, as every record has: a changed cell of it shows.

Revision: 0002, 2026-11-24
"""

import json
from hashlib import sha256

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

STORE = sa.table("store", *map(sa.column, ("only", "dataset", "format", "leaf")))
GUARD = (
    "CREATE TRIGGER store_no_update BEFORE UPDATE ON store BEGIN SELECT RAISE(ABORT,"
    " 'the log is append-only: nothing in it is changed or removed'); END"
)


def leaf_of(dataset: str | None, form: int) -> bytes:
    """Return the hash of what the store says of itself."""
    said = {"dataset": dataset, "format": form, "table": "store"}
    said = {name: value for name, value in said.items() if value is not None}
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    return sha256(b"\x00" + text.encode()).digest()


def upgrade() -> None:
    """Add the column and fill it, past the guard that refuses to."""
    op.add_column("store", sa.Column("leaf", sa.LargeBinary()))
    sqlite = op.get_context().dialect.name == "sqlite"
    op.execute(
        "DROP TRIGGER store_no_update"
        if sqlite
        else "ALTER TABLE store DISABLE TRIGGER store_no_row"
    )
    found = op.get_bind().execute(sa.select(STORE.c.only, STORE.c.dataset, STORE.c.format)).all()
    for only, dataset, form in found:
        leaf = leaf_of(dataset, form)
        op.execute(STORE.update().where(STORE.c.only == only).values(leaf=leaf))
    op.execute(GUARD if sqlite else "ALTER TABLE store ENABLE ALWAYS TRIGGER store_no_row")


def downgrade() -> None:
    """Take the column away."""
    op.drop_column("store", "leaf")
