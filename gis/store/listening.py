"""How does a running program hear that a plan was published by another one?

PostgreSQL's LISTEN tells at once, but not what happened while the connection was down. So every
(re)connection counts as news too: whoever listens then looks for itself. A connection whose other
end vanished without a word (a machine that lost its power) is noticed by keep-alive packets.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import psycopg
import structlog
from psycopg import sql

from gis.errors import WanggeError
from gis.store.plans import REVISION_CHANNEL
from gis.store.sessions import CONNECT_TIMEOUT_S

FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 5.0
_LOOK_UP_S = 0.5
_KEEP_ALIVE: dict[str, Any] = {
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}

_log = structlog.get_logger(__name__)


def watch(
    url: str,
    on_change: Callable[[], None],
    stop_event: threading.Event,
    *,
    channel: str = REVISION_CHANNEL,
) -> None:
    """Call back after every connection and every announcement, until told to stop.

    Runs for as long as the program, so give it a thread of its own. When the database goes away
    it tries again, ever more slowly, up to every five seconds.

    Parameters
    ----------
    url
        Of the database, as libpq reads it.
    on_change
        Called without arguments, once for announcements that come close together. What it
        raises is logged, and the watch goes on: after an error it is called again with the next
        pause.
    stop_event
        Set it to end the watch within half a second.
    """
    pause_s = FIRST_PAUSE_S
    while not stop_event.is_set():
        try:
            with psycopg.connect(
                url, autocommit=True, connect_timeout=CONNECT_TIMEOUT_S, **_KEEP_ALIVE
            ) as connection:
                connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
                on_change()
                pause_s = FIRST_PAUSE_S
                _pass_on(connection, on_change, stop_event)
        except (psycopg.Error, WanggeError) as error:
            _log.warning("database away, listening again soon", error=str(error).strip())
        except Exception:
            _log.exception("a listener failed, and will be called again")
        stop_event.wait(pause_s)
        pause_s = min(2.0 * pause_s, LONGEST_PAUSE_S)


def _pass_on(
    connection: psycopg.Connection[tuple[object, ...]],
    on_change: Callable[[], None],
    stop_event: threading.Event,
) -> None:
    while not stop_event.is_set():
        if any(True for _ in connection.notifies(timeout=_LOOK_UP_S, stop_after=1)):
            for _ in connection.notifies(timeout=0):
                pass  # whoever looks now sees what these tell of
            on_change()
