"""The demonstration district in a real database, and the application on top of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from api.tasks.demo import load_demo
from gis.demo import District, build_district
from gis.store.cluster import Cluster
from gis.store.database import open_database
from tests.conftest import TEMPLATE

DEMO = "wangge_demo_template"


@pytest.fixture(scope="session")
def district() -> District:
    """The demonstration district as a value."""
    return build_district()


@pytest.fixture(scope="session")
def demo_url(cluster: Cluster) -> str:
    """URL of a database with the demonstration district; only for tests that change nothing."""
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {DEMO} TEMPLATE {TEMPLATE}")
    url = cluster.url(DEMO)
    database = open_database(url, Path())
    load_demo(database)
    database.engine.dispose()
    return url


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
