"""Does an address get the grid of its building, and only where that is sure?

::

    117.60      117.61      117.62
      +-----------+-----------+  26.21
      | 001       | 002       |
      |  A1  A2   |  A3   B1  |
      +-----------+-----------+  26.20

A and B are estates; A3 stands in another grid than A1 and A2. C1 stands outside.
"""

from __future__ import annotations

import pytest
import shapely

from gis.locate.address import parse_address
from gis.locate.address_lookup import locate_address
from gis.locate.gazetteer import Gazetteer
from gis.locate.locator import PlanIndex
from gis.locate.standard_address import StandardAddress

PLACES = {
    "列西街道翁墩路6号翁墩新村1幢": 117.602,
    "列西街道翁墩路6号翁墩新村2幢": 117.604,
    "列西街道翁墩路6号翁墩新村3幢": 117.612,
    "列西街道翁墩路8号锦绣花园1幢": 117.618,
    "列西街道翁墩路8号锦绣花园2幢": 117.619,
    "列西街道远山路1号": 118.0,
}
INDEX = PlanIndex(
    7,
    None,
    None,
    {
        "district": [("D", "区", shapely.box(117.60, 26.20, 117.62, 26.21))],
        "grid": [
            ("001", "一", shapely.box(117.60, 26.20, 117.61, 26.21)),
            ("002", "二", shapely.box(117.61, 26.20, 117.62, 26.21)),
        ],
    },
    metric_srid=4547,
)


@pytest.fixture(scope="module")
def book() -> Gazetteer:
    return Gazetteer(
        StandardAddress(text, text, parse_address(text), lon, 26.205)
        for text, lon in PLACES.items()
    )


def test_a_building_takes_its_own_grid(book: Gazetteer) -> None:
    answer = locate_address(book, INDEX, "翁墩新村3栋2单元")
    assert answer.status == "inside"
    assert answer.standard == "列西街道翁墩路6号翁墩新村3幢"
    assert (answer.lon, answer.lat) == (117.612, 26.205)
    assert [grid.code for grid in answer.grids] == ["D", "002"]
    assert (answer.revision.id, answer.provider) == (7, "gazetteer")
    assert answer.border is not None
    assert answer.border.neighbour == "001"
    assert locate_address(book, INDEX, "翁墩新村3栋", with_border=False).border is None


def test_an_estate_in_two_grids_is_ambiguous(book: Gazetteer) -> None:
    answer = locate_address(book, INDEX, "翁墩新村")
    assert (answer.status, answer.grids, answer.standard) == ("ambiguous", (), None)
    assert [c.grids[-1].code for c in answer.candidates] == ["001", "001", "002"]


def test_a_road_tells_its_grids_and_how_much_of_it_lies_in_each(book: Gazetteer) -> None:
    answer = locate_address(book, INDEX, "翁墩路")
    assert (answer.status, answer.grids) == ("ambiguous", ())
    told = [(each.grids[-1].code, each.candidate.confidence) for each in answer.candidates]
    assert [code for code, _ in told] == ["002", "001"]
    shares = [confidence / answer.confidence for _, confidence in told]
    assert shares == pytest.approx([3 / 5, 2 / 5])


def test_grids_without_subgrids_count_beside_those_that_have_some(book: Gazetteer) -> None:
    """Only grid 002 is divided: 002 | 00201 · 00202, and 001 stays whole."""
    index = PlanIndex(
        8,
        None,
        None,
        {
            "grid": [
                ("001", "一", shapely.box(117.60, 26.20, 117.61, 26.21)),
                ("002", "二", shapely.box(117.61, 26.20, 117.62, 26.21)),
            ],
            "subgrid": [
                ("00201", "甲", shapely.box(117.61, 26.20, 117.6185, 26.21)),
                ("00202", "乙", shapely.box(117.6185, 26.20, 117.62, 26.21)),
            ],
        },
        metric_srid=4547,
    )
    first = [("翁墩新村1幢", 117.602), ("翁墩新村2幢", 117.604)]
    whole = Gazetteer(
        StandardAddress(text, text, parse_address(text), lon, 26.205) for text, lon in first
    )
    answer = locate_address(whole, index, "翁墩新村")
    assert (answer.status, [grid.code for grid in answer.grids]) == ("inside", ["001"])
    assert locate_address(book, index, "锦绣花园").status == "ambiguous"
    road = locate_address(book, index, "翁墩路").candidates
    assert [each.grids[-1].code for each in road] == ["001", "00201", "00202"]


def test_an_estate_in_one_grid_is_inside_and_says_why(book: Gazetteer) -> None:
    answer = locate_address(book, INDEX, "锦绣花园")
    assert (answer.status, answer.grids[-1].code) == ("inside", "002")
    assert (answer.standard, answer.lon, answer.lat) == (None, None, None)
    assert answer.reasons[-1].part == "estate"
    assert answer.reasons[-1].note == "all 2 entries that are meant lie in 二"


@pytest.mark.parametrize(
    "given",
    [
        "翁墩路",
        "列西街道",
        "远山路",
        "列东街道锦绣花园1幢",
        "锦绣花园9幢",
        "翁墩路8号翁墩新村3幢",
    ],
)
def test_roads_areas_contradictions_and_lacks_are_never_inside(book: Gazetteer, given: str) -> None:
    answer = locate_address(book, INDEX, given)
    assert (answer.status, answer.grids) == ("ambiguous", ())


def test_a_county_counts_only_where_the_book_or_the_plan_knows_one(book: Gazetteer) -> None:
    entries = [book.entry(k) for k in range(len(book))]
    of_plan = Gazetteer(entries, areas=[{"county": "三元区"}] * len(entries))
    given = "北京市朝阳区锦绣花园1幢"
    assert locate_address(of_plan, INDEX, given).status == "ambiguous"
    unchecked = locate_address(book, INDEX, given)
    assert unchecked.status == "inside"
    assert [(r.part, r.verdict) for r in unchecked.reasons[:2]] == [
        ("province", "unchecked"),
        ("county", "unchecked"),
    ]


def test_a_building_outside_the_plan(book: Gazetteer) -> None:
    answer = locate_address(book, INDEX, "远山路1号")
    assert (answer.status, answer.grids, answer.lon) == ("outside", (), 118.0)


def test_an_unknown_address_tells_what_is_known(book: Gazetteer) -> None:
    answer = locate_address(book, INDEX, "翁墩路77号")
    assert (answer.status, answer.candidates, answer.confidence) == ("unknown", (), 0.0)
    assert [(r.part, r.verdict) for r in answer.reasons] == [
        ("road", "matched"),
        ("number", "missing"),
    ]
