"""Who changes hands? Small drawn plans, random cuts of a square, and plans of different levels."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import InputError
from gis.plan.impact import compare
from gis.plan.model import Grid, Level, Plan
from gis.plan.work import Points
from tests.plan.test_lineage import SOUTH, SRID, STEP, WEST, cut_squares, draw, homes

WIDTH_M, HEIGHT_M = 99.9, 110.8


def test_a_column_changes_hands():
    """
    aabb    abbb    households  1234
    aabb →  abbb                5678
    """
    impact = compare(
        draw("aabb aabb"), draw("abbb abbb"), metric_srid=SRID, work=homes("1234 5678")
    )
    [row] = impact.handovers
    assert (row.from_code, row.to_code, row.kind, row.is_move) == ("a", "b", "moved", True)
    assert row.amounts == {"households": 8.0}
    assert row.area_m2 == pytest.approx(2 * WIDTH_M * HEIGHT_M, rel=0.01)
    assert shapely.area(row.geometry) == pytest.approx(2 * STEP**2)
    assert impact.new_borders.length_m == pytest.approx(2 * HEIGHT_M, rel=0.01)
    assert impact.vanished_borders.length_m == pytest.approx(2 * HEIGHT_M, rel=0.01)
    assert shapely.get_x(shapely.centroid(impact.new_borders.lines)) == pytest.approx(WEST + STEP)
    area, households = impact.totals
    assert (households.moved, households.everything) == (8.0, 36.0)
    assert area.moved / area.everything == pytest.approx(0.25, abs=1e-3)
    [a, b] = impact.grids
    assert (a.before.load, a.after.load, b.before.load, b.after.load) == (14.0, 6.0, 22.0, 30.0)
    assert a.after.deviation == pytest.approx(6 / 18 - 1)
    assert impact.changed == impact.grids


def test_another_code_is_no_move():
    impact = compare(draw("aab"), draw("xxb"), metric_srid=SRID, work=homes("123"))
    [row] = impact.handovers
    assert (row.from_code, row.to_code, row.kind, row.is_move) == ("a", "x", "renamed", False)
    total = impact.totals[1]
    assert (total.moved, total.recoded, total.everything) == (0.0, 3.0, 6.0)
    assert impact.new_borders.length_m == impact.vanished_borders.length_m == 0.0
    assert [(grid.code, grid.before is None, grid.after is None) for grid in impact.changed] == [
        ("a", False, True),
        ("x", True, False),
    ]


def test_merging_takes_a_border_away_and_splitting_draws_one():
    merged = compare(draw("ab"), draw("aa"), metric_srid=SRID, work=homes("12"))
    assert merged.new_borders.length_m == 0.0
    assert merged.vanished_borders.length_m == pytest.approx(HEIGHT_M, rel=0.01)
    assert [grid.after is None for grid in merged.grids] == [False, True]
    split = compare(draw("aa"), draw("ab"), metric_srid=SRID, work=homes("12"))
    assert split.new_borders.lines.equals(merged.vanished_borders.lines)
    assert [(row.from_code, row.to_code, row.kind) for row in split.handovers] == [
        ("a", "b", "split")
    ]


def test_a_further_corner_on_a_border_is_no_new_border():
    """The corner is the nearest double to the border and does not lie on it exactly."""
    edge = (WEST, SOUTH), (WEST + 0.0013, SOUTH + 0.0031)
    t = 1 / 3
    corner = tuple(a + t * (b - a) for a, b in zip(*edge, strict=True))
    west = shapely.Polygon([*edge, (WEST - 0.001, SOUTH + 0.002)])
    east = shapely.Polygon([*edge, (WEST + 0.003, SOUTH)])
    finer = shapely.Polygon([edge[0], corner, edge[1], (WEST - 0.001, SOUTH + 0.002)])
    assert not shapely.covers(west, shapely.Point(corner)) or not finer.equals(west)
    before = Plan([Grid("a", "a", Level.GRID, west), Grid("b", "b", Level.GRID, east)])
    after = Plan([Grid("a", "a", Level.GRID, finer), Grid("b", "b", Level.GRID, east)])
    impact = compare(before, after, metric_srid=SRID)
    assert impact.new_borders.length_m == impact.vanished_borders.length_m == 0.0
    assert impact.handovers == impact.changed == ()


def test_the_border_of_a_neighbour_that_stays_stays():
    """
    abc → a.c: where b was, the borders of a and c are still borders; its north and south are not.
    """
    impact = compare(draw("abc"), draw("a.c"), metric_srid=SRID, work=homes("123"))
    assert impact.new_borders.length_m == 0.0
    assert impact.vanished_borders.length_m == pytest.approx(2 * WIDTH_M, rel=0.01)
    [row] = impact.handovers
    assert (row.from_code, row.to_code, row.to_name, row.kind) == ("b", None, "", "retired")
    assert row.amounts == {"households": 2.0}


def test_a_point_on_a_border_that_gets_another_keeper_is_told_without_ground():
    """The building stands on the border of b and c; b, which had it, is renumbered to d."""
    on_border = Points(
        np.array([round(WEST + 2 * STEP, 7)]), np.array([SOUTH + STEP / 2]), np.array([1.0])
    )
    impact = compare(draw("abc"), draw("adc"), metric_srid=SRID, work={"buildings": on_border})
    rows = {(row.from_code, row.to_code): row for row in impact.handovers}
    assert rows["b", "c"].amounts == {"buildings": 1.0}
    assert rows["b", "c"].geometry is None


def test_a_level_that_only_one_plan_has():
    ground = draw("ab")
    before = Plan(
        [Grid("C", "C", Level.COMMUNITY, shapely.union_all([g.geometry for g in ground]))]
    )
    after = Plan([*before, *(Grid(g.code, g.name, Level.GRID, g.geometry, "C") for g in ground)])
    impact = compare(before, after, metric_srid=SRID, work=homes("12"))
    assert impact.level == Level.GRID
    assert {(row.from_code, row.kind) for row in impact.handovers} == {(None, "new")}
    assert compare(before, after, metric_srid=SRID, level=Level.COMMUNITY).handovers == ()
    with pytest.raises(InputError, match="level subgrid"):
        compare(before, after, metric_srid=SRID, level=Level.SUBGRID)
    with pytest.raises(InputError, match="empty"):
        compare(Plan([]), Plan([]), metric_srid=SRID)


def test_a_new_name_or_parent_is_a_change_without_a_handover():
    before = draw("abc")
    after = before.replacing(["b"], [Grid("b", "East", Level.GRID, before["b"].geometry)])
    impact = compare(before, after, metric_srid=SRID)
    assert [grid.code for grid in impact.changed] == ["b"]
    assert impact.handovers == ()
    assert impact.grids[0].before.load is None


@given(cut_squares(), cut_squares(), st.integers(0, 2**32 - 1))
@settings(max_examples=50, deadline=None)
def test_nothing_is_lost_and_nothing_counted_twice(before, after, seed):
    random = np.random.default_rng(seed)
    points = Points(
        WEST + random.uniform(0, 0.01, 40),
        SOUTH + random.uniform(0, 0.01, 40),
        random.integers(1, 9, 40).astype(float),
    )
    impact = compare(before, after, metric_srid=SRID, work={"households": points})
    for side in ("before", "after"):
        states = [state for grid in impact.grids if (state := getattr(grid, side))]
        assert sum(s.amounts["households"] for s in states) == points.weight.sum()
        assert sum(s.load for s in states) == points.weight.sum()
    for grid in impact.grids:
        was = grid.before.amounts["households"] if grid.before else 0.0
        now = grid.after.amounts["households"] if grid.after else 0.0
        given_away = sum(
            r.amounts["households"] for r in impact.handovers if r.from_code == grid.code
        )
        received = sum(r.amounts["households"] for r in impact.handovers if r.to_code == grid.code)
        assert was - given_away + received == now
    back = compare(after, before, metric_srid=SRID, work={"households": points})
    assert back.new_borders.length_m == pytest.approx(impact.vanished_borders.length_m, abs=0.01)
    assert sum(r.area_m2 for r in back.handovers) == pytest.approx(
        sum(r.area_m2 for r in impact.handovers), rel=1e-6
    )
