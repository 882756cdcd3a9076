"""Does a new layer lie where the plan lies that it belongs to?

A file may name the wrong coordinate system: then it lies in another county, or, with the offset of
Chinese map services taken for WGS84, some hundred metres aside.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import shapely

from gis import coords
from gis.errors import InputError
from gis.plan.findings import format_place
from gis.plan.model import Finding, Plan, Severity

_NOTICEABLE = 0.002
_BETTER = 5.0


def find_shift(geometries: Sequence[Any], base: Plan) -> list[Finding]:
    """Tell whether areas would fit a plan much better with another coordinate system.

    Parameters
    ----------
    geometries
        The new areas, valid, EPSG:4490.
    base
        The plan that they belong to.

    Returns
    -------
    list of Finding
        At most one, ``shifted``: taking the GCJ-02 offset away (or adding it) leaves less than a
        fifth of what now lies outside the plan.

    Raises
    ------
    InputError
        The areas and the plan have no ground in common.
    """
    ours = shapely.union_all(np.array(geometries, dtype=object))
    theirs = shapely.union_all(np.array([grid.geometry for grid in base], dtype=object))
    if not shapely.intersects(ours, theirs):
        raise InputError(
            f"the areas lie around {format_place(*_middle(ours))}, the plan around "
            f"{format_place(*_middle(theirs))}: they have no ground in common; "
            "check the file and its coordinate system"
        )
    outside = _outside(ours, theirs)
    if outside < _NOTICEABLE:
        return []
    for taken, move in (("taken away", coords.gcj02_to_wgs84), ("added", coords.wgs84_to_gcj02)):
        moved = _shift(ours, move)
        if _outside(moved, theirs) < outside / _BETTER:
            return [_told(taken, outside, ours)]
    return []


def _shift(area: Any, move: Callable[[Any, Any], tuple[coords.Array, coords.Array]]) -> Any:
    return shapely.transform(area, lambda xy: np.column_stack(move(xy[:, 0], xy[:, 1])))


def _outside(area: Any, plan: Any) -> float:
    return float(shapely.area(shapely.difference(area, plan)) / shapely.area(area))


def _middle(area: Any) -> tuple[float, float]:
    west, south, east, north = shapely.bounds(area).tolist()
    return (west + east) / 2.0, (south + north) / 2.0


def _told(taken: str, outside: float, ours: Any) -> Finding:
    lon, lat = _middle(ours)
    return Finding(
        "shifted",
        Severity.ERROR,
        f"{outside:.1%} of the layer lies outside the plan, and fits it if the GCJ-02 offset is "
        f"{taken}",
        "import it with --crs gcj02 (or wgs84) as it really is, or take it with --accept shifted",
        lon,
        lat,
    )
