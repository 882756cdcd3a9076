"""A watcher hears of every publish, also of those while the database was away."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Queue

import psycopg
from sqlalchemy import Engine

from gis.store.listening import watch
from gis.store.sessions import transaction
from tests.store.drawn import publish_nine_grids


@contextmanager
def _watching(url: str, *, failures: int = 0) -> Iterator[Queue[str]]:
    heard: Queue[str] = Queue()
    stop = threading.Event()
    left = [failures]

    def on_change() -> None:
        if left[0] > 0:
            left[0] -= 1
            raise RuntimeError("not yet")
        heard.put("change")

    thread = threading.Thread(target=watch, args=(url, on_change, stop))
    thread.start()
    try:
        yield heard
    finally:
        stop.set()
        thread.join(timeout=10)
        assert not thread.is_alive()


def test_publish_is_heard(database: Engine, database_url: str) -> None:
    with _watching(database_url) as heard:
        heard.get(timeout=10)
        with transaction(database) as connection:
            publish_nine_grids(connection)
        heard.get(timeout=10)
        assert heard.empty()


def test_connection_that_was_cut_is_news(database_url: str, postgis: psycopg.Connection) -> None:
    with _watching(database_url) as heard:
        heard.get(timeout=10)
        postgis.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        assert heard.get(timeout=10) == "change"


def test_listener_that_fails_is_called_again(database_url: str) -> None:
    with _watching(database_url, failures=2) as heard:
        assert heard.get(timeout=10) == "change"


def test_watch_without_a_database_can_be_stopped() -> None:
    with _watching("postgresql://nobody@127.0.0.1:1/none") as heard:
        assert heard.empty()
