"""A real PostgreSQL with PostGIS for the tests: one throwaway cluster, a clone for each test.

A test that cannot have its database fails; it is never skipped.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings
from psycopg import sql
from sqlalchemy import Engine

from gis.errors import WanggeError
from gis.store import migrate
from gis.store.cluster import Cluster
from gis.store.sessions import open_engine

# No test asserts a duration, and examples take longer beside other work.
settings.register_profile("wangge", deadline=None)
settings.load_profile("wangge")

PREFIX = "wangge-tests-"
TEMPLATE = "wangge_template"
_numbers = count(1)


def _is_alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def _remove(folder: Path) -> None:
    try:
        Cluster(folder, ephemeral=True).stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _remove_those_of_crashed_runs() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        pid = folder.name.removeprefix(PREFIX).partition("-")[0]
        mine = folder.lstat().st_uid == os.geteuid()
        if mine and folder.is_dir() and pid.isdigit() and not _is_alive(int(pid)):
            _remove(folder)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """The running cluster of this test run, with a migrated template database."""
    _remove_those_of_crashed_runs()
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    folder.chmod(0o755)  # under root the server's account must pass through
    running = Cluster(folder, ephemeral=True)
    try:
        running.ensure()
        _make_template(running)
        yield running
    except WanggeError as error:
        pytest.fail(f"the tests need PostgreSQL with PostGIS: {error}", pytrace=False)
    finally:
        _remove(folder)


def _make_template(cluster: Cluster) -> None:
    engine = open_engine(cluster.url())
    migrate.upgrade(engine)
    engine.dispose()
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE wangge RENAME TO {TEMPLATE}")


@pytest.fixture
def database_url(cluster: Cluster) -> Iterator[str]:
    """URL of a fresh database with all tables, for one test."""
    name = sql.Identifier(f"test_{next(_numbers)}")
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as admin:
        admin.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(
                name, sql.Identifier(TEMPLATE)
            )
        )
    yield cluster.url(name.as_string().strip('"'))
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as admin:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))


@pytest.fixture
def database(database_url: str) -> Iterator[Engine]:
    """A pool of connections to a fresh database with all tables, for one test."""
    engine = open_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def postgis(database_url: str) -> Iterator[psycopg.Connection]:
    """A bare connection to a fresh database with all tables and PostGIS, for one test."""
    with psycopg.connect(database_url) as connection:
        yield connection
