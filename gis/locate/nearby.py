"""Which grids are near a place: the nearest one, and those within a circle of doubt?

Distances and areas are taken in the projected CRS. Candidates are found by their boxes, compared
roughly with the slope of the projection at the point, and only those that can be the answer are
projected. Edges are straight in degrees; before they are projected they are cut into pieces so
short that it makes no difference whether these are straight in metres.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.coords import points_from_metric, points_to_metric, to_metric
from gis.errors import InputError
from gis.locate.border import PIECE_DEG, Borders
from gis.locate.metres.distances import nearest_place, rough_distances
from gis.locate.metres.outlines import Outlines
from gis.locate.table.layout import Array, Positions

FARTHEST_M = 50_000.0
"""The most that can be asked for, as a distance or as an uncertainty."""
MOST_SHARES = 5_000
"""A circle that meets more grids says nothing about where the point is."""

_STEP_DEG = 1e-5
# Within 50 km a slope is wrong by less than this up to 84° from the equator.
_ROUGH = 1.05
_SAME_M = 1e-6
_CIRCLE_SEGMENTS = 128
_DEGREE_M = 111_195.0
_MERIDIAN_DEG = 180.0


class Near(NamedTuple):
    """The nearest grid, by its position, and the metres to it."""

    position: int
    distance_m: float


class Shares(NamedTuple):
    """The grids within a circle, the share of its area that each has, and the rest."""

    positions: Positions
    shares: Array
    outside: float


class Way(NamedTuple):
    """The way from the nearest place of a plan to a point outside: about how far, and where to.

    ``bearing_deg`` counts from north over east.
    """

    distance_m: float
    bearing_deg: float


def find_near(borders: Borders, *, lon: float, lat: float, near_m: float) -> Near | None:
    """Return the nearest grid to a point outside all of them, if it is within a distance.

    Parameters
    ----------
    borders
        The borders of the grids.
    lon, lat
        The point, EPSG:4490 degrees.
    near_m
        The farthest that counts, more than 0 and at most 50,000 metres.

    Returns
    -------
    near
        The lowest position of the nearest grids, or None.

    Raises
    ------
    InputError
        The distance is out of range.
    """
    check_metres("near_m", near_m)
    around = _look_around(borders, lon, lat, near_m)
    if around is None or not len(around.met):
        return None
    lines = borders.outlines
    rough = rough_distances(lines.xy, lines.ring, lines.starts, around.met, lon, lat, around.slope)
    chosen = around.met[rough <= rough.min() * _ROUGH**2 + 1.0]
    distances = shapely.distance(_project(borders, chosen), shapely.Point(around.x, around.y))
    least = float(distances.min())
    if least > near_m:
        return None
    return Near(int(chosen[np.flatnonzero(distances <= least + _SAME_M)[0]]), least)


def share_circle(borders: Borders, *, lon: float, lat: float, radius_m: float) -> Shares:
    """Return the grids within a circle around a point, with their shares of its area.

    Parameters
    ----------
    borders
        The borders of the grids.
    lon, lat
        The centre, EPSG:4490 degrees.
    radius_m
        More than 0 and at most 50,000 metres.

    Returns
    -------
    shares
        Largest share first. Where grids overlap the ground counts for the lowest of them, so that
        all shares and the rest add up to 1.

    Raises
    ------
    InputError
        The radius is out of range, or the circle meets more than 5,000 grids.
    """
    check_metres("accuracy_m", radius_m)
    around = _look_around(borders, lon, lat, radius_m)
    met = np.empty(0, dtype=np.int32) if around is None else around.met
    if around is None or not len(met):
        return Shares(met, np.empty(0), 1.0)
    if len(met) > MOST_SHARES:
        raise InputError(
            f"about {len(met):,} grids lie within {radius_m:,.0f} m, and at most "
            f"{MOST_SHARES:,} are told apart; give a smaller accuracy_m",
            accuracy_m=radius_m,
        )
    circle = _draw_circle(around.x, around.y, radius_m)
    areas = _project(borders, met)
    pieces = _clip(areas, circle)
    if not shapely.coverage_is_valid(areas):
        _cut_apart(pieces)
    shares = shapely.area(pieces) / circle.area
    order = np.lexsort((met, -shares))
    order = order[shares[order] > 0.0]
    return Shares(met[order], shares[order], max(0.0, 1.0 - float(shares.sum())))


def find_way(outlines: Outlines, *, lon: float, lat: float) -> Way | None:
    """Return about how far and in which direction a point lies from the nearest grid.

    Parameters
    ----------
    outlines
        The edges of the grids.
    lon, lat
        The point, EPSG:4490 degrees.

    Returns
    -------
    way
        On a sphere, right to about 1 % for some 100 km; None if there is no grid.
    """
    narrowing = math.cos(math.radians(lat))
    _, place_lon, place_lat = nearest_place(
        outlines.xy, outlines.ring, outlines.starts, outlines.boxes, lon, lat, narrowing
    )
    if math.isnan(place_lon):
        return None
    east = math.radians((lon - place_lon + 3 * _MERIDIAN_DEG) % (2 * _MERIDIAN_DEG) - _MERIDIAN_DEG)
    south, north = math.radians(place_lat), math.radians(lat)
    chord = (
        math.sin((north - south) / 2) ** 2
        + math.cos(south) * math.cos(north) * math.sin(east / 2) ** 2
    )
    distance_m = math.degrees(2 * math.asin(min(1.0, math.sqrt(chord)))) * _DEGREE_M
    bearing = math.atan2(
        math.sin(east) * math.cos(north),
        math.cos(south) * math.sin(north) - math.sin(south) * math.cos(north) * math.cos(east),
    )
    return Way(distance_m, math.degrees(bearing) % 360.0)


def check_metres(name: str, metres: float) -> None:
    """Refuse a distance that is not more than 0 and at most 50,000 metres."""
    if not 0.0 < metres <= FARTHEST_M:
        raise InputError(
            f"{name}={metres:g} is no usable distance; give more than 0 and at most "
            f"{FARTHEST_M:,.0f} metres",
            **{name: str(metres)},
        )


class _Around(NamedTuple):
    x: float
    y: float
    slope: Array
    met: Positions


def _look_around(borders: Borders, lon: float, lat: float, reach_m: float) -> _Around | None:
    """Project a point and find whose boxes come within reach; None where nothing is projected."""
    srid = borders.metric_srid
    x, y = points_to_metric([lon, lon + _STEP_DEG, lon], [lat, lat, lat + _STEP_DEG], srid=srid)
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        return None
    slope = np.array([[x[1] - x[0], x[2] - x[0]], [y[1] - y[0], y[2] - y[0]]]) / _STEP_DEG
    reach = reach_m * _ROUGH
    side = np.linspace(-reach, reach, 5)
    east, north = np.meshgrid(side, side)
    around = points_from_metric(x[0] + east.ravel(), y[0] + north.ravel(), srid=srid)
    west, south = (float(values.min()) for values in around)
    east_end, north_end = (float(values.max()) for values in around)
    met = borders.outlines.meeting(west, south, east_end, north_end)
    return _Around(float(x[0]), float(y[0]), slope, met)


def _project(borders: Borders, positions: Positions) -> NDArray[np.object_]:
    chosen = np.array([borders.geometries[position] for position in positions], dtype=object)
    projected: NDArray[np.object_] = to_metric(
        shapely.segmentize(chosen, PIECE_DEG), srid=borders.metric_srid
    )
    return projected


def _draw_circle(x: float, y: float, radius_m: float) -> Any:
    # Drawn a little too large, so that the many-sided figure has exactly the circle's area.
    turn = 2.0 * math.pi / (4 * _CIRCLE_SEGMENTS)
    wider = math.sqrt(turn / math.sin(turn))
    return shapely.buffer(shapely.Point(x, y), radius_m * wider, quad_segs=_CIRCLE_SEGMENTS)


def _clip(areas: NDArray[np.object_], circle: Any) -> NDArray[np.object_]:
    shapely.prepare(circle)
    pieces = areas.copy()
    cut = ~shapely.contains_properly(circle, areas)
    pieces[cut] = shapely.intersection(areas[cut], circle)
    return pieces


def _cut_apart(pieces: NDArray[np.object_]) -> None:
    """Take from every piece the ground that a lower one has already."""
    higher, lower = shapely.STRtree(pieces).query(pieces, predicate="intersects")
    later = higher > lower
    higher, lower = higher[later], lower[later]
    shared = shapely.area(shapely.intersection(pieces[higher], pieces[lower])) > 0.0
    for position in np.unique(higher[shared]).tolist():
        before = pieces[lower[shared & (higher == position)]]
        pieces[position] = shapely.difference(pieces[position], shapely.union_all(before))
