"""What alembic runs: the migrations, on the connection that it was handed."""

from alembic import context

from policy_engine.storage.tables import METADATA

__all__ = ["run"]


def run() -> None:
    """Run what is missing."""
    context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
    context.run_migrations()


if hasattr(context, "config"):  # whoever else imports this, has none
    run()
