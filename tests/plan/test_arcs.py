"""Does a plan come back from its arcs as it was, and is every border kept once?"""

from __future__ import annotations

import json
from collections import Counter
from itertools import pairwise

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import InputError
from gis.plan.arcs import read_topojson, shared_borders, write_topojson
from gis.plan.model import Grid, Level, Plan
from tests.plan.drawn import nested, patch, redraw, square, unite


@st.composite
def plans(draw):
    """Squares of a board dealt out to a few grids: islands, holes, corners that touch; each ring
    begins anywhere and runs either way."""
    owners = draw(st.lists(st.integers(-1, 4), min_size=16, max_size=16))
    grids = []
    for owner in sorted(set(owners) - {-1}):
        shape = unite(*(square(i % 4, i // 4) for i in range(16) if owners[i] == owner))
        turn, back = draw(st.integers(0, 3)), draw(st.booleans())
        parent = draw(st.sampled_from(["top", None]))
        grids.append(Grid(f"g{owner}", "北", Level.GRID, _turn(shape, turn, back), parent))
    if not grids:
        return Plan([])
    top = Grid("top", "", Level.COMMUNITY, unite(*(grid.geometry for grid in grids)))
    return Plan([*grids, top])


def _turn(shape, turn, back):
    def ring(line):
        corners = list(line.coords)[:-1]
        corners = corners[turn:] + corners[:turn]
        return corners[::-1] if back else corners

    parts = [
        shapely.Polygon(ring(part.exterior), [ring(hole) for hole in part.interiors])
        for part in shapely.get_parts(shape)
    ]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def arcs_of(area):
    rings = area["arcs"] if area["type"] == "Polygon" else [r for p in area["arcs"] for r in p]
    return [number if number >= 0 else ~number for ring in rings for number in ring]


@settings(max_examples=80, deadline=None)
@given(plan=plans())
def test_a_plan_comes_back_with_its_fingerprint_and_every_arc_has_two_sides_at_most(plan):
    topology = json.loads(json.dumps(write_topojson(plan)))
    assert read_topojson(topology).fingerprint == plan.fingerprint
    for collection in topology["objects"].values():
        used = Counter(n for area in collection["geometries"] for n in arcs_of(area))
        assert max(used.values()) <= 2
    stored = [frozenset((tuple(a), tuple(b))) for arc in topology["arcs"] for a, b in pairwise(arc)]
    assert len(stored) == len(set(stored))


def test_a_border_between_two_grids_is_one_arc_for_all_levels():
    """
    +---+---+
    | a | b |   both in p
    +---+---+
    """
    a, b = (Grid(code, "", Level.GRID, square(x, 0), "p") for x, code in enumerate("ab"))
    plan = Plan([a, b, Grid("p", "", Level.COMMUNITY, unite(a.geometry, b.geometry))])
    objects = write_topojson(plan)["objects"]
    inner = [set(arcs_of(area)) for area in objects["grid"]["geometries"]]
    outer = set(arcs_of(objects["community"]["geometries"][0]))
    assert len(inner[0] & inner[1]) == 1
    assert outer == inner[0] ^ inner[1]


def test_no_digit_of_a_corner_is_lost():
    third = patch((0, 0), (1 / 3, 0), (1 / 7, 2 / 3))
    moved = shapely.transform(third, lambda xy: xy + 1e-13 / 3)
    plan = Plan([Grid("a", "", Level.GRID, moved)])
    assert (
        read_topojson(json.loads(json.dumps(write_topojson(plan)))).fingerprint == plan.fingerprint
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.update(type="FeatureCollection"), "no TopoJSON"),
        (lambda t: t.update(transform={"scale": [1, 1], "translate": [0, 0]}), "quantised"),
        (lambda t: t.update(arcs=None), 'no list of "arcs"'),
        (lambda t: t.update(objects=[]), '"objects"'),
        (lambda t: t["arcs"].__setitem__(1, [[0, 0], [1, "a"]]), "arc 1 is not a list"),
        (lambda t: t["arcs"].__setitem__(1, [[0, 0], [1, float("nan")]]), "arc 1 is not a list"),
        (lambda t: t["arcs"].__setitem__(0, [[0, 0], [1, 1]]), "do not join"),
        (lambda t: _first(t).update(id=7), "object 'grid', area 1 has no code"),
        (lambda t: _first(t).update(arcs=[[99]]), r"area 1 \(a\) names the arc 99"),
        (lambda t: _first(t).update(arcs=[[True]]), "names the arc True"),
        (lambda t: _first(t).update(arcs=[[]]), "a ring without arcs"),
        (lambda t: _first(t).update(arcs=[]), "a polygon without rings"),
        (lambda t: _first(t).update(type="LineString"), "no Polygon"),
        (lambda t: _first(t)["properties"].update(level="moon"), "unknown level 'moon'"),
        (lambda t: _first(t)["properties"].update(parent=3), "needs a name and a parent"),
        (lambda t: _first(t)["properties"].update(parent="x"), "names the parent 'x'"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_with_its_place(change, message):
    plan = Plan(Grid(code, "", Level.GRID, square(x, 0)) for x, code in enumerate("ab"))
    topology = write_topojson(plan)
    change(topology)
    with pytest.raises(InputError, match=message):
        read_topojson(topology)


def _first(topology):
    return topology["objects"]["grid"]["geometries"][0]


def test_borders_between_grids_and_the_outer_limit_make_up_all_borders():
    plan = nested()
    borders = shared_borders(plan.at(Level.GRID))
    pairs = {(border.one, border.other) for border in borders}
    assert ("A10", "B20") in pairs
    assert ("A00", None) in pairs
    assert ("A11", None) not in pairs
    inner = sum(border.line.length for border in borders if border.other)
    outer = sum(border.line.length for border in borders if border.other is None)
    assert inner == pytest.approx(24 * 0.001)
    assert outer == pytest.approx(16 * 0.001)
    (middle,) = [b for b in shared_borders(plan.at(Level.COMMUNITY)) if b.other]
    assert len(middle.line.geoms) == 1
    assert len(middle.line.geoms[0].coords) == 5


def test_what_overlaps_is_shared_with_nobody():
    plan = redraw(nested(), "A10", patch((1, 0), (2.5, 0), (2.5, 1), (1, 1)))
    pairs = {(border.one, border.other) for border in shared_borders(plan.at(Level.GRID))}
    assert ("A10", None) in pairs
    assert ("A10", "B20") not in pairs
    assert shared_borders([]) == []
