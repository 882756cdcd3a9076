"""Does drawn ground go to the neighbour, with what lies on it?"""

import pytest
import shapely
from pydantic import ValidationError

from gis.errors import Refused
from gis.plan.edits import Transfer, apply_edit, read_edit
from gis.plan.model import Grid, Level, Plan
from tests.plan.edits.by_chance import check_applied
from tests.plan.edits.drawn import COMMUNITY, area, board, grid, place, square
from tests.plan.edits.test_merging import towns


def apply(plan, **how):
    edit = Transfer(**how)
    applied = apply_edit(plan, edit)
    check_applied(plan, edit, applied)
    return applied


def test_ground_of_every_owner_under_the_drawing_moves():
    """
    +---+---+---+
    | 1 | 2 | 3 |
    +---+---+---+
    | 4 +---+ 6 |   the drawn square takes the inner quarters of 4 5 7 8
    +-| 5   |---+
    | 7 +-8-+ 9 |
    +---+---+---+
    """
    drawn = area((0.5, 0.5), (1.5, 0.5), (1.5, 1.5), (0.5, 1.5))
    applied = apply(board(), area=drawn, to=grid(5))
    assert applied.changed == {grid(n) for n in (4, 5, 7, 8)}
    assert applied.plan[grid(5)].geometry.area == pytest.approx(1.75e-6)
    assert applied.plan[COMMUNITY].geometry.equals(board()[COMMUNITY].geometry)


def test_a_drawing_may_be_a_geojson_object():
    drawn = area((0.5, 0.5), (1.5, 0.5), (1.5, 1.5), (0.5, 1.5))
    plain = {"kind": "transfer", "to": grid(5), "area": drawn}
    whole = plain | {"area": {"type": "MultiPolygon", "coordinates": drawn}}
    single = plain | {"area": {"type": "Polygon", "coordinates": drawn[0]}}
    assert read_edit(plain) == read_edit(whole) == read_edit(single)


def test_only_named_owners_give():
    drawn = area((0.5, 0.5), (1.5, 0.5), (1.5, 1.5), (0.5, 1.5))
    applied = apply(board(), area=drawn, to=grid(5), owners=(grid(4),))
    assert applied.changed == {grid(4), grid(5)}
    assert applied.plan[grid(8)].geometry is not None
    assert applied.plan[grid(8)].geometry.equals(board()[grid(8)].geometry)


def test_a_drawing_within_one_area_makes_an_exclave():
    drawn = area((0.3, 0.3), (0.6, 0.3), (0.6, 0.6))
    after = apply(board(), area=drawn, to=grid(5)).plan
    assert len(after[grid(5)].geometry.geoms) == 2
    assert len(after[grid(7)].geometry.interiors) == 1


def test_a_drawing_with_a_hole_leaves_the_hole():
    ((outer,),) = area((0.2, 0.2), (1.2, 0.2), (1.2, 0.8), (0.2, 0.8))
    ((hole,),) = area((0.4, 0.4), (0.6, 0.4), (0.6, 0.6), (0.4, 0.6))
    after = apply(board(), area=((outer, hole),), to=grid(8)).plan
    assert after[grid(7)].geometry.covers(shapely.Point(place(0.5, 0.5)))
    assert after[grid(8)].geometry.covers(shapely.Point(place(0.3, 0.3)))


def test_whole_areas_below_keep_their_code_and_pieces_join_by_their_longest_border():
    """
    +---+---+---+---+
    | a1| a2| b1| b2|   b1 moves whole, a strip of b2 joins b1 (its neighbour in A by then)
    +---+---+---+---+
    """
    drawn = area((2, 1), (3.2, 1), (3.2, 2), (2, 2))
    applied = apply(towns(), area=drawn, to="A", owners=("B",))
    after = applied.plan
    assert [g.code for g in after.children("A")] == ["a1", "a2", "b1"]
    assert after["b1"].geometry.bounds == (*place(2, 1), *place(3.2, 2))
    assert applied.changed == {"A", "B", "b1", "b2"}


def test_ground_melts_into_an_area_that_is_not_divided():
    plan = towns().replacing({"a1", "a2"}, [])
    drawn = area((2, 1), (3.2, 1), (3.2, 2), (2, 2))
    applied = apply(plan, area=drawn, to="A")
    assert "b1" not in applied.plan
    assert applied.plan.children("A") == ()
    assert applied.changed == {"A", "B", "b1", "b2"}


def test_ground_of_an_undivided_owner_joins_the_areas_below():
    plan = towns().replacing({"b1", "b2"}, [])
    after = apply(plan, area=area((2, 1), (2.5, 1), (2.5, 2), (2, 2)), to="A").plan
    assert after["a2"].geometry.area == pytest.approx(1.5e-6)


def test_across_parents_needs_leave_and_moves_the_borders_above():
    drawn = area((0.2, 0.8), (0.8, 0.8), (0.8, 1.2), (0.2, 1.2))
    with pytest.raises(Refused, match="c1 belongs to C and a1 to A, whose border would move"):
        apply_edit(towns(), Transfer(area=drawn, to="a1"))
    after = apply(towns(), area=drawn, to="a1", across=True).plan
    assert after["S"].geometry.area == pytest.approx(towns()["S"].geometry.area + 0.12e-6)


def test_near_existing_corners_the_drawing_is_put_on_them():
    drawn = area((0.5, 0.00004), (1.00004, 0.00004), (1.00004, 0.99996), (0.5, 0.99996))
    after = apply(board(), area=drawn, to=grid(8), owners=(grid(7),)).plan
    assert after[grid(7)].geometry.bounds == (*place(0, 0), *place(0.5, 1))


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ({"area": area((0, 0), (1, 0), (1, 1), (0, 1)), "to": grid(5)}, "merge it with"),
        ({"area": area((1.2, 1.2), (1.8, 1.2), (1.8, 1.8)), "to": grid(5)}, "holds no ground"),
        ({"area": area((8, 8), (9, 8), (9, 9)), "to": grid(5)}, "holds no ground"),
        (
            {"area": area((0, 0), (2, 0), (2, 1)), "to": grid(5), "owners": (grid(1),)},
            f"no ground of {grid(1)}",
        ),
        (
            {"area": area((0, 0), (2, 0), (2, 1)), "to": grid(5), "owners": (COMMUNITY,)},
            "cannot give ground",
        ),
        ({"area": area((0, 0), (2, 2), (2, 0), (0, 2)), "to": grid(5)}, "not a proper one"),
    ],
)
def test_what_cannot_move_is_refused(how, why):
    with pytest.raises(Refused, match=why):
        apply_edit(board(), Transfer(**how))


def test_a_plan_with_a_gap_is_not_edited_beside_it():
    """The eastern neighbour of 7 begins 0.1 m further east: a gap that no planner sees."""
    wide = shapely.box(*place(1.001, 0), *place(2, 1))
    plan = board().replacing({grid(8)}, [Grid(grid(8), "", Level.GRID, wide, COMMUNITY)])
    drawn = area((0.2, 0.8), (0.5, 0.8), (0.5, 1.5), (0.2, 1.5))
    with pytest.raises(Refused, match=r"7 leaves a gap at 117\.60.*--repair") as refused:
        apply_edit(plan, Transfer(area=drawn, to=grid(4)))
    assert refused.value.data["lon"] == pytest.approx(117.601, abs=2e-6)
    far = area((2.5, 2.5), (2.5, 1.5), (2.8, 1.5))
    apply_edit(plan, Transfer(area=far, to=grid(3)))


def test_a_plan_with_an_overlap_or_a_misfit_above_is_not_edited_there():
    wide = shapely.box(*place(0.99, 0), *place(2, 1))
    plan = board().replacing({grid(8)}, [Grid(grid(8), "", Level.GRID, wide, COMMUNITY)])
    drawn = area((0.5, 0.5), (1.5, 0.5), (1.5, 1.5), (0.5, 1.5))
    with pytest.raises(Refused, match="overlaps its neighbour"):
        apply_edit(plan, Transfer(area=drawn, to=grid(5)))
    above = Grid(COMMUNITY, "", Level.COMMUNITY, square(0, 0, 3, 4))
    plan = Plan([above, *board().at(Level.GRID)])
    drawn = area((0.5, 2.5), (1.5, 2.5), (1.5, 2.7), (0.5, 2.7))
    with pytest.raises(Refused, match=f"below {COMMUNITY} do not fit its border"):
        apply_edit(plan, Transfer(area=drawn, to=grid(2)))
    bowtie = shapely.Polygon([place(0, 0), place(1, 1), place(1, 0), place(0, 1)])
    plan = Plan([Grid("a", "", Level.GRID, bowtie), Grid("b", "", Level.GRID, square(1, 0))])
    with pytest.raises(Refused, match="not a proper ring"):
        apply_edit(plan, Transfer(area=area((0.5, 0), (1.5, 0), (1.5, 1)), to="b"))


def test_an_area_with_too_many_corners_is_refused_before_they_are_looked_at():
    ring = [[0.0, 0.0]] * 30_000
    with pytest.raises(ValidationError, match="at most 50,000 corners"):
        read_edit({"kind": "transfer", "to": grid(5), "area": [[ring], [ring]]})
