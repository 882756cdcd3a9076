"""Are sectors and covered shares right?

The plan, 3 x 3 grids; the cameras stand in the middle of g5 and on the border of g1 and g2:

    g7 | g8 | g9
    ---+----+---
    g4 | g5 | g6
    ---+----+---
    g1 | g2 | g3
"""

import math
from dataclasses import dataclass

import numpy as np
import pytest
import shapely
from hypothesis import example, given
from hypothesis import strategies as st

from gis.cameras.coverage import draw_sectors, trace_sector, view_coverage
from gis.cameras.model import Camera
from gis.coords import points_to_metric, to_metric

SRID = 4548
WEST, SOUTH, STEP = 117.60, 26.25, 0.01


@dataclass(frozen=True)
class Area:
    code: str
    name: str
    level: str
    geometry: shapely.Polygon


@dataclass(frozen=True)
class Feature:
    external_id: str
    layer: str
    name: str
    geometry: shapely.Geometry
    key: bool = True


def square(column: int, row: int) -> shapely.Polygon:
    corners = [WEST + column * STEP, SOUTH + row * STEP]
    corners += [WEST + (column + 1) * STEP, SOUTH + (row + 1) * STEP]
    return shapely.box(*(round(corner, 7) for corner in corners))


PLAN = tuple(
    Area(f"g{number}", f"格{number}", "grid", square((number - 1) % 3, (number - 1) // 3))
    for number in range(1, 10)
)


def camera(*, heading=None, angle=360.0, reach=100.0, lon=117.615, lat=26.265, id="1") -> Camera:
    return Camera(id, f"镜{id}", lon, lat, heading, angle, reach)


@given(
    st.floats(-720, 720), st.floats(0.5, 360), st.floats(1, 500), st.floats(-5, 5)
)  # fmt: skip
@example(0.0, 359.99999999999994, 1.0, 0.0)
@example(0.0, 359.999998, 1.0, 0.0)
def test_a_sector_has_the_area_of_its_angle(heading, angle, reach, turn):
    one = camera(heading=heading, angle=angle, reach=reach)
    sector = trace_sector(1000.0, 2000.0, one, turn_deg=turn)
    assert sector.is_valid
    assert sector.area == pytest.approx(angle / 360 * math.pi * reach**2, rel=1e-6)


@pytest.mark.parametrize(
    ("heading", "east", "north"), [(0, 0, 1), (90, 1, 0), (180, 0, -1), (270, -1, 0), (-90, -1, 0)]
)
def test_headings_turn_clockwise_from_true_north(heading, east, north):
    (sector,) = draw_sectors([camera(heading=heading, angle=40)], metric_srid=SRID)
    x, y = points_to_metric(117.615, 26.265, srid=SRID)
    middle = shapely.Point(float(x) + 60 * east, float(y) + 60 * north)
    behind = shapely.Point(float(x) - 60 * east, float(y) - 60 * north)
    assert sector.contains(middle)
    assert not sector.contains(behind)


def test_a_camera_without_a_direction_covers_nothing_and_is_counted():
    view = view_coverage(PLAN, [camera(angle=90.0)], district="区", metric_srid=SRID)
    middle = view.grids[4]
    assert view.sectors == (None,)
    assert (middle.cameras, middle.unknown, middle.covered_share) == (1, 1, 0.0)


def test_overlapping_sectors_count_once_and_other_grids_nothing():
    """Two domes at one place: the share of g5 is one circle."""
    view = view_coverage(PLAN, [camera(), camera(id="2")], district="区", metric_srid=SRID)
    area_m2 = to_metric(PLAN[4].geometry, srid=SRID).area
    assert view.grids[4].covered_share == pytest.approx(math.pi * 100**2 / area_m2, rel=1e-4)
    assert [grid.cameras for grid in view.grids] == [0, 0, 0, 0, 2, 0, 0, 0, 0]
    assert sum(grid.covered_share for grid in view.grids) == view.grids[4].covered_share
    assert view.covered_share == pytest.approx(view.grids[4].covered_share / 9, rel=1e-2)


def test_on_a_shared_border_the_lowest_code_has_the_camera_and_both_grids_the_light():
    view = view_coverage(PLAN, [camera(lon=117.61, lat=26.255)], district="区", metric_srid=SRID)
    assert [grid.cameras for grid in view.grids[:2]] == [1, 0]
    assert view.grids[0].covered_share == pytest.approx(view.grids[1].covered_share, rel=0.01)


def test_no_cameras_and_one_outside():
    empty = view_coverage(PLAN, [], district="区", metric_srid=SRID)
    assert (empty.covered_share, empty.outside, empty.sectors) == (0.0, 0, ())
    away = view_coverage(PLAN, [camera(lon=100.0)], district="区", metric_srid=SRID)
    assert (away.outside, sum(grid.cameras for grid in away.grids)) == (1, 0)


def test_key_sections_and_places_are_split_into_covered_and_open():
    """A street of two kilometres through the dome: 200 m of it are seen."""
    street = shapely.LineString([(117.605, 26.265), (117.625, 26.265)])
    features = [
        Feature("r", "road", "列东大道", street),
        Feature("p", "place", "学校", shapely.Point(117.615, 26.265)),
        Feature("q", "place", "车站", shapely.Point(117.605, 26.255)),
        Feature("x", "road", "小巷", street, key=False),
    ]
    view = view_coverage(PLAN, [camera()], features, district="区", metric_srid=SRID)
    road, school, station = view.keys
    assert road.length_m == pytest.approx(1998, rel=0.01)
    assert road.covered_share * road.length_m == pytest.approx(200, abs=1)
    assert shapely.length(road.covered) + shapely.length(road.open) == pytest.approx(0.02, rel=1e-6)
    assert (school.length_m, school.covered_share) == (None, pytest.approx(1.0))
    assert station.covered_share == 0.0


def test_shares_lie_between_nothing_and_all():
    rng = np.random.default_rng(7)
    cameras = [
        camera(
            id=str(i), heading=float(rng.uniform(0, 360)), angle=float(rng.uniform(20, 360)),
            reach=float(rng.uniform(20, 900)), lon=float(rng.uniform(117.59, 117.64)),
            lat=float(rng.uniform(26.24, 26.29)),
        )
        for i in range(60)
    ]  # fmt: skip
    view = view_coverage(PLAN, cameras, district="区", metric_srid=SRID)
    assert all(0.0 <= grid.covered_share <= 1.0 + 1e-12 for grid in view.grids)
    assert sum(grid.cameras for grid in view.grids) == len(cameras) - view.outside
