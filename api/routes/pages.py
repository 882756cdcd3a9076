"""What does a person see who opens the server in a browser?"""

from __future__ import annotations

import gzip

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api.errors import status_of
from api.live_plans import LivePlan
from api.principal import Asker
from api.routes.asked import AskedLanguage, NamedPlan, live_of
from api.tasks.draw_maps import lookup_page
from gis.errors import NotFound, Unavailable
from gis.plan import Revision
from maps.notice import Reason, draw_notice
from maps.offline import ServedAssets

router = APIRouter(include_in_schema=False)


@router.get("/", response_class=HTMLResponse)
def find_grid(
    request: Request, lang: AskedLanguage, _: Asker, plan: NamedPlan = None
) -> HTMLResponse:
    """Show the page on which a person asks for the grid of a place."""
    plans = live_of(request)
    try:
        live = plans.choose(plan)
    except Unavailable as error:
        html = draw_notice("loading", lang, ServedAssets(plan=plan))
        # The browser asks again by itself.
        return HTMLResponse(html, status_of(error), {"Refresh": "3", "Retry-After": "2"})
    except NotFound as error:
        reason: Reason = "empty" if not plans.names else "unknown" if plan else "choose"
        html = draw_notice(reason, lang, ServedAssets(), plans=plans.names)
        return HTMLResponse(html, status_of(error) if reason == "unknown" else 200)
    try:
        revision = live.revision_at(None)
    except NotFound as error:
        html = draw_notice("not-in-force", lang, ServedAssets(plan=plan))
        return HTMLResponse(html, status_of(error))
    return _answer(request, _draw(live, revision, lang, plan))


def _draw(live: LivePlan, revision: Revision, lang: str, plan: str | None) -> bytes:
    """Return the page, gzipped, from memory if it was drawn before."""
    key = (revision.id, lang, plan)
    if key not in live.drawn:
        assets = ServedAssets(plan=plan)
        html = lookup_page(live.series, revision, live.base, lang=lang, assets=assets)
        live.drawn[key] = gzip.compress(html.encode(), mtime=0)
    return live.drawn[key]


def _answer(request: Request, packed: bytes) -> HTMLResponse:
    """Send a gzipped page as it is to whoever reads gzip, which is every browser."""
    headers = {"Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return HTMLResponse(packed, headers=headers | {"Content-Encoding": "gzip"})
    return HTMLResponse(gzip.decompress(packed), headers=headers)
