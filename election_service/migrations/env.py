"""Alembic's entry: always on the connection that the caller has opened (see the package's ``upgrade``)."""

from alembic import context

from election_service.schema import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
