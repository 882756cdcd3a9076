"""How do grids go out as GeoJSON, and how does a box come in?"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Annotated, Any

import numpy as np
import shapely
from fastapi import Query, Response

from api.answers.schemas import RevisionRef
from gis.errors import InputError
from gis.plan import Grid, Revision

GEOJSON = "application/geo+json"

Box = Annotated[
    str | None,
    Query(
        max_length=200,
        description="Only grids that meet `west,south,east,north` (degrees).",
        examples=["117.62,26.25,117.65,26.28"],
    ),
]


def write_feature(grid: Grid) -> dict[str, Any]:
    """Return a grid as a GeoJSON feature."""
    label = shapely.point_on_surface(grid.geometry)
    return {
        "type": "Feature",
        "id": grid.code,
        "geometry": write_geometry(grid.geometry),
        "properties": {
            "code": grid.code,
            "name": grid.name,
            "level": grid.level.value,
            "parent": grid.parent,
            "label_point": [round(label.x, 7), round(label.y, 7)],
        },
    }


def write_collection(grids: Iterable[Grid]) -> dict[str, Any]:
    """Return grids as a GeoJSON feature collection."""
    return {"type": "FeatureCollection", "features": [write_feature(grid) for grid in grids]}


def write_geometry(geometry: shapely.Geometry) -> Any:
    """Return a geometry as GeoJSON."""
    return json.loads(shapely.to_geojson(geometry))


def answer_geojson(body: Any) -> Response:
    """Return an answer of the media type of GeoJSON."""
    return Response(dump(body), media_type=GEOJSON)


def dump(body: Any) -> str:
    """Write a JSON value without spaces and with Chinese as it is."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def refer(revision: Revision) -> RevisionRef:
    """Return how an answer names a revision."""
    return RevisionRef(
        id=revision.id,
        effective_from=revision.effective_from,
        effective_to=revision.effective_to,
    )


def keep_within(grids: tuple[Grid, ...], box: str | None) -> tuple[Grid, ...]:
    """Keep the grids that meet a box ``west,south,east,north``; all if there is none."""
    if box is None or not grids:
        return grids
    meets = shapely.intersects(np.array([grid.geometry for grid in grids]), _read_box(box))
    return tuple(grid for grid, met in zip(grids, meets, strict=True) if met)


def _read_box(text: str) -> shapely.Polygon:
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
