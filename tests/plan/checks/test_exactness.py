"""Does the quick way find what measuring finds, and is an edit told what the whole plan is told?"""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.plan.checks import check_plan, check_touched
from gis.plan.coverage import find_gaps, find_in_layer, find_overlaps, find_unmatched_edges
from gis.plan.model import Grid, Level, Plan, Severity
from gis.plan.nesting import find_misnested, find_unlike_children
from tests.plan.drawn import SRID, nested, patch, redraw, square, unite


def measure(geometries, codes):
    """Find what is wrong by measuring everything."""
    overlaps = find_overlaps(geometries, codes, metric_srid=SRID)
    known = [*overlaps, *find_gaps(geometries, codes, metric_srid=SRID)]
    return known + find_unmatched_edges(geometries, codes, known=known)


def told(findings):
    return [(f.check, f.severity, f.codes, pytest.approx(f.size_m2, abs=1e-6)) for f in findings]


SHIFTS = st.sampled_from([0.0, 0.0, 0.0, 1e-7 / 0.001, 0.25, -0.25])


@st.composite
def boards(draw):
    """A board of 3 x 3 whose squares are missing, reach into others or end before them, or have a
    corner more than their neighbour."""
    shapes, codes = [], []
    for x in range(3):
        for y in range(3):
            if draw(st.integers(0, 5)) == 0 and shapes:
                continue
            east = x + 1 + draw(SHIFTS)
            corners = [(x, y), (east, y), (east, y + 1), (x, y + 1)]
            if draw(st.integers(0, 7)) == 0:
                corners.insert(3, ((x + east) / 2, y + 1))
            shapes.append(patch(*corners))
            codes.append(f"{x}{y}")
    return np.array(shapes, dtype=object), codes


@settings(max_examples=120, deadline=None)
@given(board=boards())
def test_the_quick_way_finds_what_measuring_finds(board):
    geometries, codes = board
    found = find_in_layer(geometries, codes, metric_srid=SRID)
    assert found == measure(geometries, codes) or told(found) == told(measure(geometries, codes))


@pytest.mark.parametrize(
    ("shapes", "count"),
    [
        # Two regions apart.
        ([square(0, 0), square(5, 5)], 0),
        # Two that touch at a corner.
        ([square(0, 0), square(1, 1)], 0),
        # Four around bare ground, each touching the next at a corner.
        ([square(1, 0), square(0, 1), square(2, 1), square(1, 2)], 1),
        # A hole that is filled, and one that is not.
        ([shapely.Polygon(patch((0, 0), (9, 0), (9, 9), (0, 9)).exterior,
                          [square(1, 1).exterior, square(4, 4).exterior]), square(1, 1)], 1),
        # A corner that lies on the neighbour's straight edge: told of both.
        ([patch((0, 0), (2, 0), (2, 2), (0, 2)), patch((2, 1), (3, 0), (3, 2))], 2),
    ],
)  # fmt: skip
def test_regions_apart_corners_and_enclaves_are_as_measured(shapes, count):
    geometries = np.array(shapes, dtype=object)
    codes = [str(index) for index in range(len(shapes))]
    found = find_in_layer(geometries, codes, metric_srid=SRID)
    assert told(found) == told(measure(geometries, codes))
    assert len(found) == count


def test_only_parents_unlike_their_children_are_measured():
    """
    +---+---+---+---+
    | A     | B     |   A lacks the corners that its children have on the western limit
    +---+---+---+---+
    """
    plan = nested()
    assert find_unlike_children(plan, plan.grids) == []
    west = patch((0, 0), (1, 0), (2, 0), (2, 1), (2, 2), (2, 3), (2, 4), (1, 4), (0, 4))
    lacking = redraw(plan, "A", west)
    assert [grid.code for grid in find_unlike_children(lacking, lacking.grids)] == ["A"]
    assert find_misnested(lacking, metric_srid=SRID) == []
    smaller = redraw(plan, "A", unite(*(g.geometry for g in plan.children("A") if g.code != "A00")))
    (found,) = find_misnested(smaller, metric_srid=SRID)
    assert found.codes == ("A00", "A")
    assert find_misnested(smaller, metric_srid=SRID, parents={"B"}) == []


CODES = [f"{'A' if x < 2 else 'B'}{x}{y}" for x in range(4) for y in range(4)]


@settings(max_examples=80, deadline=None)
@given(code=st.sampled_from(CODES), east=SHIFTS, north=SHIFTS, known=st.booleans())
def test_what_was_touched_is_told_what_the_whole_plan_is_told(code, east, north, known):
    """A square of the board is drawn larger, smaller or aslant. What is within the noise of doubles
    (a warning) depends on what else is measured, and is not compared."""
    plan = nested()
    if known:
        assert check_plan(plan, metric_srid=SRID) == []
    x, y = int(code[1]), int(code[2])
    corners = [(x, y), (x + 1 + east, y), (x + 1 + east, y + 1 + north), (x, y + 1)]
    edited = redraw(plan, code, patch(*corners))
    whole, touched = (
        {
            (f.check, f.codes)
            for f in found
            if f.severity is Severity.ERROR and {code, code[0]}.intersection(f.codes)
        }
        for found in (
            check_plan(edited, metric_srid=SRID),
            check_touched(edited, {code}, metric_srid=SRID),
        )
    )
    assert whole == touched


@pytest.mark.parametrize("code", CODES)
def test_a_square_that_is_taken_away_is_told_to_its_neighbours(code):
    edited = nested().replacing([code], [])
    x, y = int(code[1]), int(code[2])
    beside = {o for o in CODES if abs(int(o[1]) - x) + abs(int(o[2]) - y) == 1}
    whole = check_plan(edited, metric_srid=SRID)
    assert "nesting" in {finding.check for finding in whole}
    assert check_touched(edited, beside, metric_srid=SRID) == whole


def test_a_sound_plan_and_codes_that_are_gone_have_no_findings():
    assert check_touched(nested(), {"A00", "gone"}, metric_srid=SRID) == []
    assert check_touched(nested(), {"gone"}) == []
    assert check_touched(Plan([]), {"gone"}) == []


def test_a_neighbour_that_is_not_valid_is_told_first():
    tie = patch((1, 0), (2, 1), (2, 0), (1, 1))
    (found,) = check_touched(redraw(nested(), "A10", tie), {"A00"}, metric_srid=SRID)
    assert (found.check, found.severity, found.codes) == ("invalid", Severity.ERROR, ("A10",))


def test_a_gap_beside_an_edit_is_seen_though_another_place_is_faulty():
    faulty = redraw(nested(), "B33", patch((2.5, 3), (4, 3), (4, 4), (2.5, 4)))
    edited = faulty.replacing(["A11"], [])
    found = check_touched(edited, {"A01"}, metric_srid=SRID)
    assert "gaps" in [finding.check for finding in found]
    ring = {"A01", "A10", "A12", "B21"}
    (gap,) = [finding for finding in found if finding.check == "gaps"]
    assert ring <= set(gap.codes)


def test_a_large_gap_is_no_gap_where_other_areas_fill_it():
    """
    +---+---+---+
    | c | c | c |    o touches only c; the middle m, which o does not touch, is no gap
    | c | m | c |    although c encloses it; a fault elsewhere keeps the quick way shut
    | c | c | c |
    +-o-+---+---+
    """
    m = square(1, 1)
    c = shapely.Polygon(patch((0, 0), (3, 0), (3, 3), (0, 3)).exterior, [m.exterior])
    o = patch((0, 0), (0, -1), (3, -1), (3, 0))
    far = [patch((9, 0), (11, 0), (11, 1), (9, 1)), patch((10, 0), (12, 0), (12, 1), (10, 1))]
    shapes = {"c": c, "m": m, "o": o, "x": far[0], "y": far[1]}
    plan = Plan(Grid(code, "", Level.GRID, shape) for code, shape in shapes.items())
    assert [f.check for f in check_plan(plan, metric_srid=SRID)] == ["overlaps"]
    assert check_touched(plan, {"o"}, metric_srid=SRID) == []
