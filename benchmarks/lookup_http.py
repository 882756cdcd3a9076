"""How many lookups a second does one server process answer over HTTP, beside doing nothing at all?

    python -m benchmarks.lookup_http [--json] [--rounds N] [--seconds S]

A real uvicorn process (one worker) serves the application of ``create_app`` on a private cluster
with the demonstration district; another process asks over keep-alive connections. The same seeded
points inside the district are asked in every case, and the cases take short turns, forth and back,
so that other work on the machine hits all alike:

- ``locate``: ``GET /v1/locate`` with ``lon`` and ``lat``.
- ``nothing``: a route with the very signature of that one, so that all the same is read and
  validated, which answers ``{}``.
- ``PostGIS``: the same signature, and one query for each request, as is usual: a plain ``def``
  route, a pooled connection, ``ST_Covers … ORDER BY code LIMIT 1`` over a spatial index, one level.

Besides requests a second, the processor time of the server process for a request is told, which
other work on the machine disturbs less.

Afterwards every case is asked at half of the load that was measured for it, each request when it is
due, and every delay counts from when the request was due.
"""

from __future__ import annotations

import argparse
import asyncio
import inspect
import json
import multiprocessing
import os
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
import uvicorn
from fastapi import Response
from sqlalchemy import text

from api.app import create_app
from api.routes.locate import locate, router
from api.settings import Settings
from api.tasks.demo import save_district
from benchmarks.locate import machine, scatter
from benchmarks.reports import _environment, _wangge
from gis.coords import STORAGE_SRID
from gis.demo import build_district
from gis.plan.model import Level
from gis.store.database import open_database
from gis.store.sessions import transaction

CONNECTIONS = 8
POINTS = 5_000
WARM_UP_S = 1.0
PACED_S = 5.0
PATIENCE_S = 120.0
PATHS = {"locate": "/v1/locate", "nothing": "/v1/nothing", "PostGIS": "/v1/usual"}
_USUAL = text(
    "SELECT code, name FROM grid WHERE revision_id = :revision AND level = 'grid' "
    f"AND ST_Covers(geom, ST_SetSRID(ST_MakePoint(:lon, :lat), {STORAGE_SRID})) "
    "ORDER BY code LIMIT 1"
)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one object a line")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=0.5, help="length of a turn")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wangge-benchmark-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        result = measure(folder, options.rounds, options.seconds)
    print(json.dumps(result)) if options.json else show(result)


def measure(folder: Path, rounds: int, seconds: float) -> dict[str, object]:
    """Serve, ask, and return the figures."""
    database = open_database(None, folder)
    try:
        district = build_district()
        with transaction(database.engine) as connection:
            save_district(connection, district, with_reports=False)
        grids = np.array([grid.geometry for grid in district.plan.at(Level.GRID)])
        lon, lat = (values.round(6) for values in scatter(grids, POINTS))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        context = multiprocessing.get_context("spawn")
        server = context.Process(target=serve, args=(database.url, str(folder), port), daemon=True)
        server.start()
        try:
            return asyncio.run(ask_all(port, server.pid, lon, lat, rounds, seconds))
        finally:
            server.terminate()
            server.join()
    finally:
        database.engine.dispose()
        subprocess.run(_wangge("db", "down"), env=_environment(folder), check=True)


def serve(url: str, folder: str, port: int) -> None:
    """Serve the application and the two other routes; the log goes nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    add_routes()
    settings = Settings(database_url=url, data_folder=Path(folder))
    uvicorn.run(
        create_app(settings),
        host="127.0.0.1",
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
    )


def add_routes() -> None:
    """Put the routes that are compared beside that of the lookup, before there is an application.

    In the same router, since finding one of several routers takes longer than a lookup.
    """
    asked = inspect.signature(locate, eval_str=True)

    async def nothing(**_: Any) -> Response:
        return Response(b"{}", media_type="application/json")

    def usual(**given: Any) -> dict[str, Any]:
        revision = given["live"].revision_at(given["at"]).id
        with given["request"].app.state.database.engine.connect() as connection:
            place = {"revision": revision, "lon": given["lon"], "lat": given["lat"]}
            row = connection.execute(_USUAL, place).first()
        return {"code": row and row.code, "name": row and row.name}

    for path, answer in (("/nothing", nothing), ("/usual", usual)):
        answer.__signature__ = asked.replace(return_annotation=inspect.Signature.empty)
        router.add_api_route(path, answer)


async def ask_all(
    port: int, server: int, lon: np.ndarray, lat: np.ndarray, rounds: int, seconds: float
) -> dict[str, object]:
    """Let the cases take turns, then ask at half of the load."""
    places = [urlencode({"lon": x, "lat": y}) for x, y in zip(lon, lat, strict=True)]
    requests = {
        case: [
            f"GET {path}?{place} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode() for place in places
        ]
        for case, path in PATHS.items()
    }
    await wait_until_ready(port)
    for case in PATHS:
        await ask_at_full_load(port, requests[case], WARM_UP_S)
    speeds: dict[str, list[float]] = {case: [] for case in PATHS}
    costs: dict[str, list[float]] = {case: [] for case in PATHS}
    for number in range(rounds):
        for case in list(PATHS)[:: 1 if number % 2 else -1]:
            before = processor_s(server)
            speed = await ask_at_full_load(port, requests[case], seconds)
            speeds[case].append(speed)
            costs[case].append(1e6 * (processor_s(server) - before) / (speed * seconds))
    middle = {case: float(np.median(found)) for case, found in speeds.items()}
    cost = {case: float(np.median(found)) for case, found in costs.items()}
    shares = np.divide(speeds["locate"], speeds["nothing"])
    delays: dict[str, list[float]] = {}
    for case in PATHS:
        waits = await ask_at_pace(port, requests[case], middle[case] / 2, PACED_S)
        delays[case] = [round(1000 * float(np.percentile(waits, part)), 2) for part in (50, 99)]
    return {
        "case": "lookup-http",
        "n": POINTS,
        "ours": round(middle["locate"]),
        "peers": {case: round(middle[case]) for case in ("nothing", "PostGIS")},
        "ratio": round(middle["locate"] / middle["PostGIS"], 2),
        "share_of_nothing": round(float(np.median(shares)), 3),
        "share_of_nothing_quartiles": np.percentile(shares, (25, 75)).round(3).tolist(),
        "processor_us": {case: round(found) for case, found in cost.items()},
        "unit": "requests/s",
        "ms_at_half_load_p50_p99": delays,
        "connections": CONNECTIONS,
        "machine": machine(),
    }


def processor_s(process: int) -> float:
    """Return the seconds of processor time that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def wait_until_ready(port: int) -> None:
    """Wait until the server answers lookups."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            connection = await Connection.open(port)
            status = await connection.ask(b"GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            connection.close()
            if status == 200:
                return
        except OSError:
            pass
        await asyncio.sleep(0.1)
    raise TimeoutError("the server did not get ready")


class Connection:
    """One keep-alive connection that asks one question at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, port: int) -> Connection:
        """Connect to the server on this machine."""
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def ask(self, request: bytes) -> int:
        """Send a request, read its answer to the end, and return the status."""
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        lower = head.lower()
        begin = lower.index(b"content-length:") + len(b"content-length:")
        await self._reader.readexactly(int(lower[begin : lower.index(b"\r\n", begin)]))
        return int(head[9:12])

    def close(self) -> None:
        """Hang up."""
        self._writer.close()


async def ask_at_full_load(port: int, requests: list[bytes], seconds: float) -> float:
    """Ask on all connections without a pause; return the requests answered in a second."""
    end = time.perf_counter() + seconds
    counts = [0] * CONNECTIONS

    async def ask(number: int) -> None:
        connection = await Connection.open(port)
        at = number * len(requests) // CONNECTIONS
        while time.perf_counter() < end:
            assert await connection.ask(requests[at % len(requests)]) == 200
            at, counts[number] = at + 1, counts[number] + 1
        connection.close()

    begin = time.perf_counter()
    await asyncio.gather(*(ask(number) for number in range(CONNECTIONS)))
    return sum(counts) / (time.perf_counter() - begin)


async def ask_at_pace(
    port: int, requests: list[bytes], per_second: float, seconds: float
) -> list[float]:
    """Ask at a steady pace; return the seconds from when each request was due to its answer."""
    count = int(per_second * seconds)
    begin = time.perf_counter() + 0.1
    turns = iter(range(count))
    waits: list[float] = []

    async def ask() -> None:
        connection = await Connection.open(port)
        for turn in turns:
            due = begin + turn / per_second
            if (pause := due - time.perf_counter()) > 0:
                await asyncio.sleep(pause)
            assert await connection.ask(requests[turn % len(requests)]) == 200
            waits.append(time.perf_counter() - due)
        connection.close()

    await asyncio.gather(*(ask() for _ in range(CONNECTIONS)))
    return waits


def show(result: dict[str, Any]) -> None:
    """Print the figures for people."""
    print(f"{result['machine']}; one worker, {result['connections']} connections")
    rows = {"locate": result["ours"], **result["peers"]}
    for case, speed in rows.items():
        middle, slow = result["ms_at_half_load_p50_p99"][case]
        cost = result["processor_us"][case]
        print(f"{case:>8} {speed:6,} requests/s, {cost} µs of the server's processor for each;")
        print(f"{'':>8} at half of that load p50 {middle} ms, p99 {slow} ms")
    low, high = result["share_of_nothing_quartiles"]
    print(f"locate reaches {result['share_of_nothing']:.1%} of doing nothing (middle turns")
    print(f"{low:.1%} to {high:.1%}), and is {result['ratio']} times as fast as a query for each.")


if __name__ == "__main__":
    main()
