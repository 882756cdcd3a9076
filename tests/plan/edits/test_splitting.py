"""Does a line divide an area, and everything below it, without a gap?"""

import time

import numpy as np
import pytest
import shapely
import shapely.ops

from gis.errors import InputError, NotFound, Refused
from gis.plan.edits import Split, apply_edit
from gis.plan.model import Grid, Level, Plan
from tests.plan.edits.by_chance import check_applied, check_tiling
from tests.plan.edits.drawn import COMMUNITY, board, grid, line, place, square


def split(plan: Plan, code: str, *corners: tuple[float, float], used: frozenset[str] = frozenset()):
    edit = Split(code=code, line=line(*corners))
    applied = apply_edit(plan, edit, used=used)
    check_applied(plan, edit, applied)
    return applied


def test_the_larger_part_keeps_the_code_and_neighbours_get_the_corners():
    """
    +---+---+---+
    | 1 | 2 | 3 |
    +---+---+---+
    | 4 |10·····6    the line comes from 5's western border and ends inside 6
    +---+ 5 +---+
    | 7 | 8 | 9 |
    +---+---+---+
    """
    plan = board()
    applied = split(plan, grid(5), (0.5, 1.6), (2.5, 1.6))
    assert applied.changed == {grid(5), grid(10)}
    assert applied.edit.issued == {grid(5): (grid(10),)}
    new, kept = applied.plan[grid(10)], applied.plan[grid(5)]
    assert (new.name, new.parent, new.level) == ("第5网格-10", COMMUNITY, Level.GRID)
    assert new.geometry.area < kept.geometry.area
    for number in (4, 6):
        corners = shapely.get_coordinates(applied.plan[grid(number)].geometry)
        assert len(corners) == len(shapely.get_coordinates(plan[grid(number)].geometry)) + 1
    for number in (1, 2, 3, 7, 8, 9):
        assert applied.plan[grid(number)] is plan[grid(number)]
    assert applied.plan[COMMUNITY] is plan[COMMUNITY]


def test_shapely_alone_would_have_left_the_neighbours_without_the_corners():
    plan = board()
    cut = shapely.ops.split(
        plan[grid(5)].geometry, shapely.LineString(line((0.5, 1.6), (2.5, 1.63)))
    )
    rest = [g.geometry for g in plan.at(Level.GRID) if g.code != grid(5)]
    assert not shapely.coverage_is_valid([*rest, *cut.geoms])
    applied = split(plan, grid(5), (0.5, 1.6), (2.5, 1.63))
    check_tiling([g.geometry for g in applied.plan.at(Level.GRID)])


def test_an_oblique_outer_limit_is_not_bent():
    corners = [(117.6, 26.2), (117.6031337, 26.2017713), (117.6011113, 26.2037779)]
    plan = Plan([Grid("a", "a", Level.GRID, shapely.Polygon(corners))])
    edit = Split(code="a", line=((117.6, 26.2012345), (117.604, 26.2019997)))
    after = apply_edit(plan, edit).plan
    assert [g.code for g in after] == ["a", "a-2"]
    total = sum(g.geometry.area for g in after)
    assert total == pytest.approx(plan["a"].geometry.area, rel=1e-15)
    old = {tuple(corner) for corner in corners}
    cuts = {tuple(c) for g in after for c in shapely.get_coordinates(g.geometry)} - old
    assert len(cuts) == 2
    assert any(tuple(np.round(cut, 7)) != cut for cut in cuts)


def test_a_line_that_crosses_several_times_makes_several_parts():
    """
    +--------+
    | b  a c |     a zigzag that leaves and comes back
    +-/\\--/\\-+
      ‾‾  ‾‾
    """
    after = split(board(), grid(2), (0.9, 2.2), (1.2, 1.9), (1.5, 2.6), (1.8, 1.9), (2.1, 2.3))
    assert len(after.changed) == 4
    assert after.edit.issued[grid(2)] == (grid(10), grid(11), grid(12))


def holed() -> Plan:
    ring = line((0, 0), (3, 0), (3, 3), (0, 3))
    hole = line((1, 1), (2, 1), (2, 2), (1, 2))
    around = Grid("a", "around", Level.GRID, shapely.Polygon(ring, [hole]))
    return Plan([around, Grid("b", "island", Level.GRID, shapely.Polygon(hole))])


def test_a_line_through_a_hole_divides_and_a_line_into_it_does_not():
    after = split(holed(), "a", (-1, 1.5), (4, 1.5)).plan
    assert [g.code for g in after] == ["a", "a-2", "b"]
    assert len(shapely.get_coordinates(after["b"].geometry)) == 7
    with pytest.raises(Refused, match=r"all ground is on one side.*through holes"):
        apply_edit(holed(), Split(code="a", line=line((-1, 1.5), (1.5, 1.5))))


def test_parts_that_the_line_does_not_touch_stay_with_the_keeper():
    parts = shapely.MultiPolygon([square(0, 0), square(2, 0, 3, 3)])
    plan = Plan([Grid("a", "a", Level.GRID, parts), Grid("b", "b", Level.GRID, square(1, 0))])
    after = split(plan, "a", (0.3, -1), (0.3, 2)).plan
    kept, new = after["a"].geometry, after["a-2"].geometry
    assert len(kept.geoms) == 2
    assert new.bounds == (*place(0, 0), *place(0.3, 1))


def test_areas_below_are_cut_as_well_and_keep_their_codes_where_they_can():
    """
    +---+---+---+
    | 1 | 2 | 3 |   1 2 3 go to the new community whole
    +···+···+···+
    | 4 | 5 | 6 |   the line cuts 4 5 6
    +---+---+---+
    """
    applied = split(board(), COMMUNITY, (-1, 1.6), (4, 1.6))
    after, new = applied.plan, "350402002001"
    assert applied.edit.issued[COMMUNITY] == (new,)
    assert [g.code for g in after.children(new)] == [
        *(f"{new}{number:03d}" for number in (1, 2, 3)),
        *(grid(number) for number in (1, 2, 3)),
    ]
    assert {grid(7), grid(8), grid(9)}.isdisjoint(applied.changed)
    assert after[new].geometry.bounds == (*place(0, 1.6), *place(3, 3))


def test_codes_that_were_ever_used_are_not_issued_again():
    applied = split(board(), grid(5), (0, 1.6), (3, 1.6), used=frozenset({grid(10), grid(11)}))
    assert applied.edit.issued == {grid(5): (grid(12),)}


def test_a_corner_beside_an_existing_corner_is_that_corner():
    after = split(board(), grid(5), (0.99995, 0.99995), (2.00005, 2.00005)).plan
    assert len(shapely.get_coordinates(after[grid(5)].geometry)) == 4
    assert len(shapely.get_coordinates(after[grid(10)].geometry)) == 4


@pytest.mark.parametrize(
    ("corners", "why"),
    [
        (
            [(0.5, 1.5), (1.7, 1.7)],
            r"ends inside, at 117.601700, 26.201700, 29.9. m from the border",
        ),
        ([(1.4, 1.5), (1.6, 1.5)], r"and at 117.601600, 26.201500"),
        ([(5, 5), (6, 6)], "does not meet it"),
        ([(0.5, 2), (2.5, 2)], "all ground is on one side"),
    ],
)
def test_a_line_that_does_not_divide_is_refused_with_the_reason(corners, why):
    with pytest.raises(Refused, match=why) as refused:
        apply_edit(board(), Split(code=grid(5), line=line(*corners)))
    assert refused.value.data["codes"] == [grid(5)]
    assert {"lon", "lat"} <= refused.value.data.keys()


def test_an_unknown_code_is_not_found():
    with pytest.raises(NotFound, match="nowhere"):
        apply_edit(board(), Split(code="nowhere", line=line((0, 0), (1, 1))))


def test_issued_codes_that_no_longer_fit_are_refused():
    edit = Split(code=grid(5), line=line((0, 1.6), (3, 1.6)), issued={grid(5): (grid(4),)})
    with pytest.raises(Refused, match="in use"):
        apply_edit(board(), edit)
    edit = edit.model_copy(update={"issued": {grid(5): ("x", "y")}})
    with pytest.raises(Refused, match="1 new parts here, and 2 codes"):
        apply_edit(board(), edit)


@pytest.mark.parametrize("shape", ["scribble", "zigzag", "fan", "to and fro"])
def test_a_line_that_meets_borders_or_itself_without_end_is_refused_in_time(shape: str):
    chance = np.random.default_rng(1)
    corners = {
        "scribble": [place(*xy) for xy in chance.uniform(1.0, 2.0, (5000, 2)).tolist()],
        "zigzag": [place(0.9 + i * 1.2 / 5000, 0.9 if i % 2 else 2.1) for i in range(5000)],
        "fan": [place(1.0, 1.0) if i % 2 else place(1.9, 1 + i / 5000) for i in range(5000)],
        "to and fro": [place(1.0, 1.5) if i % 2 else place(i / 2500, 1.5) for i in range(5000)],
    }
    begun = time.monotonic()
    with pytest.raises(Refused, match="more than 2,000 times"):
        apply_edit(board(), Split(code=grid(5), line=tuple(corners[shape])))
    assert time.monotonic() - begun < 20.0


def test_a_long_line_close_along_a_border_stays_quick():
    line_ = tuple(place(0.9 + i * 1.2 / 20_000, 1.0) for i in range(20_000))
    begun = time.monotonic()
    with pytest.raises(Refused):
        apply_edit(board(), Split(code=grid(5), line=line_))
    assert time.monotonic() - begun < 20.0


@pytest.mark.parametrize("code", [" x", "a\x07b", "a\x00", "..", "old", grid(6)])
def test_a_code_that_was_sent_as_issued_must_be_one_that_is_free(code: str):
    edit = Split(code=grid(5), line=line((0.5, 1.5), (2.5, 1.5)), issued={grid(5): (code,)})
    with pytest.raises((Refused, InputError), match=r"code|control"):
        apply_edit(board(), edit, used=frozenset({"old"}))
