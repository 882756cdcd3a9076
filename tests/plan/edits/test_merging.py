"""Do areas become one, and is everything below it kept?"""

import pytest

from gis.errors import Refused
from gis.plan.edits import ChangeParent, Merge, apply_edit
from gis.plan.model import Grid, Level, Plan
from tests.plan.edits.by_chance import check_applied
from tests.plan.edits.drawn import COMMUNITY, board, grid, square


def apply(plan, edit):
    applied = apply_edit(plan, edit)
    check_applied(plan, edit, applied)
    return applied


def towns() -> Plan:
    """
    +---+---+---+---+
    | a1| a2| b1| b2|   A and B belong to S, C to T
    +---+---+---+---+
    | c1    | c2    |
    +-------+-------+
    """
    shapes = {
        "a1": square(0, 1), "a2": square(1, 1), "b1": square(2, 1), "b2": square(3, 1),
        "c1": square(0, 0, 2, 1), "c2": square(2, 0, 4, 1),
    }  # fmt: skip
    grids = [Grid(code, code, Level.GRID, s, code[0].upper()) for code, s in shapes.items()]
    grids += [
        Grid("A", "A", Level.COMMUNITY, square(0, 1, 2, 2), "S"),
        Grid("B", "B", Level.COMMUNITY, square(2, 1, 4, 2), "S"),
        Grid("C", "C", Level.COMMUNITY, square(0, 0, 4, 1), "T"),
        Grid("S", "S", Level.SUBDISTRICT, square(0, 1, 4, 2)),
        Grid("T", "T", Level.SUBDISTRICT, square(0, 0, 4, 1)),
    ]
    return Plan(grids)


def test_grids_of_one_parent_become_one():
    applied = apply(board(), Merge(codes=(grid(5), grid(6), grid(9))))
    assert applied.changed == {grid(5), grid(6), grid(9)}
    assert grid(6) not in applied.plan
    assert applied.plan[grid(5)].geometry.area == pytest.approx(3e-6)
    assert applied.plan[COMMUNITY].geometry.equals(board()[COMMUNITY].geometry)


def test_the_code_that_stays_can_be_chosen():
    after = apply(board(), Merge(codes=(grid(5), grid(6)), into=grid(6))).plan
    assert grid(5) not in after
    assert after[grid(6)].name == "第6网格"


def test_merged_communities_hand_their_grids_on():
    applied = apply(towns(), Merge(codes=("A", "B")))
    assert [g.code for g in applied.plan.children("A")] == ["a1", "a2", "b1", "b2"]
    assert applied.changed == {"A", "B", "b1", "b2"}
    assert applied.plan["S"].geometry.equals(towns()["S"].geometry)


def test_across_parents_the_borders_above_follow():
    with pytest.raises(Refused, match="c1 belongs to C and a1 to A"):
        apply_edit(towns(), Merge(codes=("a1", "c1")))
    after = apply(towns(), Merge(codes=("a1", "c1"), across=True)).plan
    for code in ("A", "S"):
        assert after[code].geometry.area == pytest.approx(towns()[code].geometry.area + 2e-6)
    for code in ("C", "T"):
        assert after[code].geometry.equals(square(2, 0, 4, 1))


@pytest.mark.parametrize(
    ("codes", "into", "why"),
    [
        ((grid(1), grid(5)), None, f"{grid(5)} has no border in common"),
        ((grid(1), grid(2), grid(9)), None, f"{grid(9)} has no border in common"),
        ((grid(1), COMMUNITY), None, "merge areas of one level"),
        ((grid(1), grid(1)), None, "name its neighbour"),
        ((grid(1), grid(2)), grid(3), "is not among the merged"),
    ],
)
def test_what_cannot_be_merged_is_refused(codes, into, why):
    with pytest.raises(Refused, match=why):
        apply_edit(board(), Merge(codes=codes, into=into))


def test_an_undivided_area_is_not_merged_with_a_divided_one():
    plan = towns().replacing({"b1", "b2"}, [])
    with pytest.raises(Refused, match="only one is divided further"):
        apply_edit(plan, Merge(codes=("A", "B")))


def test_a_parent_is_not_left_empty():
    plan = apply(towns(), Merge(codes=("c1", "c2"))).plan
    with pytest.raises(Refused, match="nothing would be left of C"):
        apply_edit(plan, Merge(codes=("a1", "c1"), across=True))
    with pytest.raises(Refused, match="nothing would be left of C"):
        apply_edit(plan, ChangeParent(code="c1", parent="A"))


def test_another_parent_takes_the_ground_up_to_the_common_ancestor():
    """b1 goes from B to A: S stays as it is; c1 goes from C to A: S and T change."""
    after = apply(towns(), ChangeParent(code="b1", parent="A")).plan
    assert after["S"] is towns()["S"] or after["S"].geometry.equals(towns()["S"].geometry)
    assert after["A"].geometry.area == pytest.approx(3e-6)
    applied = apply(towns(), ChangeParent(code="c1", parent="A"))
    assert applied.changed == {"c1"}
    assert applied.plan["T"].geometry.equals(square(2, 0, 4, 1))


@pytest.mark.parametrize(
    ("code", "parent", "why"),
    [
        ("a1", "A", "belongs to A already"),
        ("a1", "T", "must belong to a community"),
        ("S", "T", "has no parent"),
        ("a1", "b1", "must belong to a community"),
    ],
)
def test_a_parent_that_is_none_is_refused(code, parent, why):
    with pytest.raises(Refused, match=why):
        apply_edit(towns(), ChangeParent(code=code, parent=parent))


def test_nothing_is_hung_under_what_is_not_divided():
    plan = towns().replacing({"b1", "b2"}, [])
    with pytest.raises(Refused, match="B is not divided"):
        apply_edit(plan, ChangeParent(code="a1", parent="B"))
