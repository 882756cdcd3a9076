"""Do other systems hear of a publish, at least once and signed?"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg
import pytest
from fastapi.testclient import TestClient

from api import webhooks
from api.webhooks import sign
from gis.demo import District
from gis.plan import Level
from tests.api.planning import LIN, begin, wait_for


@dataclass
class Receiver:
    """Another system: what it got, and with which status it answers next."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    got: list[tuple[dict[str, str], str]] = field(default_factory=list)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A server that listens for webhooks."""
    found = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            found.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(found.answers.pop(0) if found.answers else 204)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        found.url = f"http://127.0.0.1:{server.server_port}/hook"
        yield found
        server.shutdown()
        thread.join()


def publish_something(client: TestClient, district: District, name: str = "新名") -> None:
    planner = begin(client)
    planner.edit(kind="rename", code=district.plan.at(Level.SUBGRID)[0].code, name=name)
    planner.get_approved(by=LIN).publish()


def make_due(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE delivery SET next_attempt_at = now() WHERE state = 'due'")


def test_a_publish_is_told_signed_and_again_after_a_failure(
    own: TestClient, own_url: str, district: District, receiver: Receiver
) -> None:
    receiver.answers = [500]
    made = own.post("/v1/webhooks", json={"url": receiver.url}).json()
    assert made["secret"].startswith("whsec_")
    assert [each["secret"] for each in own.get("/v1/webhooks").json()] == [None]
    publish_something(own, district)
    wait_for(lambda: receiver.got)
    wait_for(lambda: make_due(own_url) or len(receiver.got) > 1)
    (first, body), (second, again) = receiver.got[:2]
    assert first["webhook-id"] == second["webhook-id"]
    assert body == again
    for headers in (first, second):
        expected = sign(
            made["secret"], headers["webhook-id"], int(headers["webhook-timestamp"]), body
        )
        assert headers["webhook-signature"] == expected
    told = json.loads(body)
    assert told["data"]["revision"] == own.get("/v1/revisions").json()[-1]["id"]
    wait_for(lambda: _state(own_url) == ["delivered"])


def test_a_message_that_nobody_takes_is_dead_visible_and_may_be_sent_again(
    own: TestClient, own_url: str, district: District, receiver: Receiver
) -> None:
    receiver.answers = [302] * 100
    own.post("/v1/webhooks", json={"url": receiver.url})
    publish_something(own, district)
    wait_for(lambda: receiver.got)
    with psycopg.connect(own_url) as connection:
        connection.execute("UPDATE delivery SET attempts = 50")

    dead = wait_for(lambda: make_due(own_url) or own.get("/v1/webhooks/dead").json())
    assert "302" in dead[0]["last_error"]
    receiver.answers.clear()
    assert own.post(f"/v1/webhooks/dead/{dead[0]['id']}/retry").status_code == 204
    wait_for(lambda: _state(own_url) == ["delivered"])
    assert own.get("/v1/webhooks/dead").json() == []
    assert own.post(f"/v1/webhooks/dead/{dead[0]['id']}/retry").status_code == 404


def test_one_that_answers_byte_by_byte_keeps_nobody_waiting(
    own: TestClient,
    own_url: str,
    district: District,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(webhooks, "TIMEOUT_S", 1.0)
    ended = threading.Event()

    class Dripping(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            while not ended.wait(0.2):
                self.wfile.write(b"H")

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Dripping) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        slow = f"http://127.0.0.1:{server.server_port}/"
        own.post("/v1/webhooks", json={"url": slow})
        own.post("/v1/webhooks", json={"url": receiver.url})
        publish_something(own, district)
        wait_for(lambda: receiver.got)
        assert json.loads(receiver.got[0][1])["type"] == "revision.published"
        wait_for(lambda: "not answered within" in _last_error(own_url))
        ended.set()
        server.shutdown()
        thread.join()


def test_a_system_that_left_is_told_nothing(
    own: TestClient, own_url: str, district: District, receiver: Receiver
) -> None:
    made = own.post("/v1/webhooks", json={"url": receiver.url}).json()
    assert own.delete(f"/v1/webhooks/{made['id']}").status_code == 204
    publish_something(own, district)
    assert _state(own_url) == []
    assert own.delete("/v1/webhooks/99999").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"url": "ftp://127.0.0.1/x"},
        {"url": "http:///x"},
        {"url": "file:///etc/passwd"},
        {"url": "http://127.0.0.1:99999/"},
        {"url": "http://127.0.0.1:0/"},
        {"url": "http://127.0.0.1/", "secret": "short"},
        {"url": "http://127.0.0.1/", "secret": "whsec_abc"},
    ],
)
def test_an_address_or_secret_that_cannot_be_is_refused(
    client: TestClient, body: dict[str, str]
) -> None:
    assert client.post("/v1/webhooks", json=body).status_code == 422


def _last_error(url: str) -> str:
    with psycopg.connect(url) as connection:
        return "".join(row[0] for row in connection.execute("SELECT last_error FROM delivery"))


def _state(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return [row[0] for row in connection.execute("SELECT state FROM delivery").fetchall()]
