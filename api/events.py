"""How does a browser hear that somebody changed a draft?

Server-sent events. One thread listens to the database and hands every announcement to those who
wait for that draft. A queue that nobody empties loses its oldest entries: each event tells the
version of the draft, so the newest says everything.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable

import psycopg
import structlog
from psycopg import sql
from starlette.concurrency import run_in_threadpool

from gis.errors import Refused
from gis.store.sessions import CONNECT_TIMEOUT_S

log = structlog.get_logger("wangge")

HEARTBEAT_S = 15.0
MOST_LISTENERS = 200
_QUEUE_LENGTH = 20
_LOOK_UP_S = 0.5
_PAUSE_S = 2.0


class DraftEvents:
    """The announcements of one channel, given out to everybody who waits."""

    def __init__(self, url: str, channel: str) -> None:
        self._url = url
        self._channel = channel
        self._listeners: set[_Listener] = set()

    def start(self, stop: threading.Event) -> threading.Thread:
        """Listen in a thread of its own until ``stop`` is set."""
        thread = threading.Thread(target=self._run, args=(stop,), name="draft-events", daemon=True)
        thread.start()
        return thread

    def _run(self, stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                self._listen(stop)
            except psycopg.Error as error:
                log.warning("draft-events-interrupted", reason=str(error).strip())
            stop.wait(_PAUSE_S)

    def _listen(self, stop: threading.Event) -> None:
        with psycopg.connect(
            self._url, autocommit=True, connect_timeout=CONNECT_TIMEOUT_S
        ) as connection:
            connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(self._channel)))
            while not stop.is_set():
                for notice in connection.notifies(timeout=_LOOK_UP_S):
                    self.tell(notice.payload)

    def tell(self, payload: str) -> None:
        """Hand an announcement to everybody who waits for its draft."""
        change = json.loads(payload)
        for listener in self._listeners.copy():
            if listener.draft == change["draft"]:
                listener.hear(change["version"])

    def follow(self, draft: int, read_version: Callable[[], int]) -> AsyncIterator[str]:
        """Return events in the form of ``text/event-stream``, beginning with the present version.

        Parameters
        ----------
        draft
            Id of a draft that exists.
        read_version
            Asks the database; called once, after the listening has begun.

        Raises
        ------
        Refused
            Too many are listening.
        """
        if len(self._listeners) >= MOST_LISTENERS:
            raise Refused(f"more than {MOST_LISTENERS} pages follow drafts; ask again later")
        return self._pass_on(draft, read_version)

    async def _pass_on(self, draft: int, read_version: Callable[[], int]) -> AsyncIterator[str]:
        listener = _Listener(draft, asyncio.get_running_loop())
        self._listeners.add(listener)
        try:
            yield _event(await run_in_threadpool(read_version))
            while True:
                yield await listener.next_event()
        finally:
            self._listeners.discard(listener)


class _Listener:
    def __init__(self, draft: int, loop: asyncio.AbstractEventLoop) -> None:
        self.draft = draft
        self._loop = loop
        self._queue: asyncio.Queue[int] = asyncio.Queue(_QUEUE_LENGTH)

    def hear(self, version: int) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._put, version)

    def _put(self, version: int) -> None:
        if self._queue.full():
            self._queue.get_nowait()
        self._queue.put_nowait(version)

    async def next_event(self) -> str:
        try:
            return _event(await asyncio.wait_for(self._queue.get(), HEARTBEAT_S))
        except TimeoutError:
            return ": still here\n\n"


def _event(version: int) -> str:
    return f'event: version\nid: {version}\ndata: {{"version": {version}}}\n\n'
