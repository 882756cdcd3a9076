"""Do the borders between areas follow roads, railways and water?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis import coords
from gis.plan.arcs import shared_borders
from gis.plan.checks.subject import Subject, boxes_of, middle_of
from gis.plan.model import BaseLayer, Finding, Grid, Severity

_FOLLOWED = frozenset({BaseLayer.ROAD, BaseLayer.RAIL, BaseLayer.WATER})
_STEP_M = 5.0


def check_borders(subject: Subject) -> list[Finding]:
    """Find areas of whose inner border too small a share runs near a road, railway or water.

    The share is taken of pieces of at most 5 m, each judged by its middle; for water and whatever
    else has an area, its shore counts, not its surface.
    """
    limits, level = subject.limits, subject.staffed_level
    looked_at = subject.staffed_areas()
    if level is None or limits.border_share <= 0.0 or not looked_at:
        return []
    if not any(item.layer in _FOLLOWED for item in subject.base.items):
        return []
    near, length = _measure(subject.neighbourhood(level), _guides(subject), subject)
    found = []
    for grid in looked_at:
        inner = length.get(grid.code, 0.0)
        share = near.get(grid.code, 0.0) / inner if inner else 1.0
        if share < limits.border_share:
            found.append(
                Finding(
                    "borders",
                    Severity.WARNING,
                    f"{share:.0%} of the inner border of {grid.code} lie within "
                    f"{limits.border_near_m:g} m of a road, railway or water, "
                    f"not {limits.border_share:.0%}",
                    "draw the border along streets or the river",
                    *middle_of(grid.geometry),
                    (grid.code,),
                )
            )
    return found


def _guides(subject: Subject) -> NDArray[Any]:
    """Return the lines that borders are to follow, in metres."""
    boxes = boxes_of(subject.staffed_areas())
    margin = 2.0 * subject.limits.border_near_m / 100_000.0  # a degree is 100 km and more
    west, south = (boxes[:, :2].min(axis=0) - margin).tolist()
    east, north = (boxes[:, 2:].max(axis=0) + margin).tolist()
    shapes = [
        item.geometry
        for item in subject.base.near((west, south, east, north))
        if item.layer in _FOLLOWED
    ]
    lines = np.empty(len(shapes), dtype=object)
    lines[:] = [shapely.boundary(shape) if shapely.area(shape) else shape for shape in shapes]
    return np.asarray(coords.to_metric(lines, srid=subject.metric_srid))


def _measure(
    grids: Sequence[Grid], guides: NDArray[Any], subject: Subject
) -> tuple[dict[str, float], dict[str, float]]:
    """Sum for every area the length of its inner border, and of what of it lies near a guide."""
    borders = [border for border in shared_borders(grids) if border.other is not None]
    near: dict[str, float] = {}
    length: dict[str, float] = {}
    if not borders:
        return near, length
    lines = coords.to_metric(np.array([b.line for b in borders]), srid=subject.metric_srid)
    points, owner = shapely.get_coordinates(
        shapely.segmentize(shapely.get_parts(lines), _STEP_M), return_index=True
    )
    line = shapely.get_parts(lines, return_index=True)[1][owner]
    joined = owner[:-1] == owner[1:]
    start, end, line = points[:-1][joined], points[1:][joined], line[:-1][joined]
    sizes = np.hypot(*(end - start).T)
    middles = shapely.points((start + end) / 2.0)
    hit = shapely.STRtree(guides).query(
        middles, predicate="dwithin", distance=subject.limits.border_near_m
    )
    close = np.zeros(len(middles), dtype=bool)
    close[hit[0]] = True
    for sums, weights in ((length, sizes), (near, np.where(close, sizes, 0.0))):
        totals = np.bincount(line, weights=weights, minlength=len(borders)).tolist()
        for border, total in zip(borders, totals, strict=True):
            for code in (border.one, border.other or ""):
                sums[code] = sums.get(code, 0.0) + total
    return near, length
