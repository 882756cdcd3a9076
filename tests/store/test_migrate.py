"""The migrations lead to exactly the tables that the program uses."""

from __future__ import annotations

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from geoalchemy2 import alembic_helpers
from sqlalchemy import Engine, text

from gis.errors import Refused, Unavailable
from gis.store import migrate
from gis.store.tables import metadata


def test_migrated_database_and_tables_do_not_differ(database: Engine) -> None:
    options = {
        "include_object": alembic_helpers.include_object,
        "compare_type": True,
        "compare_server_default": True,
    }
    with database.connect() as connection:
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []


def test_upgrade_twice_does_nothing_the_second_time(database: Engine) -> None:
    before = migrate.state(database)
    assert before.is_current
    assert before.current == before.head == migrate.known_revisions()[-1]
    assert migrate.upgrade(database) == before


def test_database_of_a_newer_program_is_refused(database: Engine) -> None:
    with database.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for touch in (migrate.state, migrate.upgrade, migrate.require_current):
        with pytest.raises(Refused, match="newer one"):
            touch(database)


def test_empty_database_is_told_how_to_be_made(database: Engine) -> None:
    with database.begin() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
    with pytest.raises(Unavailable, match="wangge db up --migrate"):
        migrate.require_current(database)


def test_storage_srid_is_known_to_postgis(postgis: psycopg.Connection) -> None:
    found = postgis.execute("SELECT srtext FROM spatial_ref_sys WHERE srid = 4490").fetchone()
    assert found is not None
    assert "China Geodetic Coordinate System 2000" in found[0]
