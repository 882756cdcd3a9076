"""How is the cell table of a point index read?

The method and the reasons why it is exact are in :mod:`gis.locate.index`. Arrays are taken out of
their tuples before a hot loop: counting their references inside it costs more than the lookup.
"""

from __future__ import annotations

import numpy as np

from gis.locate.table.compiling import compiled
from gis.locate.table.layout import OUTSIDE, Array, Cells, Positions, Rings
from gis.locate.table.sides import (
    Edge,
    edge_at,
    moved_east,
    moved_side,
    settle,
    side,
    side_in_doubles,
)

BLOCK = 1024

_ON_EDGE = 2


@compiled
def slot(value: float, start: float, per_slot: float) -> int:
    """Return the number of the column or row in which a value lies."""
    return int((value - start) * per_slot)


@compiled
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


@compiled
def _take_sides(
    border: Positions, xy: Array, lon: Array, lat: Array, waiting: Positions, found: Positions
) -> int:
    # Answers the points whose cell one edge divides and whose side doubles prove; returns how many
    # still wait. Without branches: they would be guessed wrong, and so the reads overlap.
    rest = 0
    for place in range(len(waiting)):
        k = waiting[place]
        x, y = settle(lon[k]), settle(lat[k])
        number = -2 - found[k]
        first, left, right = border[number, 0], border[number, 1], border[number, 2]
        v = max(-1 - first, 0)
        determinant, bound = side_in_doubles(xy[v, 0], xy[v, 1], xy[v + 1, 0], xy[v + 1, 1], x, y)
        answered = (first < 0) & (abs(determinant) > bound)
        answer = left if determinant > 0.0 else right
        found[k] = answer if answered else found[k]
        waiting[rest] = k
        rest += not answered
    return rest


@compiled
def _search(
    cells: Cells, xy: Array, lon: Array, lat: Array, waiting: Positions, found: Positions
) -> None:
    # Replaces the border cell of each waiting point by the lowest grid that covers the point.
    west, south, per_column, per_row = cells.west, cells.south, cells.per_column, cells.per_row
    column_west, row_south = cells.column_west, cells.row_south
    border, listed = cells.border, cells.listed
    # What each will read first is read ahead, in loops whose reads overlap.
    ahead = np.zeros(len(waiting), dtype=np.int32)
    for place in range(len(waiting)):
        first = border[-2 - found[waiting[place]], 0]
        if first >= 0:
            ahead[place] = listed[first + 1] >> 2
    for place in range(len(waiting)):
        ahead[place] = np.int32(xy[ahead[place], 0])
    for k in waiting:
        x, y = lon[k], lat[k]
        corner_x = column_west[slot(x, west, per_column)]
        corner_y = row_south[slot(y, south, per_row)]
        found[k] = resolve(border, listed, xy, -2 - found[k], x, y, corner_x, corner_y)


@compiled
def resolve(
    border: Positions,
    listed: Positions,
    xy: Array,
    number: int,
    x: float,
    y: float,
    corner_x: float,
    corner_y: float,
) -> int:
    """Return the lowest grid that covers a point of a border cell."""
    x, y = settle(x), settle(y)
    position: int = border[number, 0]
    stop: int = border[number, 1]
    cover: int = border[number, 2]
    if position < 0:
        left, right, v = stop, cover, -1 - position
        turn = side(xy[v, 0], xy[v, 1], xy[v + 1, 0], xy[v + 1, 1], x, y)
        lower = left if right == OUTSIDE or OUTSIDE < left < right else right
        return left if turn > 0 else right if turn < 0 else lower
    while position < stop:
        owner: int = listed[position]
        item, odd = np.int32(0), 0
        while not item & 2:
            position += 1
            item = listed[position]
            met = _cross(edge_at(xy, item >> 2), x, y, corner_x, corner_y)
            if met == _ON_EDGE:
                return owner
            odd ^= met
        if odd != item & 1:
            return owner
        position += 1
    return cover


@compiled
def _cross(edge: Edge, x: float, y: float, corner_x: float, corner_y: float) -> int:
    # Go west, then south to the corner; the edge runs north. 0 even, 1 odd, or the point is on it.
    ax, ay, bx, by = edge
    odd = 0
    least, most = min(ax, bx), max(ax, bx)
    if ay <= y <= by and least <= x:
        found = side(ax, ay, bx, by, x, y) if x <= most else -1
        if found == 0:
            return _ON_EDGE
        if y < by and (found < 0) != moved_east(edge, corner_x, y):
            odd = 1
    if least <= corner_x < most and ay <= y and by > corner_y:
        odd ^= moved_side(edge, corner_x, y) != moved_side(edge, corner_x, corner_y)
    return odd


@compiled
def locate(cells: Cells, xy: Array, lon: Array, lat: Array, found: Positions) -> None:
    """Write the position of the lowest grid that covers each point."""
    waiting = np.empty(BLOCK + 1, dtype=np.int32)
    for begin in range(0, len(lon), BLOCK):
        end = min(begin + BLOCK, len(lon))
        x, y, answers = lon[begin:end], lat[begin:end], found[begin:end]
        count = _read(cells, x, y, waiting, answers)
        count = _take_sides(cells.border, xy, x, y, waiting[:count], answers)
        _search(cells, xy, x, y, waiting[:count], answers)


@compiled
def on_border(rings: Rings, position: int, x: float, y: float) -> bool:
    """Tell whether a point lies exactly on an edge of the grid at a position."""
    x, y = settle(x), settle(y)
    first, last = rings.polygon[rings.grid[position]], rings.polygon[rings.grid[position + 1]]
    for ring in range(first, last):
        for vertex in range(rings.ring[ring], rings.ring[ring + 1] - 1):
            ax, ay, bx, by = edge_at(rings.xy, vertex)
            near = ay <= y <= by and min(ax, bx) <= x <= max(ax, bx)
            if near and side(ax, ay, bx, by, x, y) == 0:
                return True
    return False
