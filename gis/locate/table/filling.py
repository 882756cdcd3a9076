"""How is the cell table of a point index filled?

The method and the reasons why it is exact are in :mod:`gis.locate.index`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gis.locate.table.cells import slot
from gis.locate.table.compiling import compiled
from gis.locate.table.layout import OUTSIDE, Array, Cells, Positions, Rings
from gis.locate.table.sides import UNIT, Edge, edge_at, moved_east, moved_side

# A cell with more edges is not looked at for gaps: that takes the square of their number.
MOST_COMPARED = 32

Starts = NDArray[np.int64]


@compiled
def fill_rows(
    cells: Cells, rings: Rings, reach: Positions, low: int, high: int
) -> tuple[Positions, Positions]:
    """Write ``cells.answer`` in the rows ``low:high``; return their ``border`` and ``listed``.

    ``reach`` holds the lowest and the highest row of every polygon. What is returned counts from
    zero. Different rows share nothing that is written, so threads may fill them at the same time.
    """
    columns = len(cells.column_west) - 1
    chosen = np.flatnonzero((reach[:, 0] < high) & (reach[:, 1] >= low))
    spans, ends = _find_spans(cells, rings, chosen, low, high)
    starts = np.zeros((high - low) * columns + 1, dtype=np.int64)
    for k in range(len(spans)):
        line = (spans[k, 1] - low) * columns + 1
        starts[line + spans[k, 2] : line + spans[k, 3] + 1] += 1
    for place in range(len(starts) - 1):
        starts[place + 1] += starts[place]
    items = np.empty((starts[-1], 2), dtype=np.int32)
    written = starts[:-1].copy()
    for k in range(len(chosen)):
        own = spans[ends[k] : ends[k + 1]]
        if len(own) > 0:
            _fill_polygon(cells, rings.xy, rings.owner[chosen[k]], own, low, items, written)
    return _close_lists(cells, rings.xy, low, starts, items)


@compiled
def _find_spans(
    cells: Cells, rings: Rings, chosen: Starts, low: int, high: int
) -> tuple[Positions, Starts]:
    # (vertex, row, first column, last column) of every edge in every row that it touches, and
    # where the spans of each chosen polygon begin, and the end.
    xy, ring, polygon = rings.xy, rings.ring, rings.polygon
    ends = np.zeros(len(chosen) + 1, dtype=np.int64)
    spans = np.empty((1024, 4), dtype=np.int32)
    used = 0
    for k in range(len(chosen)):
        for number in range(polygon[chosen[k]], polygon[chosen[k] + 1]):
            for vertex in range(ring[number], ring[number + 1] - 1):
                edge = edge_at(xy, vertex)
                first = slot(edge[1], cells.south, cells.per_row)
                last = slot(edge[3], cells.south, cells.per_row)
                for row in range(max(first, low), min(last + 1, high)):
                    if used == len(spans):
                        spans = np.concatenate((spans, spans))
                    west, east = _find_columns(cells, edge, row)
                    spans[used, 0], spans[used, 1] = vertex, row
                    spans[used, 2], spans[used, 3] = west, east
                    used += 1
        ends[k + 1] = used
    return spans[:used], ends


@compiled
def _find_columns(cells: Cells, edge: Edge, row: int) -> tuple[int, int]:
    # The first and the last column that an edge can touch in a row; it runs north.
    ax, ay, bx, by = edge
    south, north = cells.row_south[row], cells.row_south[row + 1]
    enters = ax if ay >= south else ax + (south - ay) / (by - ay) * (bx - ax)
    leaves = bx if by <= north else ax + (north - ay) / (by - ay) * (bx - ax)
    slack = 16.0 * UNIT * (abs(ax) + abs(bx))
    west = max(min(enters, leaves) - slack, min(ax, bx))
    east = min(max(enters, leaves) + slack, max(ax, bx))
    return slot(west, cells.west, cells.per_column), slot(east, cells.west, cells.per_column)


@compiled
def _fill_polygon(
    cells: Cells,
    xy: Array,
    owner: int,
    spans: Positions,
    low: int,
    items: Positions,
    written: Starts,
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
        _mark_crossing(cells, edge_at(xy, vertex), row, first, last, west, inside[row - south])
    for line in range(shape[0]):
        for place in range(shape[1] - 1):
            if place > 0:
                inside[line, place] ^= inside[line, place - 1]
            cell = (south + line) * columns + west + place
            if inside[line, place] and not touching[line, place] and cells.answer[cell] == OUTSIDE:
                cells.answer[cell] = owner
    for k in range(len(spans)):
        vertex, row, first, last = spans[k, 0], spans[k, 1], spans[k, 2], spans[k, 3]
        for column in range(first, last + 1):
            line, place, cell = row - south, column - west, (row - low) * columns + column
            touching[line, place] -= 1
            is_last = touching[line, place] == 0
            items[written[cell], 0] = (vertex << 2) + (is_last << 1) + inside[line, place]
            items[written[cell], 1] = owner
            written[cell] += 1


@compiled
def _mark_crossing(
    cells: Cells, edge: Edge, row: int, first: int, last: int, west: int, change: Any
) -> None:
    # Corners beyond the edge are east of it; those beside it are asked one by one. ``change``
    # holds where the status changes along the row of corners, from west to east.
    corner_y = cells.row_south[row]
    if not edge[1] <= corner_y < edge[3]:
        return
    change[last - west + 1] ^= 1
    for column in range(first, last + 1):
        if moved_east(edge, cells.column_west[column], corner_y):
            change[column - west] ^= 1
            change[column - west + 1] ^= 1


@compiled
def _close_lists(
    cells: Cells, xy: Array, low: int, starts: Starts, items: Positions
) -> tuple[Positions, Positions]:
    # Numbers the border cells. Whoever comes after the grid that covers the whole cell is never
    # the lowest; a cell in which nobody comes before it is an inner cell.
    border = np.empty((np.count_nonzero(starts[1:] > starts[:-1]), 3), dtype=np.int32)
    listed = np.empty(2 * len(items), dtype=np.int32)
    number = used = 0
    for place in range(len(starts) - 1):
        cell = low * (len(cells.column_west) - 1) + place
        cover, stop = cells.answer[cell], starts[place]
        while stop < starts[place + 1] and (cover == OUTSIDE or items[stop, 1] < cover):
            stop += 1
        if stop == starts[place]:
            continue
        own = items[starts[place] : stop]
        if not _divide(cells, xy, cell, own, border[number]):
            if _leaves_no_gap(xy, own):
                cover = own[-1, 1]
                own = own[: _begin_last(own)]
            border[number, 0], border[number, 2] = used, cover
            for k in range(len(own)):
                if k == 0 or own[k - 1, 0] & 2:
                    listed[used] = own[k, 1]
                    used += 1
                listed[used] = own[k, 0]
                used += 1
            border[number, 1] = used
        cells.answer[cell] = -2 - number
        number += 1
    return border[:number].copy(), listed[:used].copy()


@compiled
def _divide(cells: Cells, xy: Array, cell: int, own: Positions, record: Positions) -> bool:
    # Records both sides if all listed edges are one that runs past both ends of the row or column.
    row, column = divmod(cell, len(cells.column_west) - 1)
    vertex = own[0, 0] >> 2
    edge = edge_at(xy, vertex)
    for item in own[:, 0]:
        if not item & 2 or edge != edge_at(xy, item >> 2):
            return False
    ax, ay, bx, by = edge
    west, east = cells.column_west[column], cells.column_west[column + 1]
    past_row = ay < cells.row_south[row] and by > cells.row_south[row + 1]
    if not past_row and not (min(ax, bx) < west and max(ax, bx) > east):
        return False
    corner = moved_side(edge, west, cells.row_south[row])
    if ax != xy[vertex, 0] or ay != xy[vertex, 1]:
        corner = -corner
    record[0] = -1 - vertex
    record[1] = record[2] = cells.answer[cell]
    for k in range(len(own) - 1, -1, -1):
        inner = corner if own[k, 0] & 1 else -corner
        record[1 if inner > 0 else 2] = own[k, 1]
    return True


@compiled
def _leaves_no_gap(xy: Array, own: Positions) -> bool:
    # Whether an odd number of the listed polygons covers the corner, and every edge is listed an
    # even number of times: then an odd number of them, so at least one, covers every point.
    odd = 0
    for item in own[:, 0]:
        odd ^= (item >> 1) & item & 1
    if not odd or len(own) % 2 or len(own) > MOST_COMPARED:
        return False
    for item in own[:, 0]:
        same = 0
        for other in own[:, 0]:
            same ^= edge_at(xy, item >> 2) == edge_at(xy, other >> 2)
        if same:
            return False
    return True


@compiled
def _begin_last(own: Positions) -> int:
    # Where the edges of the last listed polygon begin.
    first = len(own) - 1
    while first > 0 and not own[first - 1, 0] & 2:
        first -= 1
    return first
