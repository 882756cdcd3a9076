"""What is a point index made of?

Two groups of arrays, all of 32-bit integers but for coordinates. They are compiled into
:mod:`gis.locate.table.cells` by type, built and asked by :mod:`gis.locate.index`, and saved by
:mod:`gis.locate.index_file`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Positions = NDArray[np.int32]

OUTSIDE = -1


class Rings(NamedTuple):
    """All polygons as one run of vertices.

    ``xy`` (n, 2) holds vertex after vertex, ring after ring, each closed. Ring ``r`` has the
    vertices ``ring[r]:ring[r + 1]``; polygon ``k`` has the rings ``polygon[k]:polygon[k + 1]`` and
    belongs to ``owner[k]``; the grid at position ``g`` has the polygons ``grid[g]:grid[g + 1]``.
    """

    xy: Array
    ring: Positions
    polygon: Positions
    owner: Positions
    grid: Positions


class Cells(NamedTuple):
    """The cell table: its extent, the first double of every column and row, and the answers.

    ``answer`` (rows * columns, and a last one that is outside) is a position, ``OUTSIDE``, or
    ``-2 - k`` for the k-th border cell. Where one edge divides that cell, ``border[k]`` is
    ``-1 - first vertex`` and the answers on the left and on the right of the edge as it is stored.
    Elsewhere it is the run ``listed[first:stop]`` and the grid that covers the whole cell. A run
    holds, for polygon after polygon, its owner and then its edges, each as
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


def freeze(array: Any) -> NDArray[Any]:
    """Return a read-only view as compiled code expects it: one type, one compilation."""
    view = np.ascontiguousarray(array).view(np.ndarray)
    view.flags.writeable = False
    return view
