"""Which grid covers a point, or an address?"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from api.answers.places import answer_inside, answer_match
from api.answers.schemas import LocateAnswer
from api.principal import Asker
from api.routes.asked import AskedInstant, AskedPlan, settings_of
from api.tasks.locating_addresses import find_address
from api.tasks.position import check_not_swapped, explain_outside, read_position
from gis.errors import InputError
from gis.locate import PlanIndex
from gis.locate.nearby import FARTHEST_M

router = APIRouter(prefix="/v1", tags=["locate"])

# Longer texts are refused by the parser in its own words.
LONGEST_TEXT = 1_000_000

Longitude = Annotated[
    float | None, Query(description="Longitude (or easting).", examples=[117.6345])
]
Latitude = Annotated[float | None, Query(description="Latitude (or northing).", examples=[26.2701])]
AskedCrs = Annotated[
    str,
    Query(
        max_length=100,
        description="`wgs84`, `cgcs2000`, `gcj02`, `bd09` or an EPSG code.",
        examples=["gcj02"],
    ),
]
NearMetres = Annotated[
    float | None,
    Query(
        gt=0,
        le=FARTHEST_M,
        description="How far a point outside may be from the nearest grid to get it as `near`.",
        examples=[50],
    ),
]
AccuracyMetres = Annotated[
    float | None,
    Query(
        gt=0,
        le=FARTHEST_M,
        description="Uncertainty of the position: the radius of a circle around it.",
        examples=[30],
    ),
]
AskedAddress = Annotated[
    str | None,
    Query(
        max_length=LONGEST_TEXT,
        description="An address as people write it, instead of a point.",
        examples=["列西街道翁墩新村12幢"],
    ),
]


@router.get(
    "/locate",
    summary="Which grid covers a point or an address, on a date?",
    response_model=LocateAnswer,
)
async def locate(
    request: Request,
    live: AskedPlan,
    at: AskedInstant,
    _: Asker,
    lon: Longitude = None,
    lat: Latitude = None,
    crs: AskedCrs = "wgs84",
    near_m: NearMetres = None,
    accuracy_m: AccuracyMetres = None,
    address: AskedAddress = None,
) -> Response:
    """Return the one grid of every level that covers the point, from the widest to the narrowest.

    A point on a shared border belongs to the grid with the lowest code. `status` is `outside`
    when no grid covers it. The boundaries are those in force at `at`.
    """
    if address is not None:
        _check_alone(lon, lat, near_m, accuracy_m)
        found = await run_in_threadpool(
            find_address,
            live,
            address,
            at=at,
            zone=settings_of(request).zone,
            geocoder=request.app.state.geocoder,
        )
        return answer_match(**found)
    if lon is None or lat is None:
        raise _explain_missing(lon, lat)
    index = live.locator.find(at)
    if near_m is None and accuracy_m is None:
        x, y = read_position(lon=lon, lat=lat, crs=crs)
        positions = index.find_positions(lon=x, lat=y)
        if max(positions) >= 0:
            return answer_inside(index, positions, lon=x, lat=y)
    return await run_in_threadpool(
        _look_around, index, lon, lat, crs=crs, near_m=near_m, accuracy_m=accuracy_m
    )


def _look_around(
    index: PlanIndex,
    lon: float,
    lat: float,
    *,
    crs: str,
    near_m: float | None,
    accuracy_m: float | None,
) -> Response:
    """Answer where more than a look into the index is needed."""
    try:
        x, y = read_position(lon=lon, lat=lat, crs=crs)
    except InputError:
        check_not_swapped(index, lon=lon, lat=lat, crs=crs)
        raise
    match = index.locate(lon=x, lat=y, near_m=near_m, accuracy_m=accuracy_m)
    hint = None
    if match.status == "outside":
        check_not_swapped(index, lon=lon, lat=lat, crs=crs)
        hint = explain_outside(index, lon=x, lat=y, crs=crs)
    return answer_match(match, lon=x, lat=y, hint=hint)


def _check_alone(*of_a_point: float | None) -> None:
    if any(value is not None for value in of_a_point):
        raise InputError(
            "either lon and lat, or address: lon, lat, near_m and accuracy_m belong to a point"
        )


def _explain_missing(lon: float | None, lat: float | None) -> InputError:
    if lon is None and lat is None:
        return InputError("say where: give lon and lat, or address")
    missing = "lon" if lon is None else "lat"
    return InputError(f"{missing} is missing; a point needs both lon and lat")
