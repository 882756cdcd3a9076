"""How did the tables become what they are? One file of ``versions`` a step, run by Alembic."""
