"""The private database makes itself; one of others is never changed unasked."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine, text

from gis.errors import Unavailable
from gis.store import database as database_module
from gis.store import migrate
from gis.store.cluster import Cluster
from gis.store.database import open_database
from gis.store.sessions import open_engine, transaction


def test_private_database_is_made_and_migrated(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "private_cluster", lambda _: cluster)
    opened = open_database(None, tmp_path)
    assert opened.is_private
    with psycopg.connect(opened.url) as connection:
        assert connection.info.dbname == "wangge"
    assert migrate.state(opened.engine).is_current
    opened.engine.dispose()


def test_database_of_others_is_migrated_only_when_asked(
    database: Engine, database_url: str, tmp_path: Path
) -> None:
    with transaction(database) as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    with pytest.raises(Unavailable, match="wangge db up --migrate"):
        open_database(database_url, tmp_path)
    assert migrate.state(database).current is None
    with_driver = database_url.replace("postgresql:", "postgresql+psycopg:")
    opened = open_database(with_driver, tmp_path, upgrade=True)
    psycopg.connect(opened.url).close()
    assert not opened.is_private
    opened.engine.dispose()
    again = open_database(database_url, tmp_path)
    assert migrate.state(again.engine).is_current
    again.engine.dispose()
    assert list(tmp_path.iterdir()) == []


def test_two_programs_migrate_at_once(database: Engine, database_url: str) -> None:
    with transaction(database) as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))

    def migrate_once(_: int) -> bool:
        engine = open_engine(database_url)
        try:
            return migrate.upgrade(engine).is_current
        finally:
            engine.dispose()

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(migrate_once, range(4)))
