"""Does a repair close what is narrow, leave what is wide, and move nothing further than agreed?

Coordinates are drawn in units of 1e-5°, about a metre each way.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis import coords
from gis.errors import InputError
from gis.plan import chains
from gis.plan.model import Grid, Level, Plan
from gis.plan.repair import Repair, RepairChoice, repair_coverage, repair_plan
from gis.plan.repair.coverage import is_exact

SRID = 32650


def area(*corners: tuple[float, float], holes: Any = ()) -> Any:
    return shapely.transform(shapely.Polygon(corners, holes), _place)


def box(west: float, south: float, east: float, north: float) -> Any:
    return area((west, south), (east, south), (east, north), (west, north))


def _place(xy: np.ndarray) -> np.ndarray:
    return coords.snap(np.array([117.6, 26.2]) + xy * 1e-5)


def mend(
    areas: dict[str, Any], parents: dict[str, str] | None = None, **choice: Any
) -> tuple[Repair, dict[str, Any]]:
    done = repair_coverage(
        np.array(list(areas.values()), dtype=object),
        list(areas),
        [(parents or {}).get(code, "") for code in areas],
        metric_srid=SRID,
        choice=RepairChoice(**choice),
    )
    return done, dict(zip(areas, done.geometries, strict=True))


def changes(done: Repair) -> list[tuple[tuple[str, ...], str]]:
    return [(piece.givers, piece.taker) for piece in done.pieces]


def test_an_overlap_goes_to_one_of_the_two() -> None:
    """
    +-----+-+-----+
    |  a  |▒|  b  |   0.5 m wide
    +-----+-+-----+
    """
    before = {"a": box(0, 0, 100.5, 100), "b": box(100, 0, 200, 100)}
    done, after = mend(before)
    assert is_exact(done.geometries)
    assert changes(done) in ([(("a",), "b")], [(("b",), "a")])
    assert (done.closed_overlaps, done.closed_gaps) == (1, 0)
    assert done.pieces[0].size_m2 == pytest.approx(55, rel=0.02)
    assert 0.4 < done.moved_m < 0.6
    assert shapely.union_all(list(after.values())).equals(shapely.union_all(list(before.values())))


def test_an_enclosed_gap_is_closed() -> None:
    """
    +-----+-----+
    |  a  (  b  |   0.4 m wide in the middle
    +-----+-----+
    """
    bent = area((100, 0), (200, 0), (200, 100), (100, 100), (100.4, 50))
    done, _ = mend({"a": box(0, 0, 100, 100), "b": bent})
    assert is_exact(done.geometries)
    assert (done.closed_gaps, done.left_gaps) == (1, ())
    assert changes(done)[0][0] == ()
    moves = {move.code: move for move in done.moves}
    taker = moves[done.pieces[0].taker]
    assert taker.taken_m2 == pytest.approx(done.size_m2)
    assert taker.after_m2 - taker.before_m2 == pytest.approx(taker.taken_m2, abs=1e-6)


def test_a_corner_on_the_edge_of_a_neighbour_becomes_a_corner_of_both() -> None:
    """
    +-------+
    |   a   |
    +---+---+   a has no corner where b and c meet
    | b | c |
    +---+---+
    """
    before = {"a": box(0, 100, 200, 200), "b": box(0, 0, 100, 100), "c": box(100, 0, 200, 100)}
    assert not is_exact(np.array(list(before.values())))
    done, after = mend(before)
    assert is_exact(done.geometries)
    assert done.pieces == []
    corner = tuple(_place(np.array([[100, 100]]))[0])
    assert corner in after["a"].exterior.coords
    assert done.moved_m < 0.001


def test_borders_that_cross_to_and_fro_become_one() -> None:
    """a and b drew the same border apart, with other corners: three gaps and overlaps in a row."""
    ours = [(100.2, 80), (99.8, 60), (100.3, 40), (99.9, 20)]
    theirs = [(99.9, 15), (100.1, 35), (99.7, 55), (100.2, 75)]
    a = area((0, 0), (100, 0), *ours[::-1], (100, 100), (0, 100))
    b = area((200, 0), (200, 100), (100, 100), *theirs[::-1], (100, 0))
    done, _ = mend({"a": a, "b": b})
    assert is_exact(done.geometries)
    assert done.closed_gaps >= 2
    assert done.closed_overlaps >= 2
    assert done.moved_m < 0.7


def test_an_enclave_stays_and_a_hair_around_it_is_closed() -> None:
    """
    +---------+
    |  +---+  |   b has an area of its own inside a, whose hole is 0.3 m too wide
    |  | b |a |
    |  +---+  |
    +---------+
    """
    hole = [(39.7, 39.7), (60.3, 39.7), (60.3, 60.3), (39.7, 60.3)]
    around = area((0, 0), (100, 0), (100, 100), (0, 100), holes=[hole])
    done, after = mend({"a": around, "b": box(40, 40, 60, 60)})
    assert is_exact(done.geometries)
    assert len(after["a"].interiors) == 1
    assert shapely.area(shapely.intersection(after["a"], after["b"])) == 0.0
    assert after["b"].area >= box(40, 40, 60, 60).area


def test_a_wide_gap_is_kept_and_told_unless_it_shall_be_filled() -> None:
    """A lake of 20 × 20 m that a surrounds on three sides, and b on the fourth."""
    a = area((0, 0), (100, 0), (100, 40), (80, 40), (80, 60), (100, 60), (100, 100), (0, 100))
    layer = {"a": a, "b": box(100, 0, 200, 100)}
    done, after = mend(layer)
    assert done.left_gaps == (pytest.approx(443, rel=0.02),)
    assert done.closed_gaps == 0
    assert after["a"].area == layer["a"].area
    filled, after = mend(layer, fill_gaps=True)
    assert changes(filled) == [((), "a")]
    assert filled.left_gaps == ()
    assert shapely.area(shapely.symmetric_difference(after["a"], box(0, 0, 100, 100))) == 0.0


def test_a_wide_overlap_is_kept_and_told_unless_it_shall_be_settled() -> None:
    layer = {"a": box(0, 0, 110, 100), "b": box(100, 0, 200, 100)}
    done, after = mend(layer)
    assert done.left_overlaps == (pytest.approx(1108, rel=0.02),)
    assert shapely.area(shapely.intersection(after["a"], after["b"])) > 0.0
    settled, _ = mend(layer, settle_overlaps=True)
    assert is_exact(settled.geometries)
    assert settled.left_overlaps == ()


def test_an_area_drawn_on_top_of_another_is_never_eaten_up() -> None:
    """b lies wholly on a, which has no hole there."""
    layer = {"a": box(0, 0, 100, 100), "b": box(40, 40, 60, 60)}
    left, _ = mend(layer)
    assert len(left.left_overlaps) == 1
    settled, after = mend(layer, settle_overlaps=True)
    assert after["b"].equals(layer["b"])
    assert is_exact(settled.geometries)
    thin = {"a": box(0, 0, 100, 100), "b": box(40, 40, 40.5, 60)}
    _, after = mend(thin)
    assert not after["b"].is_empty


def test_a_gap_goes_to_the_parent_that_has_most_of_its_border() -> None:
    """
    |  p1   | p2 |
    +-----+-+----+   the hole of 0.8 × 0.2 m has 0.5 m of p1 and 0.3 m of p2: together the most;
    |     +=+    |   0.7 m of q, the longest of one area, and 0.5 m of r
    |  q   |  r  |
    """
    q = area((0, 0), (100.5, 0), (100.5, 100), (100, 100), (100, 100.2), (0, 100.2))
    r = area((100.5, 0), (200, 0), (200, 100.2), (100.8, 100.2), (100.8, 100), (100.5, 100))
    p1, p2 = box(0, 100.2, 100.5, 200), box(100.5, 100.2, 200, 200)
    layer = {"p1": p1, "p2": p2, "q": q, "r": r}
    alone, _ = mend(layer)
    assert changes(alone) == [((), "q")]
    done, _ = mend(layer, {"p1": "P", "p2": "P", "q": "Q", "r": "R"})
    assert changes(done) == [((), "p1")]


def test_a_gap_with_arms_between_four_areas_is_shared_out() -> None:
    """
    +---+ +---+
    | a | | b |     no area reaches all arms of the cross, which is closed at its four ends
    +---+ +---+
    +---+ +---+
    | c | | d |
    +---+ +---+
    """
    layer = {
        "a": area((0, 100), (50, 100.2), (99.8, 100.2), (99.8, 150), (100, 200), (0, 200)),
        "b": area((150, 100.2), (200, 100), (200, 200), (100, 200), (100.2, 150), (100.2, 100.2)),
        "c": area((0, 0), (100, 0), (99.8, 50), (99.8, 99.8), (50, 99.8), (0, 100)),
        "d": area((100, 0), (200, 0), (200, 100), (150, 99.8), (100.2, 99.8), (100.2, 50)),
    }
    done, _ = mend(layer)
    assert is_exact(done.geometries)
    assert done.left_gaps == ()
    assert len({piece.taker for piece in done.pieces}) > 1
    assert done.moved_m < 0.7


def test_a_corner_of_four_areas_is_one_corner_again() -> None:
    """
    +---+---+
    | a | b |     every area has the middle somewhere else
    +---+---+
    | c | d |
    +---+---+
    """
    layer = {
        "a": area((0, 100), (100.2, 99.9), (100, 200), (0, 200)),
        "b": area((99.9, 100.2), (200, 100), (200, 200), (100, 200)),
        "c": area((0, 0), (100, 0), (99.8, 99.9), (0, 100)),
        "d": area((100, 0), (200, 0), (200, 100), (100.1, 99.7)),
    }
    done, _ = mend(layer)
    assert is_exact(done.geometries)
    assert done.moved_m < 0.6
    assert all(shape.geom_type == "Polygon" for shape in done.geometries)


def test_an_exact_layer_comes_back_as_it_was() -> None:
    layer = {"a": box(0, 0, 100, 100), "b": box(100, 0, 200, 100)}
    done, after = mend(layer)
    assert after["a"] is layer["a"]
    assert done.pieces == []
    assert done.moved_m == 0.0


def test_a_bound_that_rounding_would_break_is_refused() -> None:
    with pytest.raises(InputError, match=r"0\.01 m"):
        RepairChoice(0.01)
    with pytest.raises(InputError):
        RepairChoice(float("nan"))


def test_what_is_wider_than_a_smaller_bound_stays() -> None:
    layer = {"a": box(0, 0, 100.5, 100), "b": box(100, 0, 200, 100)}
    done, _ = mend(layer, max_move_m=0.2)
    assert len(done.left_overlaps) == 1
    assert done.pieces == []


def test_parents_become_the_sum_of_their_repaired_areas() -> None:
    """Two communities of two grids each; all four grids and both communities overlap by 0.5 m."""
    plan = Plan(
        [
            Grid("P", "P", Level.COMMUNITY, box(0, 0, 100, 200)),
            Grid("Q", "Q", Level.COMMUNITY, box(99.5, 0, 200, 200)),
            Grid("p1", "p1", Level.GRID, box(0, 0, 100.2, 100.3), "P"),
            Grid("p2", "p2", Level.GRID, box(0, 100, 100, 200), "P"),
            Grid("q1", "q1", Level.GRID, box(100, 0, 200, 100), "Q"),
            Grid("q2", "q2", Level.GRID, box(99.7, 99.9, 200, 200), "Q"),
        ]
    )
    done = repair_plan(plan, metric_srid=SRID)
    assert done.kept == ()
    assert {move.code for move in done.moves} == {grid.code for grid in plan}
    for code in ("P", "Q"):
        below = [child.geometry for child in done.plan.children(code)]
        summed = chains.area_of(chains.add([chains.border_of(below)]))
        assert shapely.equals_identical(done.plan[code].geometry, summed)
    assert is_exact(np.array([grid.geometry for grid in done.plan.at(Level.COMMUNITY)]))
    assert done.moved_m <= 1.0


def test_a_parent_that_lies_elsewhere_keeps_its_border_until_gaps_are_filled() -> None:
    """The community has ground of 20 × 20 m that none of its grids has."""
    a = area((0, 0), (100, 0), (100, 40), (80, 40), (80, 60), (100, 60), (100, 100), (0, 100))
    whole = Grid("P", "P", Level.COMMUNITY, box(0, 0, 200, 100))
    grids = [
        Grid("a", "a", Level.GRID, a, "P"),
        Grid("b", "b", Level.GRID, box(99.8, 0, 200, 100), "P"),
    ]
    done = repair_plan(Plan([whole, *grids]), metric_srid=SRID)
    assert done.kept == ("P",)
    filled = repair_plan(
        Plan([whole, *grids]), metric_srid=SRID, choice=RepairChoice(fill_gaps=True)
    )
    assert filled.kept == ()
    wider = Grid("P", "P", Level.COMMUNITY, box(0, 0, 230, 100))
    apart = repair_plan(
        Plan([wider, *grids]), metric_srid=SRID, choice=RepairChoice(fill_gaps=True)
    )
    assert apart.kept == ("P",)


SIDE = 3
_shift = st.floats(-0.3, 0.3).map(lambda value: round(value, 3))


@st.composite
def shaken_lattices(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a lattice of which every area moved every corner on its own, by at most 0.43 m.

    +---+---+---+
    | 6 | 7 | 8 |
    +---+---+---+
    | 3 | 4 | 5 |
    +---+---+---+
    | 0 | 1 | 2 |
    +---+---+---+
    """
    found = {}
    for number in range(SIDE * SIDE):
        row, column = divmod(number, SIDE)
        corners = []
        for x, y in ((0, 0), (0.5, 0), (1, 0), (1, 0.5), (1, 1), (0.5, 1), (0, 1), (0, 0.5)):
            east, north = draw(_shift), draw(_shift)
            corners.append(((column + x) * 40 + east, (row + y) * 40 + north))
        found[str(number)] = area(*corners)
    return found


@given(shaken_lattices())
@settings(max_examples=40, deadline=None)
def test_every_shaken_lattice_becomes_exact_within_the_bound(layer: dict[str, Any]) -> None:
    done, after = mend(layer)
    assert is_exact(done.geometries)
    assert done.moved_m <= 1.0
    assert all(move.moved_m <= 1.0 for move in done.moves)
    assert np.array_equal(
        shapely.get_coordinates(done.geometries),
        coords.snap(shapely.get_coordinates(done.geometries)),
    )
    assert done.left_overlaps == ()
    assert done.left_gaps == ()
    for code, shape in after.items():
        assert shapely.covers(shape, shapely.centroid(layer[code]))
    # Once repaired, there is nothing left to do.
    again, _ = mend(after)
    assert again.pieces == []
    assert all(one is other for one, other in zip(again.geometries, done.geometries, strict=True))
