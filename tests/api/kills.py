"""What is left when a server is killed while it publishes?

``python -m tests.api.kills 50`` kills as often as wanted and tells what it found.
"""

from __future__ import annotations

import os
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import quote

import httpx2
import psycopg
from sqlalchemy import Engine

from api.settings import PROJECT_FOLDER
from api.tasks.demo import save_district
from gis.demo import build_district
from gis.store import migrate
from gis.store.cluster import Cluster
from gis.store.database import open_database
from gis.store.plans import list_series, load_revisions
from gis.store.sessions import open_engine, transaction

LONGEST_PUBLISH_S = 0.3


class Server:
    """A server in a process of its own."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.start()

    def start(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "api", "serve", "--port", str(self.port)],
            cwd=PROJECT_FOLDER,
            env=os.environ | {"WANGGE_DATABASE_URL": self._url, "PYTHONUTF8": "1"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.client = httpx2.Client(
            base_url=f"http://127.0.0.1:{self.port}", timeout=60, trust_env=False
        )
        deadline = time.monotonic() + 120
        while not self._is_ready():
            assert time.monotonic() < deadline
            time.sleep(0.1)

    def _is_ready(self) -> bool:
        try:
            return self.client.get("/readyz").status_code == 200
        except httpx2.HTTPError:
            return False

    def post(self, path: str, body: object, person: str = "陈明") -> httpx2.Response:
        headers = {"Wangge-Person": quote(person)}
        answer = self.client.post(path, json=body, headers=headers)
        assert answer.is_success, answer.text
        return answer

    def kill(self) -> None:
        self.client.close()
        self.process.kill()
        self.process.wait()


def prepare_draft(server: Server, number: int) -> int:
    """Return an approved draft with one edit."""
    draft = server.post("/v1/drafts", {"name": f"draft {number}"}).json()["id"]
    edit = {"kind": "rename", "code": "350402", "name": f"梅列区{number}"}
    server.post(f"/v1/drafts/{draft}/edits", {"seen_version": 1, "edit": edit})
    found = server.client.get(f"/v1/drafts/{draft}/findings").json()["findings"]
    errors = {each["check"] for each in found if each["severity"] == "error"}
    exceptions = [{"check": check, "reason": "as it is"} for check in sorted(errors)]
    server.post(f"/v1/drafts/{draft}/submit", {"seen_version": 2, "exceptions": exceptions})
    server.post(f"/v1/drafts/{draft}/approve", {}, "林芳")
    return int(draft)


def kill_while_publishing(url: str, times: int, seed: int = 0) -> dict[str, int]:
    """Kill a server at random moments of a publish; return how often which revision was left.

    Raises
    ------
    AssertionError
        A revision is not whole, or an earlier one changed.
    """
    chance = random.Random(seed)  # noqa: S311
    engine = open_engine(url)
    server = Server(url)
    try:
        return _kill_again_and_again(engine, server, url, times, chance)
    finally:
        server.kill()
        engine.dispose()


def _kill_again_and_again(
    engine: Engine, server: Server, url: str, times: int, chance: random.Random
) -> dict[str, int]:
    left = {"old": 0, "new": 0}
    prints = _look(engine)
    for number in range(times):
        draft = prepare_draft(server, number)
        asked = threading.Thread(target=_publish, args=(server.client, draft))
        asked.start()
        time.sleep(chance.random() * LONGEST_PUBLISH_S)
        server.kill()
        asked.join()
        _wait_for_silence(url)
        now = _look(engine)
        assert now[: len(prints)] == prints
        assert len(now) - len(prints) in (0, 1)
        left["new" if len(now) > len(prints) else "old"] += 1
        prints = now
        server.start()
        shown = server.client.get("/v1/grids/350402").json()["properties"]["name"]
        assert shown == now[-1][1]
    return left


def _publish(client: httpx2.Client, draft: int) -> None:
    try:
        client.post(f"/v1/drafts/{draft}/publish", json={})
    except (httpx2.HTTPError, RuntimeError):
        return


def _wait_for_silence(url: str) -> None:
    """Wait until the database has noticed that the server is gone."""
    query = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND state <> 'idle' AND pid <> pg_backend_pid() AND application_name = 'wangge'"
    )
    with psycopg.connect(url, autocommit=True) as connection:
        while (row := connection.execute(query).fetchone()) and row[0]:
            time.sleep(0.05)


def _look(engine) -> list[tuple[str, str]]:
    """Return fingerprint and district name of every revision, computed from its grids."""
    with transaction(engine) as connection:
        (series,) = list_series(connection)
        revisions = load_revisions(connection, series)
        stored = connection.exec_driver_sql(
            "SELECT fingerprint FROM revision ORDER BY lower(valid) NULLS FIRST"
        ).scalars()
        for revision, fingerprint in zip(revisions, stored, strict=True):
            assert revision.plan.fingerprint == fingerprint
            assert len(revision.plan) == 202
        ends = [revision.effective_to for revision in revisions[:-1]]
        assert ends == [revision.effective_from for revision in revisions[1:]]
        assert revisions[-1].effective_to is None
        return [(each.plan.fingerprint, each.plan["350402"].name) for each in revisions]


def main() -> None:
    """Make a cluster, fill it, and kill."""
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    with tempfile.TemporaryDirectory(prefix="wangge-kills-") as folder:
        Path(folder).chmod(0o755)
        cluster = Cluster(Path(folder))
        cluster.ensure()
        engine = open_engine(cluster.url())
        migrate.upgrade(engine)
        engine.dispose()
        database = open_database(cluster.url(), Path())
        with transaction(database.engine) as connection:
            save_district(connection, build_district())
        database.engine.dispose()
        try:
            print(kill_while_publishing(cluster.url(), times))  # noqa: T201
        finally:
            cluster.stop()


if __name__ == "__main__":
    main()
