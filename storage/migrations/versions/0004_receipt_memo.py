"""What a receipt code opens, so that a later conversation can follow its report."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("receipts", sa.Column("memo", sa.LargeBinary(), nullable=True))
    op.create_check_constraint(
        op.f("ck_receipts_is_age"), "receipts", "substring(memo from 1 for 21) = 'age-encryption.org/v1'::bytea"
    )
    op.execute("ALTER TABLE receipts ALTER COLUMN memo SET STORAGE EXTERNAL")


def downgrade() -> None:
    op.drop_constraint(op.f("ck_receipts_is_age"), "receipts", type_="check")
    op.drop_column("receipts", "memo")
