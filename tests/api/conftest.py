"""The demonstration district in a real database, and the application on top of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from fastapi.testclient import TestClient
from psycopg import sql

from api.app import create_app
from api.settings import Settings
from api.tasks.demo import load_demo
from gis.demo import District, build_district
from gis.store.cluster import Cluster
from gis.store.database import open_database
from tests.conftest import TEMPLATE

DEMO, DEMO_TEMPLATE = "wangge_demo", "wangge_demo_template"
_clones = count(1)


@pytest.fixture(scope="session")
def district() -> District:
    """The demonstration district as a value."""
    return build_district()


@pytest.fixture(scope="session")
def demo_url(cluster: Cluster) -> str:
    """URL of a database with the demonstration district; only for tests that change nothing.

    Servers stay connected to it, and PostgreSQL copies no database that is in use: so copies are
    made of another one, to which nobody connects any more.
    """
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {DEMO_TEMPLATE} TEMPLATE {TEMPLATE}")
    database = open_database(cluster.url(DEMO_TEMPLATE), Path())
    load_demo(database)
    database.engine.dispose()
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {DEMO} TEMPLATE {DEMO_TEMPLATE} STRATEGY file_copy")
    return cluster.url(DEMO)


def settings_for(url: str) -> Settings:
    """Return the settings of an application on a database."""
    return Settings(database_url=url)


def wait_until_ready(client: TestClient) -> None:
    """Wait until the application has its plans in memory."""
    deadline = time.monotonic() + 60
    while client.get("/readyz").status_code != 200:
        assert time.monotonic() < deadline, client.get("/readyz").json()
        time.sleep(0.05)


@pytest.fixture(scope="session")
def client(demo_url: str) -> Iterator[TestClient]:
    """A client of the application on the demonstration district."""
    with TestClient(create_app(settings_for(demo_url))) as client:
        wait_until_ready(client)
        yield client


def copy_demo(cluster: Cluster) -> AbstractContextManager[str]:
    """Make a copy of the demonstration district that may be changed; yields its URL."""
    return _copy(cluster, DEMO_TEMPLATE)


def empty_database(cluster: Cluster) -> AbstractContextManager[str]:
    """Make a database with all tables and nothing in them; yields its URL."""
    return _copy(cluster, TEMPLATE)


@contextmanager
def _copy(cluster: Cluster, template: str) -> Iterator[str]:
    name = sql.Identifier(f"demo_{next(_clones)}")
    make = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as admin:
        admin.execute(make.format(name, sql.Identifier(template)))
    yield cluster.url(name.as_string().strip('"'))
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as admin:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))


@pytest.fixture
def own_url(cluster: Cluster, demo_url: str) -> Iterator[str]:
    """URL of a copy of the demonstration district, for one test that changes it."""
    with copy_demo(cluster) as url:
        yield url


@pytest.fixture(scope="module")
def shared(cluster: Cluster, demo_url: str) -> Iterator[TestClient]:
    """A client on a copy for the tests of one file, which only add drafts."""
    with copy_demo(cluster) as url, serving(url) as client:
        yield client


@contextmanager
def serving(url: str) -> Iterator[TestClient]:
    """Serve a database within this process until the block ends."""
    with TestClient(create_app(settings_for(url))) as client:
        wait_until_ready(client)
        yield client


@pytest.fixture
def own(own_url: str) -> Iterator[TestClient]:
    """A client of an application on a copy of the demonstration district."""
    with serving(own_url) as client:
        yield client


def said_by(person: str) -> dict[str, str]:
    """Return the header in which a person says who they are."""
    return {"Wangge-Person": quote(person)}
