"""Are codes, buildings, addresses, households, roads and staff looked after?"""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from gis.plan.checks import CHECK_VERSIONS, CHECKS, Limits, Placed, check_plan, check_touched
from gis.plan.findings import find_blocking
from gis.plan.model import BaseFeature, BaseLayer, Building, Grid, Level, Severity
from gis.plan.work import Points
from tests.plan.drawn import SRID, nested, patch, place, redraw, square, unite


def points(*places: tuple[float, float], weight: float = 1.0) -> Points:
    lon, lat = np.array([place(x, y) for x, y in places]).reshape(-1, 2).T
    return Points(lon, lat, np.full(len(lon), weight))


MIDDLES = [(x + 0.5, y + 0.5) for x in range(4) for y in range(4)]


def find(plan=None, touched=None, **known):
    """Ask about the whole plan, or about what was touched."""
    plan = plan or nested()
    if touched is None:
        return check_plan(plan, metric_srid=SRID, **known)
    return check_touched(plan, touched, metric_srid=SRID, **known)


def both(codes, **known):
    """Ask about the whole, and see that an edit there is told the same."""
    whole = find(**known)
    assert find(touched=codes, **known) == whole
    return whole


def test_a_retired_code_that_is_used_again_is_an_error():
    before = nested()
    back = before.replacing(["A00"], [Grid("A99", "", Level.GRID, before["A00"].geometry, "A")])
    used = {grid.code for grid in before} | {"A99"}
    (found,) = find(back, previous=before, used=used)
    assert (found.check, found.severity, found.codes) == ("code-reuse", Severity.ERROR, ("A99",))
    assert find(back, {"A99"}, previous=before, used=used) == [found]
    assert find(back, previous=before, used={"A00"}) == []
    assert find(back, used=used) == []


def test_an_area_in_two_parts_is_a_warning_at_the_smaller_part():
    plan = nested()
    parts = unite(plan["A00"].geometry, plan["B33"].geometry, plan["B32"].geometry)
    plan = plan.replacing(["A00", "B33", "B32"], [Grid("A00", "", Level.GRID, parts, "A")])
    found = [f for f in find(plan) if f.check == "contiguity"]
    (told,) = found
    assert (told.severity, told.codes) == (Severity.WARNING, ("A00",))
    assert square(0, 0).covers(shapely.Point(told.lon, told.lat))
    assert told.size_m2 == pytest.approx(11_070, rel=0.01)


def test_a_building_that_a_border_cuts_is_named_with_both_grids():
    """
    +-------+-------+
    |     [ h ]     |   [ h ] lies in both, | k ] only touches the border
    |       k ]     |
    +-------+-------+
    """
    houses = [
        Building("h", patch((0.9, 0.4), (1.2, 0.4), (1.2, 0.5), (0.9, 0.5)), name="翁墩小学"),
        Building("k", patch((1.0, 0.2), (1.1, 0.2), (1.1, 0.3), (1.0, 0.3))),
        Building("far", patch((3.9, 2.4), (4.2, 2.4), (4.2, 2.5), (3.9, 2.5))),
    ]
    (told,) = both({"A10"}, buildings=Placed(houses))
    assert (told.check, told.severity, told.codes) == (
        "buildings-cut",
        Severity.WARNING,
        ("A00", "A10"),
    )
    assert "翁墩小学" in told.message
    assert find(touched={"B33"}, buildings=houses) == []
    assert find(buildings=houses, limits=Limits(building_cut_m2=1e6)) == []


def test_addresses_outside_all_grids_are_counted_once():
    lost = points((0.5, 0.5), (-1.0, 2.0), (5.0, 5.0), (4.0, 4.0))
    (told,) = find(work={"addresses": lost})
    assert (told.check, told.severity) == ("addresses", Severity.WARNING)
    assert told.message.startswith("2 addresses lie in no grid")
    assert (told.lon, told.lat) == place(-1.0, 2.0)


def test_an_edit_that_leaves_an_address_without_grid_is_told():
    before = nested()
    smaller = redraw(before, "B33", patch((3, 3), (4, 3), (3, 4)))
    work = {"addresses": points((3.9, 3.9), (9.0, 9.0))}
    found = find(smaller, {"B33"}, work=work, previous=before)
    (told,) = [f for f in found if f.check == "addresses"]
    assert told.message.startswith("1 addresses")


def test_households_out_of_range_are_told_and_a_border_point_counts_once():
    homes = points(*(spot for spot in MIDDLES if spot != (0.5, 0.5)), weight=400.0)
    few = points((0.5, 0.5), (1.0, 0.5), weight=100.0)
    work = {
        "households": Points(
            np.append(homes.lon, few.lon),
            np.append(homes.lat, few.lat),
            np.append(homes.weight, few.weight),
        )
    }
    (told,) = both({"A00"}, work=work)
    assert (told.check, told.codes) == ("households", ("A00",))
    assert "200 households, not 300 to 500" in told.message
    assert find(work=work, limits=Limits(households=(200, 400))) == []
    assert find(work=work, limits=Limits(households=None)) == []
    strict = find(work=work, limits=Limits(errors=frozenset({"households"})))
    assert find_blocking(strict) == strict != []


def test_load_has_a_floor_and_a_ceiling_only_where_the_district_sets_them():
    work = {"households": points(*MIDDLES, weight=400.0), "reports_per_year": points((0.5, 0.5))}
    assert find(work=work) == []
    limits = Limits(load_floor=300, load_ceiling=400)
    (told,) = both({"A00"}, work=work, limits=limits)
    assert (told.check, told.codes) == ("load", ("A00",))
    assert "is 401, above the ceiling of 400" in told.message
    low = Limits(load_floor=401, load_weights={"households": 1.0})
    assert {f.check for f in find(work=work, limits=low)} == {"load"}
    assert find(limits=limits) == []


def test_grids_without_staff_are_told_only_where_staff_is_known():
    assert find() == []
    (told,) = both({"B22"}, work={"staff": points(*(p for p in MIDDLES if p != (2.5, 2.5)))})
    assert (told.check, told.codes) == ("staffed", ("B22",))


def test_borders_far_from_roads_are_told_where_a_share_is_asked():
    """
    A road along the meridian between A and B: of the inner border of A10 (north, west, east) the
    eastern third follows it; of that of A00 (north, east) nothing does.
    """
    road = BaseFeature("r", BaseLayer.ROAD, "", shapely.LineString([place(2, -1), place(2, 5)]))
    park = BaseFeature("p", BaseLayer.GREEN, "", square(0, 0))
    limits = Limits(border_share=0.3)
    assert find(base=[road, park]) == []
    assert find(base=[park], limits=limits) == []
    bad = {f.codes[0]: f.message for f in find(base=[road, park], limits=limits)}
    assert "A00" in bad
    assert "A10" not in bad
    assert "0% of the inner border of A00" in bad["A00"]
    (told,) = find(touched={"A00"}, base=Placed([road, park]), limits=limits)
    assert (told.check, told.codes) == ("borders", ("A00",))
    # A ditch along it with an area of its own: its shore counts.
    ditch = patch((0.99, 0.01), (1.01, 0.01), (1.01, 0.99), (0.99, 0.99))
    water = BaseFeature("w", BaseLayer.WATER, "", ditch)
    assert find(touched={"A00"}, base=[road, water], limits=limits) == []


def test_the_level_with_staff_is_the_grids_or_the_narrowest_or_what_is_set():
    work = {"staff": points((0.5, 0.5))}
    communities = nested().replacing([g.code for g in nested().at(Level.GRID)], [])
    (told,) = find(communities, work=work)
    assert told.codes == ("B",)
    (told,) = find(work=work, limits=Limits(level=Level.COMMUNITY))
    assert told.codes == ("B",)


def test_every_finding_can_name_the_version_of_its_check():
    told = {name for check in CHECKS.values() for name in check.tells}
    assert told == set(CHECK_VERSIONS)
    assert {"overlaps", "gaps", "nesting", "invalid", "code-reuse"} <= told
    assert all(version >= 1 for version in CHECK_VERSIONS.values())
