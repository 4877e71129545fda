"""Runs the migrations on the connection of `storage.database.migrate`, or for developers on `alembic -x url=…`."""

from __future__ import annotations

import sqlalchemy
from alembic import context

from storage.database import LOCK_SECONDS, sqlalchemy_url
from storage.tables import metadata


def include(name: str | None, kind: str, parent_names: object) -> bool:
    """The queue's own tables belong to procrastinate, and are compared by nobody."""
    return not (kind == "table" and name is not None and name.startswith("procrastinate_"))


def run(connection: sqlalchemy.Connection) -> None:
    context.configure(
        connection=connection, target_metadata=metadata, include_name=include, compare_server_default=True
    )
    connection.execute(sqlalchemy.text(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'"))
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    engine = sqlalchemy.create_engine(sqlalchemy_url(context.get_x_argument(as_dictionary=True)["url"]))
    with engine.begin() as own:
        run(own)
