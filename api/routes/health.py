"""Is the process alive, and can it answer?"""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from api.errors import problem
from api.principal import Asker
from api.routes.asked import live_of

router = APIRouter(tags=["health"])


@router.get("/healthz", summary="The process is alive")
async def healthz(_: Asker) -> dict[str, str]:
    """Answer without looking at anything else: a supervisor restarts what does not answer."""
    return {"status": "alive"}


@router.get("/readyz", summary="The process can answer lookups")
async def readyz(request: Request, _: Asker) -> JSONResponse:
    """Answer 200 once the index is compiled and the plans are in memory, else 503."""
    live = live_of(request)
    if not live.ready:
        return problem(503, "not-ready", live.why_not_ready)
    return JSONResponse({"status": "ready", "plans": live.names})
