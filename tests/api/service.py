"""A server in processes of its own, as ``wangge serve`` starts it, for tests that are rough."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

from api.settings import PROJECT_FOLDER

LONGEST_WAIT_S = 120.0
_SERVE = (sys.executable, "-m", "api", "serve")


class Service:
    """A running ``wangge serve``; ``log`` is what it says on standard error."""

    def __init__(self, url: str, log: Path, *, workers: int = 1, **settings: str) -> None:
        self.log = log
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.base = f"http://127.0.0.1:{port}"
        with log.open("wb") as file:
            self.process = subprocess.Popen(
                [*_SERVE, "--port", str(port), "--workers", str(workers)],
                cwd=PROJECT_FOLDER,
                env=os.environ | {"WANGGE_DATABASE_URL": url, "PYTHONUTF8": "1"} | settings,
                stdout=subprocess.DEVNULL,
                stderr=file,
            )
        self._wanted = workers

    @property
    def workers(self) -> list[int]:
        """The processes that answer; the tracker of resources is none of them."""
        pids = descendants(self.process.pid)
        return [pid for pid in pids if b"spawn_main" in command_line(pid)] or [self.process.pid]

    def get(self, path: str, **query: Any) -> httpx2.Response:
        """Ask over a new connection, which any process may take."""
        return httpx2.get(self.base + path, params=query, timeout=30, trust_env=False)

    def wait_until_ready(self) -> None:
        """Wait until every process answers lookups."""
        wait_for(lambda: self.log.read_bytes().count(b"plans-loaded") >= self._wanted)
        wait_for(lambda: self._status() == 200)

    def _status(self) -> int:
        try:
            return self.get("/readyz").status_code
        except httpx2.HTTPError:
            return 0

    @contextmanager
    def only(self, pid: int) -> Iterator[None]:
        """Stop all the other processes for a while, so that this one answers."""
        others = [each for each in self.workers if each != pid]
        for each in others:
            os.kill(each, signal.SIGSTOP)
        try:
            yield
        finally:
            for each in others:
                os.kill(each, signal.SIGCONT)

    def stop(self) -> int:
        """Ask it to end as a supervisor does; return the exit status."""
        self.process.terminate()
        return self.process.wait(timeout=60)

    def end(self) -> None:
        """End whatever is left of it."""
        left = [self.process.pid, *descendants(self.process.pid)]
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.process.wait()


@contextmanager
def running(url: str, folder: Path, *, workers: int = 1, **settings: str) -> Iterator[Service]:
    """Serve a database until the block ends."""
    service = Service(url, folder / "server.log", workers=workers, **settings)
    try:
        service.wait_until_ready()
        yield service
    finally:
        service.end()


class Load:
    """Clients that ask the same questions again and again, and keep what they heard."""

    def __init__(self, base: str, questions: list[dict[str, Any]], *, clients: int = 3) -> None:
        self.answers: list[tuple[int, Any]] = []
        self.failures: list[str] = []
        self._base, self._questions = base, questions
        self._enough = threading.Event()
        self._threads = [threading.Thread(target=self._ask) for _ in range(clients)]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        self.wait_for_more()
        return self

    def __exit__(self, *_: object) -> None:
        self._enough.set()
        for thread in self._threads:
            thread.join()

    def wait_for_more(self, count: int = 100) -> None:
        """Wait until so many more lookups are answered."""
        wanted = len(self.answers) + count
        wait_for(lambda: len(self.answers) + len(self.failures) >= wanted)

    def _ask(self) -> None:
        with httpx2.Client(base_url=self._base, timeout=30, trust_env=False) as client:
            while not self._enough.is_set():
                for question in self._questions:
                    try:
                        answer = client.get("/v1/locate", params=question)
                        self.answers.append((answer.status_code, answer.json()))
                    except (httpx2.HTTPError, ValueError) as error:
                        self.failures.append(repr(error))


def wait_for(what: Callable[[], Any]) -> Any:
    """Ask again and again until the answer is not empty."""
    deadline = time.monotonic() + LONGEST_WAIT_S
    while not (found := what()):
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)
    return found


def descendants(pid: int) -> list[int]:
    """Return the processes that a process has started, and theirs."""
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return []
    return [each for child in map(int, text.split()) for each in (child, *descendants(child))]


def command_line(pid: int) -> bytes:
    """Return how a process was started; nothing when it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
