"""May this page change something here?

A browser sends along where a request comes from. A request that changes something is refused when
another site's page sent it; programs, which send neither header, are not concerned.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from api.errors import problem

_HARMLESS = frozenset({"GET", "HEAD", "OPTIONS"})


class SameSite:
    """ASGI middleware that refuses changes asked for by pages of other sites."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 403."""
        foreign = scope["type"] == "http" and scope["method"] not in _HARMLESS
        if foreign and is_foreign(Headers(scope=scope)):
            answer = problem(
                403, "cross-site", "a page of another site may not change anything here"
            )
            await answer(scope, receive, send)
            return
        await self.app(scope, receive, send)


def is_foreign(headers: Headers) -> bool:
    """Tell whether the headers name another site as the sender.

    Examples
    --------
    >>> is_foreign(Headers({"host": "grids.local:8000", "origin": "http://grids.local:8000"}))
    False
    >>> is_foreign(Headers({"host": "grids.local:8000", "origin": "http://elsewhere.org"}))
    True
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in {"same-origin", "none"}
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("host", "")
