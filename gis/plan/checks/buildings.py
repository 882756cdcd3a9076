"""Does a border run through a building?"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from gis import coords
from gis.plan.checks.subject import Subject, boxes_of
from gis.plan.findings import format_m2, format_place
from gis.plan.model import Building, Finding, Grid, Severity


def check_buildings(subject: Subject) -> list[Finding]:
    """Find buildings of which more than a little lies in each of several areas with staff."""
    level = subject.staffed_level
    looked_at = subject.staffed_areas()
    if level is None or not looked_at or not subject.buildings.items:
        return []
    boxes = boxes_of(looked_at)
    west, south = boxes[:, :2].min(axis=0).tolist()
    east, north = boxes[:, 2:].max(axis=0).tolist()
    near = subject.buildings.near((west, south, east, north))
    grids = subject.neighbourhood(level)
    found = _find_cut(near, grids, subject)
    codes = {grid.code for grid in looked_at}
    return [finding for finding in found if codes.intersection(finding.codes)]


def _find_cut(
    buildings: list[Building], grids: tuple[Grid, ...], subject: Subject
) -> list[Finding]:
    if not buildings:
        return []
    footprints, areas = _shapes(buildings), _shapes(grids)
    building, grid = shapely.STRtree(areas).query(footprints, predicate="intersects")
    several = np.bincount(building, minlength=len(buildings))[building] > 1
    building, grid = building[several], grid[several]
    shared = shapely.intersection(footprints[building], areas[grid])
    sizes = shapely.area(coords.to_metric(shared, srid=subject.metric_srid))
    cuts: dict[int, dict[str, float]] = {}
    rows = zip(building.tolist(), grid.tolist(), sizes.tolist(), strict=True)
    for index, position, size in rows:
        if size > subject.limits.building_cut_m2:
            cuts.setdefault(index, {})[grids[position].code] = size
    return [_tell(buildings[index], parts) for index, parts in cuts.items() if len(parts) > 1]


def _tell(building: Building, parts: dict[str, float]) -> Finding:
    place = building.geometry.centroid
    smaller = sum(parts.values()) - max(parts.values())
    called = building.name or building.address or building.external_id
    return Finding(
        "buildings-cut",
        Severity.WARNING,
        f"the border of {' and '.join(sorted(parts))} runs through the building {called} "
        f"({format_m2(smaller)} on the smaller side) at {format_place(place.x, place.y)}",
        "move the border around the building",
        place.x,
        place.y,
        tuple(sorted(parts)),
        smaller,
    )


def _shapes(items: Any) -> Any:
    shapes = np.empty(len(items), dtype=object)
    shapes[:] = [item.geometry for item in items]
    return shapes
