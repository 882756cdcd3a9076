"""Which grid covers a point, exactly, for millions of points a second?

Method
------
A table of equal cells lies over the extent of all grids. A cell that no border touches holds its
answer: the position of the lowest grid that covers it, or -1. Most points end there, after one
read. A cell that borders touch lists the edges in it, polygon by polygon in ascending order, and
for every polygon whether the *corner* of the cell (its south-western point) is inside. A point of
such a cell walks to the corner along two legs, first west, then south, and counts the edges of
the polygon that it crosses: an odd count means that it is not on the corner's side. Where a
single edge divides the cell (of small plans, seven of eight border cells), its side alone is
asked. The table is filled in bands of rows, side by side, by :mod:`gis.locate.table.filling`; it is
read by :mod:`gis.locate.table.cells`; sides are decided by :mod:`gis.locate.table.sides`; what the
arrays hold is said in :mod:`gis.locate.table.layout`, and how they are saved in
:mod:`gis.locate.index_file`.

Why the answer is exact
-----------------------
1. *Cells.* The column of ``x`` is ``int((x - west) * per_column)``. Subtraction, multiplication
   and truncation round monotonically, so the column never falls when ``x`` grows, and the doubles
   of a column are all those in a half-open interval. Its first double is found by bisection with
   the same function, not by formula. Rows alike. A cell is thus a half-open box with exactly
   known limits, and its corner is the least double of it in both directions. Compiled code,
   arrays and Python compute the column with the same three operations of IEEE 754.
2. *Lists.* An edge is listed in every cell whose closed box it touches. Its extent in a row is
   computed in doubles, widened by more than the rounding error (at most 7u(|ax| + |bx|) with
   u = 2**-53; 16u are taken) and cut back to the exact extent of the edge. Both legs stay in the
   box, so no edge that they meet is missing.
3. *Crossings.* Think of the legs as moved by an infinitesimal (d², d), d > 0. No vertex is then
   met, and an edge crosses a leg exactly if it passes the half-open test ``a <= v < b`` and the
   ends of the leg are on different sides of it. A point in line with an edge whose box holds it
   is on the border, and covered; every other point keeps its status when moved. The status of a
   corner is that of the moved corner, counted with the same tests from outside the polygon, along
   its row of corners. All edges that cross that row touch it, so a row needs no other row.
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
   answer: that of the moved corner, or its opposite. The determinant of the edge turned round is
   the same number with the other sign, so edges are asked in the direction that is stored.
6. *Cells without a gap.* Take the number of listed polygons that cover a moved point of a cell. It
   changes by one at each listed edge that is crossed; where every edge is listed an even number of
   times, it stays odd if it is odd at the corner. So at least one covers every point, and whoever
   is not covered by those before is covered by the last, whose edges need not be walked. A point on
   an edge of the last polygon is on the same edge of one before it, which answers first.
7. *Parts.* A valid multipolygon covers a point exactly if one of its polygons does, so every
   polygon is a candidate of its own; holes are edges like others (even-odd rule).
8. *Bands.* What a cell holds depends on the polygons and on the limits of the cell, and each cell
   is written by one band. Joining bands in their order adds to each number what came before it.
   So neither the number of bands nor that of threads changes a single bit.

Candidates are tried in ascending order and end with the first polygon that covers the whole cell,
so the lowest position wins on shared borders and in overlaps.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from gis.errors import InputError, InputTooLarge
from gis.locate.index_file import read_index, write_index
from gis.locate.table.cells import locate, on_border, resolve
from gis.locate.table.filling import fill_rows
from gis.locate.table.layout import OUTSIDE, Array, Cells, Positions, Rings, freeze
from gis.locate.table.rings import MOST_LISTED, Extent, GrowingArray, read_rings

# Measured (docs/decisions/point-index.md): for 145 grids 2**20 cells (4 MB) are quickest, four
# times as many leave the processor's cache. For 20,000 grids many cells are quick although they
# leave it; 32 an edge are a compromise with memory.
FEWEST_CELLS = 1 << 20
MOST_CELLS = 1 << 25
CELLS_PER_EDGE = 32
LISTED_PER_EDGE = 16
CELLS_PER_BAND = 1 << 18

Progress = Callable[[int, int], None]


class GridIndex:
    """An exact point index of grids.

    Parameters
    ----------
    geometries
        Polygons or multipolygons in ascending code order, valid, in any one CRS. They may touch,
        overlap, have holes, consist of parts or be empty. There may be none. They are read in
        chunks, so a generator keeps memory low.
    threads
        How many threads fill the table; as many as the process may use if not given. The result
        does not depend on it.
    progress
        Called with the rows of the table that are filled and all of them. What it raises ends the
        build.

    Raises
    ------
    InputError
        A geometry is not a (multi)polygon, or has a coordinate that is no usable number.
    InputTooLarge
        The grids have 2**29 vertices or more.

    Examples
    --------
    >>> index = GridIndex([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)])
    >>> index.locate([0.5, 1.0, 1.5, 2.5, float("nan")], [0.5, 0.5, 1.0, 0.5, 0.5]).tolist()
    [0, 0, 1, -1, -1]
    >>> index.find(lon=1.5, lat=0.5)
    1
    """

    def __init__(
        self,
        geometries: Iterable[Any],
        *,
        threads: int | None = None,
        progress: Progress | None = None,
    ) -> None:
        rings, extent = read_rings(geometries)
        cells = _fill(_lay_out(rings, extent), rings, extent, threads, progress)
        self._take(rings, cells)

    @classmethod
    def open(cls, path: str | Path) -> GridIndex:
        """Open a saved index without reading it into memory: processes share its pages.

        Raises
        ------
        InputError
            There is no such file, or it is torn, foreign, or of another version.
        """
        return cls._restore(*read_index(Path(path)))

    def save(self, path: str | Path) -> None:
        """Write the index to a file, whole or not at all."""
        write_index(Path(path), self._rings, self._cells)

    @classmethod
    def _restore(cls, rings: Rings, cells: Cells) -> GridIndex:
        index = cls.__new__(cls)
        index._take(rings, cells)
        return index

    def __reduce__(self) -> tuple[Any, ...]:
        return GridIndex._restore, (self._rings, self._cells)

    def _take(self, rings: Rings, cells: Cells) -> None:
        self._rings = Rings(*_freeze_all(rings))
        self._cells = Cells(*cells[:6], *_freeze_all(cells[6:]))
        # One point is found without arrays and, in most cells, without compiled code.
        self._extent = cells[:6]
        self._columns = len(cells.column_west) - 1
        self._answers = self._cells.answer.data

    def __len__(self) -> int:
        return len(self._rings.grid) - 1

    def locate(self, lon: Any, lat: Any) -> Positions:
        """Return the position of the lowest grid that covers each point.

        Other threads run meanwhile: the interpreter lock is released.

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
        x, y = (freeze(np.asarray(values, dtype=np.float64)) for values in (lon, lat))
        if x.shape != y.shape or x.ndim != 1:
            raise InputError(
                f"longitudes of shape {x.shape} and latitudes of shape {y.shape} do not pair up; "
                "give two arrays of one length"
            )
        found = np.empty(len(x), dtype=np.int32)
        locate(self._cells, self._rings.xy, x, y, found)
        return found

    def find(self, *, lon: float, lat: float) -> int:
        """Return the position of the lowest grid that covers one point, or -1."""
        x, y = float(lon), float(lat)
        west, south, east, north, per_column, per_row = self._extent
        if not (west <= x <= east and south <= y <= north):
            return OUTSIDE
        column, row = int((x - west) * per_column), int((y - south) * per_row)
        answer: int = self._answers[row * self._columns + column]
        if answer >= OUTSIDE:
            return answer
        cells = self._cells
        corner = cells.column_west[column], cells.row_south[row]
        return resolve(cells.border, cells.listed, self._rings.xy, -2 - answer, x, y, *corner)

    def on_border(self, position: int, *, lon: float, lat: float) -> bool:
        """Tell whether a point lies exactly on the border of the grid at ``position``."""
        if not 0 <= position < len(self):
            raise IndexError(f"there are {len(self)} grids, and none at position {position}")
        return on_border(self._rings, position, float(lon), float(lat))

    @property
    def cells(self) -> Cells:
        """The cell table, for measurements."""
        return self._cells

    @property
    def rings(self) -> Rings:
        """All vertices of the grids, for those who ask other questions about the same borders."""
        return self._rings

    @staticmethod
    def warm() -> None:
        """Compile everything, or load it from the cache on disk, before someone waits for it."""
        index = GridIndex([shapely.box(0, 0, 1, 1)], threads=1)
        index.locate([0.5], [0.5])
        index.find(lon=0.0, lat=0.0)
        index.on_border(0, lon=0.5, lat=0.5)


def _freeze_all(arrays: Iterable[Any]) -> list[Any]:
    return [freeze(array) for array in arrays]


def _lay_out(rings: Rings, extent: Extent) -> Cells:
    """Return a table in which nothing is filled yet."""
    west, south, east, north = extent.west, extent.south, extent.east, extent.north
    columns, rows = _choose_size(len(rings.xy), extent)
    per_column, per_row = _slots_per_unit(west, east, columns), _slots_per_unit(south, north, rows)
    return Cells(
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
    )


def _fill(
    cells: Cells, rings: Rings, extent: Extent, threads: int | None, progress: Progress | None
) -> Cells:
    """Fill bands of rows side by side, and join them in their order."""
    columns, rows = len(cells.column_west) - 1, len(cells.row_south) - 1
    ranges = _find_row_ranges(cells, extent)
    step = max(1, CELLS_PER_BAND // columns)
    bands = [(low, min(low + step, rows)) for low in range(0, rows, step)]
    border, listed = GrowingArray(np.int32, 3), GrowingArray(np.int32)
    with ThreadPoolExecutor(threads or _count_cores()) as pool:
        work = pool.map(lambda band: fill_rows(cells, rings, ranges, *band), bands)
        try:
            for (low, high), (own_border, own_listed) in zip(bands, work, strict=True):
                if len(listed) + len(own_listed) > MOST_LISTED:
                    raise InputTooLarge(
                        f"the cells list more than {MOST_LISTED:,} edges; divide the plan"
                    )
                answers = cells.answer[low * columns : high * columns]
                answers[answers < OUTSIDE] -= len(border)
                own_border[own_border[:, 0] >= 0, :2] += len(listed)
                border.extend(own_border)
                listed.extend(own_listed)
                if progress is not None:
                    progress(high, rows)
        finally:
            pool.shutdown(cancel_futures=True)
    return cells._replace(border=border.finish(), listed=listed.finish())


def _find_row_ranges(cells: Cells, extent: Extent) -> Positions:
    """Return the lowest and the highest row of every polygon, (polygons, 2)."""
    return ((extent.reach - cells.south) * cells.per_row).astype(np.int32)


def _count_cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _choose_size(edges: int, extent: Extent) -> tuple[int, int]:
    """Choose columns and rows: nearly square cells, bounded tables, bounded edge lists."""
    width, height = extent.east - extent.west, extent.north - extent.south
    if not (width > 0.0 and height > 0.0):
        return 1, 1
    stretch = math.sqrt(min(max(width / height, 1.0 / 64.0), 64.0))
    side = math.sqrt(min(max(CELLS_PER_EDGE * edges, FEWEST_CELLS), MOST_CELLS))
    # All edges together touch about this number of cells for each unit of ``side``.
    touched = extent.run_x / width * stretch + extent.run_y / height / stretch
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
