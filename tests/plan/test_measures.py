"""Are the figures of a grid those of its shape and of what lies in it?"""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import NotFound
from gis.plan.measures import (
    Measures,
    deviate_from_mean,
    measure_grids,
    polsby_popper,
    reock,
    tabulate_measures,
)
from gis.plan.model import Level, Plan
from gis.plan.work import Points
from tests.plan.drawn import SRID, nested, place


def points(*places: tuple[float, float], weight: float = 1.0) -> Points:
    lon, lat = np.array([place(x, y) for x, y in places]).reshape(-1, 2).T
    return Points(lon, lat, np.full(len(lon), weight))


def test_a_disc_is_as_compact_as_can_be_and_a_strip_is_not():
    shapes = np.array([shapely.Point(0, 0).buffer(1, quad_segs=500), shapely.box(0, 0, 100, 1)])
    assert polsby_popper(shapes).tolist() == pytest.approx(
        [1.0, 4 * math.pi * 100 / 202**2], rel=1e-4
    )
    assert reock(shapes).tolist() == pytest.approx([1.0, 100 / (math.pi * 2500.25)], rel=1e-4)


@settings(max_examples=40)
@given(st.floats(0.1, 10.0), st.floats(-50.0, 50.0), st.floats(0.0, 360.0), st.floats(0.1, 9.0))
def test_compactness_does_not_depend_on_size_place_or_turn(size, shift, angle, width):
    shape = shapely.Polygon([(0, 0), (width, 0), (width, 1), (0.5, 3)])
    moved = shapely.affinity.rotate(shapely.affinity.scale(shape, size, size), angle)
    moved = shapely.affinity.translate(moved, shift, -shift)
    pair = np.array([shape, moved])
    for measure in (polsby_popper, reock):
        one, other = measure(pair)
        assert one == pytest.approx(other, rel=1e-6)
        assert 0 < one <= 1


def test_work_is_counted_at_every_level_and_what_nobody_counted_is_none():
    work = {
        "households": points((0.5, 0.5), (0.4, 0.4), (3.5, 3.5), weight=100.0),
        "staff": points((0.5, 0.5)),
    }
    found = measure_grids(nested(), metric_srid=SRID, work=work)
    assert (found["A00"].households, found["A00"].staff) == (200.0, 1.0)
    assert (found["B33"].households, found["B33"].staff) == (100.0, 0.0)
    assert (found["A"].households, found["B"].households) == (200.0, 100.0)
    assert found["A00"].cameras is None
    assert found["A00"].load == 200.0
    # Of eight grids in A only one has any: seven times the mean more than the mean.
    assert found["A00"].load_deviation == pytest.approx(7.0)
    assert found["A01"].load_deviation == -1.0
    assert found["A"].load_deviation == pytest.approx(1 / 3)
    assert measure_grids(nested(), metric_srid=SRID)["A00"].load is None


def test_a_parent_is_the_sum_of_its_children():
    found = measure_grids(nested(), metric_srid=SRID)
    children = [figures for code, figures in found.items() if code.startswith("A") and code != "A"]
    assert found["A"].area_m2 == pytest.approx(sum(figures.area_m2 for figures in children))
    assert found["A"].perimeter_m < sum(figures.perimeter_m for figures in children)


@settings(max_examples=30, deadline=None)
@given(
    codes=st.sets(st.sampled_from(["A", "B", "A00", "A11", "B20", "B33"]), min_size=1),
    spots=st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=12),
)
def test_figures_of_some_are_those_of_all(codes, spots):
    """Points lie on borders and corners too: the lowest code has them, asked or not."""
    work = {
        "households": points(*[(x / 2, y / 2) for x, y in spots], weight=2.0),
        "cameras": points(*[(x / 2, y / 2) for x, y in spots]),
    }
    everyone = measure_grids(nested(), metric_srid=SRID, work=work)
    assert sum(everyone[g.code].cameras for g in nested().at(Level.GRID)) == len(spots)
    some = measure_grids(nested(), codes, metric_srid=SRID, work=work)
    assert some == {code: figures for code, figures in everyone.items() if code in codes}


def test_no_work_at_all_deviates_from_nothing():
    found = measure_grids(nested(), metric_srid=SRID, work={"households": points()})
    assert found["A00"].load == 0.0
    assert found["A00"].load_deviation is None
    assert deviate_from_mean(np.array([2.0]), np.array([0])).tolist() == [0.0]


def test_a_table_has_a_row_for_each_code():
    table = tabulate_measures(measure_grids(nested(), metric_srid=SRID))
    assert list(table.index[:2]) == ["A", "B"]
    assert list(table.columns) == list(Measures.__slots__)
    assert table["households"].isna().all()
    assert tabulate_measures({}).empty


def test_a_code_that_is_not_there_is_told():
    with pytest.raises(NotFound, match="nowhere"):
        measure_grids(nested(), ["nowhere"], metric_srid=SRID)
    assert measure_grids(Plan([]), metric_srid=SRID) == {}
