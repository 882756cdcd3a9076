"""Does a layer of polygons become the plan that its drawing shows?"""

import numpy as np
import pytest
import shapely

from gis.coords import wgs84_to_gcj02
from gis.errors import InputError
from gis.plan.assembly import Assembly, Feature, assemble
from gis.plan.findings import describe, find_blocking, summarise
from gis.plan.model import Finding, Grid, Level, Plan, Severity

WEST, SOUTH, STEP = 117.60, 26.20, 0.01


def square(column: float, row: float, width: float = 1, height: float = 1) -> shapely.Polygon:
    west, south = WEST + column * STEP, SOUTH + row * STEP
    return shapely.box(
        round(west, 7),
        round(south, 7),
        round(west + width * STEP, 7),
        round(south + height * STEP, 7),
    )


def layer(*rows: tuple[object, shapely.Geometry], **more: list[object]) -> list[Feature]:
    return [
        Feature(number, {"code": code, **{k: v[number - 1] for k, v in more.items()}}, shape)
        for number, (code, shape) in enumerate(rows, 1)
    ]


def checks(made: Assembly) -> list[tuple[str, tuple[str, ...]]]:
    return [(finding.check, finding.codes) for finding in made.findings]


def test_a_clean_layer_of_plain_ids_loads_without_a_finding():
    """
    +---+---+
    | 1 | 2 |
    +---+---+
    """
    made = assemble(layer((1.0, square(0, 0)), (2.0, square(1, 0))), code_field="code")
    assert made.findings == []
    assert [(grid.code, grid.name, grid.level) for grid in made.plan] == [
        ("1", "1", Level.GRID),
        ("2", "2", Level.GRID),
    ]


def test_an_unknown_column_is_refused_with_the_known_ones():
    with pytest.raises(InputError, match=r"no column 'id'.*code"):
        assemble(layer(("a", square(0, 0))), code_field="id")


@pytest.mark.parametrize("dissolve", [False, True])
def test_parts_with_one_code_are_told_with_their_places(dissolve):
    """
    +---+---+---+
    | a | b | a |
    +---+---+---+
    """
    rows = layer(("a", square(0, 0)), ("b", square(1, 0)), ("a", square(2, 0)))
    made = assemble(rows, code_field="code", dissolve=dissolve)
    (told,) = made.findings
    assert told.check == "duplicates"
    assert "a occurs 3 times" not in told.message
    assert "a occurs 2 times: row 1 at 117.605000, 26.205000; row 3 at" in told.message
    if dissolve:
        assert told.severity is Severity.WARNING
        assert made.plan["a"].geometry.area == pytest.approx(2 * STEP**2)
        assert made.plan["a"].geometry.geom_type == "MultiPolygon"
    else:
        assert told.severity is Severity.ERROR
        assert made.plan is None


def test_a_bow_tie_is_told_with_its_place_and_put_right_only_when_accepted():
    r"""
    +     +
    |\   /|
    | \ / |
    | / \ |
    |/   \|
    +     +
    """
    tie = shapely.Polygon([(117.6, 26.2), (117.62, 26.22), (117.62, 26.2), (117.6, 26.22)])
    refused = assemble(layer(("a", tie)), code_field="code")
    assert refused.plan is None
    (told,) = refused.findings
    assert told.check == "invalid"
    assert (told.lon, told.lat) == pytest.approx((117.61, 26.21))
    accepted = assemble(layer(("a", tie)), code_field="code", accepted=["invalid"])
    assert shapely.is_valid(accepted.plan["a"].geometry)
    assert accepted.plan["a"].geometry.area == pytest.approx(0.0002)


def test_a_ring_that_only_touches_itself_is_put_right_with_a_warning():
    r"""
    +-----+
     \   /
       +
     /   \
    +-----+  drawn as one ring
    """
    ring = [(0, 0), (4, 0), (2, 2), (4, 4), (0, 4), (2, 2)]
    pinched = shapely.Polygon([(117.6 + x / 1000, 26.2 + y / 1000) for x, y in ring])
    made = assemble(layer(("a", pinched)), code_field="code")
    (told,) = made.findings
    assert (told.check, told.severity) == ("invalid", Severity.WARNING)
    assert (told.lon, told.lat) == pytest.approx((117.602, 26.202))
    assert shapely.is_valid(made.plan["a"].geometry)
    assert made.plan["a"].geometry.area == pytest.approx(pinched.area)


def test_lines_among_areas_are_left_out_only_when_accepted():
    rows = layer(("a", square(0, 0)), ("b", shapely.LineString([(117.6, 26.2), (117.7, 26.2)])))
    refused = assemble(rows, code_field="code")
    assert refused.plan is None
    assert checks(refused) == [("not-an-area", ())]
    assert len(assemble(rows, code_field="code", accepted=["not-an-area"]).plan) == 1


def test_a_file_without_any_area_is_refused():
    rows = layer(("b", shapely.Point(117.6, 26.2)))
    with pytest.raises(InputError, match="no polygon"):
        assemble(rows, code_field="code", accepted=["not-an-area"])


def test_overlap_and_gap_are_measured_in_the_file_before_rounding():
    """
    Neighbours that miss each other by 2e-8°, which rounding closes, with a corner that closes the
    gap above and below.
    """
    hair = 2e-8
    left = shapely.Polygon([(117.6, 26.2), (117.61, 26.2), (117.61, 26.21), (117.6, 26.21)])
    right = shapely.Polygon(
        [(117.61, 26.2), (117.62, 26.2), (117.62, 26.21), (117.61, 26.21), (117.61 + hair, 26.205)]
    )
    clean = shapely.Polygon([*right.exterior.coords[:4], (117.61, 26.205)])
    rows = [Feature(1, {"code": "a"}, left), Feature(2, {"code": "b"}, clean, exact=right)]
    made = assemble(rows, code_field="code")
    (gap,) = [finding for finding in made.findings if "rounded" not in finding.message]
    assert (gap.check, gap.codes) == ("gaps", ("a", "b"))
    assert 0.5e-3 * 2 < gap.size_m2 < 1.5
    assert gap.lon == pytest.approx(117.61) and gap.lat == pytest.approx(26.205, abs=0.005)


def test_levels_named_in_chinese_hang_by_containment():
    """
    社区 35040200200 holds both grids.
    """
    rows = layer(
        ("350402002003", square(0, 0, width=2)),
        ("350402002003001", square(0, 0)),
        ("350402002003002", square(1, 0)),
        level=["社区", "网格", " 网格 "],
    )
    made = assemble(rows, code_field="code", level_field="level")
    assert made.findings == []
    assert made.plan["350402002003002"].parent == "350402002003"
    assert made.plan.levels == (Level.COMMUNITY, Level.GRID)


def test_an_unknown_level_names_the_row():
    rows = layer(("1", square(0, 0)), ("2", square(1, 0)), level=["网格", "棋盘"])
    with pytest.raises(InputError, match="row 2: '棋盘' is no level"):
        assemble(rows, code_field="code", level_field="level")


def test_codes_are_issued_in_reading_order_and_never_again():
    """
    +---+---+
    | 2 | 3 |   001 is retired
    +---+---+
    | 4 | 5 |
    +---+---+
    """
    community = Plan([Grid("350402002003", "翁墩", Level.COMMUNITY, square(0, 0, 2, 2))])
    shapes = [square(1, 0), square(0, 0), square(1, 1), square(0, 1)]
    rows = [Feature(i, {"name": f"n{i}"}, shape) for i, shape in enumerate(shapes, 1)]
    made = assemble(
        rows, name_field="name", base=community, used_codes={"350402002003001"}, level=Level.GRID
    )
    assert made.findings == []
    assert {grid.name: grid.code[-3:] for grid in made.plan.at(Level.GRID)} == {
        "n4": "002",
        "n3": "003",
        "n2": "004",
        "n1": "005",
    }
    assert {grid.parent for grid in made.plan.at(Level.GRID)} == {"350402002003"}


def test_a_row_without_code_gets_one_only_when_accepted():
    rows = layer(("1", square(0, 0)), (None, square(1, 0)))
    refused = assemble(rows, code_field="code")
    assert (refused.plan, checks(refused)) == (None, [("missing-code", ())])
    accepted = assemble(rows, code_field="code", accepted=["missing-code"])
    assert [grid.code for grid in accepted.plan] == ["001", "1"]


def test_parents_that_are_only_named_are_made_of_their_areas():
    """
    +---+---+---+
    | A | A | B |
    +---+---+---+
    """
    rows = layer(("1", square(0, 0)), ("2", square(1, 0)), ("3", square(2, 0)), lad=["A", "A", "B"])
    made = assemble(rows, code_field="code", parent_field="lad")
    assert [
        (grid.code, len(made.plan.children(grid.code))) for grid in made.plan.at(Level.COMMUNITY)
    ] == [("A", 2), ("B", 1)]
    assert shapely.equals(made.plan["A"].geometry, square(0, 0, width=2))
    assert [(f.check, f.severity) for f in made.findings] == [("nesting", Severity.WARNING)]


def test_a_parent_that_is_nowhere_and_an_area_outside_are_told():
    base = Plan([Grid("c", "c", Level.COMMUNITY, square(0, 0))])
    named = assemble(
        layer(("1", square(0, 0)), up=["x"]), code_field="code", parent_field="up", base=base
    )
    aside = layer(("1", square(0.5, 0)), ("2", square(1.5, 0)))
    outside = assemble(aside, code_field="code", base=base)
    assert [f.message for f in named.findings if "names the parent x" in f.message]
    assert [f.message for f in outside.findings if "lies in no area" in f.message]
    assert find_blocking(named.findings) and not find_blocking(named.findings, ["nesting"])


def test_a_new_level_replaces_the_old_one_and_the_rest_is_hung_again():
    """
    The communities 1 and 2 become 3; the grid below 1 then belongs to 3.
    """
    base = Plan(
        [
            Grid("1", "1", Level.COMMUNITY, square(0, 0)),
            Grid("2", "2", Level.COMMUNITY, square(1, 0)),
            Grid("g", "g", Level.GRID, square(0, 0, width=2), "1"),
        ]
    )
    made = assemble(
        layer(("3", square(0, 0, width=2))), code_field="code", level=Level.COMMUNITY, base=base
    )
    assert made.plan["g"].parent == "3"
    assert "1" not in made.plan
    assert not find_blocking(made.findings)


def test_a_code_of_another_level_is_a_duplicate():
    base = Plan([Grid("1", "1", Level.COMMUNITY, square(0, 0))])
    made = assemble(layer(("1", square(0, 0))), code_field="code", base=base)
    assert made.plan is None
    assert ("duplicates", ("1",)) in checks(made)


def test_a_summary_has_one_line_a_check():
    rows = layer(("a", square(0, 0)), ("b", square(0.999, 0)), ("c", square(1.998, 0)))
    made = assemble(rows, code_field="code")
    (line,) = describe(summarise(made.findings))
    assert line.startswith("overlaps: 2 (")
    assert "--accept overlaps" in line


def test_a_summary_keeps_the_large_ones_apart_from_slivers():
    def tell(*sizes: float) -> str:
        found = [Finding("gaps", Severity.ERROR, "a gap", "close it", size_m2=m2) for m2 in sizes]
        return describe(summarise(found))[0]

    assert tell(12.96, 0.002, 0.009).startswith(
        "gaps: 3 (1 of 1 m² and more, 12.96 m² in all; 2 below 1 m², 0.01 m² in all); the largest:"
    )
    assert tell(0.5, 0.25).startswith("gaps: 2 (all below 1 m², 0.75 m² in all); ")
    assert tell(0.5).startswith("gaps: 1 (below 1 m², 0.50 m² in all); a gap;")
    assert tell(3.0, 4.0).startswith("gaps: 2 (7.00 m² in all); ")


def test_a_layer_in_another_county_is_refused():
    base = Plan([Grid("c", "c", Level.COMMUNITY, square(0, 0))])
    with pytest.raises(InputError, match="no ground in common"):
        assemble(layer(("1", square(500, 0))), code_field="code", base=base)


@pytest.mark.parametrize("labelled", ["gcj02", "wgs84"])
def test_a_wrong_offset_is_told_and_has_to_be_accepted(labelled):
    """
    The grid fills the community, but is drawn on a map with the GCJ-02 offset.
    """
    here = square(0, 0, width=5, height=5)
    moved = shapely.transform(here, lambda xy: np.column_stack(wgs84_to_gcj02(*xy.T)))
    drawn, base = (moved, here) if labelled == "wgs84" else (here, moved)
    made = assemble(
        layer(("1", drawn)), code_field="code", base=Plan([Grid("c", "c", Level.COMMUNITY, base)])
    )
    (told,) = [finding for finding in made.findings if finding.check == "shifted"]
    assert told in find_blocking(made.findings)
    assert told not in find_blocking(made.findings, ["shifted"])


def test_a_layer_that_reaches_out_for_another_reason_is_not_called_shifted():
    base = Plan([Grid("c", "c", Level.COMMUNITY, square(0, 0))])
    made = assemble(layer(("1", square(0, 0, width=3))), code_field="code", base=base)
    assert {finding.check for finding in made.findings} == {"nesting"}
