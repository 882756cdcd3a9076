"""Do all areas follow when corners of shared borders move?"""

from dataclasses import replace

import pytest
import shapely

from gis.errors import Refused
from gis.plan.edits import MovedPath, Reshape, Transfer, apply_edit, move_corners, redraw_border
from gis.plan.model import Level, Plan
from tests.plan.edits.by_chance import check_applied
from tests.plan.edits.drawn import COMMUNITY, board, grid, line, place
from tests.plan.edits.test_merging import towns


def apply(plan, edit):
    applied = apply_edit(plan, edit)
    check_applied(plan, edit, applied)
    return applied


def path(old, new) -> MovedPath:
    return MovedPath(old=line(*old), new=line(*new))


def test_both_sides_of_a_border_follow():
    """
    +---+---+
    | 4 | 5 |   the border of 4 and 5 gets a bend to the east
    |   \\   |
    |   /   |
    +---+---+
    """
    edit = Reshape(paths=(path([(1, 1), (1, 2)], [(1, 1), (1.3, 1.5), (1, 2)]),))
    applied = apply(board(), edit)
    assert applied.changed == {grid(4), grid(5)}
    assert applied.plan[grid(4)].geometry.area == pytest.approx(1.15e-6)
    back = Reshape(paths=(path([(1, 2), (1.3, 1.5), (1, 1)], [(1, 2), (1, 1)]),))
    again = apply(applied.plan, back).plan
    for number in (4, 5):
        assert again[grid(number)].geometry.equals(board()[grid(number)].geometry)


def test_a_corner_moves_with_every_border_that_ends_there():
    edit = move_corners(board(), [(place(1, 1), place(1.2, 1.3))])
    assert len(edit.paths) == 4
    applied = apply(board(), edit)
    assert applied.changed == {grid(n) for n in (4, 5, 7, 8)}


def test_a_border_of_the_levels_above_moves_only_with_leave():
    edit = move_corners(towns(), [(place(1, 1), place(1, 1.2))])
    with pytest.raises(Refused, match="is also that of A, C, S, T"):
        apply_edit(towns(), edit)
    after = apply(towns(), edit.model_copy(update={"across": True})).plan
    assert after["T"].geometry.area > towns()["T"].geometry.area


def test_the_outer_limit_moves_only_with_leave():
    edit = move_corners(board(), [(place(0, 1), place(-0.5, 1))])
    with pytest.raises(Refused, match="outer limit"):
        apply_edit(board(), edit)
    after = apply(board(), edit.model_copy(update={"outer": True})).plan
    assert after[COMMUNITY].geometry.area == pytest.approx(9.5e-6)


def test_areas_may_not_overlap_beyond_the_outer_limit():
    """The corners of 1 and 7 are drawn out to the west so far that their new ground overlaps."""
    plan = Plan(replace(grid, parent=None) for grid in board().at(Level.GRID))
    moves = [(place(0, 3), place(-2, 0.5)), (place(0, 0), place(-2, 2.5))]
    with pytest.raises(Refused, match=r"would lie over"):
        apply_edit(plan, move_corners(plan, moves, outer=True))


@pytest.mark.parametrize(
    ("paths", "why"),
    [
        ([path([(1.5, 1), (1.5, 2)], [(1, 1), (1, 2)])], "no border any more at 117.601500"),
        ([path([(1, 0), (1, 1), (1, 2)], [(1, 0), (1.2, 1), (1, 2)])], "other borders meet"),
        ([path([(1, 1), (1, 2)], [(1, 1), (1.2, 2)])], "be open .* at 117.60"),
        ([path([(1, 1), (1, 2)], [(1, 1), (2.5, 1.5), (1, 2)])], "would cross or touch"),
        ([path([(1, 1), (1, 2)], [(1, 1), (1, 2)])], "no border would move"),
        ([path([(1, 1), (1, 2)], [(1, 1), (0, 1.5), (1, 2)])], "would cross or touch"),
    ],
)
def test_what_would_break_the_plan_is_refused_with_the_place(paths, why):
    with pytest.raises(Refused, match=why):
        apply_edit(board(), Reshape(paths=tuple(paths)))


def test_a_corner_that_is_none_cannot_move():
    with pytest.raises(Refused, match=r"no border has a corner at 117\.601500"):
        move_corners(board(), [(place(1.5, 1.5), place(1, 1))])


def test_a_drawn_line_becomes_the_border_between_where_it_meets_it():
    """
    +---+---+
    | 4 >   |   the line begins in 4, crosses to 5, and comes back to 4
    +---+---+
    """
    drawn = line((0.8, 1.2), (1.4, 1.5), (0.9, 1.85))
    edit = redraw_border(board(), grid(4), grid(5), drawn)
    assert isinstance(edit, Reshape)
    assert edit == redraw_border(board(), grid(5), grid(4), drawn)
    applied = apply(board(), edit)
    assert applied.changed == {grid(4), grid(5)}
    assert applied.plan[grid(4)].geometry.covers(shapely.Point(place(1.35, 1.5)))


def test_where_other_borders_meet_the_old_one_ground_is_transferred():
    """The border of A and C is redrawn further north, where that of a1 and a2 ends."""
    drawn = line((0.5, 0.9), (0.7, 1.3), (1.3, 1.3), (1.5, 0.9))
    edit = redraw_border(towns(), "A", "C", drawn, across=True)
    assert isinstance(edit, Transfer)
    assert (edit.to, edit.owners) == ("C", ("A",))
    after = apply(towns(), edit).plan
    assert after["c1"].geometry.covers(shapely.Point(place(1, 1.2)))


@pytest.mark.parametrize(
    ("names", "drawn", "why"),
    [
        ((1, 9), line((0, 0), (1, 1)), "no border in common"),
        ((4, 5), line((1.2, 1.2), (1.5, 1.5)), "must begin and end on the border"),
        ((4, 5), line((0.8, 1.2), (1.5, 1.5)), "must begin and end on the border"),
    ],
)
def test_a_line_that_is_no_border_is_refused(names, drawn, why):
    with pytest.raises(Refused, match=why):
        redraw_border(board(), grid(names[0]), grid(names[1]), drawn)


def test_a_line_that_goes_both_ways_where_other_borders_end_is_refused():
    drawn = line((0.5, 1), (0.7, 1.3), (1.2, 0.7), (1.5, 1))
    with pytest.raises(Refused, match="the other way round"):
        redraw_border(towns(), "A", "C", drawn, across=True)
