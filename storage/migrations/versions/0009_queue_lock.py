"""Jobs by their lock, which the queue looks up for each job that it hands out: without it, in all that wait."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

LIVING = sa.text("status IN ('todo', 'doing')")


def upgrade() -> None:
    op.create_index("ix_procrastinate_jobs_lock", "procrastinate_jobs", ["lock", "priority", "id"],
                    postgresql_where=LIVING, if_not_exists=True)  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_procrastinate_jobs_lock", "procrastinate_jobs")
