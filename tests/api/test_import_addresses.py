"""Does an address book get in, and does the plan's gazetteer know it and the plan's own names?"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import shapely
from openpyxl import Workbook
from osmium.osm.mutable import Node
from sqlalchemy import Engine
from typer.testing import CliRunner

from api.cli import app
from api.tasks.demo import standard_address, write_addresses
from api.tasks.former_names import plan_aliases
from api.tasks.gazetteers import gazetteer_version, load_gazetteer
from api.tasks.indexing import index_plan
from gis.demo import District
from gis.errors import InputError
from gis.files.addresses import read_addresses
from gis.locate import Locator
from gis.locate.address import Address, parse_address
from gis.locate.address_lookup import locate_address
from gis.locate.standard_address import Alias, StandardAddress
from gis.plan import Grid, Level, Plan
from gis.store.addresses import load_addresses, load_aliases, save_addresses
from gis.store.database import open_database
from gis.store.plans import Series, ensure_series, get_series, load_revisions, stage
from gis.store.publishing import publish
from gis.store.sessions import transaction
from tests.api.test_import_lists import rows
from tests.files.test_osm import write_osm

BOOK = """编号,标准地址,经度,纬度,楼栋编号
1,翁墩新村1幢,117.605,26.205,
2,翁墩新村2幢,117.606,26.205,
3,翁墩新村3幢,,,b1
4,翁墩新村4幢,118.9,26.205,
5,翁墩新村5幢,,,
2,翁墩新村22幢,117.606,26.205,
"""
SWITCH = datetime(2024, 1, 1, tzinfo=UTC)


@pytest.fixture
def plan_url(database: Engine, database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database with a plan of one grid, on which the commands of the test work."""
    monkeypatch.setenv("WANGGE_DATABASE_URL", database_url)
    publish_plan(database, Grid("1", "一格", Level.GRID, square(117.60)))
    return database_url


def run(*words: str) -> str:
    """Run a command; what it says to people is in the output, too."""
    done = CliRunner().invoke(app, ["import", *words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def run_json(*words: str) -> Any:
    return json.loads(run(*words, "--json").splitlines()[-1])


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_addresses_get_in_once(plan_url: str, tmp_path: Path, encoding: str) -> None:
    house = {"type": "Polygon", "coordinates": [
        [[117.607, 26.205], [117.608, 26.205], [117.608, 26.206], [117.607, 26.205]]
    ]}  # fmt: skip
    feature = {"type": "Feature", "properties": {"id": "b1"}, "geometry": house}
    (tmp_path / "b.geojson").write_text(json.dumps(feature))
    run("buildings", str(tmp_path / "b.geojson"))
    file = tmp_path / "地址.csv"
    file.write_text(BOOK, encoding=encoding)
    words = ("addresses", str(file), "--crs", "wgs84")
    said = run(*words)
    assert "columns: lon ← 经度, lat ← 纬度, external_id ← 编号, text ← 标准地址" in said
    assert "addresses: 4 new, 0 changed, 0 already there, 1 rejected" in said
    assert "1 have the id of a later row, which counts" in said
    assert "1 of 5 lie in no grid of the plan in force" in said
    assert "rejected: row 6: has no place" in said
    query = (
        "SELECT external_id, text, estate, building, building_id, ST_X(geom) > 118"
        " FROM address ORDER BY 1"
    )
    assert rows(plan_url, query) == [
        ("1", "翁墩新村1幢", "翁墩新村", "1", "", False),
        ("2", "翁墩新村22幢", "翁墩新村", "22", "", False),
        ("3", "翁墩新村3幢", "翁墩新村", "3", "b1", False),
        ("4", "翁墩新村4幢", "翁墩新村", "4", "", True),
    ]
    within = (
        "SELECT ST_Covers(b.geom, a.geom) FROM address a"
        " JOIN building b ON building_id = b.external_id"
    )
    assert rows(plan_url, within) == [(True,)]
    again = run_json(*words)
    assert again["result"] == {"inserted": 0, "updated": 0, "unchanged": 4}
    assert (again["rows"], again["repeated"], again["outside"]) == (6, 1, 1)
    assert again["rejected"] == [{"row": 6, "reason": "has no place"}]
    audit = "SELECT subject, detail->>'addresses' FROM audit WHERE action = 'addresses.import'"
    assert rows(plan_url, audit) == [("meilie", "5")] * 2


def test_columns_can_be_named(plan_url: str, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("甲,乙,丙,丁\n崇宁路,四十八,117.605,26.205\n", encoding="utf-8")
    words = ("--road", "甲", "--number", "乙", "--lon", "丙", "--lat", "丁", "--crs", "wgs84")
    run("addresses", str(file), *words)
    assert rows(plan_url, "SELECT text, road, number FROM address") == [
        ("崇宁路四十八", "崇宁路", "48")
    ]


def test_a_map_of_openstreetmap_gets_in(plan_url: str, tmp_path: Path) -> None:
    tags = {"addr:street": "Städtle", "addr:housenumber": "43"}
    file = write_osm(tmp_path / "a.osm.pbf", Node(id=20, location=(117.605, 26.205), tags=tags))
    assert run_json("addresses", str(file))["result"]["inserted"] == 1
    assert rows(plan_url, "SELECT external_id, text FROM address") == [("n20", "Städtle 43")]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", "address\n一路1号\n", "no column is known to hold a place"),
        ("a.csv", "address,lon,lat\n一路1号,117.6,26.2\n", "--crs"),
        ("a.osm.pbf", "no map", "cannot be read as OpenStreetMap"),
        ("a.exe", "no map", "are not read"),
    ],
)
def test_refused_files_leave_nothing(
    plan_url: str, tmp_path: Path, name: str, content: str, message: str
) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        run("addresses", str(tmp_path / name))
    assert rows(plan_url, "SELECT count(*) FROM address") == [(0,)]
    assert rows(plan_url, "SELECT count(*) FROM address_book") == [(0,)]


def test_damage_in_the_middle_leaves_nothing(plan_url: str, tmp_path: Path) -> None:
    lines = [f"{number},一路{number}号,117.605,26.205" for number in range(1, 45_000)]
    text = "\n".join(["id,address,lon,lat", *lines, '45000,"一路', "x" * 1_000_001])
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    words = ("addresses", str(tmp_path / "a.csv"), "--crs", "wgs84")
    with pytest.raises(InputError, match="more than 1,000,000 characters"):
        run(*words)
    assert rows(plan_url, "SELECT count(*) FROM address") == [(0,)]


def test_aliases_get_in_and_are_replaced(plan_url: str, tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    sheet.append(["类别", "别名", "现名", "起", "止"])
    for row in (
        ["区县", "三元区", "梅列区", date(2021, 1, 1), None],
        ["estate", "化工新村", "翁墩新村", None, "1990-01-01"],
        ["小区", "化工新村", "翁墩新村", "1989-01-01", "2000-01-01"],
        ["网格", "一", "二", None, None],
        ["路", "一路", "一路", None, None],
        ["路", "", "一路", None, None],
        ["路", "旧路", "一路", "去年", None],
        ["路", "旧路", "一路", "2020-01-01", "2019-01-01"],
    ):
        sheet.append(row)
    book.save(tmp_path / "a.xlsx")
    words = ("aliases", str(tmp_path / "a.xlsx"))
    said = run(*words)
    assert "aliases: 2 new, 0 changed, 0 already there, 6 rejected" in said
    reasons = [
        {"row": 4, "reason": "says the two names of row 3 for some of the same days"},
        {"row": 5, "reason": "'网格' is no part; write one of city, community, county, estate, "
         "place, province, road, subdistrict"},
        {"row": 6, "reason": "says the same name twice"},
        {"row": 7, "reason": "lacks one of the two names"},
        {"row": 8, "reason": "has a date that cannot be read: '去年'"},
        {"row": 9, "reason": "ends before it begins"},
    ]  # fmt: skip
    again = run_json(*words)
    assert again["result"] == {"inserted": 0, "updated": 0, "unchanged": 2}
    assert again["rejected"] == reasons
    kept = "SELECT part, alias, name, valid::text FROM alias ORDER BY part"
    assert rows(plan_url, kept) == [
        ("county", "三元区", "梅列区", "[2021-01-01,)"),
        ("estate", "化工新村", "翁墩新村", "(,1990-01-01)"),
    ]


def square(west: float, width: float = 0.01) -> shapely.Polygon:
    return shapely.box(west, 26.2, round(west + width, 7), 26.21)


def publish_plan(engine: Engine, *grids: Grid, since: datetime | None = None) -> Series:
    with transaction(engine) as connection:
        series = ensure_series(
            connection, "meilie", title="", metric_srid=4548, time_zone="Asia/Shanghai"
        )
        revision = stage(connection, series, Plan(grids))
        publish(connection, series, revision, effective_from=since)
    return series


def load_locator(connection: Any, series: Series) -> Locator:
    revisions = load_revisions(connection, series)
    return Locator(index_plan(revision, series.metric_srid) for revision in revisions)


def test_history_of_the_plan_gives_the_earlier_names(database: Engine) -> None:
    """Two communities; then a gets another name, and b another code with its ground::

    a b  →  a c      a: 东村 → 东社区; b: 西村, then c: 西社区
    """
    a = Grid("a", "东村", Level.COMMUNITY, square(117.60))
    b = Grid("b", "西村", Level.COMMUNITY, square(117.61))
    publish_plan(database, a, b)
    after = (replace(a, name="东社区"), replace(b, code="c", name="西社区"))
    series = publish_plan(database, *after, since=SWITCH)
    with transaction(database) as connection:
        found = plan_aliases(connection, series, load_locator(connection, series))
    switch = date(2024, 1, 1)
    assert found == [
        Alias("community", "东村", "东社区", None, switch),
        Alias("community", "西村", "西社区", None, switch),
    ]


def test_area_that_went_whole_into_another_leaves_its_name_there(database: Engine) -> None:
    """Three districts; in the next plan a and b are one (d), and c lost a half to it::

    a b cc  →  d d d c
    """
    a, b, c = (
        Grid(code, name, Level.DISTRICT, square(west, width))
        for code, name, west, width in (
            ("a", "梅列区", 117.60, 0.01),
            ("b", "三元区", 117.61, 0.01),
            ("c", "沙县", 117.62, 0.02),
        )
    )
    publish_plan(database, a, b, c)
    d = Grid("d", "三元区", Level.DISTRICT, square(117.60, 0.03))
    series = publish_plan(database, d, replace(c, geometry=square(117.63)), since=SWITCH)
    with transaction(database) as connection:
        found = plan_aliases(connection, series, load_locator(connection, series))
    assert found == [Alias("county", "梅列区", "三元区", None, date(2024, 1, 1))]


def test_plan_without_addresses_or_areas_has_an_empty_book(database: Engine) -> None:
    series = publish_plan(database, Grid("1", "一格", Level.GRID, square(117.60)))
    with transaction(database) as connection:
        book = load_gazetteer(connection, series, load_locator(connection, series))
        assert gazetteer_version(connection, series) is None
        assert len(load_gazetteer(connection, series, Locator())) == 0
    assert len(book) == 0
    assert book.match("翁墩新村1幢").status == "unknown"


def test_areas_of_the_plan_tell_apart_addresses_that_do_not_say_theirs(
    database: Engine,
) -> None:
    """The same street and number in two communities, as in a map of OpenStreetMap."""
    names = ("Schaan", "Vaduz")
    series = publish_plan(
        database,
        *(
            Grid(name, name, Level.COMMUNITY, square(round(117.60 + k / 100, 2)))
            for k, name in enumerate(names)
        ),
    )
    parts = Address(road="landstrasse", number="7")
    entries = [
        StandardAddress(name, "Landstrasse 7", parts, 117.605 + k / 100, 26.205)
        for k, name in enumerate(names)
    ]
    with transaction(database) as connection:
        save_addresses(connection, series, entries)
        first = gazetteer_version(connection, series)
        locator = load_locator(connection, series)
        book = load_gazetteer(connection, series, locator)
        save_addresses(connection, series, [replace(entries[0], lon=117.606)])
        assert gazetteer_version(connection, series) != first
    for k, name in enumerate(names):
        given = f"Landstrasse 7, {name}"
        match = book.match_parts(parts._replace(community=name.lower()), given=given)
        assert match.candidates[0].address.external_id == entries[k].external_id, match


def test_demonstration_has_its_addresses_and_finds_them(demo_url: str, district: District) -> None:
    database = open_database(demo_url, Path())
    with transaction(database.engine) as connection:
        series = get_series(connection, "meilie")
        kept = {address.external_id: address for address in load_addresses(connection, series)}
        assert load_aliases(connection, series) == [
            Alias("county", "三元区", "梅列区", date(2021, 1, 1))
        ]
        locator = load_locator(connection, series)
        book = load_gazetteer(connection, series, locator)
    database.engine.dispose()
    expected = {entry.external_id: entry for entry in map(standard_address, district.addresses)}
    assert len(expected) == len(district.addresses) == 14_907
    assert kept.keys() == expected.keys()
    snapped = {
        key: replace(entry, lon=kept[key].lon, lat=kept[key].lat) for key, entry in expected.items()
    }
    assert kept == snapped
    assert all(parse_address(entry.text) == entry.parts for entry in expected.values())
    entry = next(each for each in district.addresses if each.estate and not each.unit)
    for text in (entry.text, entry.text.replace("梅列区", "三元区")):
        answer = locate_address(book, locator.find(), text)
        assert (answer.status, answer.standard) == ("inside", entry.text), answer


def test_written_addresses_come_in_again(tmp_path: Path, district: District) -> None:
    some = district.addresses[::101]
    write_addresses(some, tmp_path / "a.csv")
    table = read_addresses(tmp_path / "a.csv", crs="cgcs2000")
    found = [address for chunk in table.chunks() for address in chunk]
    assert [address.parts for address in found] == [standard_address(a).parts for a in some]
    assert table.rejections == 0
