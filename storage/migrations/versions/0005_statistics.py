"""Counts of placements, and what is published of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "counts",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_counts")),
    )
    op.create_table(
        "statistics",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("placement", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("destination", sa.Text(), nullable=False),
        sa.Column("conversations", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "step > 1 AND conversations >= step AND mod(conversations, step) = 0", name=op.f("ck_statistics_in_steps")
        ),
        sa.PrimaryKeyConstraint("month", "placement", name=op.f("pk_statistics")),
    )


def downgrade() -> None:
    op.drop_table("statistics")
    op.drop_table("counts")
