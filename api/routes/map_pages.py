"""The maps, drawn anew for each request from what is in the database."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from api.dates import parse_instant
from api.principal import Asker
from api.routes.asked import (
    AskedInstant,
    AskedLanguage,
    AskedPlan,
    NamedPlan,
    OurDatabase,
    OurSettings,
)
from api.tasks.figures import ReportFilter, gather_coverage, gather_density
from gis.reports.trend import Basis
from gis.store.sessions import transaction
from maps.cameras import draw_coverage
from maps.density import draw_density
from maps.offline import ServedAssets

router = APIRouter(prefix="/maps", tags=["maps"])
QUERY_TIMEOUT_S = 30.0

Day = Annotated[
    str | None, Query(max_length=40, description="ISO 8601 date; the period is half-open.")
]
Kinds = Annotated[
    list[str] | None, Query(max_length=10, description="Only these kinds; may be repeated.")
]
Categories = Annotated[
    list[str] | None, Query(max_length=100, description="Only these categories; may be repeated.")
]


@router.get("/density", response_class=HTMLResponse, summary="Map of case density")
def show_density(
    live: AskedPlan,
    at: AskedInstant,
    lang: AskedLanguage,
    database: OurDatabase,
    settings: OurSettings,
    _: Asker,
    plan: NamedPlan = None,
    since: Day = None,
    until: Day = None,
    kind: Kinds = None,
    category: Categories = None,
    basis: Annotated[
        Literal["today", "as_was"],
        Query(description="`as_was` counts a report in the grid of its day, or its heir."),
    ] = "today",
) -> HTMLResponse:
    """Reports per grid, per km², per 1,000 households, and as a smooth surface.

    `since` and `until` bound the period (`until` is the first instant after it); `kind` and
    `category` may be repeated. Counts are on the boundaries in force at `at`.
    """
    chosen = ReportFilter(
        since=parse_instant(since, settings.zone) if since else None,
        until=parse_instant(until, settings.zone) if until else None,
        kinds=kind or None,
        categories=category or None,
    )
    with transaction(database.engine, query_timeout_s=QUERY_TIMEOUT_S) as connection:
        view = gather_density(
            connection,
            live.series,
            live.revision_at(at),
            chosen,
            live.base,
            index=live.locator.find(at),
            basis=Basis.AS_WAS if basis == "as_was" else Basis.REVISION,
            revisions=live.revisions,
        )
    return HTMLResponse(draw_density(view, live.base, lang, ServedAssets(plan=plan)))


@router.get("/coverage", response_class=HTMLResponse, summary="Map of camera coverage")
def show_coverage(
    live: AskedPlan,
    at: AskedInstant,
    lang: AskedLanguage,
    database: OurDatabase,
    _: Asker,
    plan: NamedPlan = None,
) -> HTMLResponse:
    """What the cameras see of each grid, as sectors and shares. For supervisors."""
    with transaction(database.engine, query_timeout_s=QUERY_TIMEOUT_S) as connection:
        view = gather_coverage(connection, live.series, live.revision_at(at), live.base)
    return HTMLResponse(draw_coverage(view, live.base, lang, ServedAssets(plan=plan)))
