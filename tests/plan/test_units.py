"""Does ground fall to the nearest building, and do streets divide it?"""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from gis.errors import InputError, NotFound
from gis.plan.model import Building, Grid, Level
from gis.plan.units import find_units, ground_of, make_units, take_units
from gis.plan.work import Points

SRID = 4548


def building(name: str, west: float, south: float, households: int = 1) -> Building:
    """A house of 10 m by 10 m; positions in 0.0001°."""
    lon, lat = 117.6 + west * 1e-4, 26.2 + south * 1e-4
    return Building(
        name, shapely.box(lon, lat, lon + 1e-4, lat + 1e-4).normalize(), None, households
    )


def grid(code: str, west: float, east: float) -> Grid:
    ground = shapely.box(117.6 + west * 1e-4, 26.2, 117.6 + east * 1e-4, 26.201)
    return Grid(code, code, Level.GRID, ground)


def test_ground_between_two_houses_is_halved() -> None:
    """
    +-----------+-----------+
    |    [x]    |    [y]    |
    +-----------+-----------+
    """
    houses = [building("x", 2, 4), building("y", 7, 4)]
    units = make_units([grid("1", 0, 10)], houses, metric_srid=SRID)
    assert sorted(units.ids) == ["x", "y"]
    bounds = dict(zip(units.ids, shapely.bounds(units.ground).tolist(), strict=True))
    assert bounds["x"][2] == pytest.approx(117.6005, abs=2e-7)
    assert shapely.area(units.ground).sum() == pytest.approx(1e-6, rel=1e-6)


def test_a_street_divides_and_a_dead_end_does_not() -> None:
    street = shapely.LineString([(117.6005, 26.19), (117.6005, 26.21)])
    dead_end = shapely.LineString([(117.6005, 26.2005), (117.6008, 26.2005)])
    units = make_units([grid("1", 0, 10)], streets=[street, dead_end], metric_srid=SRID)
    assert sorted(units.ids) == ["1/1", "1/2"]


def test_a_house_on_a_border_stays_whole() -> None:
    """Most of the house is in 1, so its households are; each grid keeps its ground."""
    houses = [building("x", 4.4, 4, 7), building("y", 8, 4, 2)]
    units = make_units([grid("1", 0, 5), grid("2", 5, 10)], houses, metric_srid=SRID)
    assert units.sum_by_grid(units.households).tolist() == [7.0, 2.0]
    assert dict(zip(units.ids, units.owner.tolist(), strict=True)) == {"x": 0, "y": 1}
    assert shapely.area(units.ground).tolist() == pytest.approx([5e-7, 5e-7], rel=1e-6)


def test_work_is_weighed() -> None:
    place = Points(np.array([117.6001]), np.array([26.2001]), np.array([3.0]))
    units = make_units(
        [grid("1", 0, 10)],
        [building("x", 4, 4, 10)],
        metric_srid=SRID,
        work={"reports_per_year": place, "open_reports": place},
        weights={"households": 1.0, "reports_per_year": 2.0},
    )
    assert (units.load.tolist(), units.open_reports.tolist()) == ([16.0], [3.0])


def test_chosen_houses_come_with_the_ground_between() -> None:
    houses = [building("x", 1, 4), building("y", 4, 4), building("z", 8, 4)]
    units = make_units([grid("1", 0, 10)], houses, metric_srid=SRID)
    ground = ground_of(units, ["x", "y"])
    assert ground.geom_type == "Polygon"
    assert ground.covers(shapely.union_all([houses[0].geometry, houses[1].geometry]))
    assert not ground.intersects(houses[2].geometry)
    with pytest.raises(NotFound, match="'w'"):
        find_units(units, ["x", "w"])


def test_nothing_chosen_and_names_twice_are_refused() -> None:
    with pytest.raises(InputError, match="no grid"):
        make_units([], metric_srid=SRID)
    square = np.array([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)])
    with pytest.raises(InputError, match="different names"):
        take_units("aa", square, "12", metric_srid=SRID, load=np.ones(2))
