"""Which edge of a grid is nearest to a point, and how far is it?

The compiled code of borders and of what is near. Edges are straight in longitude and latitude, as
they are stored. All edges are first compared with the slope of the projection at the point; those
that come within 2 % of the nearest are then measured in the projection itself, with their nearest
place found anew by the slope there.

Nothing here decides which grid covers a point: distances round, and coverage does not.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np

from gis.locate.metres.patches import REACH_DEG
from gis.locate.table.layout import Array, Positions

Compiled = TypeVar("Compiled", bound=Callable[..., Any])

_ROUNDS = 2
_DOUBTFUL = 1.02**2
_NOBODY = -1


def _compiled(function: Compiled) -> Compiled:
    return cast(Compiled, numba.njit(cache=True, nogil=True, error_model="numpy")(function))


@_compiled
def _project(terms: Array, u: float, v: float) -> tuple[float, float]:
    x = y = 0.0
    k = 0
    for degree in range(4):
        for power in range(degree + 1):
            # 1 · u v · uu uv vv · uuu uuv uvv vvv
            value = 1.0
            for _ in range(degree - power):
                value *= u
            for _ in range(power):
                value *= v
            x += terms[0, k] * value
            y += terms[1, k] * value
            k += 1
    return x, y


@_compiled
def _slope(terms: Array, u: float, v: float) -> tuple[float, float, float, float]:
    # Easting along u and v, northing along u and v.
    xu, xv, yu, yv = terms[0], terms[0], terms[1], terms[1]
    return (
        xu[1] + 2 * xu[3] * u + xu[4] * v + 3 * xu[6] * u * u + 2 * xu[7] * u * v + xu[8] * v * v,
        xv[2] + xv[4] * u + 2 * xv[5] * v + xv[7] * u * u + 2 * xv[8] * u * v + 3 * xv[9] * v * v,
        yu[1] + 2 * yu[3] * u + yu[4] * v + 3 * yu[6] * u * u + 2 * yu[7] * u * v + yu[8] * v * v,
        yv[2] + yv[4] * u + 2 * yv[5] * v + yv[7] * u * u + 2 * yv[8] * u * v + 3 * yv[9] * v * v,
    )


@_compiled
def _nearest_share(ax: float, ay: float, wx: float, wy: float) -> float:
    # How far along the way from a by w the place nearest to the origin is: 0 to 1.
    length = wx * wx + wy * wy
    if length == 0.0:
        return 0.0
    return min(max(-(ax * wx + ay * wy) / length, 0.0), 1.0)


@_compiled
def _square(
    ax: float, ay: float, bx: float, by: float, a: float, b: float, c: float, d: float
) -> float:
    # The square of the distance from the origin to an edge, both moved by a slope.
    wx, wy = bx - ax, by - ay
    ax, ay, wx, wy = a * ax + b * ay, c * ax + d * ay, a * wx + b * wy, c * wx + d * wy
    share = _nearest_share(ax, ay, wx, wy)
    ax, ay = ax + share * wx, ay + share * wy
    return ax * ax + ay * ay


@_compiled
def _rough(
    xy: Array, first: int, last: int, x: float, y: float, slope: Array, best: float
) -> float:
    # The least square to the edges of a run of rings, ``best`` if none is less. The way from the
    # end of one ring to the start of the next is left out by the caller.
    a, b, c, d = slope[0, 0], slope[0, 1], slope[1, 0], slope[1, 1]
    for vertex in range(first, last - 1):
        square = _square(
            xy[vertex, 0] - x,
            xy[vertex, 1] - y,
            xy[vertex + 1, 0] - x,
            xy[vertex + 1, 1] - y,
            a,
            b,
            c,
            d,
        )
        best = min(best, square)
    return best


@_compiled
def _measure_edge(
    terms: Array, u: float, v: float, au: float, av: float, wu: float, wv: float
) -> tuple[float, float]:
    # The distance to an edge in the projection, and the share of it where its nearest place is.
    x, y = _project(terms, u, v)
    a, b, c, d = _slope(terms, u, v)
    px, py = au - u, av - v
    share = _nearest_share(a * px + b * py, c * px + d * py, a * wu + b * wv, c * wu + d * wv)
    distance = 0.0
    for _ in range(_ROUNDS):
        place_u, place_v = au + share * wu, av + share * wv
        place_x, place_y = _project(terms, place_u, place_v)
        a, b, c, d = _slope(terms, place_u, place_v)
        way_x, way_y = a * wu + b * wv, c * wu + d * wv
        share = _nearest_share(
            place_x - x - share * way_x, place_y - y - share * way_y, way_x, way_y
        )
    place_x, place_y = _project(terms, au + share * wu, av + share * wv)
    distance = math.hypot(place_x - x, place_y - y)
    return distance, share


@_compiled
def measure(
    xy: Array,
    ring: Positions,
    first: int,
    last: int,
    x: float,
    y: float,
    terms: Array,
    patch_x: float,
    patch_y: float,
) -> tuple[float, float, float]:
    """Return the metres to the nearest edge of the rings ``first:last``, and its place in degrees.

    A place outside the patch is told by a distance of -1.
    """
    u, v = (x - patch_x) / REACH_DEG, (y - patch_y) / REACH_DEG
    a, b, c, d = _slope(terms, u, v)
    a, b, c, d = a / REACH_DEG, b / REACH_DEG, c / REACH_DEG, d / REACH_DEG
    slope = np.array([[a, b], [c, d]])
    rough = np.inf
    for number in range(first, last):
        rough = _rough(xy, ring[number], ring[number + 1], x, y, slope, rough)
    best, best_x, best_y = np.inf, x, y
    for number in range(first, last):
        for vertex in range(ring[number], ring[number + 1] - 1):
            ax, ay, bx, by = xy[vertex, 0], xy[vertex, 1], xy[vertex + 1, 0], xy[vertex + 1, 1]
            square = _square(ax - x, ay - y, bx - x, by - y, a, b, c, d)
            if square > rough * _DOUBTFUL + 1e-6:
                continue
            au, av = (ax - patch_x) / REACH_DEG, (ay - patch_y) / REACH_DEG
            wu, wv = (bx - ax) / REACH_DEG, (by - ay) / REACH_DEG
            distance, share = _measure_edge(terms, u, v, au, av, wu, wv)
            if distance < best:
                best, best_x, best_y = distance, ax + share * (bx - ax), ay + share * (by - ay)
    if abs(best_x - patch_x) > REACH_DEG or abs(best_y - patch_y) > REACH_DEG:
        best = -1.0
    return best, best_x, best_y


@_compiled
def _gap(xy: Array, ring: Positions, first: int, last: int, x: float, y: float) -> float:
    # The distance in degrees from a place to an area: 0 inside.
    least, inside = np.inf, False
    for number in range(first, last):
        for vertex in range(ring[number], ring[number + 1] - 1):
            ax, ay = xy[vertex, 0] - x, xy[vertex, 1] - y
            bx, by = xy[vertex + 1, 0] - x, xy[vertex + 1, 1] - y
            if (ay > 0.0) != (by > 0.0) and (ax * by - ay * bx > 0.0) == (by > ay):
                inside = not inside
            least = min(least, _square(ax, ay, bx, by, 1.0, 0.0, 0.0, 1.0))
    return 0.0 if inside else math.sqrt(least)


@_compiled
def across(
    xy: Array,
    ring: Positions,
    starts: Positions,
    boxes: Array,
    others: Positions,
    x: float,
    y: float,
    most: float,
    same: float,
) -> int:
    """Return the nearest of other grids to a place, within ``most`` degrees, or -1.

    Distances in one multiple of ``same`` are equal, and the first of the others then wins.
    """
    found, least = _NOBODY, np.inf
    for position in others:
        west, south, east, north = boxes[position]
        if x < west - most or x > east + most or y < south - most or y > north + most:
            continue
        gap = _gap(xy, ring, starts[position], starts[position + 1], x, y)
        rounded = np.round(gap / same)
        if gap <= most and rounded < least:
            found, least = position, rounded
    return found


@_compiled
def measure_across(
    xy: Array,
    ring: Positions,
    starts: Positions,
    boxes: Array,
    position: int,
    others: Positions,
    x: float,
    y: float,
    terms: Array,
    patch_x: float,
    patch_y: float,
    most: float,
    same: float,
) -> tuple[float, int]:
    """Return what ``measure`` says of the grid at a position, and who is ``across`` there."""
    distance, place_x, place_y = measure(
        xy, ring, starts[position], starts[position + 1], x, y, terms, patch_x, patch_y
    )
    if distance < 0.0:
        return distance, _NOBODY
    return distance, across(xy, ring, starts, boxes, others, place_x, place_y, most, same)


@_compiled
def boxes_of(xy: Array, ring: Positions, starts: Positions) -> Array:
    """Return west, south, east, north of every grid, (n, 4); an empty one meets no other."""
    boxes = np.empty((len(starts) - 1, 4))
    boxes[:, :2], boxes[:, 2:] = np.inf, -np.inf
    for position in range(len(boxes)):
        for vertex in range(ring[starts[position]], ring[starts[position + 1]]):
            for axis in range(2):
                value = xy[vertex, axis]
                boxes[position, axis] = min(boxes[position, axis], value)
                boxes[position, axis + 2] = max(boxes[position, axis + 2], value)
    return boxes


@_compiled
def meeting(boxes: Array, west: float, south: float, east: float, north: float) -> Positions:
    """Return the positions whose boxes meet a box, in ascending order."""
    met = np.empty(len(boxes), dtype=np.int32)
    count = 0
    for position in range(len(boxes)):
        box = boxes[position]
        if (box[0] <= east) & (box[2] >= west) & (box[1] <= north) & (box[3] >= south):
            met[count] = position
            count += 1
    return met[:count].copy()


@_compiled
def rough_distances(
    xy: Array,
    ring: Positions,
    starts: Positions,
    chosen: Positions,
    x: float,
    y: float,
    slope: Array,
) -> Array:
    """Return the distance from a point to the border of each chosen grid, by a slope.

    ``slope`` (2, 2) takes degrees east and north to easting and northing.
    """
    found = np.empty(len(chosen))
    for k in range(len(chosen)):
        square = np.inf
        for number in range(starts[chosen[k]], starts[chosen[k] + 1]):
            square = _rough(xy, ring[number], ring[number + 1], x, y, slope, square)
        found[k] = math.sqrt(square)
    return found


@_compiled
def nearest_place(
    xy: Array,
    ring: Positions,
    starts: Positions,
    boxes: Array,
    x: float,
    y: float,
    narrowing: float,
) -> tuple[float, float, float]:
    """Return the square of the way to the nearest edge of all grids, and its place.

    Degrees of longitude count ``narrowing`` of a degree of latitude.
    """
    least, best_x, best_y = np.inf, np.nan, np.nan
    for position in range(len(boxes)):
        west, south, east, north = boxes[position]
        side_x = max(west - x, x - east, 0.0) * narrowing
        side_y = max(south - y, y - north, 0.0)
        if side_x * side_x + side_y * side_y >= least:
            continue
        for number in range(starts[position], starts[position + 1]):
            for vertex in range(ring[number], ring[number + 1] - 1):
                ax, ay = (xy[vertex, 0] - x) * narrowing, xy[vertex, 1] - y
                wx = (xy[vertex + 1, 0] - xy[vertex, 0]) * narrowing
                wy = xy[vertex + 1, 1] - xy[vertex, 1]
                share = _nearest_share(ax, ay, wx, wy)
                square = (ax + share * wx) ** 2 + (ay + share * wy) ** 2
                if square < least:
                    least = square
                    best_x = xy[vertex, 0] + share * (xy[vertex + 1, 0] - xy[vertex, 0])
                    best_y = xy[vertex, 1] + share * wy
    return least, best_x, best_y
