"""Which grid covers a point?"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.answers.schemas import Border, GridRef, LocateAnswer, Point, RevisionRef
from api.principal import Asker
from api.routes.asked import AskedInstant, AskedPlan
from api.tasks.position import read_position

router = APIRouter(prefix="/v1", tags=["locate"])


@router.get("/locate", summary="Which grid covers a point, on a date?")
async def locate(
    live: AskedPlan,
    at: AskedInstant,
    _: Asker,
    lon: Annotated[float, Query(description="Longitude (or easting).", examples=[117.6345])],
    lat: Annotated[float, Query(description="Latitude (or northing).", examples=[26.2701])],
    crs: Annotated[
        str,
        Query(
            max_length=100,
            description="`wgs84`, `cgcs2000`, `gcj02`, `bd09` or an EPSG code.",
            examples=["gcj02"],
        ),
    ] = "wgs84",
) -> LocateAnswer:
    """Return the one grid of every level that covers the point, from the widest to the narrowest.

    A point on a shared border belongs to the grid with the lowest code. `status` is `outside`
    when no grid covers it. The boundaries are those in force at `at`.
    """
    position = read_position(lon=lon, lat=lat, crs=crs)
    match = live.locator.locate(lon=position[0], lat=position[1], at=at)
    return LocateAnswer(
        status=match.status,
        grids=[GridRef(level=hit.level, code=hit.code, name=hit.name) for hit in match.grids],
        revision=RevisionRef(
            id=match.revision.id,
            effective_from=match.revision.effective_from,
            effective_to=match.revision.effective_to,
        ),
        border=Border.model_validate(match.border) if match.border else None,
        point=Point(lon=position[0], lat=position[1]),
    )
