"""What work lies on the ground that grids divide, and how much of it lies in each?

Whatever is counted (households, reports, cameras …) comes as points with a weight. Which grid they
fall into is asked by one rule everywhere: covers, and on a shared border the lowest code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Array = NDArray[np.float64]

KINDS = (
    "households",
    "buildings",
    "addresses",
    "reports_per_year",
    "open_reports",
    "cameras",
    "staff",
)
"""What may be counted; an installation has some of them."""
LOAD_WEIGHTS: Mapping[str, float] = MappingProxyType({"households": 1.0, "reports_per_year": 1.0})
"""How much one of each kind adds to the load of a grid, unless a district sets its own weights."""


@dataclass(frozen=True, slots=True)
class Points:
    """Counted things of one kind: where each is, and how many it stands for.

    ``lon``, ``lat``: EPSG:4490 degrees, shape (n,); ``weight``: shape (n,).
    """

    lon: Array
    lat: Array
    weight: Array


Work = Mapping[str, Points]
"""Points by kind (see ``KINDS``)."""


def place_points(geometries: Sequence[Any] | NDArray[Any], points: Points) -> NDArray[np.int64]:
    """Tell for every point the first area that covers it.

    Parameters
    ----------
    geometries
        Valid areas in ascending code order, EPSG:4490, shape (k,).

    Returns
    -------
    ndarray of int64, shape (n,)
        Positions in ``geometries``; -1 where none covers the point.
    """
    areas = np.asarray(geometries, dtype=object)
    found = np.full(len(points.lon), -1, dtype=np.int64)
    if not len(areas) or not len(found):
        return found
    shapely.prepare(areas)
    # A tree prepares what it is asked, the points; so it is asked for boxes only.
    point, area = shapely.STRtree(areas).query(shapely.points(points.lon, points.lat))
    covered = shapely.intersects_xy(areas[area], points.lon[point], points.lat[point])
    point, area = point[covered], area[covered]
    order = np.lexsort((-area, point))  # the lowest area of a point is written last
    found[point[order]] = area[order]
    return found


def sum_by_area(geometries: Sequence[Any] | NDArray[Any], points: Points) -> Array:
    """Sum the weights of the points in each area, shape (k,).

    Examples
    --------
    >>> areas = [shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)]
    >>> sum_by_area(areas, Points(np.array([1.0, 1.5]), np.array([0.5, 0.5]), np.array([2.0, 3.0])))
    array([2., 3.])
    """
    place = place_points(geometries, points)
    inside = place >= 0
    return np.bincount(
        place[inside], weights=points.weight[inside], minlength=len(geometries)
    ).astype(np.float64)
