"""How does every area that has an edge get the corners that were put on it?

An edge may be the border of two grids, two communities and two subdistricts at once. A corner that
only some of them have is a T-junction: invisible on the map, and a gap as soon as one side moves.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import shapely

from gis.plan.chains import Area, Chain, border_of
from gis.plan.edits.neighbourhood import areas_meeting
from gis.plan.edits.noding import Cuts
from gis.plan.edits.segments import Floats, Place, chain_of
from gis.plan.model import Grid, Plan


def put_corners(plan: Plan, cuts: Cuts) -> dict[str, Area]:
    """Return the areas of all levels that have an edge that is cut, with the new corners.

    Rings keep their order, direction and first corner.

    Examples
    --------
    >>> from gis.plan.model import Grid, Level
    >>> west = Grid("W", "", Level.GRID, shapely.box(0, 0, 1, 1))
    >>> east = Grid("E", "", Level.GRID, shapely.box(1, 0, 2, 1))
    >>> found = put_corners(Plan([west, east]), {(1.0, 0.0, 1.0, 1.0): ((1.0, 0.5),)})
    >>> sorted(found), found["W"].wkt
    (['E', 'W'], 'POLYGON ((1 0, 1 0.5, 1 1, 0 1, 0 0, 1 0))')
    """
    if not cuts:
        return {}
    ends = np.array(list(cuts)).reshape(-1, 2)
    found = {}
    for grid in areas_meeting(plan, [*ends.min(axis=0), *ends.max(axis=0)]):
        changed = put_corners_on(grid.geometry, cuts)
        if changed is not None:
            found[grid.code] = changed
    return found


def put_corners_on(area: Area, cuts: Cuts) -> Area | None:
    """Return an area with the corners that its edges got, None if it has none of them."""
    if not cuts:
        return None
    starts = np.array([edge[:2] for edge in cuts])
    points = shapely.get_coordinates(area)
    # Most areas have no corner in common with any cut edge.
    if not np.isin(points[:, 0], starts[:, 0]).any():
        return None
    parts = [
        [_fill(np.asarray(ring.coords), cuts) for ring in (part.exterior, *part.interiors)]
        for part in shapely.get_parts(area)
    ]
    if not any(ring is not None for part in parts for ring in part):
        return None
    polygons = [
        _polygon(part, rings) for part, rings in zip(shapely.get_parts(area), parts, strict=True)
    ]
    return polygons[0] if isinstance(area, shapely.Polygon) else shapely.MultiPolygon(polygons)


def border_with(grid: Grid, cuts: Cuts) -> Chain:
    """Return the border of an area with the corners that its edges got."""
    return border_of(put_corners_on(grid.geometry, cuts) or grid.geometry)


def cut_chain(chain: Chain, cuts: Cuts) -> Chain:
    """Return a chain with the corners that its segments got."""
    if not cuts:
        return chain
    starts = np.array([edge[i : i + 2] for edge in cuts for i in (0, 2)])
    maybe = np.isin(chain[:, 0], starts[:, 0])
    filled = [_fill(segment.reshape(2, 2), cuts) for segment in chain[maybe]]
    split = [
        segment[None, :] if corners is None else chain_of(corners)
        for segment, corners in zip(chain[maybe], filled, strict=True)
    ]
    return np.concatenate([chain[~maybe], *split])


def _polygon(part: shapely.Polygon, rings: Sequence[Any]) -> shapely.Polygon:
    old = [part.exterior, *part.interiors]
    new = [before if ring is None else ring for before, ring in zip(old, rings, strict=True)]
    return shapely.Polygon(new[0], new[1:])


def _fill(ring: Floats, cuts: Cuts) -> list[Place] | None:
    corners: list[Place] = [(x, y) for x, y in (ring + 0.0).tolist()]
    filled = corners[:1]
    for one, other in pairwise(corners):
        if one < other:
            filled += cuts.get((*one, *other), ())
        else:
            filled += reversed(cuts.get((*other, *one), ()))
        filled.append(other)
    return filled if len(filled) > len(corners) else None
