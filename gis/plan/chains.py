"""What is a border, so that two areas can share it and no gap can arise?

A border is a *chain*: its directed segments, each with the area on its left. Chains add up, and a
segment that is walked in both directions cancels:

    +--→--+--→--+        +--→-----→--+
    ↑  a  ↕  b  ↓   a+b  ↑           ↓
    +--←--+--←--+        +--←-----←--+

So the border of a union is the sum of the borders, the border of a parent is the sum of its
children's, and a level tiles its ground exactly if and only if every area is valid and the sum of
all borders is the border of one valid region: the sum of the areas' indicator functions is the
winding number of the summed chain, and that of a valid region's border is 1 inside and 0 outside.

Nothing is computed with coordinates here save whether two are equal, so nothing is ever rounded.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.errors import InputError

Chain = NDArray[np.float64]
"""Directed segments, shape (n, 4): lon and lat of the start, lon and lat of the end."""
Area = shapely.Polygon | shapely.MultiPolygon

EMPTY: Chain = np.empty((0, 4))


def border_of(geometries: Any) -> Chain:
    """Return the border of one or several areas, each segment with its area on the left.

    Parameters
    ----------
    geometries
        Polygons or multipolygons, one or an array. Neighbours' segments are not cancelled.

    Examples
    --------
    >>> border_of(shapely.box(0, 0, 1, 1))[0].tolist()
    [1.0, 0.0, 1.0, 1.0]
    """
    return border_with_owner(geometries)[0]


def border_with_owner(geometries: Any) -> tuple[Chain, NDArray[np.int64]]:
    """Return the border of several areas, and for each segment the position of its area."""
    areas = np.atleast_1d(np.asarray(geometries, dtype=object))
    parts, owner = shapely.get_parts(shapely.orient_polygons(areas), return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    joined = ring[:-1] == ring[1:]
    segments = np.hstack([points[:-1], points[1:]])[joined] + 0.0  # -0.0 and 0.0 are one place
    return segments, owner[part[ring[:-1][joined]]].astype(np.int64)


def reverse(chain: Chain) -> Chain:
    """Return the same segments walked the other way."""
    return chain[:, [2, 3, 0, 1]]


def add(chains: Iterable[Chain]) -> Chain:
    """Sum chains: segments that are walked both ways cancel, as often as they do.

    A segment that is left over twice in one direction stays twice: the areas overlap.

    Examples
    --------
    >>> west, east = shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)
    >>> len(add([border_of(west), border_of(east)]))
    6
    """
    chain = np.concatenate([EMPTY, *chains])
    group, sign, count = group_segments(chain)
    total = np.bincount(group, weights=sign, minlength=count)
    # Of each group keep as many of the prevailing direction as are left over.
    keeps = sign * total[group] > 0.0
    order = np.flatnonzero(keeps)
    order = order[np.argsort(group[order], kind="stable")]
    rank = _rank_in_group(group[order])
    kept = order[rank < np.abs(total[group[order]])]
    return chain[np.sort(kept)]


def group_segments(chain: Chain) -> tuple[NDArray[np.int64], NDArray[np.float64], int]:
    """Number the undirected segments: the group of each, its direction (±1), and their number."""
    if not len(chain):
        return np.empty(0, np.int64), np.empty(0), 0
    ahead = (chain[:, 0] < chain[:, 2]) | (
        (chain[:, 0] == chain[:, 2]) & (chain[:, 1] < chain[:, 3])
    )
    key = np.where(ahead[:, None], chain, reverse(chain))
    order = np.lexsort(key.T[::-1])
    fresh = np.any(key[order][1:] != key[order][:-1], axis=1)
    numbers = np.concatenate([[0], np.cumsum(fresh)])
    group = np.empty(len(chain), np.int64)
    group[order] = numbers
    return group, np.where(ahead, 1.0, -1.0), int(numbers[-1]) + 1


def area_of(chain: Chain) -> Area:
    """Return the area whose border a chain is, in normal form (``shapely.normalize``).

    Parameters
    ----------
    chain
        Noded: segments meet at their ends only.

    Raises
    ------
    InputError
        The chain is not the border of an area: it is open, or segments cross or occur twice.

    Examples
    --------
    >>> area_of(border_of(shapely.box(0, 0, 1, 1))).wkt
    'POLYGON ((0 0, 0 1, 1 1, 1 0, 0 0))'
    """
    lines = np.atleast_1d(np.asarray(shapely.linestrings(chain.reshape(-1, 2, 2))))
    faces = shapely.get_parts(shapely.polygonize(lines.tolist()))
    on_left = {tuple(segment) for segment in chain.tolist()}
    inside = [face for face in shapely.orient_polygons(faces) if _first_segment(face) in on_left]
    # Two faces with an edge in common would have cancelled, so they touch at corners at most.
    area = inside[0] if len(inside) == 1 else shapely.MultiPolygon(inside)
    if not inside or len(border_of(area)) != len(chain) or not shapely.is_valid(area):
        raise InputError(
            "these segments do not enclose an area: the border is open or crosses itself"
        )
    return shapely.normalize(area)


def is_closed(chain: Chain) -> bool:
    """Tell whether as many segments end at every corner as begin there."""
    if not len(chain):
        return True
    corners, number = np.unique(chain.reshape(-1, 2), axis=0, return_inverse=True)
    ends = number.reshape(-1, 2)
    balance = np.bincount(ends[:, 0], minlength=len(corners)) - np.bincount(
        ends[:, 1], minlength=len(corners)
    )
    return bool(np.all(balance == 0))


def _first_segment(face: shapely.Polygon) -> tuple[float, float, float, float]:
    (x0, y0), (x1, y1) = face.exterior.coords[:2]
    return x0, y0, x1, y1


def _rank_in_group(group: NDArray[np.int64]) -> NDArray[np.int64]:
    """Count within runs of equal numbers: 0, 1, 2 …"""
    if not len(group):
        return np.empty(0, np.int64)
    starts = np.flatnonzero(np.concatenate([[True], group[1:] != group[:-1]]))
    lengths = np.diff(np.append(starts, len(group)))
    return np.arange(len(group)) - np.repeat(starts, lengths)
