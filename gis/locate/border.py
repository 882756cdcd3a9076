"""How far is a located point from the border of its grid, and who is on the other side?

Edges are straight in longitude and latitude, as they are stored, and the distance to them is taken
in the projected CRS. Within about 10 km that is done by a polynomial that equals the projection to
0.1 mm (:mod:`gis.locate.metres.patches`); beyond, with PROJ, on edges cut into pieces so short that
it makes no difference whether they are straight in degrees or in metres.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import shapely

from gis.coords import from_metric, to_metric
from gis.locate.index import GridIndex
from gis.locate.metres.distances import across, measure_across
from gis.locate.metres.outlines import Outlines
from gis.locate.metres.patches import Patches
from gis.locate.table.layout import Array, Positions

# Grids that keep 1e-6° (about 10 cm) between them still count as neighbours; positions are snapped
# to 1e-7°, and distances closer than 1e-9° are one distance.
GAP_DEG = 1e-6
SAME_DEG = 1e-9
# A piece of 0.001° (100 m) bends by less than 0.2 mm between degrees and metres.
PIECE_DEG = 1e-3
MOST_NEIGHBOURS_KEPT = 1 << 16
# Below this the exact question is asked whether the point lies on an edge.
_DOUBTFUL_M = 1e-3


@dataclass(frozen=True, slots=True)
class Border:
    """The nearest border of a grid, seen from a point in it.

    ``neighbour`` is the position of the grid across that border, or None at the outer limit;
    where several meet, the lowest. ``on_border`` is exact: the point lies on an edge.
    """

    distance_m: float
    neighbour: int | None
    on_border: bool


class Borders:
    """The borders of the grids of an index.

    Parameters
    ----------
    geometries
        The (multi)polygons of the index in its order, EPSG:4490 degrees.
    index
        The index of the same geometries.
    metric_srid
        The projected CRS in which distances are measured.

    Examples
    --------
    >>> squares = [shapely.box(lon, 26.2, lon + 0.01, 26.21) for lon in (117.6, 117.61)]
    >>> borders = Borders(squares, GridIndex(squares), metric_srid=4548)
    >>> near = borders.find(0, lon=117.6099, lat=26.205)
    >>> round(near.distance_m, 1), near.neighbour, near.on_border
    (10.0, 1, False)
    """

    def __init__(self, geometries: Sequence[Any], index: GridIndex, *, metric_srid: int) -> None:
        self.geometries = geometries
        self.outlines = Outlines(index)
        self.metric_srid = metric_srid
        self._index = index
        self._patches = Patches(metric_srid)
        self._others: dict[int, Positions] = {}

    def find(self, position: int, *, lon: float, lat: float) -> Border:
        """Return the nearest border of a grid.

        Parameters
        ----------
        position
            The grid that covers the point.
        lon, lat
            The point, EPSG:4490 degrees.
        """
        distance_m, neighbour, on_border = self.measure(position, lon, lat)
        return Border(distance_m, None if neighbour < 0 else neighbour, on_border)

    def measure(self, position: int, lon: float, lat: float) -> tuple[float, int, bool]:
        """Return what ``find`` returns as plain values; without a neighbour -1."""
        patch = self._patches.find(lon, lat)
        distance_m, neighbour = -1.0, -1
        if patch is not None:
            distance_m, neighbour = measure_across(
                *self._edges,
                position,
                self._neighbours(position),
                lon,
                lat,
                patch.terms,
                patch.lon,
                patch.lat,
                GAP_DEG,
                SAME_DEG,
            )
        if distance_m < 0.0:
            area = self.geometries[position]
            distance_m, x, y = measure_far(area, lon, lat, srid=self.metric_srid)
            neighbour = self._across(position, x, y)
        if distance_m < _DOUBTFUL_M and self._index.on_border(position, lon=lon, lat=lat):
            return 0.0, self._across(position, lon, lat), True
        return distance_m, neighbour, False

    def _across(self, position: int, lon: float, lat: float) -> int:
        found: int = across(*self._edges, self._neighbours(position), lon, lat, GAP_DEG, SAME_DEG)
        return found

    @cached_property
    def _edges(self) -> tuple[Array, Positions, Positions, Array]:
        lines = self.outlines
        return lines.xy, lines.ring, lines.starts, lines.boxes

    def _neighbours(self, position: int) -> Positions:
        known = self._others.get(position)
        if known is None:
            if len(self._others) >= MOST_NEIGHBOURS_KEPT:
                self._others = {}
            west, south, east, north = self.outlines.boxes[position].tolist()
            met = self.outlines.meeting(
                west - GAP_DEG, south - GAP_DEG, east + GAP_DEG, north + GAP_DEG
            )
            known = met[met != position]
            known.flags.writeable = False
            self._others[position] = known
        return known


def measure_far(geometry: Any, lon: float, lat: float, *, srid: int) -> tuple[float, float, float]:
    """Return the metres from a point to the border of an area, and the nearest place in degrees.

    Parameters
    ----------
    geometry
        A (multi)polygon, EPSG:4490 degrees.
    lon, lat
        EPSG:4490 degrees, where the projection is defined.
    srid
        The projected CRS in which is measured.
    """
    border = to_metric(shapely.segmentize(shapely.boundary(geometry), PIECE_DEG), srid=srid)
    point = to_metric(shapely.Point(lon, lat), srid=srid)
    way = shapely.shortest_line(border, point)
    place = from_metric(shapely.get_point(way, 0), srid=srid)
    return float(shapely.length(way)), float(shapely.get_x(place)), float(shapely.get_y(place))
