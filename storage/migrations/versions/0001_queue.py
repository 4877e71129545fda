"""The queue's tables and functions, as procrastinate ships them."""

from __future__ import annotations

from alembic import op
from procrastinate.schema import SchemaManager, migrations_path

from storage.errors import SchemaUnknown

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# The newest of procrastinate's own migrations that this one stands for (3.4.0 up to at least 3.10.0). When a release
# brings another, a new migration of ours applies that file, and this one must apply the schema without it.
NEWEST = "03.04.00_50_post_add_retry_failed_job_procedure.sql"


def upgrade() -> None:
    newest = max(path.name for path in migrations_path.glob("*.sql"))
    if newest != NEWEST:
        raise SchemaUnknown(newest)
    connection = op.get_bind().connection.driver_connection
    assert connection is not None
    # Straight to psycopg: without parameters it sends many statements at once and leaves "%" alone.
    connection.execute(SchemaManager.get_schema())


def downgrade() -> None:
    raise SchemaUnknown("procrastinate offers no way back; restore the database from a backup")
