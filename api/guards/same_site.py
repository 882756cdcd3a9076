"""May this page change something here?

A browser sends along where a request comes from. A request that changes something is refused when
another site's page sent it; programs, which send neither header, are not concerned. Nor may a page
change anything under a name that is not this server's: a foreign name that is made to point here
(DNS rebinding) looks like one site to the browser.
"""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from api.errors import problem

_HARMLESS = frozenset({"GET", "HEAD", "OPTIONS"})


class SameSite:
    """ASGI middleware that refuses changes asked for by pages of other sites."""

    def __init__(self, app: ASGIApp, host_names: Collection[str] = ()) -> None:
        self.app = app
        self.host_names = frozenset(name.lower() for name in host_names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 403."""
        foreign = scope["type"] == "http" and scope["method"] not in _HARMLESS
        if foreign and is_foreign(Headers(scope=scope), self.host_names):
            answer = problem(
                403,
                "cross-site",
                "a page of another site may not change anything here; if this server is to be "
                "reached under that name, set WANGGE_HOST_NAMES",
            )
            await answer(scope, receive, send)
            return
        await self.app(scope, receive, send)


def is_foreign(headers: Headers, host_names: Collection[str] = ()) -> bool:
    """Tell whether the headers name another site as the sender.

    Parameters
    ----------
    host_names
        Names of this server, besides ``localhost`` and addresses in figures.

    Examples
    --------
    >>> is_foreign(Headers({"host": "127.0.0.1:8000", "origin": "http://127.0.0.1:8000"}))
    False
    >>> is_foreign(Headers({"host": "127.0.0.1:8000", "origin": "http://elsewhere.org"}))
    True
    >>> is_foreign(Headers({"host": "elsewhere.org", "origin": "http://elsewhere.org"}))
    True
    """
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is None and origin is None:
        return False
    host = headers.get("host", "")
    if site is not None and site not in {"same-origin", "none"}:
        return True
    if origin is not None and urlsplit(origin).netloc != host:
        return True
    return not _is_ours(urlsplit(f"//{host}").hostname or "", host_names)


def _is_ours(name: str, host_names: Collection[str]) -> bool:
    try:
        return bool(ip_address(name))
    except ValueError:
        return name == "localhost" or name in host_names
