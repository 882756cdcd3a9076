"""Is the plan of the district an exact, nested coverage of the known numbers?"""

from collections import Counter

import numpy as np
import pytest
import shapely

from gis.coords import snap
from gis.demo import District
from gis.plan import Grid, Level

WENGDUN = "350402002003"


def _vertices(grid: Grid) -> set[tuple[float, float]]:
    return {(x, y) for x, y in shapely.get_coordinates(grid.geometry).tolist()}


def test_the_numbers_are_those_of_meilie(district: District) -> None:
    plan = district.plan
    sizes = {level.value: len(plan.at(level)) for level in plan.levels}
    assert sizes == {
        "district": 1,
        "subdistrict": 3,
        "community": 26,
        "grid": 145,
        "subgrid": 27,
    }
    assert [len(plan.children(grid.code)) for grid in plan.at(Level.SUBDISTRICT)] == [11, 8, 7]
    grids = plan.children(WENGDUN)
    assert len(grids) == 6
    assert sum(len(plan.children(grid.code)) for grid in grids) == 27
    assert plan[WENGDUN].name == "翁墩社区"


def test_codes_extend_the_code_of_the_parent(district: District) -> None:
    digits = {"district": 6, "subdistrict": 9, "community": 12, "grid": 15, "subgrid": 17}
    for grid in district.plan:
        assert len(grid.code) == digits[grid.level.value]
        assert grid.parent is None or grid.code.startswith(grid.parent)
    for community in district.plan.at(Level.COMMUNITY):
        numbers = [int(grid.code[12:]) for grid in district.plan.children(community.code)]
        assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("level", list(Level))
def test_every_level_is_an_exact_coverage(district: District, level: Level) -> None:
    areas = np.array([grid.geometry for grid in district.plan.at(level)])
    assert shapely.is_valid(areas).all()
    assert shapely.coverage_is_valid(areas, gap_width=1e-6)
    joined = shapely.union_all(areas)
    assert joined.area == pytest.approx(shapely.area(areas).sum(), rel=1e-12)
    assert joined.geom_type == "Polygon"
    assert not joined.interiors


def test_vertices_are_snapped(district: District) -> None:
    for grid in district.plan:
        vertices = shapely.get_coordinates(grid.geometry)
        assert np.array_equal(snap(vertices), vertices)


def test_parents_are_the_union_of_their_children_with_all_their_vertices(
    district: District,
) -> None:
    """A vertex where three grids meet on a border is a vertex of the wider areas too."""
    for grid in district.plan:
        children = district.plan.children(grid.code)
        if not children:
            continue
        union = shapely.coverage_union_all([child.geometry for child in children])
        assert grid.geometry.equals(union)
        inner = set().union(*(_vertices(child) for child in children))
        points = shapely.points(sorted(inner))
        on_outline = shapely.dwithin(points, grid.geometry.exterior, 0.0)
        outline = {(p.x, p.y) for p in points[on_outline]}
        assert outline == _vertices(grid)


def test_every_building_lies_in_one_grid_and_off_all_streets(district: District) -> None:
    houses = np.array([building.geometry for building in district.buildings])
    assert shapely.is_valid(houses).all()
    tree = shapely.STRtree(houses)
    one, other = tree.query(houses, predicate="intersects")
    assert (one == other).all()
    grids = np.array([grid.geometry for grid in district.plan.at(Level.GRID)])
    assert len(shapely.STRtree(grids).query(houses, predicate="within")[0]) == len(houses)
    for feature in district.base:
        if feature.layer in ("water", "road", "rail"):
            assert not tree.query(feature.geometry, predicate="intersects").size, feature


def test_subgrids_run_along_building_gaps(district: District) -> None:
    subgrids = np.array([grid.geometry for grid in district.plan.at(Level.SUBGRID)])
    houses = np.array([building.geometry for building in district.buildings])
    inside = houses[shapely.intersects(district.plan[WENGDUN].geometry, houses)]
    house, subgrid = shapely.STRtree(subgrids).query(inside, predicate="intersects")
    assert sorted(house.tolist()) == list(range(len(inside)))
    assert set(subgrid.tolist()) == set(range(27))


def test_two_to_six_hundred_households_live_in_a_grid(district: District) -> None:
    grids = district.plan.at(Level.GRID)
    tree = shapely.STRtree([grid.geometry for grid in grids])
    spots = [building.geometry.representative_point() for building in district.buildings]
    house, grid = tree.query(spots, predicate="intersects")
    homes: Counter[int] = Counter()
    for h, g in zip(house.tolist(), grid.tolist(), strict=True):
        homes[g] += district.buildings[h].households
    assert len(homes) == 145
    assert 200 <= min(homes.values()) <= max(homes.values()) <= 600
    assert 45_000 < sum(homes.values()) < 60_000
