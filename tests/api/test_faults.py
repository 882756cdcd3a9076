"""Is nothing half done, and nothing lost, when something is killed half-way?"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import PROJECT_FOLDER
from gis.store import migrate
from gis.store.cluster import Cluster
from gis.store.sessions import open_engine
from tests.api.conftest import settings_for, wait_until_ready
from tests.api.test_import_boundaries import nine

ROWS = 150_000


def command(url: str, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "api", *words],
        cwd=PROJECT_FOLDER,
        env=os.environ | {"WANGGE_DATABASE_URL": url, "PYTHONUTF8": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    said, _ = process.communicate(timeout=120)
    return process.returncode, said


def publish_nine(url: str, folder: Path) -> None:
    words = ("import", "boundaries", str(nine(folder)), "--code", "code", "--publish")
    status, said = finish(command(url, *words))
    assert status == 0, said


def write_many(folder: Path) -> Path:
    file = folder / "many.csv"
    lines = (
        f"{number},{117.6 + number % 299 / 1e4:.4f},{26.2 + number % 293 / 1e4:.4f},2026-01-02"
        for number in range(ROWS)
    )
    file.write_text("id,lon,lat,date\n" + "\n".join(lines))
    return file


def count(url: str) -> int:
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT count(*) FROM report").fetchone()
    assert found is not None
    return int(found[0])


def wait_for_the_copy(url: str) -> None:
    """Wait until rows are flowing into the database."""
    query = "SELECT 1 FROM pg_stat_progress_copy WHERE tuples_processed > 0"
    deadline = time.monotonic() + 60
    with psycopg.connect(url, autocommit=True) as connection:
        while connection.execute(query).fetchone() is None:
            assert time.monotonic() < deadline
            time.sleep(0.002)


def test_a_killed_import_leaves_nothing_and_the_same_command_completes(
    database_url: str, tmp_path: Path
) -> None:
    publish_nine(database_url, tmp_path)
    words = ("import", "reports", str(write_many(tmp_path)), "--crs", "wgs84")
    process = command(database_url, *words)
    wait_for_the_copy(database_url)
    process.kill()
    process.communicate()
    assert count(database_url) == 0
    status, said = finish(command(database_url, *words))
    assert status == 0, said
    assert count(database_url) == ROWS


def test_an_import_that_is_stopped_by_hand_leaves_nothing_and_says_so(
    database_url: str, tmp_path: Path
) -> None:
    publish_nine(database_url, tmp_path)
    process = command(
        database_url, "import", "reports", str(write_many(tmp_path)), "--crs", "wgs84"
    )
    wait_for_the_copy(database_url)
    process.send_signal(signal.SIGINT)
    status, said = finish(process)
    assert status == 130
    assert said.strip().splitlines()[-1] == "wangge: stopped; nothing half done was kept"
    assert count(database_url) == 0


@pytest.fixture
def own_cluster() -> Iterator[Cluster]:
    """A durable cluster of this test alone, to be killed."""
    with tempfile.TemporaryDirectory(prefix="wangge-fault-") as folder:
        Path(folder).chmod(0o755)
        cluster = Cluster(Path(folder))
        cluster.ensure()
        engine = open_engine(cluster.url())
        migrate.upgrade(engine)
        engine.dispose()
        yield cluster
        cluster.stop()


def kill_the_server(cluster: Cluster) -> None:
    pid = cluster.status().pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)


def test_a_killed_database_leaves_nothing_and_the_same_command_completes(
    own_cluster: Cluster, tmp_path: Path
) -> None:
    url = own_cluster.url()
    publish_nine(url, tmp_path)
    words = ("import", "reports", str(write_many(tmp_path)), "--crs", "wgs84")
    process = command(url, *words)
    wait_for_the_copy(url)
    kill_the_server(own_cluster)
    status, said = finish(process)
    assert status == 1
    assert said.strip().splitlines()[-1].startswith("wangge: ")
    assert own_cluster.ensure() == url
    assert count(url) == 0
    status, said = finish(command(url, *words))
    assert status == 0, said
    assert count(url) == ROWS


def test_lookups_go_on_while_the_database_is_away(own_cluster: Cluster, tmp_path: Path) -> None:
    url = own_cluster.url()
    publish_nine(url, tmp_path)
    with TestClient(create_app(settings_for(url))) as client:
        wait_until_ready(client)
        kill_the_server(own_cluster)
        found = client.get("/v1/locate", params={"lon": 117.605, "lat": 26.205})
        assert found.json()["grids"][0]["code"] == "1"
        away = client.get("/maps/density")
        assert away.status_code == 503
        assert away.headers["retry-after"] == "2"
        assert client.get("/healthz").status_code == 200
        own_cluster.ensure()
        assert client.get("/maps/density").status_code == 200
