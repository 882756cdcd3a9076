"""Where do the edges of each grid of an index lie?

A view on the vertices that the index holds, without a copy: what is added here is one number and
one box for each grid, so that a plan of a nation costs 40 MB and no Python object for a grid.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from gis.locate.index import GridIndex
from gis.locate.metres.distances import boxes_of, meeting
from gis.locate.table.layout import Array, Positions, freeze


class Outlines:
    """The edges of the grids of an index.

    ``xy`` (n, 2) holds vertex after vertex in EPSG:4490 degrees; ring ``r`` has the vertices
    ``ring[r]:ring[r + 1]``, and the grid at position ``g`` has the rings
    ``starts[g]:starts[g + 1]``.
    """

    def __init__(self, index: GridIndex) -> None:
        rings = index.rings
        self.xy = rings.xy
        self.ring = rings.ring
        self.starts: Positions = freeze(rings.polygon[rings.grid])

    @cached_property
    def boxes(self) -> Array:
        """West, south, east and north of every grid, (grids, 4)."""
        boxes: Array = freeze(boxes_of(self.xy, self.ring, self.starts))
        return boxes

    def meeting(self, west: float, south: float, east: float, north: float) -> Positions:
        """Return the positions of the grids whose boxes meet a box, in ascending order."""
        met: Positions = freeze(meeting(self.boxes, west, south, east, north))
        return met

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """West, south, east and north of all grids; infinite the wrong way if there are none."""
        if not len(self.boxes):
            return (np.inf, np.inf, -np.inf, -np.inf)
        west, south = self.boxes[:, :2].min(axis=0).tolist()
        east, north = self.boxes[:, 2:].max(axis=0).tolist()
        return west, south, east, north
