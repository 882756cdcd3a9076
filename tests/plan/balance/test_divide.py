"""Is an area divided into equal parts, each in one piece?"""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import InputError
from gis.plan.balance import divide, divide_to_edits
from gis.plan.edits import apply_edit
from gis.plan.model import Level
from gis.plan.units import unite
from tests.plan.balance.lattice import draw_plan, draw_units


def test_a_square_becomes_four_squares() -> None:
    """
    a a a a        four grids of four squares each
    a a a a
    a a a a
    a a a a
    """
    units = draw_units(["aaaa"] * 4)
    labels = divide(units, 4)
    assert np.bincount(labels).tolist() == [4, 4, 4, 4]
    assert all(unite(units.ground[labels == k]).geom_type == "Polygon" for k in range(4))


def test_more_areas_than_units_are_refused() -> None:
    with pytest.raises(InputError, match="2 units cannot be divided into 3 areas"):
        divide(draw_units(["aa"]), 3)


@settings(max_examples=15, deadline=None)
@given(
    loads=st.lists(st.integers(1, 5), min_size=36, max_size=36),
    count=st.integers(1, 6),
    seed=st.integers(0, 3),
)
def test_every_division_becomes_splits(loads: list[int], count: int, seed: int) -> None:
    """Six by six squares; the splits make exactly the areas that were labelled."""
    units = draw_units(["aaaaaa"] * 6, load=[loads])
    labels = divide(units, count, tolerance=0.15, seed=seed)
    assert np.array_equal(labels, divide(units, count, tolerance=0.15, seed=seed))
    assert set(labels.tolist()) == set(range(count))
    wanted = {unite(units.ground[labels == k]).normalize().wkt for k in range(count)}

    before = draw_plan(units)
    plan = before
    for edit in divide_to_edits(before, "a", units, labels):
        plan = apply_edit(plan, edit).plan
    grids = plan.at(Level.GRID)
    assert len(grids) == count
    for grid in grids:
        assert any(grid.geometry.equals(shapely.from_wkt(area)) for area in wanted)
    assert shapely.coverage_is_valid(np.array([grid.geometry for grid in grids]))


def test_loads_are_level() -> None:
    units = draw_units(["aaaaaaaa"] * 8, load=[[1 + (i * 7) % 5 for i in range(64)]])
    load = np.bincount(divide(units, 4), weights=units.load)
    assert np.abs(load / load.mean() - 1.0).max() <= 0.05
