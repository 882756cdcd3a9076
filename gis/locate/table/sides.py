"""On which side of an edge is a point, exactly?

Steps 3 and 4 of the argument in :mod:`gis.locate.index`. Coordinates are passed one by one, so that
they stay in registers.
"""

from __future__ import annotations

import numpy as np

from gis.locate.table.compiling import compiled
from gis.locate.table.layout import Array

Edge = tuple[float, float, float, float]

TINY = 2.0**-400
UNIT = 2.0**-53

_SIDE_BOUND = (3.0 + 16.0 * UNIT) * UNIT
_SPLITTER = 2.0**27 + 1.0


@compiled
def settle(value: float) -> float:
    return value if abs(value) >= TINY else 0.0


@compiled
def _two_sum(a: float, b: float) -> tuple[float, float]:
    total = a + b
    back = total - a
    return total, (a - (total - back)) + (b - back)


@compiled
def _two_product(a: float, b: float) -> tuple[float, float]:
    product = a * b
    wide = _SPLITTER * a
    a_high = wide - (wide - a)
    a_low = a - a_high
    wide = _SPLITTER * b
    b_high = wide - (wide - b)
    b_low = b - b_high
    error = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low
    return product, error


@compiled
def _add(expansion: Array, size: int, term: float) -> int:
    for k in range(size):
        term, expansion[k] = _two_sum(term, expansion[k])
    expansion[size] = term
    return size + 1


@compiled
def _exact_side(ax: float, ay: float, bx: float, by: float, x: float, y: float) -> int:
    expansion = np.empty(16)
    size = 0
    for u, v, w, z, sign in ((ax, x, by, y, 1.0), (ay, y, bx, x, -1.0)):
        for left in _two_sum(u, -v):
            for right in _two_sum(w, -z):
                product, error = _two_product(sign * left, right)
                size = _add(expansion, size, error)
                size = _add(expansion, size, product)
    for k in range(size - 1, -1, -1):
        if expansion[k] != 0.0:
            return 1 if expansion[k] > 0.0 else -1
    return 0


@compiled
def side_in_doubles(
    ax: float, ay: float, bx: float, by: float, x: float, y: float
) -> tuple[float, float]:
    # The determinant in doubles, and by how much it can be wrong.
    left = (ax - x) * (by - y)
    right = (ay - y) * (bx - x)
    return left - right, _SIDE_BOUND * (abs(left) + abs(right))


@compiled
def side(ax: float, ay: float, bx: float, by: float, x: float, y: float) -> int:
    """Return 1 left of the way from a to b, -1 right of it, 0 in line with it; exactly."""
    determinant, bound = side_in_doubles(ax, ay, bx, by, x, y)
    if determinant > bound:
        return 1
    if determinant < -bound:
        return -1
    return 0 if bound == 0.0 else _exact_side(ax, ay, bx, by, x, y)


@compiled
def moved_side(edge: Edge, x: float, y: float) -> int:
    # The side of (x + d², y + d) for an edge that runs north: never 0.
    found = side(*edge, x, y)
    if found != 0:
        return found
    return 1 if edge[2] > edge[0] else -1


@compiled
def moved_east(edge: Edge, x: float, y: float) -> bool:
    # Whether (x + d², y + d) is east of an edge that runs north past it.
    if x >= max(edge[0], edge[2]):
        return True
    return x >= min(edge[0], edge[2]) and moved_side(edge, x, y) < 0


@compiled
def edge_at(xy: Array, vertex: int) -> Edge:
    # The edge that starts at a vertex, turned so that it runs north (or east).
    ax, ay, bx, by = xy[vertex, 0], xy[vertex, 1], xy[vertex + 1, 0], xy[vertex + 1, 1]
    return (ax, ay, bx, by) if ay < by or (ay == by and ax < bx) else (bx, by, ax, ay)
