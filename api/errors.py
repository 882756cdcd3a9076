"""Which HTTP answer does an error get?

The one table from error to status. Answers are RFC 9457 problem details. An unknown error is logged
with its request id, and its text never leaves the house.
"""

from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from gis.errors import (
    Conflict,
    InputError,
    InputTooLarge,
    NotFound,
    Refused,
    Unavailable,
    UnsupportedFile,
    WanggeError,
)

log = structlog.get_logger("wangge")

STATUS: dict[type[WanggeError], int] = {
    UnsupportedFile: 415,
    InputTooLarge: 413,
    InputError: 422,
    NotFound: 404,
    Conflict: 409,
    Refused: 409,
    Unavailable: 503,
    WanggeError: 500,
}


def problem(status: int, code: str, detail: str, **more: Any) -> JSONResponse:
    """Return an RFC 9457 answer."""
    body = {
        "type": f"urn:wangge:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        **more,
    }
    headers = {"Retry-After": "2"} if status == HTTPStatus.SERVICE_UNAVAILABLE else None
    return JSONResponse(
        body, status_code=status, media_type="application/problem+json", headers=headers
    )


def status_of(error: WanggeError) -> int:
    """Return the status of the nearest ancestor in the table."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def add_error_answers(app: FastAPI) -> None:
    """Teach an application to answer every error with problem details."""

    @app.exception_handler(WanggeError)
    async def _ours(_: Request, error: WanggeError) -> JSONResponse:
        data = jsonable_encoder(error.data)
        return problem(status_of(error), error.code, error.message, data=data)

    @app.exception_handler(RequestValidationError)
    async def _invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        faults = [
            {"where": ".".join(str(part) for part in fault["loc"]), "what": fault["msg"]}
            for fault in error.errors()
        ]
        detail = "; ".join(f"{fault['where']}: {fault['what']}" for fault in faults[:5])
        return problem(422, "input", detail, errors=faults[:50])

    @app.exception_handler(HTTPException)
    async def _http(_: Request, error: HTTPException) -> JSONResponse:
        code = HTTPStatus(error.status_code).phrase.lower().replace(" ", "-")
        return problem(error.status_code, code, str(error.detail))

    @app.exception_handler(Exception)
    async def _unknown(_: Request, error: Exception) -> JSONResponse:
        log.error("unexpected", exc_info=error)
        return problem(500, "unexpected", "Something went wrong here; the log has the details.")
