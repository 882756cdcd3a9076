"""How far does one shape lie from another?"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

_QUARTER_STEPS = 16


def is_near(piece: Any, border: Any, reach_m: float) -> bool:
    """Tell whether all of a piece of ground lies within a distance of a line; all in metres.

    Examples
    --------
    >>> line = shapely.LineString([(0, 0), (10, 0)])
    >>> is_near(shapely.box(2, 0, 8, 1), line, 1.01), is_near(shapely.box(2, 0, 8, 1), line, 0.9)
    (True, False)
    """
    if math.isinf(reach_m):
        return True
    if shapely.area(piece) > shapely.length(piece) * reach_m:
        return False  # a disc wider than the reach fits into it
    west, south, east, north = shapely.bounds(piece).tolist()
    around = shapely.clip_by_rect(
        border, west - reach_m, south - reach_m, east + reach_m, north + reach_m
    )
    if around.is_empty:
        return False
    if math.hypot(east - west, north - south) + shapely.distance(piece, around) <= reach_m:
        return True
    zone = shapely.buffer(around, reach_m, quad_segs=_QUARTER_STEPS)
    return bool(shapely.covers(zone, piece))


def measure_moved(before: NDArray[Any], after: NDArray[Any]) -> NDArray[np.float64]:
    """Measure how far the ground of areas reaches beyond what it was, or falls short of it.

    Parameters
    ----------
    before, after
        Areas in metres, shape (n,), in the same order.

    Returns
    -------
    numpy.ndarray
        The largest distance of a corner of one from the other area (0 inside), in metres, shape
        (n,): the Hausdorff distance of the two grounds, taken at their corners.

    Examples
    --------
    >>> measure_moved(np.array([shapely.box(0, 0, 9, 9)]), np.array([shapely.box(0, 0, 8, 9)]))
    array([1.])
    """
    return np.maximum(_reach_beyond(before, after), _reach_beyond(after, before))


def _reach_beyond(these: NDArray[Any], those: NDArray[Any]) -> NDArray[np.float64]:
    xy, area = shapely.get_coordinates(these, return_index=True)
    other_xy, other = shapely.get_coordinates(those, return_index=True)
    known = set(zip(other.tolist(), *other_xy.T.tolist(), strict=True))
    corners = zip(area.tolist(), *xy.T.tolist(), strict=True)
    fresh = [index for index, corner in enumerate(corners) if corner not in known]
    farthest = np.zeros(len(these))
    distances = shapely.distance(shapely.points(xy[fresh]), those[area[fresh]])
    np.maximum.at(farthest, area[fresh], distances)
    return farthest
