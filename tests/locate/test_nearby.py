"""Which grids are near a place, and which may it be in?"""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.coords import points_from_metric, points_to_metric, to_metric
from gis.errors import InputError
from gis.locate import Accuracy, BorderHit, GridHit, GridIndex, Locator, PlanIndex
from gis.locate.border import Borders
from gis.locate.nearby import find_near, find_way, share_circle

SRID = 4548
WEST_M, SOUTH_M = points_to_metric(117.6, 26.2, srid=SRID)


def area(west_m: float, south_m: float, east_m: float, north_m: float) -> shapely.Polygon:
    corners = shapely.get_coordinates(shapely.box(west_m, south_m, east_m, north_m))
    lon, lat = points_from_metric(WEST_M + corners[:, 0], SOUTH_M + corners[:, 1], srid=SRID)
    return shapely.Polygon(np.round(np.column_stack([lon, lat]), 7))


def place(east_m: float, north_m: float) -> dict[str, float]:
    lon, lat = points_from_metric(WEST_M + east_m, SOUTH_M + north_m, srid=SRID)
    return {"lon": float(lon), "lat": float(lat)}


def borders_of(*grids: shapely.Geometry) -> Borders:
    return Borders(grids, GridIndex(grids), metric_srid=SRID)


def plan() -> PlanIndex:
    """Metres from the south-western corner; only grid 2 is divided, and c1 has a hole nobody has::

    200 +-----------+-----+
        |    1      | s3  |
        |           +-----+ 2
        |           | s4  |
      0 +-----------+-----+
        0          200   300
    """
    return PlanIndex(
        1,
        None,
        None,
        {
            "community": [("c1", "一", area(0, 0, 200, 200)), ("c2", "二", area(200, 0, 300, 200))],
            "grid": [("1", "甲", area(0, 0, 200, 200)), ("2", "乙", area(200, 0, 300, 200))],
            "subgrid": [
                ("s3", "上", area(200, 100, 300, 200)),
                ("s4", "下", area(200, 0, 300, 100)),
            ],
        },
        metric_srid=SRID,
    )


def test_near_gives_the_nearest_grid_with_what_lies_above_and_below_it() -> None:
    match = Locator([plan()]).locate(**place(320, 150), near_m=25)
    assert match.status == "near"
    assert [hit.code for hit in match.grids] == ["c2", "2", "s3"]
    assert match.grids[0] == GridHit("community", "c2", "二")
    assert match.border == BorderHit(pytest.approx(20, abs=0.02), None, False)


def test_a_grid_that_is_not_divided_is_near_without_a_narrower_one() -> None:
    match = plan().locate(**place(-30, 100), near_m=50_000)
    assert [hit.code for hit in match.grids] == ["c1", "1"]
    assert match.border is not None
    assert match.border.distance_m == pytest.approx(30, abs=0.02)


def test_beyond_the_distance_is_outside_and_inside_nothing_is_near() -> None:
    far = plan().locate(**place(320, 150), near_m=19)
    assert (far.status, far.grids, far.border) == ("outside", (), None)
    inside = plan().locate(**place(290, 150), near_m=50)
    assert inside.status == "inside"
    assert inside.border is not None
    assert inside.border.distance_m == pytest.approx(10, abs=0.02)


def test_of_equally_near_grids_the_lowest_wins() -> None:
    """The point is due north of the corner where the two meet."""
    left, right = shapely.box(117.6, 26.2, 117.61, 26.21), shapely.box(117.61, 26.2, 117.62, 26.21)
    for grids in ((left, right), (right, left)):
        near = find_near(borders_of(*grids), lon=117.61, lat=26.2101, near_m=50)
        assert near is not None
        assert near.position == 0


def test_a_place_where_the_projection_says_nothing_is_near_nothing() -> None:
    assert find_near(borders_of(area(0, 0, 100, 100)), lon=-62.0, lat=0.0, near_m=50) is None
    assert plan().locate(lon=-62.0, lat=0.0, near_m=50, accuracy_m=50).status == "outside"


@pytest.mark.parametrize("metres", [0.0, -1.0, 50_000.1, math.inf, math.nan])
def test_a_distance_that_is_none_is_refused(metres: float) -> None:
    with pytest.raises(InputError, match="near_m="):
        plan().locate(**place(320, 150), near_m=metres)
    with pytest.raises(InputError, match="accuracy_m="):
        plan().locate(**place(320, 150), accuracy_m=metres)


def star(random: np.random.Generator, east_m: float, north_m: float) -> shapely.Polygon:
    angles = np.sort(random.uniform(0, 2 * math.pi, 12))
    radius = random.uniform(20, 60, 12)
    x, y = east_m + radius * np.cos(angles), north_m + radius * np.sin(angles)
    lon, lat = points_from_metric(WEST_M + x, SOUTH_M + y, srid=SRID)
    return shapely.Polygon(np.round(np.column_stack([lon, lat]), 7))


@given(st.integers(0, 2**32 - 1))
def test_the_way_to_the_nearest_is_that_of_the_projected_polygons(seed: int) -> None:
    random = np.random.default_rng(seed)
    middles = random.uniform(-2000, 2000, (12, 2)).tolist()
    grids = [star(random, x, y) for x, y in middles]
    if not all(grid.is_valid for grid in grids):
        return
    at = place(*random.uniform(-3000, 3000, 2).tolist())
    point = shapely.Point(at["lon"], at["lat"])
    distances = shapely.distance(to_metric(np.array(grids), srid=SRID), to_metric(point, srid=SRID))
    if distances.min() == 0.0:
        return
    near = find_near(borders_of(*grids), **at, near_m=50_000)
    assert near is not None
    assert near.distance_m == pytest.approx(distances.min(), abs=1e-5)
    assert distances[near.position] == pytest.approx(distances.min(), abs=1e-5)
    assert find_near(borders_of(*grids), **at, near_m=near.distance_m * 0.999) is None


def test_half_of_a_circle_on_a_border_is_on_each_side() -> None:
    accuracy = plan().locate(**place(200, 100), accuracy_m=40).accuracy
    assert accuracy is not None
    assert accuracy.radius_m == 40
    assert {(each.level, each.code, each.name) for each in accuracy.grids} == {
        ("grid", "1", "甲"),
        ("grid", "2", "乙"),
    }
    assert [each.share for each in accuracy.grids] == [pytest.approx(0.5, abs=1e-3)] * 2
    assert accuracy.outside == pytest.approx(0.0, abs=1e-9)


def test_what_no_grid_covers_is_outside() -> None:
    match = plan().locate(**place(0, 0), accuracy_m=40)
    assert match.accuracy is not None
    assert match.accuracy.outside == pytest.approx(0.75, abs=1e-3)
    far = plan().locate(**place(9_000, 0), accuracy_m=40)
    assert far.accuracy == Accuracy(40, (), 1.0)


def test_where_grids_overlap_the_ground_is_that_of_the_lowest() -> None:
    """Both cover the right half of the circle, the second one all of it."""
    found = share_circle(
        borders_of(area(0, -100, 100, 100), area(-100, -100, 100, 100)), **place(0, 0), radius_m=50
    )
    assert found.positions.tolist() == [0, 1]
    assert found.shares == pytest.approx([0.5, 0.5], abs=1e-3)
    assert found.outside == pytest.approx(0.0, abs=1e-9)


def test_a_circle_that_meets_too_many_grids_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gis.locate.nearby.MOST_SHARES", 1)
    with pytest.raises(InputError, match=r"about 2 grids lie within 500 m.*smaller accuracy_m"):
        plan().locate(**place(200, 100), accuracy_m=500)


@given(st.integers(0, 2**32 - 1), st.floats(5.0, 5_000.0))
def test_shares_and_the_rest_add_up_to_one(seed: int, radius_m: float) -> None:
    """Also where stars overlap; a second opinion on each share is taken from another circle."""
    random = np.random.default_rng(seed)
    grids = [star(random, x, y) for x, y in random.uniform(-100, 100, (6, 2)).tolist()]
    if not all(grid.is_valid for grid in grids):
        return
    at = place(*random.uniform(-150, 150, 2).tolist())
    found = share_circle(borders_of(*grids), **at, radius_m=radius_m)
    assert float(found.shares.sum()) + found.outside == pytest.approx(1.0, abs=1e-9)
    assert found.shares.tolist() == sorted(found.shares.tolist(), reverse=True)
    circle = shapely.buffer(
        to_metric(shapely.Point(at["lon"], at["lat"]), srid=SRID), radius_m, quad_segs=64
    )
    projected = to_metric(np.array(grids), srid=SRID)
    shares = dict(zip(found.positions.tolist(), found.shares.tolist(), strict=True))
    taken = shapely.Polygon()
    for position, grid in enumerate(projected):
        left = shapely.difference(shapely.intersection(grid, circle), taken)
        taken = shapely.union(taken, grid)
        assert shares.get(position, 0.0) == pytest.approx(left.area / circle.area, abs=1e-3)


def test_the_way_to_a_point_outside_names_distance_and_direction() -> None:
    outlines = borders_of(area(0, 0, 1000, 1000)).outlines
    for east, north, bearing in ((500, 3500, 0), (3500, 500, 90), (500, -2500, 180)):
        way = find_way(outlines, **place(east, north))
        assert way is not None
        assert way.distance_m == pytest.approx(2500, rel=0.01)
        assert (way.bearing_deg - bearing + 180) % 360 - 180 == pytest.approx(0, abs=2)
    antipode = find_way(outlines, lon=117.6 - 180, lat=-26.2)
    assert antipode is not None
    assert antipode.distance_m == pytest.approx(20_000_000, rel=0.01)


def test_an_empty_plan_is_far_from_nothing() -> None:
    assert find_way(borders_of().outlines, lon=0.0, lat=0.0) is None
    assert find_near(borders_of(), lon=117.6, lat=26.2, near_m=10) is None
    assert share_circle(borders_of(), lon=117.6, lat=26.2, radius_m=10).outside == 1.0
