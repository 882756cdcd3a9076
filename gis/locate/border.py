"""How far is a located point from the border of its grid, and who is on the other side?

Edges are straight in longitude and latitude, as they are stored; so the nearest place of the
border is found there, with offsets turned to metres by the slope of the projection at the point.
Only the distance between the two places is then taken in the projected CRS.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.coords import points_to_metric
from gis.locate.index import GridIndex

# Grids that keep 1e-6° (about 10 cm) between them still count as neighbours; positions are snapped
# to 1e-7°, and distances closer than 1e-9° are one distance.
GAP_DEG = 1e-6
SAME_DEG = 9
_STEP_DEG = 1e-5


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
        self._geometries = np.array(geometries, dtype=object)
        self._index = index
        self._metric_srid = metric_srid
        self._tree = shapely.STRtree(self._geometries)
        self._edges = [_edges_of(geometry) for geometry in self._geometries]

    def find(self, position: int, *, lon: float, lat: float) -> Border:
        """Return the nearest border of a grid.

        Parameters
        ----------
        position
            The grid that covers the point.
        lon, lat
            The point, EPSG:4490 degrees.
        """
        on_border = self._index.on_border(position, lon=lon, lat=lat)
        place = (lon, lat) if on_border else self._nearest_place(position, lon, lat)
        return Border(
            distance_m=0.0 if on_border else self._distance_m(lon, lat, *place),
            neighbour=self._across(position, *place),
            on_border=on_border,
        )

    def _nearest_place(self, position: int, lon: float, lat: float) -> tuple[float, float]:
        starts, ways = self._edges[position]
        slope = self._slope(lon, lat)
        offset, way = (starts - (lon, lat)) @ slope, ways @ slope
        length = (way * way).sum(axis=1)
        length[length == 0.0] = 1.0
        share = np.clip(-(offset * way).sum(axis=1) / length, 0.0, 1.0)
        foot = offset + share[:, None] * way
        nearest = int((foot * foot).sum(axis=1).argmin())
        place_lon, place_lat = (starts[nearest] + share[nearest] * ways[nearest]).tolist()
        return place_lon, place_lat

    def _slope(self, lon: float, lat: float) -> NDArray[np.float64]:
        x, y = points_to_metric(
            [lon, lon + _STEP_DEG, lon], [lat, lat, lat + _STEP_DEG], srid=self._metric_srid
        )
        return np.array([[x[1] - x[0], y[1] - y[0]], [x[2] - x[0], y[2] - y[0]]]) / _STEP_DEG

    def _distance_m(self, lon: float, lat: float, place_lon: float, place_lat: float) -> float:
        x, y = points_to_metric([lon, place_lon], [lat, place_lat], srid=self._metric_srid)
        return math.hypot(float(x[1] - x[0]), float(y[1] - y[0]))

    def _across(self, position: int, lon: float, lat: float) -> int | None:
        place = shapely.Point(lon, lat)
        found = self._tree.query(place, predicate="dwithin", distance=GAP_DEG)
        others = np.sort(found[found != position])
        if not others.size:
            return None
        gaps = shapely.distance(self._geometries[others], place).round(SAME_DEG)
        return int(others[gaps.argmin()])


def _edges_of(geometry: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    rings = shapely.get_rings(shapely.get_parts(geometry))
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    kept = np.diff(ring) == 0
    return xy[:-1][kept], np.diff(xy, axis=0)[kept]
