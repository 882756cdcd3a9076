"""Does a page hear of every change of a draft?"""

from __future__ import annotations

import asyncio
import json

import pytest

from api.events import MOST_LISTENERS, DraftEvents
from gis.errors import Refused


def announce(events: DraftEvents, draft: int, version: int) -> None:
    events.tell(json.dumps({"draft": draft, "version": version}))


def test_a_listener_hears_its_draft_and_no_other() -> None:
    async def listen() -> list[str]:
        events = DraftEvents("", "")
        stream = events.follow(7, lambda: 3)
        heard = [await anext(stream)]
        announce(events, 8, 1)
        announce(events, 7, 4)
        heard.append(await anext(stream))
        await stream.aclose()  # type: ignore[attr-defined]
        announce(events, 7, 5)
        return heard

    first, second = asyncio.run(listen())
    assert first == 'event: version\nid: 3\ndata: {"version": 3}\n\n'
    assert '{"version": 4}' in second


def test_who_does_not_listen_loses_the_oldest_not_the_newest() -> None:
    async def listen() -> str:
        events = DraftEvents("", "")
        stream = events.follow(7, lambda: 0)
        await anext(stream)
        for version in range(1, 100):
            announce(events, 7, version)
        await asyncio.sleep(0)
        heard = [await anext(stream) for _ in range(20)]
        await stream.aclose()  # type: ignore[attr-defined]
        return heard[-1]

    assert '{"version": 99}' in asyncio.run(listen())


def test_too_many_listeners_are_refused() -> None:
    async def listen() -> None:
        events = DraftEvents("", "")
        streams = [events.follow(1, lambda: 0) for _ in range(MOST_LISTENERS)]
        for stream in streams:
            await anext(stream)
        with pytest.raises(Refused):
            events.follow(1, lambda: 0)
        for stream in streams:
            await stream.aclose()  # type: ignore[attr-defined]

    asyncio.run(listen())
