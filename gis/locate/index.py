"""Which grid covers a point, exactly, for millions of points a second?

Method
------
A table of equal cells lies over the extent of all grids. A cell that no border touches holds its
answer: the position of the lowest grid that covers it, or -1. Most points end there, after one
read. A cell that borders touch lists the edges in it, polygon by polygon in ascending order, and
for every polygon whether the *corner* of the cell (its south-western point) is inside. A point of
such a cell walks to the corner along two legs, first west, then south, and counts the edges of
the polygon that it crosses: an odd count means that it is not on the corner's side. Where a
single edge divides the cell (seven of eight border cells), its side alone is asked. The compiled
code is in :mod:`gis.locate.cells`.

Why the answer is exact
-----------------------
1. *Cells.* The column of ``x`` is ``int((x - west) * per_column)``. Subtraction, multiplication
   and truncation round monotonically, so the column never falls when ``x`` grows, and the doubles
   of a column are all those in a half-open interval. Its first double is found by bisection with
   the same function, not by formula. Rows alike. A cell is thus a half-open box with exactly
   known limits, and its corner is the least double of it in both directions.
2. *Lists.* An edge is listed in every cell whose closed box it touches. Its extent in a row is
   computed in doubles, widened by more than the rounding error (at most 7u(|ax| + |bx|) with
   u = 2**-53; 16u are taken) and cut back to the exact extent of the edge. Both legs stay in the
   box, so no edge that they meet is missing.
3. *Crossings.* Think of the legs as moved by an infinitesimal (d², d), d > 0. No vertex is then
   met, and an edge crosses a leg exactly if it passes the half-open test ``a <= v < b`` and the
   ends of the leg are on different sides of it. A point in line with an edge whose box holds it
   is on the border, and covered; every other point keeps its status when moved. The status of a
   corner is that of the moved corner, counted with the same tests from outside the polygon.
4. *Sides.* The sign of ``(a - p) x (b - p)`` is first computed in doubles; Shewchuk's bound
   (3 + 16u)u(|left| + |right|) proves most signs. The rest is summed exactly as an expansion of
   doubles: differences and products are split without error, and adding a double to an expansion
   is exact (J. R. Shewchuk, "Adaptive Precision Floating-Point Arithmetic and Fast Robust
   Geometric Predicates", 1997). Coordinates between 2**-400 and 2**400 in size are multiples of
   2**-452, so nothing under- or overflows; a smaller one counts as zero, a larger one is refused.
   Nothing is compiled with relaxed arithmetic (no fastmath, no contraction).
5. *Divided cells.* An edge that runs past both ends of the cell's row (or column) cuts every
   line of that row (column), so it is the border wherever its line meets the cell. If nothing else
   is listed, all points on one side of it form a convex set that no border cuts, and have one
   answer: that of the moved corner, or its opposite.
6. *Parts.* A valid multipolygon covers a point exactly if one of its polygons does, so every
   polygon is a candidate of its own; holes are edges like others (even-odd rule).

Candidates are tried in ascending order and end with the first polygon that covers the whole cell,
so the lowest position wins on shared borders and in overlaps.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.errors import InputError
from gis.locate.cells import (
    OUTSIDE,
    TINY,
    Array,
    Cells,
    Positions,
    Rings,
    fill,
    locate,
    on_border,
    write_columns,
)

# Measured for 145 grids: 2**20 cells (4 MB) are quickest; four times as many leave the processor's
# cache and are four times slower (docs/decisions/point-index.md).
FEWEST_CELLS = 1 << 20
MOST_CELLS = 1 << 25
CELLS_PER_EDGE = 16
LISTED_PER_EDGE = 16

_HUGE = 2.0**400
_POLYGON, _MULTIPOLYGON = 3, 6


class GridIndex:
    """An exact point index of grids.

    Parameters
    ----------
    geometries
        Polygons or multipolygons in ascending code order, valid, in any one CRS. They may touch,
        overlap, have holes, consist of parts or be empty. There may be none.

    Raises
    ------
    InputError
        A geometry is not a (multi)polygon, or has a coordinate that is no usable number.

    Examples
    --------
    >>> index = GridIndex([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)])
    >>> index.locate([0.5, 1.0, 1.5, 2.5, float("nan")], [0.5, 0.5, 1.0, 0.5, 0.5]).tolist()
    [0, 0, 1, -1, -1]
    """

    def __init__(self, geometries: Iterable[Any]) -> None:
        self._rings = _read_rings(geometries)
        self._cells = _build_cells(self._rings)

    def __len__(self) -> int:
        return len(self._rings.grid) - 1

    def locate(self, lon: Any, lat: Any) -> Positions:
        """Return the position of the lowest grid that covers each point.

        Parameters
        ----------
        lon, lat
            Arrays of shape (n,), in the CRS of the geometries.

        Returns
        -------
        positions
            int32 array of shape (n,); -1 where no grid covers the point or a coordinate is NaN.

        Raises
        ------
        InputError
            The two arrays differ in shape, or have more than one dimension.
        """
        x, y = _readonly(lon), _readonly(lat)
        if x.shape != y.shape or x.ndim != 1:
            raise InputError(
                f"longitudes of shape {x.shape} and latitudes of shape {y.shape} do not pair up; "
                "give two arrays of one length"
            )
        found = np.empty(len(x), dtype=np.int32)
        locate(self._cells, self._rings.xy, x, y, found)
        return found

    def locate_one(self, *, lon: float, lat: float) -> int:
        """Return the position of the lowest grid that covers one point, or -1."""
        return int(self.locate([lon], [lat])[0])

    def on_border(self, position: int, *, lon: float, lat: float) -> bool:
        """Tell whether a point lies exactly on the border of the grid at ``position``."""
        if not 0 <= position < len(self):
            raise IndexError(f"there are {len(self)} grids, and none at position {position}")
        return on_border(self._rings, position, float(lon), float(lat))

    @property
    def cells(self) -> Cells:
        """The cell table, for measurements."""
        return self._cells

    @staticmethod
    def warm() -> None:
        """Compile everything, or load it from the cache on disk, before someone waits for it."""
        index = GridIndex([shapely.box(0, 0, 1, 1)])
        index.locate([0.5], [0.5])
        index.on_border(0, lon=0.5, lat=0.5)


def _readonly(values: Any) -> Array:
    # One array type, whatever is given: otherwise a read-only column would compile anew.
    array = np.ascontiguousarray(values, dtype=np.float64).view()
    array.flags.writeable = False
    return array


def _read_rings(geometries: Iterable[Any]) -> Rings:
    given = np.array(list(geometries), dtype=object)
    kinds = shapely.get_type_id(given)
    wrong = np.flatnonzero((kinds != _POLYGON) & (kinds != _MULTIPOLYGON))
    if wrong.size:
        _refuse(wrong[0], f"is {given[wrong[0]]!r:.60}, not a polygon or multipolygon")
    parts, owner = shapely.get_parts(given, return_index=True)
    rings, ring_part = shapely.get_rings(parts, return_index=True)
    xy, vertex_ring = shapely.get_coordinates(rings, return_index=True)
    vertex_part = ring_part[vertex_ring]
    unusable = np.flatnonzero(~(np.abs(xy) <= _HUGE).all(axis=1))
    if unusable.size:
        _refuse(owner[vertex_part[unusable[0]]], "has a coordinate that is no usable number")
    xy[np.abs(xy) < TINY] = 0.0
    return Rings(
        xy=xy,
        closing=np.diff(vertex_ring, append=-1) != 0,
        polygon=np.searchsorted(vertex_part, np.arange(len(parts) + 1)),
        owner=owner.astype(np.int32),
        grid=np.searchsorted(owner, np.arange(len(given) + 1)),
    )


def _refuse(position: int, what: str) -> None:
    raise InputError(
        f"the geometry at position {position} {what}; mend it or leave it out",
        position=int(position),
    )


def _build_cells(rings: Rings) -> Cells:
    west = south = 0.0
    east = north = -1.0  # without vertices, an extent that nothing is inside of
    if len(rings.xy):
        west, south = rings.xy.min(axis=0).tolist()
        east, north = rings.xy.max(axis=0).tolist()
    columns, rows = _choose_size(rings, east - west, north - south)
    per_column, per_row = _slots_per_unit(west, east, columns), _slots_per_unit(south, north, rows)
    cells = Cells(
        west=west,
        south=south,
        east=east,
        north=north,
        per_column=per_column,
        per_row=per_row,
        column_west=_find_slot_starts(west, east, per_column, columns),
        row_south=_find_slot_starts(south, north, per_row, rows),
        answer=np.full(rows * columns + 1, OUTSIDE, dtype=np.int32),
        border=np.empty((0, 3), dtype=np.int32),
        listed=np.empty(0, dtype=np.int32),
        vertex_owner=np.repeat(rings.owner, np.diff(rings.polygon)),
    )
    border, listed = fill(cells, rings, *_find_spans(cells, rings))
    return cells._replace(border=border, listed=listed)


def _find_spans(cells: Cells, rings: Rings) -> tuple[Positions, NDArray[np.int64]]:
    """Return (vertex, row, first column, last column) of every edge in every row it touches.

    The second array holds where the spans of each polygon begin, and the end.
    """
    rows = ((rings.xy[:, 1] - cells.south) * cells.per_row).astype(np.int64)
    vertices = np.flatnonzero(~rings.closing)
    bottom = np.minimum(rows[vertices], rows[vertices + 1])
    heights = np.abs(rows[vertices] - rows[vertices + 1]) + 1
    starts = np.append(0, np.cumsum(heights))
    spans = np.empty((starts[-1], 4), dtype=np.int32)
    spans[:, 0] = np.repeat(vertices, heights)
    spans[:, 1] = np.arange(starts[-1]) + np.repeat(bottom - starts[:-1], heights)
    write_columns(cells, rings.xy, spans)
    return spans, np.searchsorted(spans[:, 0], rings.polygon)


def _choose_size(rings: Rings, width: float, height: float) -> tuple[int, int]:
    """Choose columns and rows: nearly square cells, bounded tables, bounded edge lists."""
    if not (width > 0.0 and height > 0.0):
        return 1, 1
    edges = len(rings.xy)
    run = np.abs(np.diff(rings.xy, axis=0))[~rings.closing[:-1]].sum(axis=0)
    stretch = math.sqrt(min(max(width / height, 1.0 / 64.0), 64.0))
    side = math.sqrt(min(max(CELLS_PER_EDGE * edges, FEWEST_CELLS), MOST_CELLS))
    # All edges together touch about this number of cells for each unit of ``side``.
    touched = run[0] / width * stretch + run[1] / height / stretch
    side = min(side, (LISTED_PER_EDGE * edges + FEWEST_CELLS) / touched)
    return max(1, round(side * stretch)), max(1, round(side / stretch))


def _slots_per_unit(start: float, end: float, count: int) -> float:
    if not end > start:
        return 0.0
    per_unit = count / (end - start)
    while int((end - start) * per_unit) >= count:
        per_unit = math.nextafter(per_unit, 0.0)
    return per_unit


def _find_slot_starts(start: float, end: float, per_slot: float, count: int) -> Array:
    """Find the first double of every column or row by bisection; the last entry is the end."""
    numbers = np.arange(count + 1)
    low, high = np.full(count + 1, start), np.full(count + 1, end)
    while True:
        middle = 0.5 * (low + high)
        between = (low < middle) & (middle < high)
        if not between.any():
            break
        reached = ((middle - start) * per_slot).astype(np.int64) >= numbers
        high = np.where(between & reached, middle, high)
        low = np.where(between & ~reached, middle, low)
    high[0] = start
    return high
