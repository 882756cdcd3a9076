"""Which grids are there, and what do they look like?"""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

import shapely
from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import JSONResponse

from api.answers.geojson import (
    Box,
    answer_geojson,
    keep_within,
    refer,
    write_feature,
    write_geometry,
)
from api.answers.schemas import (
    Feature,
    FeatureCollection,
    LevelRef,
    LevelsAnswer,
    RetiredAnswer,
    Successor,
)
from api.principal import Asker
from api.routes.asked import AskedInstant, AskedPlan
from api.tasks.retired import Estate, find_heirs
from gis.coords import to_metric
from gis.plan import Grid, Level, Plan

router = APIRouter(prefix="/v1", tags=["grids"])
MOST_GRIDS = 20_000


@router.get("/levels", summary="Which levels does the plan have?")
async def list_levels(live: AskedPlan, at: AskedInstant, _: Asker) -> LevelsAnswer:
    """Return the levels of the plan in force, from the widest to the narrowest."""
    revision = live.revision_at(at)
    return LevelsAnswer(
        plan=live.series.name,
        title=live.series.title,
        levels=[
            LevelRef(level=level.value, grids=len(revision.plan.at(level)))
            for level in revision.plan.levels
        ],
        revision=refer(revision),
    )


@router.get(
    "/grids",
    summary="The grids of the plan in force, as GeoJSON",
    response_model=FeatureCollection,
    response_class=Response,
)
def list_grids(
    live: AskedPlan,
    at: AskedInstant,
    _: Asker,
    level: Annotated[Level | None, Query(description="Only this level; all when left out.")] = None,
    bbox: Box = None,
    limit: Annotated[
        int, Query(ge=1, description=f"At most so many grids; never more than {MOST_GRIDS:,}.")
    ] = MOST_GRIDS,
) -> Response:
    """Return grids in ascending (level, code) order; `matched` counts them before `limit`."""
    revision = live.revision_at(at)
    grids = revision.plan.grids if level is None else revision.plan.at(level)
    grids = keep_within(grids, bbox)
    shown = grids[: min(limit, MOST_GRIDS)]
    body = {
        "type": "FeatureCollection",
        "features": [write_feature(grid) for grid in shown],
        "matched": len(grids),
        "revision": refer(revision).model_dump(mode="json"),
    }
    return answer_geojson(body)


@router.get(
    "/grids/{code:path}",
    summary="One grid, as a GeoJSON feature",
    response_model=Feature,
    response_class=Response,
    responses={
        300: {
            "model": RetiredAnswer,
            "description": "Retired: several grids have its ground",
        },
        308: {"model": RetiredAnswer, "description": "Retired: another grid has its ground"},
        410: {"model": RetiredAnswer, "description": "Retired: no grid has its ground"},
    },
)
def show_grid(
    request: Request,
    code: Annotated[str, Path(max_length=100, examples=["350402002003001"])],
    live: AskedPlan,
    at: AskedInstant,
    _: Asker,
) -> Response:
    """Return a grid with its boundary, area, ancestors and children, as in force at `at`.

    The code of a grid that is no more leads to its successor (308), or to several (300); 410 says
    that its ground is in no grid. All three name the last revision that had the code.
    """
    revision = live.revision_at(at)
    if code not in revision.plan:
        return _redirect(request, find_heirs(live, code, revision), code)
    grid = revision.plan[code]
    feature = write_feature(grid)
    feature["properties"] |= _relations(revision.plan, grid)
    area_m2 = float(shapely.area(to_metric(grid.geometry, srid=live.series.metric_srid)))
    feature["properties"] |= {
        "area_m2": round(area_m2, 1),
        "revision": refer(revision).model_dump(mode="json"),
    }
    return answer_geojson(feature)


@router.get("/base", summary="Water, roads and places to find one's way by, as GeoJSON")
def show_base(live: AskedPlan, _: Asker) -> Response:
    """Return the features of the local base map."""
    features = [
        {
            "type": "Feature",
            "id": feature.external_id,
            "geometry": write_geometry(feature.geometry),
            "properties": {
                "layer": feature.layer.value,
                "name": feature.name,
                "rank": feature.rank,
            },
        }
        for feature in live.base.features
    ]
    return answer_geojson({"type": "FeatureCollection", "features": features})


def _redirect(request: Request, estate: Estate, code: str) -> Response:
    heirs = estate.heirs
    answer = RetiredAnswer(
        code=code,
        last=refer(estate.last),
        successors=[
            Successor(
                level=heir.grid.level.value,
                code=heir.grid.code,
                name=heir.grid.name,
                area_share=round(heir.area_share, 6),
            )
            for heir in heirs
        ],
    ).model_dump(mode="json")
    if not heirs:
        return JSONResponse(answer, status_code=410)
    if len(heirs) > 1:
        return JSONResponse(answer, status_code=300)
    query = f"?{request.url.query}" if request.url.query else ""
    place = f"/v1/grids/{quote(heirs[0].grid.code, safe='')}{query}"
    return JSONResponse(answer, status_code=308, headers={"Location": place})


def _relations(plan: Plan, grid: Grid) -> dict[str, Any]:
    def name(other: Grid) -> dict[str, str]:
        return {"level": other.level.value, "code": other.code, "name": other.name}

    return {
        "ancestors": [name(other) for other in plan.ancestors(grid.code)],
        "children": [name(other) for other in plan.children(grid.code)],
    }
