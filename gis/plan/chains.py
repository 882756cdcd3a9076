"""What is a border, so that two areas can share it and no gap can arise?

A border is a *chain*: its directed segments, each with the area on its left. Chains add up, and a
segment that is walked in both directions cancels:

    +--→--+--→--+        +--→-----→--+
    ↑  a  ↕  b  ↓   a+b  ↑           ↓
    +--←--+--←--+        +--←-----←--+

So the border of a union is the sum of the borders, and the border of a parent is the sum of its
children's.

A level tiles its ground exactly if and only if every area is valid and the sum of all borders is
the border of one valid region (of one or several parts, with or without holes):

- The winding number of a valid area's border is 1 inside and 0 outside, and winding numbers add up.
  So the winding number of the sum tells how many areas cover a place.
- If the sum is the border of a valid region, that number is 1 inside and 0 outside: nothing is
  covered twice, and what is covered is the region. What is bare within it are its holes.
- The other way round, areas that share the ground of a region and the corners of their borders
  leave, after cancelling, just its border. If a corner is missing on one side, the segments do not
  cancel and the sum borders no region: a T-junction is not exact, even on a straight line.

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

_ODD, _OTHER = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)
_HALF = np.uint64(32)


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
    parts, owner = shapely.get_parts(areas, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    joined = ring[:-1] == ring[1:]
    segments = np.hstack([points[:-1], points[1:]])[joined] + 0.0  # -0.0 and 0.0 are one place
    ring = ring[:-1][joined]
    outer = np.diff(part, prepend=-1) != 0  # the first ring of a part is its exterior
    turned = (shapely.is_ccw(rings) != outer)[ring]
    segments[turned] = segments[turned][:, [2, 3, 0, 1]]
    return segments, owner[part[ring]].astype(np.int64)


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


def group_segments(
    chain: Chain, owner: NDArray[np.int64] | None = None
) -> tuple[NDArray[np.int64], NDArray[np.float64], int]:
    """Number the undirected segments: the group of each, its direction (±1), and their number.

    Parameters
    ----------
    chain
        Segments, shape (n, 4).
    owner
        Segments of different owners are never in one group; shape (n,).

    Examples
    --------
    >>> group, direction, count = group_segments(np.array([[0.0, 0, 1, 0], [1, 0, 0, 0]]))
    >>> group.tolist(), direction.tolist(), count
    ([0, 0], [1.0, -1.0], 1)
    """
    if not len(chain):
        return np.empty(0, np.int64), np.empty(0), 0
    chain = np.ascontiguousarray(chain) + 0.0
    ahead = (chain[:, 0] < chain[:, 2]) | (
        (chain[:, 0] == chain[:, 2]) & (chain[:, 1] < chain[:, 3])
    )
    key = np.where(ahead[:, None], chain, reverse(chain))
    if owner is not None:
        key = np.column_stack([key, owner])
    group, count = number_rows(key)
    return group, np.where(ahead, 1.0, -1.0), count


def number_rows(rows: NDArray[np.float64]) -> tuple[NDArray[np.int64], int]:
    """Give equal rows equal numbers, in no particular order, and tell how many there are.

    Rows are equal if their bits are. Sorting a digest of 64 bits is twenty times faster than
    sorting rows; should different rows have one digest, which is seen, the rows are sorted.

    Parameters
    ----------
    rows
        Shape (n, k).

    Examples
    --------
    >>> number_rows(np.array([[2.0, 3.0], [2.0, 3.0]]))
    (array([0, 0]), 1)
    """
    bits = np.ascontiguousarray(rows).view(np.uint64)
    digest = np.zeros(len(bits), np.uint64)
    for column in bits.T:
        digest = (digest ^ column) * _ODD
        digest = (digest ^ (digest >> _HALF)) * _OTHER
    order = np.argsort(digest)
    fresh = _starts_anew(bits[order])
    if np.any(fresh[1:] & ~np.diff(digest[order]).astype(bool)):
        order = np.lexsort(bits.T)
        fresh = _starts_anew(bits[order])
    numbers = np.empty(len(bits), np.int64)
    numbers[order] = np.cumsum(fresh) - 1
    return numbers, int(np.count_nonzero(fresh))


def _starts_anew(ordered: NDArray[np.uint64]) -> NDArray[np.bool_]:
    fresh = np.ones(len(ordered), dtype=bool)
    fresh[1:] = np.any(ordered[1:] != ordered[:-1], axis=1)
    return fresh


def is_same(one: Chain, other: Chain) -> bool:
    """Tell whether two chains are equal as sums: the same segments, as often as each other.

    Examples
    --------
    >>> square = border_of(shapely.box(0, 0, 1, 1))
    >>> is_same(square, square[::-1]), is_same(square, reverse(square))
    (True, False)
    """
    group, sign, count = group_segments(np.concatenate([one, reverse(other)]))
    return not np.bincount(group, weights=sign, minlength=count).any()


def tiled_region(geometries: Any) -> Area | None:
    """Return the region that areas tile exactly, None if they do not (see the top of the module).

    Parameters
    ----------
    geometries
        Polygons or multipolygons, shape (n,), in any plane coordinates.

    Returns
    -------
    Polygon, MultiPolygon or None
        In normal form. Its holes, and the ground between parts that touch at corners, are bare.

    Examples
    --------
    >>> west, east = shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)
    >>> tiled_region([west, east]).equals(shapely.box(0, 0, 2, 1))
    True
    >>> tiled_region([west, shapely.box(0.5, 0, 2, 1)]) is None
    True
    """
    areas = np.atleast_1d(np.asarray(geometries, dtype=object))
    if not shapely.is_valid(areas).all():
        return None
    return region_of(add([border_of(areas)]))


def region_of(chain: Chain) -> Area | None:
    """Return the area whose border a sum of borders is, None if it is of no valid one.

    None as well where a corner lies upon another segment: two areas meet there, and only one of
    them has the corner.
    """
    try:
        region = area_of(chain)
    except InputError:
        return None
    noded = shapely.union_all(shapely.boundary(region))
    pieces = int(shapely.get_num_coordinates(noded)) - int(shapely.get_num_geometries(noded))
    return region if pieces == len(chain) else None


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
    faces = shapely.get_parts(shapely.polygonize(_link(chain)))
    on_left = {tuple(segment) for segment in chain.tolist()}
    inside = [face for face in shapely.orient_polygons(faces) if _first_segment(face) in on_left]
    # Two faces with an edge in common would have cancelled, so they touch at corners at most.
    area = inside[0] if len(inside) == 1 else shapely.MultiPolygon(inside)
    if not inside or not is_same(border_of(area), chain) or not shapely.is_valid(area):
        raise InputError(
            "these segments do not enclose an area: the border is open or crosses itself"
        )
    return shapely.normalize(area)


def _link(chain: Chain) -> list[Any]:
    """Join segments to lines that end only where more than two segments meet, or close."""
    number, count = number_rows(chain.reshape(-1, 2) + 0.0)
    begins, ends = number.reshape(-1, 2).T
    through = (np.bincount(begins, minlength=count) == 1) & (
        np.bincount(ends, minlength=count) == 1
    )
    leaving = np.empty(count, np.int64)
    leaving[begins] = np.arange(len(chain))
    following = np.where(through[ends], leaving[ends], -1).tolist()
    seen = bytearray(len(chain))
    order: list[int] = []
    starts = [*np.flatnonzero(~through[begins]).tolist(), *range(len(chain))]
    lengths = []
    for start in starts:
        before, segment = len(order), start
        while segment >= 0 and not seen[segment]:
            seen[segment] = 1
            order.append(segment)
            segment = following[segment]
        if len(order) > before:
            lengths.append(len(order) - before)
    runs = np.split(chain[order], np.cumsum(lengths)[:-1])
    return [shapely.LineString(np.vstack([run[:, :2], run[-1:, 2:]])) for run in runs]


def is_closed(chain: Chain) -> bool:
    """Tell whether as many segments end at every corner as begin there."""
    if not len(chain):
        return True
    number, count = number_rows(chain.reshape(-1, 2) + 0.0)
    begins, ends = number.reshape(-1, 2).T
    balance = np.bincount(begins, minlength=count) - np.bincount(ends, minlength=count)
    return not balance.any()


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
