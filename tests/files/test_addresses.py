"""Do addresses come out of a file with their parts and their places?"""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from osmium.osm.mutable import Node, Way

from gis.errors import InputError
from gis.files.address_parts import PARTS, read_cell, read_parts, write_text
from gis.files.addresses import LONGEST_ID, AddressTable, read_addresses
from gis.files.places import represent
from gis.locate.address import LONGEST_ADDRESS, Address, parse_address
from gis.locate.standard_address import StandardAddress
from tests.files.makers import NEIGHBOUR, SQUARE, write_geojson, write_shapefile
from tests.files.test_osm import INNER, OUTER, write_osm

PLACES = {"B1": (117.6, 26.2)}


def write_csv(folder: Path, text: str, *, encoding: str = "utf-8") -> Path:
    file = folder / "地址.csv"
    file.write_text(text, encoding=encoding)
    return file


def read(file: Path, **how: object) -> tuple[list[StandardAddress], AddressTable]:
    table = read_addresses(
        file, find_buildings=lambda ids: {k: PLACES[k] for k in ids if k in PLACES}, **how
    )
    return [address for chunk in table.chunks() for address in chunk], table


def told(table: AddressTable) -> list[tuple[int, str]]:
    return [(row.row, row.reason) for row in table.rejected]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_one_column_of_text_is_parsed(tmp_path: Path, encoding: str) -> None:
    text = "编号,标准地址,经度,纬度\n7,福建省三明市梅列区崇宁路12号附3四十八栋,117.6,26.2\n"
    found, table = read(write_csv(tmp_path, text, encoding=encoding), crs="cgcs2000")
    parts = Address("福建省", "三明市", "梅列区", road="崇宁路", number="12-3", building="48")
    assert found == [
        StandardAddress("7", "福建省三明市梅列区崇宁路12号附3四十八栋", parts, 117.6, 26.2)
    ]
    assert dict(table.columns_used) == {
        "lon": "经度", "lat": "纬度", "external_id": "编号", "text": "标准地址",
    }  # fmt: skip
    assert (table.rows, table.rejections) == (1, 0)


def test_columns_of_parts_make_a_text_and_are_brought_to_one_form(tmp_path: Path) -> None:
    text = (
        "市,区县,街道,社区,路名,门牌号,小区,楼栋号,单元,房号,x,y\n"
        "三明市,梅列,列西街道,翁墩居委会,翁墩路,７,翁墩新村,四幢,2,６０１,117.6,26.2\n"
        ",,,,列东街45巷,12之3,,,,,117.6,26.2\n"
    )
    found, _ = read(write_csv(tmp_path, text), crs="wgs84")
    assert found[0].text == "三明市梅列列西街道翁墩居委会翁墩路７号翁墩新村四幢2单元６０１室"
    assert found[0].parts == Address(
        "", "三明市", "梅列", "列西街道", "翁墩社区", "翁墩路", "", "7", "翁墩新村", "4", "2", "",
        "601",
    )  # fmt: skip
    assert found[0].external_id == found[0].text
    assert found[1].text == "列东街45巷12之3"
    assert found[1].parts == Address(road="列东街", lane="45", number="12-3")


def test_columns_are_trusted_over_the_text(tmp_path: Path) -> None:
    """The text alone would give the estate the name of the road that stands before it."""
    text = "地址,小区,楼栋,lon,lat\n崇宁路7号一路梅园新村1幢2单元,一路梅园新村,九幢,117.6,26.2\n"
    found, _ = read(write_csv(tmp_path, text), crs="wgs84")
    expected = Address(road="崇宁路", number="7", estate="一路梅园新村", building="9", unit="2")
    assert found[0].parts == expected
    assert found[0].text == "崇宁路7号一路梅园新村1幢2单元"


def test_building_stands_in_for_a_place(tmp_path: Path) -> None:
    text = "地址,楼栋编号,lon,lat\n一路1号,B1,,\n一路2号,B2,,\n一路3号,,,\n一路4号,B1,117.7,26.3\n"
    found, table = read(write_csv(tmp_path, text), crs="wgs84")
    assert [(a.building_id, a.lon, a.lat) for a in found] == [
        ("B1", 117.6, 26.2),
        ("B1", 117.7, 26.3),
    ]
    assert told(table) == [
        (3, "has no place, and the building 'B2' is not known"),
        (4, "has no place"),
    ]
    found, _ = read(write_csv(tmp_path, "地址,楼栋编号\n一路1号,B1\n"))
    assert [(a.lon, a.lat) for a in found] == [(117.6, 26.2)]


def test_rows_that_cannot_be_used_are_told_and_the_rest_is_kept(tmp_path: Path) -> None:
    rows = [
        ("1", "", "117.6", "26.2"),
        ("2", "一路1号", "0", "0"),
        ("3", "一路2号", "东", "26.2"),
        ("4", "一路3号", "117.6", "96.2"),
        ("5", "福建省三明市", "117.6", "26.2"),
        ("6", "路" * (LONGEST_ADDRESS + 1), "117.6", "26.2"),
        ("7" * (LONGEST_ID + 1), "一路4号", "117.6", "26.2"),
        ("8", "一路\x005号", "117.6", "26.2"),
        ("9", "一路6号", "117.6", "26.2"),
        ("10", "一路7号", "117.6", "26.2,多"),
    ]
    lines = [",".join(row) for row in rows]
    found, table = read(write_csv(tmp_path, "\n".join(["id,address,lon,lat", *lines])), crs="wgs84")
    assert [address.external_id for address in found] == ["9"]
    assert sorted(told(table)) == [
        (2, "says no address"),
        (3, "has no usable place: 0, 0"),
        (4, "has no usable place: 东, 26.2"),
        (5, "has no usable place: 117.6, 96.2"),
        (6, "names no road, number, estate, building or place"),
        (7, f"has an address of {LONGEST_ADDRESS + 1} characters; at most {LONGEST_ADDRESS}"),
        (8, f"has an id of {LONGEST_ID + 1} characters; at most {LONGEST_ID}"),
        (9, "holds a NUL character"),
        (11, "has 5 cells under 4 headings"),
    ]
    assert (table.rows, table.rejections) == (10, 9)


def test_nul_of_a_feature_is_refused_with_its_row(tmp_path: Path) -> None:
    rows = [{"address": "一路\x001号"}, {"address": "一路2号"}]
    file = write_geojson(tmp_path / "a.geojson", [shapely.Point(117.6, 26.2)] * 2, rows)
    found, table = read(file)
    assert [address.text for address in found] == ["一路2号"]
    assert told(table) == [(1, "holds a NUL character")]


def test_addresses_without_ids_keep_apart_what_lies_apart(tmp_path: Path) -> None:
    text = "address,lon,lat\n一路1号,117.6,26.2\n一路1号,117.6,26.2\n一路1号,117.7,26.2\n"
    found, _ = read(write_csv(tmp_path, text), crs="wgs84")
    assert [address.external_id for address in found] == [
        "一路1号",
        "一路1号",
        "一路1号 @ 117.7000000,26.2000000",
    ]


def test_features_of_any_shape_have_a_place_inside(tmp_path: Path) -> None:
    ring = shapely.box(117.6, 26.2, 117.64, 26.24) - shapely.box(117.61, 26.21, 117.63, 26.23)
    line = shapely.LineString([(117.6, 26.2), (117.7, 26.2)])
    rows = [{"地址": f"一路{number}号"} for number in range(1, 4)]
    file = write_geojson(tmp_path / "a.geojson", [ring, line, shapely.Point(117.6, 26.3)], rows)
    found, _ = read(file)
    places = [shapely.Point(address.lon, address.lat) for address in found]
    assert ring.contains(places[0])
    assert line.distance(places[1]) < 1e-7
    assert places[2] == shapely.Point(117.6, 26.3)
    file = write_shapefile(tmp_path / "a.shp", [SQUARE, NEIGHBOUR], ["一路1号", "一路2号"])
    found, _ = read(file, columns={"text": "name"})
    assert [SQUARE.contains(shapely.Point(a.lon, a.lat)) for a in found] == [True, False]


def test_areas_that_cross_themselves_still_have_a_place() -> None:
    bow = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    x, y = represent([bow, None, shapely.Polygon()])
    assert 0 <= x[0] <= 2
    assert 0 <= y[0] <= 2
    assert all(math.isnan(value) for value in [*x[1:], *y[1:]])


def test_shift_of_gcj02_is_taken_away(tmp_path: Path) -> None:
    file = write_csv(tmp_path, "address,lon,lat\n一路1号,117.6,26.2\n")
    shifted, plain = (read(file, crs=crs)[0][0] for crs in ("gcj02", "wgs84"))
    assert 0.001 < plain.lon - shifted.lon < 0.01


def test_tags_of_openstreetmap_are_parts(tmp_path: Path) -> None:
    file = write_osm(
        tmp_path / "a.osm.pbf",
        Node(
            id=20,
            location=(9.5227332, 47.1381654),
            tags={
                "addr:street": "Städtle",
                "addr:housenumber": "43; 45 a",
                "addr:city": "Vaduz",
                "addr:postcode": "9490",
                "name": "Landesmuseum",
                "place": "ignored",
                "building": "yes",
            },
        ),
        Way(id=11, nodes=INNER, tags={"addr:place": "翁墩新村", "addr:housenumber": "7"}),
        Way(id=10, nodes=OUTER, tags={"addr:street": "崇宁路", "name": "翁墩新村4幢"}),
        Node(id=21, location=(9.5, 47.1), tags={"addr:city": "Vaduz"}),
    )
    found, table = read(file)
    assert [(a.external_id, a.text) for a in found] == [
        ("n20/1", "Landesmuseum, Städtle 43, 9490 Vaduz"),
        ("n20/2", "Landesmuseum, Städtle 45 a, 9490 Vaduz"),
        ("w10", "崇宁路翁墩新村4幢"),
        ("w11", "7号翁墩新村"),
    ]
    museum = Address(city="vaduz", road="stadtle", number="43", place="landesmuseum")
    assert found[0].parts == museum
    assert found[1].parts == museum._replace(number="45a")
    assert found[2].parts == Address(road="崇宁路", estate="翁墩新村", building="4")
    assert found[3].parts == Address(number="7", estate="翁墩新村")
    assert (found[0].lon, found[0].lat) == (9.5227332, 47.1381654)
    assert table.rejections == 0
    as_features = write_geojson(
        tmp_path / "a.geojson",
        [shapely.Point(9.5227332, 47.1381654)],
        [{"addr:street": "Städtle", "addr:housenumber": "43", "building": "yes"}],
    )
    assert read(as_features)[0][0].parts == Address(road="stadtle", number="43")


def test_parts_of_the_west_match_what_the_parser_reads(tmp_path: Path) -> None:
    file = write_csv(
        tmp_path, "street,housenumber,city,lon,lat\nIm alten Riet,12,Schaan,9.5,47.1\n"
    )
    found, _ = read(file, crs="wgs84")
    assert found[0].text == "Im alten Riet 12, Schaan"
    assert found[0].parts == parse_address(found[0].text)


def test_workbook_is_read_by_sheet(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["什么", "都没有"])
    sheet = book.create_sheet("地址")
    sheet.append(["标准地址", "经度", "纬度", "幢"])
    sheet.append(["崇宁路12号", 117.6, 26.2, 48])
    book.save(tmp_path / "a.xlsx")
    found, _ = read(tmp_path / "a.xlsx", crs="wgs84", layer="地址")
    assert [address.parts for address in found] == [
        Address(road="崇宁路", number="12", building="48")
    ]


@pytest.mark.parametrize(
    ("text", "how", "message"),
    [
        ("a,lon,lat\n", {"crs": "wgs84"}, "no column is known to hold an address"),
        ("address,lon\n", {"crs": "wgs84"}, "no column is known to hold a place"),
        ("address,lon,lat\n一路1号,1,2\n", {}, "give --crs"),
        ("address,lon,lat\n", {"columns": {"road": "路名"}}, "has no column '路名'"),
        ("address,lon,lat\n一路1号,26.2,117.6\n", {"crs": "wgs84"}, "seem to be swapped"),
    ],
)
def test_files_that_cannot_be_read_at_all_say_why(
    tmp_path: Path, text: str, how: dict[str, object], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        read(write_csv(tmp_path, text), **how)


@given(st.dictionaries(st.sampled_from([*PARTS, "text", "name"]), st.text(max_size=60)))
def test_no_row_breaks_the_reading(row: dict[str, str]) -> None:
    parts = read_parts(row)
    assert all(isinstance(part, str) for part in parts)
    assert isinstance(write_text(row), str)
    for part in PARTS:
        if row.get(part):
            assert getattr(parts, part) == getattr(read_cell(part, row[part]), part)
