"""What alembic runs: the migrations, on the connection that it was handed."""

from alembic import context

from policy_engine.storage.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
context.run_migrations()
