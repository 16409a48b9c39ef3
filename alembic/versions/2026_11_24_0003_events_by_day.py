"""Events are found in the order of a timeline.

Revision: 0003, 2026-11-24
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Put the days of events in order."""
    op.create_index("ix_events_log_days", "events_log", ["date_earliest", "date_latest"])


def downgrade() -> None:
    """Take the index away."""
    op.drop_index("ix_events_log_days", "events_log")
