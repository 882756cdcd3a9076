"""Which area lies in which, and does every level fit the one above?

A parent is filled exactly by its children if its border is the sum of theirs (see ``chains``); only
where it is not is anything measured.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import shapely

from gis import coords
from gis.plan.chains import border_with_owner, group_segments, reverse
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


def find_misnested(
    plan: Plan, *, metric_srid: int, parents: Collection[str] | None = None
) -> list[Finding]:
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
    parents
        Codes of the parents to look at; all of the plan when None.
    """
    asked = plan.grids if parents is None else [plan[code] for code in sorted(parents)]
    found = []
    for parent in find_unlike_children(plan, asked):
        children = plan.children(parent.code)
        inner = np.array([child.geometry for child in children], dtype=object)
        outside = shapely.difference(inner, parent.geometry)
        for child, part in zip(children, outside, strict=True):
            found += _told(part, metric_srid, child.code, parent.code)
        bare = shapely.difference(parent.geometry, shapely.union_all(inner))
        for part in shapely.get_parts(bare):
            found += _told(part, metric_srid, parent.code, "")
    return sorted(found, key=lambda finding: -(finding.size_m2 or 0.0))


def find_unlike_children(plan: Plan, parents: Sequence[Grid]) -> list[Grid]:
    """Return the parents whose border is not the sum of their children's.

    Their ground may be the same nevertheless, if one level has corners that the other lacks.
    """
    asked = [(parent, plan.children(parent.code)) for parent in parents]
    asked = [(parent, children) for parent, children in asked if children]
    areas: list[Any] = [parent.geometry for parent, _ in asked]
    areas += [child.geometry for _, children in asked for child in children]
    if not areas:
        return []
    counts = [len(children) for _, children in asked]
    family = np.concatenate([np.arange(len(asked)), np.repeat(np.arange(len(asked)), counts)])
    chain, area = border_with_owner(areas)
    above = area < len(asked)
    chain[above] = reverse(chain[above])
    group, direction, count = group_segments(chain, family[area])
    left = np.bincount(group, weights=direction, minlength=count)[group] != 0.0
    return [asked[index][0] for index in np.unique(family[area[left]]).tolist()]


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
