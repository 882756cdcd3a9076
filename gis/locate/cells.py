"""How is the cell table of a point index filled, and how is it read?

The method and the reasons why it is exact are in :mod:`gis.locate.index`. All compiled code is in
this one file, because the cache on disk is renewed when the file of a function changes, but not
when a file changes whose functions it calls.

Arrays are taken out of their tuples before a hot loop: counting their references inside it costs
more than the lookup. Coordinates are passed one by one, so that they stay in registers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Positions = NDArray[np.int32]
Compiled = TypeVar("Compiled", bound=Callable[..., Any])

OUTSIDE = -1
TINY = 2.0**-400
BLOCK = 1024

_UNIT = 2.0**-53
_SIDE_BOUND = (3.0 + 16.0 * _UNIT) * _UNIT
_SPLITTER = 2.0**27 + 1.0
_ON_EDGE = 2


class Rings(NamedTuple):
    """All polygons as one run of vertices.

    ``xy`` (n, 2) holds vertex after vertex; ``closing`` (n) marks the last vertex of each ring;
    polygon ``k`` has the vertices ``polygon[k]:polygon[k + 1]`` and belongs to ``owner[k]``;
    the grid at position ``g`` has the polygons ``grid[g]:grid[g + 1]``.
    """

    xy: Array
    closing: NDArray[np.bool_]
    polygon: NDArray[np.int64]
    owner: Positions
    grid: NDArray[np.int64]


class Cells(NamedTuple):
    """The cell table: its extent, the first double of every column and row, and the answers.

    ``answer`` (rows * columns, and a last one that is outside) is a position, ``OUTSIDE``, or
    ``-2 - k`` for the k-th border cell. ``border[k]`` is then either the run of ``listed`` edges
    and the grid that covers the whole cell, or, where one edge divides the cell,
    ``-1 - first vertex`` and the answers on its left and on its right. A listed edge is
    ``4 * first vertex + 2 * last of its polygon + corner inside``.
    """

    west: float
    south: float
    east: float
    north: float
    per_column: float
    per_row: float
    column_west: Array
    row_south: Array
    answer: Positions
    border: Positions
    listed: Positions
    vertex_owner: Positions


def _compiled(function: Compiled) -> Compiled:
    return cast(Compiled, numba.njit(cache=True, nogil=True, error_model="numpy")(function))


@_compiled
def _two_sum(a: float, b: float) -> tuple[float, float]:
    total = a + b
    back = total - a
    return total, (a - (total - back)) + (b - back)


@_compiled
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


@_compiled
def _add(expansion: Array, size: int, term: float) -> int:
    for k in range(size):
        term, expansion[k] = _two_sum(term, expansion[k])
    expansion[size] = term
    return size + 1


@_compiled
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


@_compiled
def side(ax: float, ay: float, bx: float, by: float, x: float, y: float) -> int:
    """Return 1 left of the way from a to b, -1 right of it, 0 in line with it; exactly."""
    left = (ax - x) * (by - y)
    right = (ay - y) * (bx - x)
    determinant = left - right
    bound = _SIDE_BOUND * (abs(left) + abs(right))
    if determinant > bound:
        return 1
    if determinant < -bound:
        return -1
    return 0 if bound == 0.0 else _exact_side(ax, ay, bx, by, x, y)


@_compiled
def _moved_side(ax: float, ay: float, bx: float, by: float, x: float, y: float) -> int:
    # The side of (x + d², y + d) for an edge that runs north: never 0.
    found = side(ax, ay, bx, by, x, y)
    if found != 0:
        return found
    return 1 if bx > ax else -1


@_compiled
def _moved_east(ax: float, ay: float, bx: float, by: float, x: float, y: float) -> bool:
    # Whether (x + d², y + d) is east of an edge that runs north past it.
    if x >= max(ax, bx):
        return True
    return x >= min(ax, bx) and _moved_side(ax, ay, bx, by, x, y) < 0


@_compiled
def _edge(xy: Array, vertex: int) -> tuple[float, float, float, float]:
    # The edge that starts at a vertex, turned so that it runs north (or east).
    ax, ay, bx, by = xy[vertex, 0], xy[vertex, 1], xy[vertex + 1, 0], xy[vertex + 1, 1]
    return (ax, ay, bx, by) if ay < by or (ay == by and ax < bx) else (bx, by, ax, ay)


@_compiled
def _cross(
    ax: float, ay: float, bx: float, by: float, x: float, y: float, corner_x: float, corner_y: float
) -> int:
    # Go west, then south to the corner; a to b runs north. 0 even, 1 odd, or the point is on it.
    odd = 0
    least, most = min(ax, bx), max(ax, bx)
    if ay <= y <= by and least <= x:
        found = side(ax, ay, bx, by, x, y) if x <= most else -1
        if found == 0:
            return _ON_EDGE
        if y < by and (found < 0) != _moved_east(ax, ay, bx, by, corner_x, y):
            odd = 1
    if least <= corner_x < most and ay <= y and by > corner_y:
        turn = _moved_side(ax, ay, bx, by, corner_x, y)
        if turn != _moved_side(ax, ay, bx, by, corner_x, corner_y):
            odd ^= 1
    return odd


@_compiled
def slot(value: float, start: float, per_slot: float) -> int:
    """Return the number of the column or row in which a value lies."""
    return int((value - start) * per_slot)


@_compiled
def _read(cells: Cells, lon: Array, lat: Array, waiting: Positions, found: Positions) -> int:
    # Reads the cell of each point, notes who must wait for a search, and returns their number.
    # Three plain loops: the first becomes vector code, and the reads of the second overlap.
    west, south, east, north, per_column, per_row = cells[:6]
    columns, answer = np.int32(len(cells.column_west) - 1), cells.answer
    nowhere = np.int32(len(answer) - 1)
    for k in range(len(lon)):
        inside = (west <= lon[k]) & (lon[k] <= east) & (south <= lat[k]) & (lat[k] <= north)
        x, y = lon[k] if inside else west, lat[k] if inside else south
        cell = np.int32((y - south) * per_row) * columns + np.int32((x - west) * per_column)
        waiting[k] = cell if inside else nowhere
    for k in range(len(lon)):
        found[k] = answer[np.uint32(waiting[k])]
    count = 0
    for k in range(len(lon)):
        waiting[count] = k
        count += found[k] < OUTSIDE
    return count


@_compiled
def _search(
    cells: Cells, xy: Array, lon: Array, lat: Array, waiting: Positions, found: Positions
) -> None:
    # Replaces the border cell of each waiting point by the lowest grid that covers the point.
    west, south, per_column, per_row = cells.west, cells.south, cells.per_column, cells.per_row
    column_west, row_south = cells.column_west, cells.row_south
    border, listed, owner = cells.border, cells.listed, cells.vertex_owner
    # Fetched ahead, in a loop without branches, so that the reads overlap.
    records = np.empty((len(waiting), 3), dtype=np.int32)
    for place in range(len(waiting)):
        number = -2 - found[waiting[place]]
        for field in range(3):
            records[place, field] = border[number, field]
    for place in range(len(waiting)):
        k = waiting[place]
        x = lon[k] if abs(lon[k]) >= TINY else 0.0
        y = lat[k] if abs(lat[k]) >= TINY else 0.0
        first, left, right = records[place, 0], records[place, 1], records[place, 2]
        if first < 0:
            ax, ay, bx, by = _edge(xy, -1 - first)
            turn = side(ax, ay, bx, by, x, y)
            lower = left if right == OUTSIDE or OUTSIDE < left < right else right
            found[k] = left if turn > 0 else right if turn < 0 else lower
            continue
        corner_x = column_west[slot(x, west, per_column)]
        corner_y = row_south[slot(y, south, per_row)]
        answer = right
        odd = 0
        for position in range(first, left):
            item = listed[position]
            ax, ay, bx, by = _edge(xy, item >> 2)
            met = _cross(ax, ay, bx, by, x, y, corner_x, corner_y)
            odd ^= met
            if met == _ON_EDGE or (item & 2 and odd != item & 1):
                answer = owner[item >> 2]
                break
            if item & 2:
                odd = 0
        found[k] = answer


@_compiled
def locate(cells: Cells, xy: Array, lon: Array, lat: Array, found: Positions) -> None:
    """Write the position of the lowest grid that covers each point."""
    waiting = np.empty(BLOCK + 1, dtype=np.int32)
    for begin in range(0, len(lon), BLOCK):
        end = min(begin + BLOCK, len(lon))
        x, y, answers = lon[begin:end], lat[begin:end], found[begin:end]
        count = _read(cells, x, y, waiting, answers)
        _search(cells, xy, x, y, waiting[:count], answers)


@_compiled
def on_border(rings: Rings, position: int, x: float, y: float) -> bool:
    """Tell whether a point lies exactly on an edge of the grid at a position."""
    x = x if abs(x) >= TINY else 0.0
    y = y if abs(y) >= TINY else 0.0
    xy, closing = rings.xy, rings.closing
    first, last = rings.polygon[rings.grid[position]], rings.polygon[rings.grid[position + 1]]
    for vertex in range(first, last):
        if closing[vertex]:
            continue
        ax, ay, bx, by = _edge(xy, vertex)
        near = ay <= y <= by and min(ax, bx) <= x <= max(ax, bx)
        if near and side(ax, ay, bx, by, x, y) == 0:
            return True
    return False


@_compiled
def write_columns(cells: Cells, xy: Array, spans: Positions) -> None:
    """Complete spans (vertex, row) by the first and last column that the edge can touch there."""
    for k in range(len(spans)):
        ax, ay, bx, by = _edge(xy, spans[k, 0])
        south, north = cells.row_south[spans[k, 1]], cells.row_south[spans[k, 1] + 1]
        enters = ax if ay >= south else ax + (south - ay) / (by - ay) * (bx - ax)
        leaves = bx if by <= north else ax + (north - ay) / (by - ay) * (bx - ax)
        slack = 16.0 * _UNIT * (abs(ax) + abs(bx))
        west = max(min(enters, leaves) - slack, min(ax, bx))
        east = min(max(enters, leaves) + slack, max(ax, bx))
        spans[k, 2] = slot(west, cells.west, cells.per_column)
        spans[k, 3] = slot(east, cells.west, cells.per_column)


@_compiled
def fill(
    cells: Cells, rings: Rings, spans: Positions, polygon_spans: NDArray[np.int64]
) -> tuple[Positions, Positions]:
    """Write ``cells.answer``; return the border cells and the edges listed in them."""
    columns = len(cells.column_west) - 1
    starts = np.zeros(len(cells.answer), dtype=np.int32)
    for k in range(len(spans)):
        line = spans[k, 1] * columns + 1
        starts[line + spans[k, 2] : line + spans[k, 3] + 1] += 1
    for cell in range(len(cells.answer) - 1):
        starts[cell + 1] += starts[cell]
    listed = np.empty(starts[-1], dtype=np.int32)
    written = starts[:-1].copy()
    for polygon in range(len(rings.owner)):
        own = spans[polygon_spans[polygon] : polygon_spans[polygon + 1]]
        if len(own) > 0:
            _fill_polygon(cells, rings.xy, rings.owner[polygon], own, listed, written)
    return _close_lists(cells, rings.xy, starts, listed), listed


@_compiled
def _fill_polygon(
    cells: Cells, xy: Array, owner: int, spans: Positions, listed: Positions, written: Positions
) -> None:
    # Lists the edges of one polygon and gives the untouched cells inside it to its owner.
    columns = len(cells.column_west) - 1
    west, south = spans[:, 2].min(), spans[:, 1].min()
    shape = (spans[:, 1].max() - south + 1, spans[:, 3].max() - west + 2)
    touching = np.zeros(shape, dtype=np.int32)
    inside = np.zeros(shape, dtype=np.uint8)
    for k in range(len(spans)):
        vertex, row, first, last = spans[k, 0], spans[k, 1], spans[k, 2], spans[k, 3]
        touching[row - south, first - west : last - west + 1] += 1
        _mark_crossing(cells, xy, vertex, row, first, last, inside[row - south], west)
    for line in range(shape[0]):
        for place in range(shape[1] - 1):
            if place > 0:
                inside[line, place] ^= inside[line, place - 1]
            cell = (south + line) * columns + west + place
            if inside[line, place] and not touching[line, place] and cells.answer[cell] == OUTSIDE:
                cells.answer[cell] = owner
    for k in range(len(spans)):
        line = spans[k, 1] - south
        for column in range(spans[k, 2], spans[k, 3] + 1):
            place, cell = column - west, spans[k, 1] * columns + column
            touching[line, place] -= 1
            is_last = touching[line, place] == 0
            listed[written[cell]] = (spans[k, 0] << 2) + (is_last << 1) + inside[line, place]
            written[cell] += 1


@_compiled
def _mark_crossing(
    cells: Cells, xy: Array, vertex: int, row: int, first: int, last: int, change: Any, west: int
) -> None:
    # Corners beyond the edge are east of it; those beside it are asked one by one. ``change``
    # holds where the status changes along the row of corners, from west to east.
    ax, ay, bx, by = _edge(xy, vertex)
    corner_y = cells.row_south[row]
    if not ay <= corner_y < by:
        return
    change[last - west + 1] ^= 1
    for column in range(first, last + 1):
        if _moved_east(ax, ay, bx, by, cells.column_west[column], corner_y):
            change[column - west] ^= 1
            change[column - west + 1] ^= 1


@_compiled
def _close_lists(cells: Cells, xy: Array, starts: Positions, listed: Positions) -> Positions:
    # Numbers the border cells. Whoever comes after the grid that covers the whole cell is never
    # the lowest; a cell in which nobody comes before it is an inner cell.
    border = np.empty((np.count_nonzero(starts[1:] > starts[:-1]), 3), dtype=np.int32)
    number = 0
    for cell in range(len(cells.answer) - 1):
        cover, stop = cells.answer[cell], starts[cell]
        while stop < starts[cell + 1] and (
            cover == OUTSIDE or cells.vertex_owner[listed[stop] >> 2] < cover
        ):
            stop += 1
        if stop > starts[cell]:
            border[number, 0], border[number, 1], border[number, 2] = starts[cell], stop, cover
            _divide(cells, xy, cell, listed[starts[cell] : stop], border[number])
            cells.answer[cell] = -2 - number
            number += 1
    return border[:number].copy()


@_compiled
def _divide(cells: Cells, xy: Array, cell: int, own: Positions, record: Positions) -> None:
    # Records both sides if all listed edges are one that runs past both ends of the row or column.
    row, column = divmod(cell, len(cells.column_west) - 1)
    ax, ay, bx, by = _edge(xy, own[0] >> 2)
    west, east = cells.column_west[column], cells.column_west[column + 1]
    past_row = ay < cells.row_south[row] and by > cells.row_south[row + 1]
    past_column = min(ax, bx) < west and max(ax, bx) > east
    for item in own:
        if not item & 2 or (ax, ay, bx, by) != _edge(xy, item >> 2):
            return
    if past_row or past_column:
        corner = _moved_side(ax, ay, bx, by, west, cells.row_south[row])
        record[0] = -1 - (own[0] >> 2)
        record[1] = record[2] = cells.answer[cell]
        for item in own[::-1]:
            inner = corner if item & 1 else -corner
            record[1 if inner > 0 else 2] = cells.vertex_owner[item >> 2]
