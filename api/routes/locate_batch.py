"""Which grids cover these many points and addresses?

The answer begins while the request is still coming in. Pieces of the request are read one after the
other, located in a thread, and written to a backlog; a second task sends what is in the backlog. So
each waits for the other, memory does not grow with the request, and who sends everything before
reading anything is served too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, tzinfo
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from api.answers.located_rows import FORMS, Form
from api.backlog import Backlog
from api.live_plans import LivePlan
from api.principal import Asker
from api.routes.asked import AskedInstant, AskedPlan, OurSettings
from api.tasks.locate_rows import RowLocator
from api.tasks.position import read_crs
from api.tasks.row_places import Given, read_rows
from gis.errors import InputError, UnsupportedFile
from gis.files.columns import USUAL_HEADINGS, choose_columns
from gis.files.csv_stream import CsvRows
from gis.files.row_streams import JsonArray, JsonLines, Row, RowStream

router = APIRouter(prefix="/v1", tags=["locate"])

LONGEST_PIECE_BYTES = 65_536
# Locating holds the interpreter: with more threads, single lookups would wait for each of them.
_WORKERS = ThreadPoolExecutor(2, thread_name_prefix="locate-rows")
_FORM_OF = {
    "application/json": "application/json",
    "text/json": "application/json",
    "application/x-ndjson": "application/x-ndjson",
    "application/ndjson": "application/x-ndjson",
    "application/jsonl": "application/x-ndjson",
    "application/json-lines": "application/x-ndjson",
    "text/csv": "text/csv",
}
_PARTS = ("lon", "lat", "crs", "address", "at")
_HEADINGS = {
    "lon": USUAL_HEADINGS["lon"],
    "lat": USUAL_HEADINGS["lat"],
    "address": USUAL_HEADINGS["address"],
    "crs": ("crs", "坐标系"),
    "at": ("at",),
}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"type": "array", "items": {"type": "object"}},
                "example": [{"id": 1, "lon": 117.6345, "lat": 26.2701}, {"address": "列东街12号"}],
            },
            "application/x-ndjson": {"schema": {"type": "string"}},
            "text/csv": {"schema": {"type": "string"}},
        },
    }
}


class Exchange:
    """One upload that is answered row by row."""

    def __init__(
        self, receive: Receive, stream: RowStream, form: Form, locate: Callable[..., bytes]
    ) -> None:
        self._receive = receive
        self._stream = stream
        self._form = form
        self._locate = locate
        self._left = b""
        self._more = True
        self._begun = self._ended = False
        self.media_type = form.media_type

    async def read(self) -> bytes:
        """Return the answer to the rows of some next bytes; nothing when all is answered.

        Raises
        ------
        InputError
            Nothing has been answered yet, and the upload cannot be read.
        ConnectionError
            The client has gone.
        """
        answer = b""
        while not answer and not self._ended:
            if not self._left and self._more:
                message: Message = await self._receive()
                if message["type"] == "http.disconnect":
                    raise ConnectionResetError
                self._left, self._more = message.get("body", b""), message.get("more_body", False)
            piece = self._left[:LONGEST_PIECE_BYTES]
            self._left = self._left[LONGEST_PIECE_BYTES:]
            loop = asyncio.get_running_loop()
            answer = await loop.run_in_executor(_WORKERS, self._answer, piece)
        return answer

    def _answer(self, piece: bytes) -> bytes:
        answer = self._locate_rows(self._stream.feed(piece))
        if not self._more and not self._left:
            answer += self._locate_rows(self._stream.close())
            self._ended = True
        fault = self._stream.fault
        if fault is not None and not self._begun:
            raise fault
        self._begun |= bool(answer)
        if fault is not None:
            self._ended = True
            return answer + self._form.stop(fault.message)
        return answer + (self._form.end() if self._ended else b"")

    def _locate_rows(self, rows: Sequence[Row]) -> bytes:
        return self._locate(rows, self._form) if rows else b""


class Answer(Response):
    """The answer to an exchange, sent while it goes on."""

    def __init__(self, exchange: Exchange, first: bytes) -> None:
        self._exchange = exchange
        self._first = first
        # Compressing would keep rows back, and takes longer than locating them.
        super().__init__(headers={"content-encoding": "identity"}, media_type=exchange.media_type)
        del self.headers["content-length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer, and read the rest of the request."""
        del scope, receive
        with Backlog() as backlog:
            try:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._fill(backlog))
                    tasks.create_task(self._drain(backlog, send))
            except* OSError:
                pass  # the client has gone; nobody is left who could be told

    async def _fill(self, backlog: Backlog) -> None:
        piece = self._first
        while piece:
            await backlog.put(piece)
            piece = await self._exchange.read()
        await backlog.close()

    async def _drain(self, backlog: Backlog, send: Send) -> None:
        await send(
            {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        )
        while (piece := await backlog.get()) is not None:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


@router.post(
    "/locate",
    summary="Which grids cover many points or addresses?",
    openapi_extra=_BODY,
    response_class=Response,
    responses={200: {"content": {name: {} for name in FORMS}}},
)
async def locate_many(
    request: Request,
    live: AskedPlan,
    at: AskedInstant,
    settings: OurSettings,
    _: Asker,
    content_type: Annotated[
        str, Header(max_length=200, description="The form of the rows that are sent.")
    ] = "",
    accept: Annotated[
        str,
        Header(max_length=1000, description="The form of the answer; the sent one if not said."),
    ] = "",
    crs: Annotated[
        str, Query(max_length=100, description="Of rows that name none.", examples=["gcj02"])
    ] = "wgs84",
    near_m: Annotated[
        float | None, Query(description="Answer `near` up to this far outside.")
    ] = None,
) -> Response:
    """Locate each row of a JSON array, JSON lines or CSV, while they are being sent.

    A row is `lon` and `lat` (with `crs` where it is not the common one) or `address`, and may have
    `at`. It comes back with its own cells and `status`, or `error` that says what to do. When the
    stream itself cannot be read further, its last row has `error` and `"stopped": true`.
    """
    kind, charset = _read_content_type(content_type)
    locator = _make_locator(live, at, near_m, settings)
    form = FORMS[_choose_form(accept, kind)](locator)
    locate = _Locating(
        locator, crs=read_crs(crs), zone=settings.zone, by_heading=kind == "text/csv"
    )
    exchange = Exchange(request.receive, _open_stream(kind, charset), form, locate)
    try:
        first = await exchange.read()
    except ConnectionError:
        return Response(status_code=400)  # nobody reads it
    return Answer(exchange, first)


def _make_locator(
    live: LivePlan, at: datetime | None, near_m: float | None, settings: Any
) -> RowLocator:
    book = getattr(live, "gazetteer", None)
    locator = RowLocator(live.locator.indexes, book, at=at, near_m=near_m, zone=settings.zone)
    locator.check_date()
    return locator


def _read_content_type(text: str) -> tuple[str, str | None]:
    name, _, parameters = text.partition(";")
    kind = _FORM_OF.get(name.strip().lower())
    if kind is None:
        raise UnsupportedFile(
            f"Content-Type {name.strip()[:60]!r} is not read here; send application/json, "
            "application/x-ndjson or text/csv",
            content_type=text,
        )
    charset = None
    for parameter in parameters.split(";"):
        key, _, value = parameter.partition("=")
        if key.strip().lower() == "charset":
            charset = value.strip().strip('"')
    return kind, charset


def _choose_form(accept: str, kind: str) -> str:
    """Return the form that the client asks for first, or else that of the request."""
    wanted = [part.partition(";")[0].strip().lower() for part in accept.split(",") if part.strip()]
    for name in wanted:
        if name in _FORM_OF:
            return _FORM_OF[name]
    if not wanted or not {"*/*", f"{kind.partition('/')[0]}/*"}.isdisjoint(wanted):
        return kind
    raise UnsupportedFile(
        f"Accept {accept[:60]!r} names no form in which rows are written; ask for "
        "application/json, application/x-ndjson or text/csv"
    )


def _open_stream(kind: str, charset: str | None) -> RowStream:
    if kind == "text/csv":
        return CsvRows(charset)
    return JsonArray() if kind == "application/json" else JsonLines()


class _Locating:
    """Locates the rows of one upload; the columns of CSV are chosen by its headings, once."""

    def __init__(self, locator: RowLocator, *, crs: str, zone: tzinfo, by_heading: bool) -> None:
        self._locator = locator
        self._crs = crs
        self._zone = zone
        self._names: Mapping[str, str] | None = None if by_heading else {x: x for x in _PARTS}

    def __call__(self, rows: Sequence[Row], form: Form) -> bytes:
        """Return the answers to some rows."""
        if self._names is None:
            self._names = _choose_columns(list(rows[0].cells))
        cells = {part: [row.cells.get(name) for row in rows] for part, name in self._names.items()}
        given = Given(
            len(rows),
            cells.get("lon"),
            cells.get("lat"),
            cells.get("crs"),
            cells.get("address"),
            cells.get("at"),
        )
        places = read_rows(given, crs=self._crs, zone=self._zone)
        faults = {k: row.fault for k, row in enumerate(rows) if row.fault}
        places = replace(places, faults={**places.faults, **faults})
        return form.rows(rows, places, self._locator.locate(places))


def _choose_columns(headings: Sequence[str]) -> Mapping[str, str]:
    used = choose_columns(headings, {}, file="the table", usual=_HEADINGS)
    if not ("lon" in used and "lat" in used) and "address" not in used:
        raise InputError(
            f"the table has no columns lon and lat, and none named address; its columns are: "
            f"{', '.join(headings)[:200]}"
        )
    return used
