"""Are rows answered while they are being sent, with bounded memory, over a real connection?"""

from __future__ import annotations

import asyncio
import gzip
import socket
import threading
from typing import Any

import pytest
import uvicorn
from fastapi.testclient import TestClient

from api.backlog import Backlog
from tests.api.test_locate_batch import LINES


class Wire:
    """Speaks to the application without a server: what is sent and read is under control."""

    def __init__(self, app: Any, kind: str) -> None:
        self.sent: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.got: list[dict[str, Any]] = []
        self.taken = 0
        self.may_read = asyncio.Event()
        self.changed = asyncio.Event()
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": "/v1/locate",
            "raw_path": b"/v1/locate",
            "query_string": b"",
            "root_path": "",
            "headers": [(b"host", b"localhost"), (b"content-type", kind.encode())],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
        }
        self.task = asyncio.create_task(app(scope, self._receive, self._send))

    async def _receive(self) -> dict[str, Any]:
        message = await self.sent.get()
        self.taken += 1
        return message

    async def _send(self, message: dict[str, Any]) -> None:
        await self.may_read.wait()
        self.got.append(message)
        self.changed.set()

    async def read_until(self, count: int) -> None:
        while len(self.got) < count:
            self.changed.clear()
            await asyncio.wait_for(self.changed.wait(), 30)

    def put(self, body: bytes, *, more: bool = True) -> None:
        self.sent.put_nowait({"type": "http.request", "body": body, "more_body": more})


LINE = b'{"lon": 117.63, "lat": 26.27}\n'


def test_rows_are_answered_while_the_upload_goes_on(client: TestClient) -> None:
    async def talk() -> None:
        wire = Wire(client.app, LINES)
        wire.may_read.set()
        for number in range(1, 4):
            wire.put(LINE * number)
            await wire.read_until(1 + number)
            assert wire.got[number]["body"].count(b"\n") == number
        wire.put(b"", more=False)
        await asyncio.wait_for(wire.task, 30)
        assert wire.got[-1]["more_body"] is False

    asyncio.run(talk())


def test_a_client_that_goes_away_ends_the_work(client: TestClient) -> None:
    async def talk() -> None:
        wire = Wire(client.app, LINES)
        wire.may_read.set()
        wire.put(LINE)
        await wire.read_until(2)
        wire.sent.put_nowait({"type": "http.disconnect"})
        await asyncio.wait_for(wire.task, 30)
        assert len(wire.got) == 2

    asyncio.run(talk())


def test_who_does_not_read_makes_the_server_stop_reading(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        Backlog.__init__,
        "__kwdefaults__",
        {"most_in_memory_bytes": 100_000, "most_in_file_bytes": 300_000},
    )

    async def talk() -> None:
        wire = Wire(client.app, LINES)
        piece = LINE * 200
        for _ in range(100):
            wire.put(piece)
        wire.put(b"", more=False)
        before = -1
        while before != wire.taken or not wire.taken:
            before = wire.taken
            await asyncio.sleep(0.5)
        assert wire.taken < 50
        wire.may_read.set()
        await asyncio.wait_for(wire.task, 30)
        assert b"".join(message.get("body", b"") for message in wire.got).count(b"\n") == 20_000

    asyncio.run(talk())


def test_a_backlog_gives_back_what_was_put_in_order() -> None:
    pieces = [bytes([k % 251]) * (k * 37 % 5000) + b"." for k in range(300)]

    async def pass_through() -> bytes:
        got = []
        with Backlog(most_in_memory_bytes=10_000, most_in_file_bytes=200_000) as backlog:

            async def fill() -> None:
                for piece in pieces:
                    await backlog.put(piece)
                await backlog.close()

            task = asyncio.create_task(fill())
            await asyncio.sleep(0)
            while (piece := await backlog.get()) is not None:
                got.append(piece)
                assert backlog.waiting_bytes <= 220_000
            await task
        return b"".join(got)

    assert asyncio.run(pass_through()) == b"".join(pieces)


def test_who_sends_everything_first_is_served_by_a_real_server(client: TestClient) -> None:
    """A plain client that reads nothing before its last byte is out, far beyond all buffers."""
    config = uvicorn.Config(client.app, port=0, lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    listening = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    rows, pieces = 1000, 60
    try:
        with socket.create_connection(listening.getsockname(), timeout=60) as wire:
            wire.sendall(
                b"POST /v1/locate HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\n"
                b"Accept: application/x-ndjson\r\nConnection: close\r\n"
                b"Content-Length: %d\r\n\r\nlon,lat\n" % (8 + 13 * rows * pieces)
            )
            for _ in range(pieces):
                wire.sendall(b"117.63,26.27\n" * rows)
            answer = b"".join(iter(lambda: wire.recv(1 << 20), b""))
        assert answer.count(b'"status": "inside"') == rows * pieces
    finally:
        server.should_exit = True
        thread.join(30)
        listening.close()


def test_the_answer_is_not_held_back_by_compression(client: TestClient) -> None:
    headers = {"Content-Type": LINES, "Accept-Encoding": "gzip"}
    reply = client.post("/v1/locate", content=LINE * 500, headers=headers)
    assert reply.headers["content-encoding"] == "identity"
    with pytest.raises(gzip.BadGzipFile):
        gzip.decompress(reply.content)
