"""Are the tables of a database those that this program needs, and how do they become so?

Migrations only go forward: a backup is the way back.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from gis.errors import Refused, Unavailable
from gis.store.sessions import translating

_FOLDER = Path(__file__).parent / "migrations"
# Any fixed number serves; all programs of one database must use the same.
_MIGRATION_LOCK = 7_526_411_093


@dataclass(frozen=True, slots=True)
class SchemaState:
    """How far a database is: ``current`` is None when it is empty, ``pending`` in order."""

    current: str | None
    head: str
    pending: tuple[str, ...]

    @property
    def is_current(self) -> bool:
        """True when nothing has to be done."""
        return not self.pending


def state(engine: Engine) -> SchemaState:
    """Return which migrations a database has and lacks.

    Raises
    ------
    Refused
        The database was made by a newer program, which this one must not touch.
    Unavailable
        The database is away.
    """
    with translating(), engine.connect() as connection:
        return _state(connection)


def upgrade(engine: Engine) -> SchemaState:
    """Run the migrations that a database lacks, all of them or none, and return its state.

    Two programs may call this at once: the second waits and finds nothing to do.

    Raises
    ------
    Refused
        The database was made by a newer program.
    Unavailable
        The database is away, or its server has no PostGIS.
    """
    with translating(), engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        if _state(connection).pending:
            command.upgrade(_config(connection), "head")
        return _state(connection)


def require_current(engine: Engine) -> None:
    """Raise Unavailable, saying what to do, unless a database has all migrations."""
    found = state(engine)
    if found.pending:
        has = f"at {found.current}" if found.current else "empty"
        raise Unavailable(
            f"the database is {has} and lacks {len(found.pending)} migrations up to {found.head}; "
            "run `wangge db up --migrate`",
            current=found.current,
            head=found.head,
        )


def known_revisions() -> tuple[str, ...]:
    """Return the names of all migrations of this program, oldest first."""
    script = ScriptDirectory.from_config(_config(None))
    return tuple(reversed([step.revision for step in script.walk_revisions()]))


def _state(connection: Connection) -> SchemaState:
    current = MigrationContext.configure(connection).get_current_revision()
    known = known_revisions()
    if current is not None and current not in known:
        raise Refused(
            f"the database is at revision {current!r}, which this program does not know; it was "
            "made by a newer one. Use that program, or restore a backup made by this one",
            current=current,
        )
    done = known.index(current) + 1 if current else 0
    return SchemaState(current, known[-1], known[done:])


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
