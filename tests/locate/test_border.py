"""How far is the border, and who is across?"""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.coords import points_from_metric, points_to_metric, to_metric
from gis.locate import Borders, GridIndex
from gis.locate.metres.patches import Patches

SRID = 4548
WEST_M, SOUTH_M = points_to_metric(117.6, 26.2, srid=SRID)


def area(west_m: float, south_m: float, east_m: float, north_m: float) -> shapely.Polygon:
    corners = shapely.get_coordinates(shapely.box(west_m, south_m, east_m, north_m))
    lon, lat = points_from_metric(WEST_M + corners[:, 0], SOUTH_M + corners[:, 1], srid=SRID)
    return shapely.Polygon(np.round(np.column_stack([lon, lat]), 7))


def place(east_m: float, north_m: float) -> dict[str, float]:
    lon, lat = points_from_metric(WEST_M + east_m, SOUTH_M + north_m, srid=SRID)
    return {"lon": float(lon), "lat": float(lat)}


def borders_of(*grids: shapely.Polygon | shapely.MultiPolygon) -> Borders:
    return Borders(grids, GridIndex(grids), metric_srid=SRID)


def test_distance_and_neighbour_on_every_side() -> None:
    """Metres from the south-western corner::

    200 +-----+-----+
        |  2  |  3  |
    100 +-----+-----+
        |  0  |  1  |
      0 +-----+-----+
        0    100   200
    """
    borders = borders_of(
        area(0, 0, 100, 100),
        area(100, 0, 200, 100),
        area(0, 100, 100, 200),
        area(100, 100, 200, 200),
    )
    near = borders.find(0, **place(90, 50))
    assert near.distance_m == pytest.approx(10, abs=0.02)
    assert (near.neighbour, near.on_border) == (1, False)
    near = borders.find(0, **place(50, 80))
    assert near.distance_m == pytest.approx(20, abs=0.02)
    assert near.neighbour == 2
    near = borders.find(3, **place(130, 190))
    assert near.distance_m == pytest.approx(10, abs=0.02)
    assert near.neighbour is None
    near = borders.find(3, **place(110, 170))
    assert near.neighbour == 2


def test_on_the_border_the_distance_is_exactly_zero() -> None:
    left, right = shapely.box(117.6, 26.2, 117.61, 26.21), shapely.box(117.61, 26.2, 117.62, 26.21)
    borders = borders_of(left, right)
    near = borders.find(0, lon=117.61, lat=26.205)
    assert (near.distance_m, near.neighbour, near.on_border) == (0.0, 1, True)
    near = borders.find(0, lon=float(np.nextafter(117.61, 0)), lat=26.205)
    assert near.distance_m == pytest.approx(0.0, abs=1e-6)
    assert (near.neighbour, near.on_border) == (1, False)
    near = borders.find(0, lon=117.6, lat=26.2)
    assert (near.distance_m, near.neighbour, near.on_border) == (0.0, None, True)


def test_at_a_corner_of_four_the_lowest_other_grid_is_across() -> None:
    squares = [shapely.box(x, y, x + 1, y + 1) for y in (26, 27) for x in (117, 118)]
    borders = borders_of(*squares)
    assert [borders.find(k, lon=118, lat=27).neighbour for k in range(4)] == [1, 0, 0, 0]


def test_enclave_and_its_surroundings_are_neighbours() -> None:
    inner = area(40, 40, 60, 60)
    borders = borders_of(area(0, 0, 100, 100) - inner, inner)
    assert borders.find(1, **place(50, 45)).neighbour == 0
    near = borders.find(0, **place(35, 50))
    assert near.neighbour == 1
    assert near.distance_m == pytest.approx(5, abs=0.02)


def test_exclave_is_measured_to_its_own_border() -> None:
    parts = shapely.MultiPolygon([area(0, 0, 100, 100), area(500, 0, 600, 100)])
    near = borders_of(parts).find(0, **place(550, 30))
    assert near.distance_m == pytest.approx(30, abs=0.02)
    assert near.neighbour is None


def test_a_gap_of_a_few_centimetres_still_has_a_neighbour_across() -> None:
    borders = borders_of(area(0, 0, 100, 100), area(100.05, 0, 200, 100), area(103, 100, 200, 200))
    assert borders.find(0, **place(95, 50)).neighbour == 1
    assert borders.find(0, **place(50, 95)).neighbour is None


@settings(max_examples=50)
@given(st.integers(0, 2**32 - 1))
def test_distance_is_that_of_the_projected_polygon(seed: int) -> None:
    """For short edges the chord in metres and the chord in degrees are one."""
    random = np.random.default_rng(seed)
    angles = np.sort(random.uniform(0, 2 * math.pi, 30))
    radius = random.uniform(100, 400, 30)
    ring = np.column_stack([radius * np.cos(angles), radius * np.sin(angles)])
    lon, lat = points_from_metric(WEST_M + ring[:, 0], SOUTH_M + ring[:, 1], srid=SRID)
    grid = shapely.Polygon(np.column_stack([lon, lat]))
    if not grid.is_valid:
        return
    east, north = random.uniform(-30, 30, 2).tolist()
    if not shapely.Polygon(ring).contains(shapely.Point(east, north)):
        return
    expected = shapely.Polygon(ring).exterior.distance(shapely.Point(east, north))
    found = borders_of(grid).find(0, **place(east, north))
    assert found.distance_m == pytest.approx(expected, abs=0.01)


def test_a_border_far_away_is_measured_as_exactly() -> None:
    """A square of 100 km: its border is beyond the patch of its middle, and its edges bend."""
    wide = area(0, 0, 100_000, 100_000)
    at = place(50_000, 40_000)
    near = borders_of(wide).find(0, **at)
    fine = to_metric(shapely.segmentize(wide, 1e-4), srid=SRID).exterior
    expected = fine.distance(to_metric(shapely.Point(at["lon"], at["lat"]), srid=SRID))
    assert near.distance_m == pytest.approx(expected, abs=1e-3)
    assert near.neighbour is None


@settings(max_examples=50)
@given(st.floats(1.0, 9_000.0), st.floats(-80.0, 80.0))
def test_long_edges_bend_in_metres_as_they_are_stored_in_degrees(away_m: float, lat: float) -> None:
    """The point is some metres south of an edge of 30 km, on any latitude."""
    edge = shapely.LineString([(117.4, lat), (117.9, lat + 0.07)])
    grid = shapely.Polygon([*edge.coords, (117.65, lat - 0.5)])
    x, y = points_to_metric(117.6, lat + 0.028, srid=SRID)
    lon, south = (float(v) for v in points_from_metric(x, y - away_m, srid=SRID))
    near = borders_of(grid).find(0, lon=lon, lat=south)
    fine = to_metric(shapely.segmentize(grid, 1e-4), srid=SRID).exterior
    expected = fine.distance(to_metric(shapely.Point(lon, south), srid=SRID))
    assert near.distance_m == pytest.approx(expected, abs=1e-3)


def test_who_overlaps_the_border_is_across_it() -> None:
    borders = borders_of(area(0, 0, 100, 100), area(50, 0, 200, 100))
    assert borders.find(0, **place(95, 50)).neighbour == 1


def test_a_projection_that_is_not_smooth_has_no_patch() -> None:
    assert Patches(SRID).find(117.6, 26.2) is not None
    assert Patches(SRID).find(117.6, 89.99) is None
    assert Patches(3857).find(117.6, 89.99) is None
