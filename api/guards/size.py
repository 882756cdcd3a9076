"""How large may a request be?

A body is read into memory, so a limit stands before everything that reads it. What a sender says
about the length is believed only when it is too large; else the bytes are counted as they come.
Requests that are read row by row may be of any length: they limit the length of a row.
"""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import problem

LARGEST_BODY_BYTES = 10_000_000
STREAMED = frozenset({("POST", "/v1/locate")})
_TOO_LARGE = f"a request may have at most {LARGEST_BODY_BYTES // 1_000_000} MB; send less at once"


class RequestSize:
    """ASGI middleware that refuses bodies above the limit with 413."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, counting the bytes of its body."""
        if scope["type"] != "http" or (scope["method"], scope["path"]) in STREAMED:
            await self.app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "0")
        if not declared.isascii() or not declared.isdigit():
            await problem(400, "bad-request", "Content-Length is no number")(scope, receive, send)
            return
        if int(declared[:20]) > LARGEST_BODY_BYTES:
            await problem(413, "input-too-large", _TOO_LARGE)(scope, receive, send)
            return
        got = 0

        async def receive_counted() -> Message:
            nonlocal got
            message = await receive()
            got += len(message.get("body", b""))
            if got > LARGEST_BODY_BYTES:
                raise HTTPException(413, _TOO_LARGE)
            return message

        await self.app(scope, receive_counted, send)
