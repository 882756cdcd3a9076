"""Is a plan that was patched the same value as one that was built anew?"""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import InputError
from gis.plan.chains import is_same
from gis.plan.model import Grid, Level, Plan

COUNT = 40


def square(number: int, *, parent: str, shift: float = 0.0) -> Grid:
    shape = shapely.box(number + shift, 0.0, number + shift + 1.0, 1.0)
    return Grid(f"{number:03d}", "", Level.GRID, shape, parent)


def row() -> Plan:
    """
    +--------------+--------------+-- … --+
    | A: 000 … 009 | B: 010 … 019 |       |    forty grids of four communities
    +--------------+--------------+-- … --+
    """
    grids = [square(i, parent="ABCD"[i // 10]) for i in range(COUNT)]
    above = [
        Grid(code, "", Level.COMMUNITY, shapely.box(10 * i, 0, 10 * i + 10, 1))
        for i, code in enumerate("ABCD")
    ]
    return Plan([*grids, *above])


def assert_same(patched: Plan, built: Plan) -> None:
    assert patched.grids == built.grids
    assert patched.levels == built.levels
    assert patched.fingerprint == built.fingerprint
    assert np.array_equal(patched.bounds, built.bounds)
    assert patched.borders.keys() == built.borders.keys()
    assert all(is_same(patched.borders[level], built.borders[level]) for level in built.levels)
    assert list(patched.geometries) == list(built.geometries)
    for grid in built:
        assert patched[grid.code] is grid
        assert patched.children(grid.code) == built.children(grid.code)
    for level in Level:
        assert patched.at(level) == built.at(level)


@settings(max_examples=60)
@given(
    gone=st.sets(st.integers(0, COUNT + 5), max_size=3),
    come=st.sets(st.integers(0, COUNT + 20), max_size=3),
    parents=st.lists(st.sampled_from("ABCDX"), min_size=3, max_size=3),
    asked_first=st.booleans(),
)
def test_a_patched_plan_is_the_plan_that_would_be_built(gone, come, parents, asked_first):
    plan = row()
    if asked_first:
        assert len(plan.bounds) == len(plan)
        assert len(plan.borders) == 2
    codes = {f"{number:03d}" for number in gone}
    arrivals = [square(n, parent=p, shift=0.5) for n, p in zip(sorted(come), parents, strict=False)]
    everything = [*(grid for grid in plan if grid.code not in codes), *arrivals]
    try:
        built = Plan(everything)
    except InputError as error:
        with pytest.raises(InputError) as refused:
            plan.replacing(codes, arrivals)
        assert str(refused.value) == str(error)
    else:
        assert_same(plan.replacing(codes, arrivals), built)
        assert_same(plan, Plan(plan.grids))


def test_a_parent_may_not_leave_its_children_nor_sink_to_their_level():
    plan = row()
    sunk = Grid("A", "", Level.GRID, plan["A"].geometry)
    for come in ([], [sunk]):
        with pytest.raises(InputError, match="000"):
            plan.replacing({"A"}, come)
    moved = [Grid(g.code, g.name, g.level, g.geometry, "B") for g in plan.children("A")]
    everyone = {"A", *(grid.code for grid in moved)}
    assert_same(
        plan.replacing(everyone, moved),
        Plan([*(g for g in plan if g.code not in everyone), *moved]),
    )


def test_the_arrays_of_a_plan_are_read_only():
    plan = row().replacing({"003"}, [])
    for array in (plan.bounds, plan.geometries):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0.0


def test_an_empty_plan_has_empty_arrays():
    assert Plan([]).bounds.shape == (0, 4)
    assert Plan([]).levels == ()
