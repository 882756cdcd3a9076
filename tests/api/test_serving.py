r"""Does a server go on answering, and answer right, whatever happens around it?

Real processes, as ``wangge serve --workers N`` starts them. The plan is a community of nine grids::

    7 8 9
    4 5 6
    1 2 3

Every revision writes its number into all names and codes, so that an answer from two revisions
shows.
"""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2
import psycopg

from api.tasks.publishing import publish_staged
from gis.locate.address import parse_address
from gis.locate.standard_address import StandardAddress
from gis.plan import Grid, Plan
from gis.store import migrate
from gis.store.addresses import save_addresses
from gis.store.cluster import Cluster
from gis.store.plans import ensure_series, get_series, stage
from gis.store.sessions import open_engine, transaction
from tests.api.service import Load, Service, command_line, descendants, running, wait_for
from tests.store.drawn import nine_grids
from tests.store.kills import own_cluster

POINT = {"lon": 117.615, "lat": 26.215}
"""The middle of grid 5."""
HOUSE = "翁墩新村12幢"


def numbered(number: int) -> Plan:
    """Return the nine grids with the number of a revision in names and codes."""
    return Plan(
        [
            Grid(_code(grid, number), f"第{number}版", grid.level, grid.geometry, grid.parent)
            for grid in nine_grids()
        ]
    )


def _code(grid: Grid, number: int) -> str:
    return grid.code if grid.parent is None else f"{grid.code[:12]}{number:02d}{grid.code[-1]}"


def publish(url: str, number: int, effective_from: datetime | None = None) -> int:
    """Publish a revision; return its id."""
    engine = open_engine(url)
    try:
        with transaction(engine) as connection:
            series = ensure_series(
                connection, "nine", title="九", metric_srid=4548, time_zone="Asia/Shanghai"
            )
            stage(connection, series, numbered(number))
            return publish_staged(
                connection, series, actor="chen", effective_from=effective_from
            ).id
    finally:
        engine.dispose()


def number_of(answer: Any) -> int:
    """Return the number of the one revision that everything in an answer comes from."""
    names = {grid["name"] for grid in answer["grids"]}
    assert len(names) == 1, answer
    number = int(names.pop()[1:-1])
    assert answer["grids"][-1]["code"] == f"350402002003{number:02d}5"
    assert answer["border"]["neighbour"][:14] == f"350402002003{number:02d}"
    return number


def kill_database(cluster: Cluster) -> None:
    """Kill the server of a database with all its processes, as when a machine loses power."""
    postmaster = cluster.status().pid
    assert postmaster is not None
    for pid in (postmaster, *descendants(postmaster)):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def save_house(url: str) -> None:
    """Put a house in the middle of grid 5 into the address book."""
    engine = open_engine(url)
    house = StandardAddress("1", HOUSE, parse_address(HOUSE), POINT["lon"], POINT["lat"])
    with transaction(engine) as connection:
        save_addresses(connection, get_series(connection, "nine"), [house])
    engine.dispose()


@contextmanager
def published_cluster() -> Iterator[tuple[Cluster, str]]:
    """A cluster of this test alone with revision 1 and a house; yields it and its address."""
    with own_cluster() as cluster:
        url = cluster.ensure()
        engine = open_engine(url)
        migrate.upgrade(engine)
        engine.dispose()
        publish(url, 1)
        save_house(url)
        yield cluster, url


def ask_each(service: Service, **query: Any) -> list[int]:
    """Ask every process of a service for itself; return the number of each one's revision."""
    numbers = []
    for pid in service.workers:
        with service.only(pid):
            answer = service.get("/v1/locate", **POINT, **query)
            assert answer.status_code == 200, answer.text
            numbers.append(number_of(answer.json()))
    return numbers


def test_lookups_go_on_while_the_database_is_killed_and_a_later_publish_arrives(
    tmp_path: Path,
) -> None:
    with published_cluster() as (cluster, url), running(url, tmp_path, workers=2) as service:
        questions = [POINT, POINT | {"at": "2026-01-01"}, {"lon": 1, "lat": 1}, {"address": HOUSE}]
        with Load(service.base, questions) as load:
            kill_database(cluster)
            load.wait_for_more(300)
            assert service.get("/readyz").status_code == 200
            assert ask_each(service) == [1, 1]
            assert cluster.ensure() == url
            publish(url, 2)
            wait_for(lambda: ask_each(service) == [2, 2])
            load.wait_for_more()
        assert load.failures == []
        assert {status for status, _ in load.answers} == {200}
        inside = [answer for _, answer in load.answers if answer["status"] == "inside"]
        houses = [answer for _, answer in load.answers if answer["address"]]
        assert {answer["status"] for answer in houses} == {"inside"}
        assert {number_of(answer) for answer in inside} == {1, 2}


def test_no_answer_mixes_two_revisions_while_they_are_published(
    database_url: str, tmp_path: Path
) -> None:
    numbers = {publish(database_url, 1): 1}
    with running(database_url, tmp_path, workers=2) as service:
        with Load(service.base, [POINT]) as load:
            for number in range(2, 12):
                numbers[publish(database_url, number)] = number
            wait_for(lambda: ask_each(service) == [11, 11])
        assert load.failures == []
        told = [(answer["revision"]["id"], number_of(answer)) for _, answer in load.answers]
        assert {status for status, _ in load.answers} == {200}
        assert {id_ for id_, _ in told} >= {min(numbers)}
        assert all(numbers[revision] == number for revision, number in told)
        assert len(set(told)) > 2


def test_all_processes_switch_at_the_instant_from_which_a_revision_is_in_force(
    database_url: str, tmp_path: Path
) -> None:
    publish(database_url, 1)
    with running(database_url, tmp_path, workers=3) as service:
        assert len(service.workers) == 3
        old, new, instant = schedule(database_url, service)
        before = instant - timedelta(microseconds=1)
        assert ask_each(service, at=instant.isoformat()) == [new] * 3
        assert ask_each(service, at=before.isoformat()) == [old] * 3
        heard = []
        while not heard or heard[-1][0] < instant:
            began = datetime.now(UTC)
            number = number_of(service.get("/v1/locate", **POINT).json())
            heard.append((began, number, datetime.now(UTC)))
        assert {number for _, number, ended in heard if ended < instant} <= {old}
        assert {number for began, number, _ in heard if began >= instant} == {new}
        assert ask_each(service) == [new] * 3
        assert ask_each(service, at=before.isoformat()) == [old] * 3


def schedule(url: str, service: Service) -> tuple[int, int, datetime]:
    """Publish for a date that is still to come when all processes know of it."""
    for number, lead_s in ((2, 4), (3, 20), (4, 120)):
        instant = datetime.now(UTC) + timedelta(seconds=lead_s)
        publish(url, number, instant)
        wait_for(lambda: set(ask_each(service, at=instant.isoformat())) == {number})  # noqa: B023
        if datetime.now(UTC) < instant:
            return number - 1, number, instant
    raise AssertionError("the processes did not hear of a revision in time")


def test_two_processes_tell_of_each_publish_once_and_leave_nothing_when_asked_to_stop(
    database_url: str, tmp_path: Path
) -> None:
    publish(database_url, 1)
    with listening() as (address, heard), running(database_url, tmp_path, workers=2) as service:
        made = httpx2.post(
            f"{service.base}/v1/webhooks", json={"url": address}, timeout=30, trust_env=False
        )
        assert made.is_success, made.text
        sent = [publish(database_url, number) for number in range(2, 10)]
        query = "SELECT state, attempts FROM delivery"
        with psycopg.connect(database_url, autocommit=True) as connection:
            wait_for(lambda: set(connection.execute(query).fetchall()) == {("delivered", 1)})
        time.sleep(2.5)  # two more rounds of both, in which nothing may come
        assert sorted(revision for _, revision in heard) == sent
        assert len({message for message, _ in heard}) == len(sent)
        workers = service.workers
        assert service.stop() == 0
        assert [command_line(pid) for pid in workers] == [b"", b""]
    assert connections(database_url) == 0


@contextmanager
def listening() -> Iterator[tuple[str, list[tuple[str, int]]]]:
    """A slow subscriber; yields its address and what it heard: ids of messages and revisions."""
    heard: list[tuple[str, int]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            heard.append((self.headers["webhook-id"], body["data"]["revision"]))
            time.sleep(0.3)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/hook", heard
        server.shutdown()
        thread.join()


def test_a_process_that_dies_is_replaced_even_while_the_database_is_away(tmp_path: Path) -> None:
    with published_cluster() as (cluster, url), running(url, tmp_path, workers=2) as service:
        first, second = service.workers
        kill_database(cluster)
        os.kill(second, signal.SIGKILL)
        [third] = wait_for(lambda: set(service.workers) - {first, second})
        wait_for(lambda: b"database-away" in service.log.read_bytes())
        time.sleep(1.5)  # three looks of the parent at its processes
        assert set(service.workers) == {first, third}
        with service.only(first):
            assert number_of(service.get("/v1/locate", **POINT).json()) == 1
        cluster.ensure()
        wait_for(lambda: service.log.read_bytes().count(b"plans-loaded") > 3)
        with service.only(third):
            wait_for(lambda: service.get("/readyz").status_code == 200)
            assert number_of(service.get("/v1/locate", **POINT).json()) == 1


def test_processes_end_when_the_one_that_started_them_is_killed(
    database_url: str, tmp_path: Path
) -> None:
    publish(database_url, 1)
    with running(database_url, tmp_path, workers=2) as service:
        workers = service.workers
        service.process.kill()
        wait_for(lambda: [command_line(pid) for pid in workers] == [b"", b""])
    assert connections(database_url) == 0


def connections(url: str) -> int:
    """Return how many others are connected to a database."""
    query = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
    )
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])
