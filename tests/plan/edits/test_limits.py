"""What becomes of areas when the outer limit is drawn anew?"""

import pytest
import shapely

from gis.errors import Refused
from gis.plan.edits import SetOuterLimit, apply_edit
from gis.plan.model import Grid, Level, Plan
from tests.plan.edits.by_chance import check_applied, total_ground
from tests.plan.edits.drawn import COMMUNITY, area, board, grid, place


def apply(plan, *polygons):
    edit = SetOuterLimit(area=tuple(polygon for drawn in polygons for polygon in drawn))
    applied = apply_edit(plan, edit)
    check_applied(plan, edit, applied)
    return applied


def test_ground_outside_is_cut_off_and_ground_inside_joins_its_neighbour():
    """
      +---+---+-----+
      | 1 | 2 | 3   |   the east moves out by half a square, the west in by half a square
    ..+---+---+     |
    : | 4 | 5 |  …  |
    """
    applied = apply(board(), area((0.5, 0), (3.5, 0), (3.5, 3), (0.5, 3)))
    after = applied.plan
    assert total_ground(after) == pytest.approx(9e-6)
    assert after[grid(4)].geometry.bounds == (*place(0.5, 1), *place(1, 2))
    assert after[COMMUNITY].geometry.bounds == (*place(0.5, 0), *place(3.5, 3))
    assert grid(5) not in applied.changed
    # New ground is one piece: it goes whole to one of the three neighbours of equal length.
    grown = [n for n in (3, 6, 9) if after[grid(n)].geometry.area > 1.01e-6]
    assert grown == [3]


def test_new_ground_goes_to_the_longest_common_border():
    drawn = area((0, 0), (3, 0), (3, 0.8), (3.5, 0.8), (3.5, 1.9), (3, 1.9), (3, 3), (0, 3))
    applied = apply(board(), drawn)
    assert applied.changed == {grid(6)}
    assert applied.plan[grid(9)].geometry.area == pytest.approx(1e-6)
    assert len(shapely.get_coordinates(applied.plan[grid(9)].geometry)) == 6


def test_a_bare_lake_comes_in_when_the_limit_is_drawn_without_it():
    plan = Plan([Grid(g.code, g.name, g.level, g.geometry) for g in board().at(Level.GRID)])
    lake = plan.replacing({grid(5)}, [])
    applied = apply(lake, area((0, 0), (3, 0), (3, 3), (0, 3)))
    assert total_ground(applied.plan) == pytest.approx(9e-6)
    assert len(applied.changed) == 1


def test_levels_side_by_side_get_the_same_limit():
    plan = Plan([Grid(g.code, g.name, g.level, g.geometry) for g in board()])
    after = apply(plan, area((0, 0), (3.2, 0), (3.2, 3), (0.2, 3), (0.2, 2))).plan
    grids = sum(g.geometry.area for g in after.at(Level.GRID))
    assert grids == pytest.approx(after[COMMUNITY].geometry.area)
    assert grids == pytest.approx(shapely.Polygon(
        [(0, 0), (3.2, 0), (3.2, 3), (0.2, 3), (0.2, 2)]).area * 1e-6)  # fmt: skip


@pytest.mark.parametrize(
    ("drawn", "why"),
    [
        (area((1, 0), (3, 0), (3, 3), (1, 3)), rf"left of 3 areas: {grid(1)}, {grid(4)}"),
        (area((0, 0), (3, 0), (3, 3), (0, 3)), "nothing would change"),
        (area((0, 0), (3, 3), (3, 0), (0, 3)), "not a proper one"),
        (area((0, 0), (3, 0), (3, 3), (0, 3)) + area((8, 8), (9, 8), (9, 9)), "borders on no"),
    ],
)
def test_what_cannot_be_a_limit_is_refused(drawn, why):
    with pytest.raises(Refused, match=why):
        apply_edit(board(), SetOuterLimit(area=drawn))


def test_far_away_the_whole_plan_would_vanish():
    with pytest.raises(Refused, match=r"nothing would be left of 9 areas.*…"):
        apply_edit(board(), SetOuterLimit(area=area((8, 8), (9, 8), (9, 9))))
