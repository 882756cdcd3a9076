"""Is every load between its limits afterwards, with little moved and nothing torn apart?"""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import InputError, NotFound
from gis.plan.balance import propose_balance, to_edits
from gis.plan.edits import apply_edit
from gis.plan.model import Level
from gis.plan.units import unite
from tests.plan.balance.lattice import draw_plan, draw_units, show


def test_the_least_is_moved() -> None:
    """Two units of six must go.

    a a a a b b        a a a b b b
    a a a a b b   →    a a a b b b
    """
    units = draw_units(["aaaabb", "aaaabb"])
    proposal = propose_balance(units, floor=6, ceiling=6)
    assert show(units, proposal.owner, 6) == ["aaabbb", "aaabbb"]
    assert proposal.reached
    assert proposal.households == proposal.least_load == 2.0
    assert proposal.after == {"a": 6.0, "b": 6.0}
    (move,) = proposal.moves
    assert (move.giver, move.taker, move.why) == ("a", "b", "relieves-and-fills")
    assert (move.giver_load, move.taker_load) == ((8.0, 6.0), (4.0, 6.0))
    assert "above the ceiling of 6" in move.sentence


def test_load_goes_over_a_grid_between() -> None:
    """a has too much, c too little, b stands between and passes on.

    a a a a a b b b c      a a a b b b c c c
    """
    units = draw_units(["aaaaabbbc"])
    proposal = propose_balance(units, floor=3, ceiling=3)
    assert show(units, proposal.owner, 9) == ["aaabbbccc"]
    assert {(move.giver, move.taker) for move in proposal.moves} == {("a", "b"), ("b", "c")}


def test_a_balanced_plan_is_left_alone() -> None:
    units = draw_units(["aab", "abb", "abc"])
    assert propose_balance(units, floor=1, ceiling=4).moves == ()


def test_grids_that_are_not_needed_are_left_alone() -> None:
    """The ragged border between c and d could be shorter; nobody asked.

    a a a b c c d
    a a a b c d d
    """
    units = draw_units(["aaabccd", "aaabcdd"])
    proposal = propose_balance(units, floor=3, ceiling=5)
    assert proposal.reached
    assert all({move.giver, move.taker} <= {"a", "b"} for move in proposal.moves)


def test_units_with_open_reports_stay_if_others_can_go() -> None:
    """Either unit on the border may go; one has open reports."""
    units = draw_units(["aab", "aab"], open_reports=[[0, 5, 0], [0, 0, 0]])
    proposal = propose_balance(units, floor=3, ceiling=3)
    assert show(units, proposal.owner, 3) == ["aab", "abb"]
    assert proposal.open_reports == 0.0


def test_locked_grids_neither_give_nor_take() -> None:
    """b is locked, so that a can give to nobody."""
    units = draw_units(["aaaabbc"])
    proposal = propose_balance(units, floor=2, ceiling=3, locked=["b"])
    assert proposal.moves == ()
    assert {unmet.code: unmet.why for unmet in proposal.unmet} == {"a": "alone", "c": "alone"}


def test_a_locked_grid_outside_its_limits_is_told() -> None:
    units = draw_units(["aaaab"])
    (one, other) = propose_balance(units, floor=2, ceiling=3, locked=["a"]).unmet
    assert (one.code, one.why, other.code, other.why) == ("a", "locked", "b", "alone")


def test_communities_are_kept_unless_told_otherwise() -> None:
    units = draw_units(["aaaab"], parents={"a": "A", "b": "B"})
    kept = propose_balance(units, floor=2, ceiling=3)
    assert kept.moves == ()
    assert {unmet.why for unmet in kept.unmet} == {"alone"}
    across = propose_balance(units, floor=2, ceiling=3, across=True)
    assert across.reached
    assert [edit.across for edit in to_edits(across, units)] == [True]


@pytest.mark.parametrize(
    ("load", "limits", "why"),
    [
        ([[1, 1, 9, 1]], (2, 6), "too-heavy"),
        ([[1, 1, 1, 1]], (3, 6), "too-little-work"),
        ([[3, 3, 3, 3]], (3, 4), "too-much-work"),
        ([[3, 3, 3, 1]], (5, 5), "too-coarse"),
    ],
)
def test_what_is_impossible_is_explained(
    load: list[list[float]], limits: tuple[float, float], why: str
) -> None:
    """a a b b"""
    units = draw_units(["aabb"], load=load)
    proposal = propose_balance(units, floor=limits[0], ceiling=limits[1])
    assert not proposal.reached
    assert why in {unmet.why for unmet in proposal.unmet}
    assert all(unmet.code in unmet.sentence for unmet in proposal.unmet)


def test_wrong_limits_and_codes_are_refused() -> None:
    units = draw_units(["ab"])
    with pytest.raises(InputError, match="floor"):
        propose_balance(units, floor=3, ceiling=2)
    with pytest.raises(NotFound, match="'z'"):
        propose_balance(units, floor=1, ceiling=2, locked=["z"])


def test_a_grid_of_two_parts_gets_no_third() -> None:
    """a lies on both sides of b; taking its middle away would make three parts.

    a b b b a a a
    """
    units = draw_units(["abbbaaa"], load=[[1, 1, 1, 1, 4, 1, 1]])
    proposal = propose_balance(units, floor=3, ceiling=7)
    ground = unite(units.ground[proposal.owner == 0])
    assert shapely.get_num_geometries(ground) <= 2


loads = st.lists(st.integers(0, 9), min_size=36, max_size=36)


@settings(max_examples=15, deadline=None)
@given(loads=loads, floor=st.integers(10, 40), spread=st.integers(0, 40), seed=st.integers(0, 3))
def test_what_holds_for_every_proposal(
    loads: list[int], floor: int, spread: int, seed: int
) -> None:
    """Four grids of nine units with any loads.

    a a a b b b
    a a a b b b
    a a a b b b
    c c c d d d
    c c c d d d
    c c c d d d
    """
    units = draw_units(["aaabbb"] * 3 + ["cccddd"] * 3, load=[loads])
    limits = {"floor": float(floor), "ceiling": float(floor + spread)}
    proposal = propose_balance(units, **limits, seed=seed)
    again = propose_balance(units, **limits, seed=seed)
    assert np.array_equal(proposal.owner, again.owner)
    assert proposal.moves == again.moves

    for position in range(4):
        assert unite(units.ground[proposal.owner == position]).geom_type == "Polygon"
    after = units.sum_by_grid(units.load, proposal.owner).tolist()
    assert after == pytest.approx(list(proposal.after.values()))
    outside = {c for c, load in proposal.after.items() if not floor <= load <= floor + spread}
    assert outside == {unmet.code for unmet in proposal.unmet}

    owner = units.owner.copy()
    place = {name: i for i, name in enumerate(units.ids)}
    for move in proposal.moves:
        chosen = [place[name] for name in move.units]
        assert {units.grids[owner[i]] for i in chosen} == {move.giver}
        owner[chosen] = units.grids.index(move.taker)
    assert np.array_equal(owner, proposal.owner)


@settings(max_examples=8, deadline=None)
@given(loads=loads, seed=st.integers(0, 3))
def test_edits_give_exactly_what_was_proposed(loads: list[int], seed: int) -> None:
    units = draw_units(
        ["aaabbb"] * 3 + ["cccddd"] * 3, load=[loads], parents=dict.fromkeys("abcd", "A")
    )
    total = sum(loads)
    proposal = propose_balance(units, floor=total * 0.2, ceiling=total * 0.3, seed=seed)
    plan = draw_plan(units)
    for edit in to_edits(proposal, units):
        plan = apply_edit(plan, edit).plan
    grids = plan.at(Level.GRID)
    for position, grid in enumerate(grids):
        assert grid.geometry.equals(unite(units.ground[proposal.owner == position]))
    assert shapely.coverage_is_valid(np.array([grid.geometry for grid in grids]))
