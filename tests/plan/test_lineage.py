"""What became of each grid? Small drawn plans, any cut of a square, and the demonstration plan."""

from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.demo import build_district
from gis.plan.arcs import shared_borders
from gis.plan.edits.apply import apply_edit
from gis.plan.edits.model import Merge, Renumber, Split
from gis.plan.lineage import LineageRow, chain_lineage, successors, trace_lineage
from gis.plan.model import Grid, Level, Plan
from gis.plan.work import Points

WEST, SOUTH, STEP = 117.60, 26.25, 0.001
SRID = 4548


def draw(text: str) -> Plan:
    """Draw a plan of grids from rows of letters, the first row in the north; a dot is nothing."""
    cells: dict[str, list[shapely.Polygon]] = {}
    rows = text.split()
    for y, row in enumerate(reversed(rows)):
        for x, letter in enumerate(row):
            corners = (x, y, x + 1, y + 1)
            base = (WEST, SOUTH, WEST, SOUTH)
            box = shapely.box(*(round(b + c * STEP, 7) for b, c in zip(base, corners, strict=True)))
            cells.setdefault(letter, []).append(box)
    cells.pop(".", None)
    return Plan(Grid(c, c, Level.GRID, shapely.coverage_union_all(b)) for c, b in cells.items())


def homes(text: str) -> dict[str, Points]:
    """Households in the middle of cells, one digit a cell."""
    found = [
        (WEST + (x + 0.5) * STEP, SOUTH + (y + 0.5) * STEP, float(digit))
        for y, row in enumerate(reversed(text.split()))
        for x, digit in enumerate(row)
    ]
    lon, lat, weight = (np.array(column) for column in zip(*found, strict=True))
    return {"households": Points(lon, lat, weight)}


def kinds(before: str, after: str, **given) -> list[tuple[str | None, str | None, str]]:
    rows = trace_lineage(draw(before), draw(after), metric_srid=SRID, **given)
    return [(row.from_code, row.to_code, row.kind) for row in rows]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("aab", "aab", [("a", "a", "same"), ("b", "b", "same")]),
        ("aab", "xxb", [("a", "x", "renamed"), ("b", "b", "same")]),
        ("ab", "ba", [("a", "b", "renamed"), ("b", "a", "renamed")]),
        ("aab", "abb", [("a", "a", "moved"), ("a", "b", "moved"), ("b", "b", "moved")]),
        ("aa", "ab", [("a", "a", "split"), ("a", "b", "split")]),
        ("aa", "xy", [("a", "x", "split"), ("a", "y", "split")]),
        ("ab", "aa", [("a", "a", "merged"), ("b", "a", "merged")]),
        ("ab", "xx", [("a", "x", "merged"), ("b", "x", "merged")]),
        ("abb", "a.c", [("a", "a", "same"), ("b", "c", "split"), ("b", None, "retired")]),
        ("a.", "ab", [("a", "a", "same"), (None, "b", "new")]),
        ("ab", "a.", [("a", "a", "same"), ("b", None, "retired")]),
        # The ground of b, which is gone, goes to both of its neighbours.
        ("abbc", "aacc", [("a", "a", "merged"), ("b", "a", "merged"), ("b", "c", "merged"),
                          ("c", "c", "merged")]),
        # A new grid is cut out of two that stay.
        ("aabb", "axxb", [("a", "a", "split"), ("a", "x", "split"), ("b", "b", "split"),
                          ("b", "x", "split")]),
        # a loses ground to x, which is new, and to b, which is not.
        ("aaab", "axbb", [("a", "a", "moved"), ("a", "b", "moved"), ("a", "x", "split"),
                          ("b", "b", "moved")]),
        # Everything is drawn anew with new codes.
        ("aabbb", "xxxyy", [("a", "x", "merged"), ("b", "x", "moved"), ("b", "y", "split")]),
    ],
)  # fmt: skip
def test_kinds(before, after, expected):
    assert kinds(before, after) == expected


def test_shares_of_area_and_households():
    """
    aab    aac    households  123
    aab →  ccc                456
    """
    [aa, ac, bc] = trace_lineage(
        draw("aab aab"), draw("aac ccc"), metric_srid=SRID, work=homes("123 456")
    )
    assert (aa.from_code, aa.to_code) == ("a", "a")
    assert (ac.from_code, ac.to_code) == ("a", "c")
    assert aa.area_share_from == pytest.approx(0.5, abs=1e-4)
    assert aa.area_share_to == pytest.approx(1.0)
    assert ac.area_share_to == pytest.approx(0.5, abs=1e-4)
    assert bc.area_share_from == pytest.approx(1.0)
    assert (aa.households_share_from, aa.households_share_to) == (3 / 12, 1.0)
    assert (ac.households_share_from, ac.households_share_to) == (9 / 12, 9 / 18)
    assert aa.buildings_share_from is None


def test_a_sliver_is_told_only_with_households_on_it():
    """The border between a and b moves by 0.5 m of 200 m."""
    before = draw("aabb")
    edge = WEST + 2 * STEP - 5e-7
    top = round(SOUTH + STEP, 7)
    after = Plan(
        [
            Grid("a", "a", Level.GRID, shapely.box(WEST, SOUTH, edge, top)),
            Grid("b", "b", Level.GRID, shapely.box(edge, SOUTH, round(WEST + 4 * STEP, 7), top)),
        ]
    )
    told = trace_lineage(before, after, metric_srid=SRID)
    assert [(r.from_code, r.to_code, r.kind) for r in told] == [
        ("a", "a", "same"),
        ("b", "b", "same"),
    ]
    on_it = Points(np.array([edge + 2e-7]), np.array([SOUTH + STEP / 2]), np.array([4.0]))
    told = trace_lineage(before, after, metric_srid=SRID, work={"households": on_it})
    assert [(r.from_code, r.to_code, r.kind) for r in told] == [
        ("a", "a", "moved"),
        ("a", "b", "moved"),
        ("b", "b", "moved"),
    ]
    assert told[1].households_share_from == 1.0


def test_a_pair_that_is_the_only_one_is_told_however_small():
    """A grid of a ten-thousandth of its neighbour's area is swallowed by it."""
    big = shapely.box(WEST, SOUTH, WEST + 1.0, SOUTH + 1.0)
    small = shapely.box(WEST + 1.0, SOUTH, WEST + 1.005, SOUTH + 0.01)
    before = Plan([Grid("a", "a", Level.GRID, big), Grid("b", "b", Level.GRID, small)])
    after = Plan([Grid("a", "a", Level.GRID, shapely.union(big, small))])
    rows = trace_lineage(before, after, metric_srid=SRID)
    assert [(r.from_code, r.to_code) for r in rows] == [("a", "a"), ("b", "a")]
    assert rows[1].kind == "merged"


def test_levels_are_compared_with_themselves_only():
    ground = draw("a")["a"].geometry
    before = Plan([Grid("C", "C", Level.COMMUNITY, ground)])
    after = Plan([*before, Grid("g", "g", Level.GRID, ground, "C")])
    rows = trace_lineage(before, after, metric_srid=SRID)
    assert [(r.level, r.from_code, r.to_code, r.kind) for r in rows] == [
        (Level.COMMUNITY, "C", "C", "same"),
        (Level.GRID, None, "g", "new"),
    ]
    assert trace_lineage(Plan([]), Plan([]), metric_srid=SRID) == []


def test_the_first_successor_has_the_largest_share():
    rows = trace_lineage(draw("aaab"), draw("xxyb"), metric_srid=SRID, work=homes("1195"))
    assert [row.to_code for row in successors(rows, "a")] == ["x", "y"]
    assert [row.to_code for row in successors(rows, "a", by="households")] == ["y", "x"]
    assert successors(rows, "nowhere") == []


def test_lineage_chains_over_several_revisions():
    """
    aabb → aaxx → yyyx
    """
    work = homes("1234")
    plans = [draw("aabb"), draw("aaxx"), draw("yyyx")]
    steps = [trace_lineage(old, new, metric_srid=SRID, work=work) for old, new in pairwise(plans)]
    rows = {(r.from_code, r.to_code): r for r in chain_lineage(steps)}
    assert set(rows) == {("a", "y"), ("b", "y"), ("b", "x")}
    assert rows["a", "y"].kind == "merged"
    assert rows["a", "y"].area_share_from == pytest.approx(1.0)
    assert rows["b", "y"].area_share_from == pytest.approx(0.5, abs=1e-3)
    assert rows["b", "y"].households_share_from == pytest.approx(3 / 7)
    assert chain_lineage([]) == []
    assert chain_lineage(steps[:1]) == steps[0]


@st.composite
def cut_squares(draw_it) -> Plan:
    """Cut the unit square into up to nine rectangles at random lines, under any codes."""
    inner = st.lists(st.integers(1, 99), max_size=2, unique=True)
    xs = [0, *sorted(draw_it(inner)), 100]
    ys = [0, *sorted(draw_it(inner)), 100]
    boxes = [
        shapely.box(*(WEST + x0 * 1e-4, SOUTH + y0 * 1e-4, WEST + x1 * 1e-4, SOUTH + y1 * 1e-4))
        for x0, x1 in pairwise(xs)
        for y0, y1 in pairwise(ys)
    ]
    names = st.sampled_from("abcdefghijkl")
    codes = draw_it(st.lists(names, min_size=len(boxes), max_size=len(boxes), unique=True))
    return Plan(Grid(c, c, Level.GRID, box) for c, box in zip(codes, boxes, strict=True))


@given(cut_squares(), cut_squares(), st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_shares_of_every_grid_sum_to_one(before, after, seed):
    random = np.random.default_rng(seed)
    points = Points(
        WEST + random.uniform(0, 0.01, 50), SOUTH + random.uniform(0, 0.01, 50), np.ones(50)
    )
    rows = trace_lineage(before, after, metric_srid=SRID, work={"households": points})
    sums: dict[tuple[str, str], list[LineageRow]] = {}
    for row in rows:
        sums.setdefault(("from", row.from_code), []).append(row)
        sums.setdefault(("to", row.to_code), []).append(row)
    assert {code for side, code in sums if side == "from"} == {grid.code for grid in before}
    assert {code for side, code in sums if side == "to"} == {grid.code for grid in after}
    for (side, _), own in sums.items():
        assert sum(getattr(r, f"area_share_{side}") for r in own) == pytest.approx(1, abs=0.004)
        known = [getattr(row, f"households_share_{side}") for row in own]
        assert None in known or sum(known) == pytest.approx(1.0, abs=1e-12)


@given(cut_squares())
@settings(max_examples=30, deadline=None)
def test_a_plan_is_the_same_as_itself(plan):
    rows = trace_lineage(plan, Plan(plan.grids), metric_srid=SRID)
    assert [(r.kind, r.area_share_from, r.area_share_to) for r in rows] == [
        ("same", 1.0, 1.0)
    ] * len(plan)


def test_a_district_that_is_renumbered_as_a_whole():
    """350402 becomes 350404 and every code below follows: nothing but codes has changed."""
    plan = build_district().plan
    codes = {grid.code: "350404" + grid.code[6:] for grid in plan}
    after = apply_edit(plan, Renumber(codes=codes)).plan
    rows = trace_lineage(plan, after, metric_srid=SRID)
    assert len(rows) == len(plan)
    assert {(row.kind, row.area_share_from, row.area_share_to) for row in rows} == {
        ("renamed", 1.0, 1.0)
    }
    assert {row.from_code: row.to_code for row in rows} == codes


def test_edits_of_a_real_size_leave_everything_else_the_same():
    """Two neighbours of the demonstration plan are merged, and another grid is cut in two."""
    plan = build_district().plan
    leaves = [grid for grid in plan.at(Level.GRID) if not plan.children(grid.code)]
    pair = next(b for b in shared_borders(leaves) if b.other and b.one[:12] == b.other[:12])
    merged = apply_edit(plan, Merge(codes=(pair.one, pair.other))).plan
    cut = leaves[-1]
    west, south, east, north = cut.geometry.bounds
    middle = round((west + east) / 2, 7)
    line = (middle, south - 0.001), (middle, north + 0.001)
    after = apply_edit(merged, Split(code=cut.code, line=line)).plan
    rows = trace_lineage(plan, after, metric_srid=SRID)
    told = {(row.from_code, row.kind) for row in rows if row.kind != "same"}
    assert told == {(pair.one, "merged"), (pair.other, "merged"), (cut.code, "split")}
    assert {row.level for row in rows if row.kind != "same"} == {Level.GRID}
