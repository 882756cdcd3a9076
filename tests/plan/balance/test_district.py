"""Can a community of the demonstration district be balanced building by building?"""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from gis.demo import District, build_district
from gis.plan.balance import link_units, propose_balance, to_edits
from gis.plan.edits import apply_edit
from gis.plan.model import BaseLayer, Level
from gis.plan.units import Grain, Units, make_units
from gis.plan.work import Points, sum_by_area

COMMUNITY = "350402002003"


@pytest.fixture(scope="module")
def district() -> District:
    return build_district()


def units_of(district: District, grain: Grain) -> Units:
    return make_units(
        district.plan.children(COMMUNITY),
        district.buildings,
        [feature.geometry for feature in district.base if feature.layer is BaseLayer.ROAD],
        metric_srid=district.metric_srid,
        grain=grain,
    )


def households_of(district: District) -> Points:
    inside = shapely.point_on_surface(
        np.array([building.geometry for building in district.buildings])
    )
    weight = np.array([float(building.households) for building in district.buildings])
    return Points(shapely.get_x(inside), shapely.get_y(inside), weight)


@pytest.mark.parametrize("grain", ["blocks", "buildings"])
def test_units_tile_their_grids(district: District, grain: Grain) -> None:
    units = units_of(district, grain)
    grids = district.plan.children(COMMUNITY)
    assert shapely.coverage_is_valid(units.ground)
    for position, grid in enumerate(grids):
        union = shapely.union_all(units.ground[units.owner == position])
        missed = shapely.area(shapely.symmetric_difference(union, grid.geometry))
        assert missed < 1e-4 * grid.geometry.area
    areas = [grid.geometry for grid in grids]
    wanted = sum_by_area(areas, households_of(district))
    assert units.sum_by_grid(units.households).tolist() == wanted.tolist()
    held = [name for names in units.members for name in names]
    assert len(held) == len(set(held))


def test_streets_are_known_as_such(district: District) -> None:
    links = link_units(units_of(district, "blocks"))
    assert links.street_m.sum() > 0.7 * links.length_m.sum()
    assert np.all(links.street_m <= links.length_m + 1e-9)


def test_edits_give_the_promised_loads(district: District) -> None:
    units = units_of(district, "buildings")
    proposal = propose_balance(units, floor=480, ceiling=550)
    assert proposal.reached
    assert proposal.households <= 2.0 * proposal.least_load
    plan = district.plan
    for edit in to_edits(proposal, units):
        plan = apply_edit(plan, edit).plan
    areas = [grid.geometry for grid in plan.children(COMMUNITY)]
    loads = sum_by_area(areas, households_of(district))
    assert loads.tolist() == list(proposal.after.values())
    assert {area.geom_type for area in areas} == {"Polygon"}
    everywhere = np.array([grid.geometry for grid in plan.at(Level.GRID)])
    assert shapely.coverage_is_valid(everywhere)
    assert plan[COMMUNITY].geometry.area == pytest.approx(
        district.plan[COMMUNITY].geometry.area, rel=1e-12
    )
