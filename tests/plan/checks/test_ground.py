"""Are overlaps, gaps and misnesting found where they are drawn, and nowhere else?"""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.plan.checks import CHECKS, Subject, check_plan
from gis.plan.coverage import find_gaps, find_overlaps
from gis.plan.findings import find_blocking, format_m2, summarise
from gis.plan.model import Grid, Level, Plan, Severity

SRID = 4548
STEP = 0.001


def board(columns: int, rows: int, *, level: Level = Level.GRID) -> list[Grid]:
    """
    +---+---+---+
    |2.0|2.1|2.2|
    +---+---+---+
    |1.0|1.1|1.2|
    +---+---+---+
    |0.0|0.1|0.2|
    +---+---+---+
    """
    x = [round(117.6 + STEP * i, 7) for i in range(columns + 1)]
    y = [round(26.2 + STEP * i, 7) for i in range(rows + 1)]
    return [
        Grid(f"{r}.{c}", "", level, shapely.box(x[c], y[r], x[c + 1], y[r + 1]))
        for r in range(rows)
        for c in range(columns)
    ]


def redraw(grid: Grid, *corners: tuple[float, float]) -> Grid:
    return Grid(grid.code, grid.name, grid.level, shapely.Polygon(corners), grid.parent)


def test_a_sound_board_has_no_findings():
    assert check_plan(Plan(board(3, 3)), metric_srid=SRID) == []


@given(columns=st.integers(1, 5), rows=st.integers(1, 5), missing=st.integers(0, 24))
def test_a_square_that_is_taken_out_of_a_board_is_a_gap_only_inside(columns, rows, missing):
    grids = board(columns, rows)
    if len(grids) == 1:
        return
    gone = grids.pop(missing % len(grids))
    row, column = (int(part) for part in gone.code.split("."))
    inside = 0 < row < rows - 1 and 0 < column < columns - 1
    found = check_plan(Plan(grids), metric_srid=SRID)
    assert [finding.check for finding in found] == (["gaps"] if inside else [])
    if inside:
        (gap,) = found
        place = shapely.Point(gap.lon, gap.lat)
        assert gone.geometry.covers(place)
        assert gap.size_m2 == pytest.approx(11_070, rel=0.01)
        assert {f"{row}.{column - 1}", f"{row + 1}.{column}"} <= set(gap.codes)


def test_an_overlap_of_one_millimetre_names_both_and_its_place():
    first, second = board(2, 1)
    west, south, east, north = first.geometry.bounds
    wider = redraw(first, (west, south), (east + 1e-8, south), (east + 1e-8, north), (west, north))
    found = check_plan(Plan([wider, second]), metric_srid=SRID)
    assert [finding.codes for finding in found] == [("0.0", "0.1")]
    assert found[0].size_m2 == pytest.approx(0.11, rel=0.02)
    assert found[0].lon == pytest.approx(east)


def test_a_corner_on_a_shared_border_that_the_neighbour_lacks_is_told():
    """
    +---+---+
    |   +   |   the right neighbour has a corner, the left one has none
    +---+---+
    """
    left, right = board(2, 1)
    west, south, east, north = right.geometry.bounds
    middle = (south + north) / 2
    cornered = redraw(
        right, (west, south), (east, south), (east, north), (west, north), (west, middle)
    )
    found = check_plan(Plan([left, cornered]), metric_srid=SRID)
    assert found
    assert {finding.check for finding in found} <= {"gaps", "overlaps"}
    assert max(finding.size_m2 for finding in found) < 1e-3
    assert find_blocking(found) == found


def test_an_area_inside_another_is_an_overlap_and_one_in_its_hole_is_not():
    outer = shapely.box(117.6, 26.2, 117.63, 26.23)
    inner = shapely.box(117.61, 26.21, 117.62, 26.22)
    holed = shapely.Polygon(outer.exterior, [inner.exterior])
    for shape, expected in ((outer, ["overlaps"]), (holed, [])):
        plan = Plan([Grid("a", "", Level.GRID, shape), Grid("b", "", Level.GRID, inner)])
        assert [finding.check for finding in check_plan(plan, metric_srid=SRID)] == expected


def test_the_same_area_twice_is_an_overlap():
    twin = board(1, 1)[0].geometry
    plan = Plan([Grid("a", "", Level.GRID, twin), Grid("b", "", Level.GRID, twin)])
    (found,) = check_plan(plan, metric_srid=SRID)
    assert (found.check, found.codes) == ("overlaps", ("a", "b"))


def test_a_child_that_reaches_out_and_a_parent_left_bare_are_told():
    """
    parent   +---+---+---+
    child        +---+-----+
    """
    parent = Grid("p", "", Level.COMMUNITY, shapely.box(117.6, 26.2, 117.63, 26.21))
    child = Grid("c", "", Level.GRID, shapely.box(117.61, 26.2, 117.64, 26.21), "p")
    found = [
        finding
        for finding in check_plan(Plan([parent, child]), metric_srid=SRID)
        if finding.check == "nesting"
    ]
    assert {finding.codes for finding in found} == {("c", "p"), ("p",)}
    for finding in found:
        assert finding.size_m2 == pytest.approx(1_107_000, rel=0.01)


def test_codes_are_compared_with_the_pattern_only_where_it_is_followed():
    chinese = [f"35040200200300{i}" for i in range(3)]
    shapes = [grid.geometry for grid in board(4, 1)]
    odd = Plan(
        Grid(code, "", Level.GRID, shape)
        for code, shape in zip([*chinese, "翁墩-4"], shapes, strict=True)
    )
    (told,) = check_plan(odd, metric_srid=SRID)
    assert (told.check, told.severity, told.codes) == ("codes", Severity.WARNING, ("翁墩-4",))
    assert check_plan(Plan(board(4, 1)), metric_srid=SRID) == []


def test_an_invalid_ring_is_the_only_thing_told_of_a_plan():
    tie = shapely.Polygon([(117.6, 26.2), (117.62, 26.22), (117.62, 26.2), (117.6, 26.22)])
    (told,) = check_plan(Plan([Grid("a", "", Level.GRID, tie)]), metric_srid=SRID)
    assert told.check == "invalid"


def test_no_plan_and_no_holes_are_no_trouble():
    assert check_plan(Plan([])) == []
    one = np.array([board(1, 1)[0].geometry], dtype=object)
    assert find_gaps(one, ["a"], metric_srid=SRID) == []
    assert find_overlaps(one, ["a"], metric_srid=SRID) == []


def test_every_check_is_a_function_of_a_subject_and_silent_where_nothing_is_known():
    subject = Subject(Plan(board(2, 2)), SRID)
    assert {name: check.find(subject) for name, check in CHECKS.items()} == {
        name: [] for name in CHECKS
    }


def test_sums_and_slivers_are_counted():
    grids = board(3, 1)
    first, second, third = (grid.geometry.bounds for grid in grids)
    grown = redraw(
        grids[0],
        (first[0], first[1]),
        (second[0] + 1e-4, first[1]),
        (second[0] + 1e-4, first[3]),
        (first[0], first[3]),
    )
    hair = redraw(
        grids[2],
        (third[0] - 1e-9, third[1]),
        (third[2], third[1]),
        (third[2], third[3]),
        (third[0] - 1e-9, third[3]),
    )
    (row,) = summarise(check_plan(Plan([grown, grids[1], hair]), metric_srid=SRID))
    assert (row.check, row.count, row.slivers) == ("overlaps", 2, 1)
    assert row.size_m2 == pytest.approx(1_107, rel=0.01)
    assert row.worst.codes == ("0.0", "0.1")


def test_areas_are_written_with_fitting_digits():
    assert format_m2(0.0) == "0.00 m²"
    assert format_m2(123456.7) == "123,457 m²"
