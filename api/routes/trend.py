"""How did reports develop, on which boundaries?"""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from api.answers.geojson import dump
from api.answers.tables import answer_tables
from api.dates import parse_instant
from api.live_plans import LivePlan
from api.principal import Asker
from api.routes.asked import AskedLanguage, AskedPlan, OurSettings, OurWorkshop
from api.routes.draft_views import OnLevel
from api.routes.map_pages import Categories, Day, Kinds
from api.tasks.figures import ReportFilter
from api.tasks.trends import gather_trend
from gis.errors import InputError, NotFound
from gis.files.trend import tabulate_trend
from gis.plan import Revision
from gis.reports.trend import Period, Trend

router = APIRouter(prefix="/v1", tags=["figures"])


@router.get("/trend", summary="Reports by grid and month, on either basis", response_model=None)
def show_trend(
    live: AskedPlan,
    workshop: OurWorkshop,
    settings: OurSettings,
    lang: AskedLanguage,
    _: Asker,
    basis: Annotated[
        str,
        Query(
            max_length=30,
            description="`as_was`, `today` or `revision:ID`.",
            examples=["as_was", "today", "revision:7"],
        ),
    ] = "today",
    by: Annotated[Period, Query(description="How long a period is.")] = "month",
    level: OnLevel = None,
    since: Day = None,
    until: Day = None,
    kind: Kinds = None,
    category: Categories = None,
    form: Annotated[
        Literal["json", "csv", "xlsx"],
        Query(alias="format", description="`csv` is a zip archive of tables."),
    ] = "json",
) -> Response:
    """Count each report in the grid of its day (`as_was`), or all of them on the boundaries of
    `today` or of `revision:ID`."""
    chosen = ReportFilter(
        since=parse_instant(since, settings.zone) if since else None,
        until=parse_instant(until, settings.zone) if until else None,
        kinds=kind or None,
        categories=category or None,
    )
    revision = find_basis(live, basis)
    with workshop.open() as connection:
        ground = workshop.ground(connection, live.series)
        found = gather_trend(
            connection, live, ground, chosen, revision=revision, level=level, period=by
        )
    if form != "json":
        return answer_tables(tabulate_trend(found, language=lang), form, "trend")
    return Response(dump(tell_trend(found, revision)), media_type="application/json")


def find_basis(live: LivePlan, basis: str) -> Revision | None:
    """Return the revision on which reports are counted; None for the one of each day."""
    if basis == "as_was":
        return None
    if basis == "today":
        return live.revision_at(None)
    word, _, number = basis.partition(":")
    if word != "revision" or not (number.isascii() and number.isdigit() and len(number) < 19):
        raise InputError("basis is as_was, today, or revision:ID", basis=basis)
    for revision in live.revisions:
        if revision.id == int(number):
            return revision
    raise NotFound(f"plan {live.series.name!r} has no published revision {number}")


def tell_trend(trend: Trend, revision: Revision | None) -> dict[str, object]:
    """Write a trend as JSON can hold it."""
    return {
        "basis": trend.basis.value,
        "revision": revision.id if revision else None,
        "by": trend.period,
        "since": trend.since.isoformat(),
        "until": trend.until.isoformat(),
        "periods": trend.periods,
        "is_whole": trend.is_whole,
        "grids": [
            {
                "code": row.code,
                "name": row.name,
                "households": [
                    None if homes is None else round(homes, 1) for homes in row.households
                ],
                "counts": row.counts,
                "per_1000_households": [
                    None if rate is None else round(rate, 3) for rate in row.per_1000_households
                ],
            }
            for row in trend.rows
        ],
        "located": trend.located,
        "outside": trend.outside,
        "unlocated": trend.unlocated,
        "total": trend.total,
    }
