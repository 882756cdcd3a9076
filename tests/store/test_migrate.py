"""The migrations lead to exactly the tables that the program uses."""

from __future__ import annotations

import psycopg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from geoalchemy2 import alembic_helpers
from sqlalchemy import Engine, text

from gis.errors import Refused, Unavailable
from gis.store import migrate
from gis.store.cluster import Cluster
from gis.store.sessions import open_engine
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


def test_history_of_the_first_tables_stays_as_it_is(cluster: Cluster) -> None:
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as admin:
        admin.execute("CREATE DATABASE first_tables TEMPLATE template0")
    engine = open_engine(cluster.url("first_tables"))
    history = (
        "INSERT INTO series (name, metric_srid, time_zone)"
        " VALUES ('meilie', 4548, 'Asia/Shanghai')",
        "INSERT INTO revision (series_id, fingerprint) SELECT id, 'f' FROM series",
        "INSERT INTO grid (revision_id, level, code, geom) SELECT id, 'grid', '1',"
        " ST_SetSRID(ST_MakeEnvelope(117, 26, 118, 27), 4490) FROM revision",
        "UPDATE revision SET valid = tstzrange(NULL, NULL)",
    )
    look = text("SELECT valid::text, fingerprint, origin, draft_id, routed_at FROM revision")
    try:
        with engine.begin() as connection:
            command.upgrade(migrate._config(connection), "0001")
            for statement in history:
                connection.execute(text(statement))
        assert migrate.state(engine).pending == ("0002", "0003")
        assert migrate.upgrade(engine).is_current
        with engine.connect() as connection:
            assert connection.execute(look).all() == [("(,)", "f", "import", None, None)]
    finally:
        engine.dispose()
        with psycopg.connect(cluster.url("postgres"), autocommit=True) as admin:
            admin.execute("DROP DATABASE first_tables WITH (FORCE)")
