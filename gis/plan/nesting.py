"""Which area lies in which, and does every level fit the one above?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from gis import coords
from gis.plan.findings import format_m2, format_place
from gis.plan.model import Finding, Grid, Plan, Severity

ROUNDING_M = 0.01
_REMEDY = "redraw one of the two levels, or take it with --accept nesting"


def choose_parents(children: Sequence[shapely.Geometry], candidates: Sequence[Grid]) -> list[str]:
    """Tell for each area which candidate holds most of it.

    Parameters
    ----------
    children
        Valid areas, EPSG:4490.
    candidates
        Areas of one wider level.

    Returns
    -------
    list of str
        The code of the parent, of the lowest code among equals; "" where no candidate touches.

    Examples
    --------
    >>> from gis.plan.model import Level
    >>> west = Grid("W", "west", Level.COMMUNITY, shapely.box(0, 0, 1, 1))
    >>> east = Grid("E", "east", Level.COMMUNITY, shapely.box(1, 0, 2, 1))
    >>> choose_parents([shapely.box(0.5, 0, 1.2, 1), shapely.box(5, 5, 6, 6)], [west, east])
    ['W', '']
    """
    if not candidates:
        return [""] * len(children)
    ordered = sorted(candidates, key=lambda grid: grid.code)
    areas = np.array([grid.geometry for grid in ordered], dtype=object)
    inner = np.array(children, dtype=object)
    child, parent = shapely.STRtree(areas).query(inner, predicate="intersects")
    shared = shapely.area(shapely.intersection(inner[child], areas[parent]))
    best: dict[int, tuple[float, int]] = {}
    for index, candidate, size in zip(
        child.tolist(), parent.tolist(), shared.tolist(), strict=True
    ):
        if size > 0.0:
            best[index] = max(best.get(index, (0.0, 0)), (size, -candidate))
    return [ordered[-best[i][1]].code if i in best else "" for i in range(len(inner))]


def find_misnested(plan: Plan, *, metric_srid: int) -> list[Finding]:
    """Find children that reach out of their parent, and parents not filled by their children.

    Compared in degrees, as the locator sees them: in metres a border along a parallel would bulge
    between the corners that only one level has. What is thinner than the centimetre to which
    coordinates are rounded is not told.

    Parameters
    ----------
    plan
        Any plan; a level without parents has nothing to find.
    metric_srid
        The projected CRS in which areas are measured.
    """
    found = []
    for parent in plan:
        children = plan.children(parent.code)
        if not children:
            continue
        inner = np.array([child.geometry for child in children], dtype=object)
        outside = shapely.difference(inner, parent.geometry)
        for child, part in zip(children, outside, strict=True):
            found += _told(part, metric_srid, child.code, parent.code)
        bare = shapely.difference(parent.geometry, shapely.union_all(inner))
        for part in shapely.get_parts(bare):
            found += _told(part, metric_srid, parent.code, "")
    return sorted(found, key=lambda finding: -(finding.size_m2 or 0.0))


def _told(part: Any, metric_srid: int, code: str, parent: str) -> list[Finding]:
    area = coords.to_metric(part, srid=metric_srid)
    size_m2 = float(shapely.area(area))
    if size_m2 == 0.0 or 2.0 * size_m2 / float(shapely.length(area)) < ROUNDING_M:
        return []
    lon, lat = shapely.get_coordinates(shapely.point_on_surface(part))[0].tolist()
    if parent:
        message = f"{format_m2(size_m2)} of {code} lie outside its parent {parent}"
    else:
        message = f"{format_m2(size_m2)} of {code} are in none of the areas that belong to it"
    return [
        Finding(
            "nesting",
            Severity.ERROR,
            f"{message}, at {format_place(lon, lat)}",
            _REMEDY,
            lon,
            lat,
            (code, parent) if parent else (code,),
            size_m2,
        )
    ]
