"""Alembic's entry: always on the connection that the caller has opened (see the package's ``upgrade``)."""

from alembic import context

from election_service import schema, schema_console, schema_mail
from election_service.schema_columns import metadata

TABLES = (schema, schema_console, schema_mail)  # imported for what they add to the metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
