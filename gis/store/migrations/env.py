"""How does Alembic run our migrations? On a connection that ``gis.store.migrate`` hands over."""

from __future__ import annotations

from alembic import context
from geoalchemy2 import alembic_helpers

from gis.store import tables

# Alembic loads this file under a name of its own; an import under ours must do nothing.
if __name__ == "env_py":
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=tables.series.metadata,
        include_object=alembic_helpers.include_object,
        process_revision_directives=alembic_helpers.writer,
        render_item=alembic_helpers.render_item,
    )
    with context.begin_transaction():
        context.run_migrations()
