"""Which grids are there, and what do they look like?"""

from __future__ import annotations

import json
from typing import Annotated, Any

import shapely
from fastapi import APIRouter, Path, Query, Response

from api.principal import Asker
from api.routes.asked import AskedInstant, AskedPlan
from api.schemas import (
    Feature,
    FeatureCollection,
    LevelRef,
    LevelsAnswer,
    RevisionRef,
)
from gis.coords import to_metric
from gis.errors import InputError
from gis.plan import Grid, Level, Plan, Revision

router = APIRouter(prefix="/v1", tags=["grids"])
GEOJSON = "application/geo+json"
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
        revision=_revision(revision),
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
    bbox: Annotated[
        str | None,
        Query(
            max_length=200,
            description="Only grids that meet `west,south,east,north` (degrees).",
            examples=["117.62,26.25,117.65,26.28"],
        ),
    ] = None,
    limit: Annotated[
        int, Query(ge=1, description=f"At most so many grids; never more than {MOST_GRIDS:,}.")
    ] = MOST_GRIDS,
) -> Response:
    """Return grids in ascending (level, code) order; `matched` counts them before `limit`."""
    revision = live.revision_at(at)
    grids = revision.plan.grids if level is None else revision.plan.at(level)
    if bbox is not None:
        box = _read_bbox(bbox)
        meets = shapely.intersects([grid.geometry for grid in grids], box) if grids else []
        grids = tuple(grid for grid, met in zip(grids, meets, strict=True) if met)
    shown = grids[: min(limit, MOST_GRIDS)]
    body = {
        "type": "FeatureCollection",
        "features": [_feature(grid) for grid in shown],
        "matched": len(grids),
        "revision": _revision(revision).model_dump(mode="json"),
    }
    return Response(_dump(body), media_type=GEOJSON)


@router.get(
    "/grids/{code}",
    summary="One grid, as a GeoJSON feature",
    response_model=Feature,
    response_class=Response,
)
def show_grid(
    code: Annotated[str, Path(max_length=100, examples=["350402002003001"])],
    live: AskedPlan,
    at: AskedInstant,
    _: Asker,
) -> Response:
    """Return a grid with its boundary, area, ancestors and children, as in force at `at`."""
    revision = live.revision_at(at)
    grid = revision.plan[code]
    feature = _feature(grid)
    feature["properties"] |= _relations(revision.plan, grid)
    area_m2 = float(shapely.area(to_metric(grid.geometry, srid=live.series.metric_srid)))
    feature["properties"] |= {
        "area_m2": round(area_m2, 1),
        "revision": _revision(revision).model_dump(mode="json"),
    }
    return Response(_dump(feature), media_type=GEOJSON)


@router.get("/base", summary="Water, roads and places to find one's way by, as GeoJSON")
def show_base(live: AskedPlan, _: Asker) -> Response:
    """Return the features of the local base map."""
    features = [
        {
            "type": "Feature",
            "id": feature.external_id,
            "geometry": _geometry(feature.geometry),
            "properties": {
                "layer": feature.layer.value,
                "name": feature.name,
                "rank": feature.rank,
            },
        }
        for feature in live.base.features
    ]
    return Response(_dump({"type": "FeatureCollection", "features": features}), media_type=GEOJSON)


def _feature(grid: Grid) -> dict[str, Any]:
    label = shapely.point_on_surface(grid.geometry)
    return {
        "type": "Feature",
        "id": grid.code,
        "geometry": _geometry(grid.geometry),
        "properties": {
            "code": grid.code,
            "name": grid.name,
            "level": grid.level.value,
            "parent": grid.parent,
            "label_point": [round(label.x, 7), round(label.y, 7)],
        },
    }


def _relations(plan: Plan, grid: Grid) -> dict[str, Any]:
    def refer(other: Grid) -> dict[str, str]:
        return {"level": other.level.value, "code": other.code, "name": other.name}

    return {
        "ancestors": [refer(other) for other in plan.ancestors(grid.code)],
        "children": [refer(other) for other in plan.children(grid.code)],
    }


def _geometry(geometry: shapely.Geometry) -> Any:
    return json.loads(shapely.to_geojson(geometry))


def _revision(revision: Revision) -> RevisionRef:
    return RevisionRef(
        id=revision.id,
        effective_from=revision.effective_from,
        effective_to=revision.effective_to,
    )


def _read_bbox(text: str) -> shapely.Polygon:
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise InputError("bbox takes four numbers: west,south,east,north", bbox=text) from None
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise InputError(
            "bbox must be west,south,east,north in degrees, with west ≤ east and south ≤ north",
            bbox=text,
        )
    return shapely.box(west, south, east, north)


def _dump(body: Any) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))
