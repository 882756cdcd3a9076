"""Do cameras and buildings get in, and a second time change nothing?"""

from __future__ import annotations

import json
from pathlib import Path

import psycopg
import pytest

from tests.api.test_faults import command, finish, publish_nine
from tests.api.test_import_boundaries import square

CAMERAS = """编号,名称,经度,纬度,朝向,视角
c1,北门,117.605,26.205,东南,60
c2,南门,117.606,26.205,Entrance,
c3,球机,117.607,26.205,0-360,
c4,西门,,,N,
c5,路口,117.608,26.205,90;180,
"""


def run(url: str, *words: str) -> str:
    status, said = finish(command(url, *words))
    assert status == 0, said
    return said


def counted(said: str) -> dict[str, int]:
    result: dict[str, int] = json.loads(said.splitlines()[-1])["result"]
    return result


def rows(url: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchall()


@pytest.fixture
def nine_url(database_url: str, tmp_path: Path) -> str:
    publish_nine(database_url, tmp_path)
    return database_url


def test_cameras_get_in_once(nine_url: str, tmp_path: Path) -> None:
    file = tmp_path / "cameras.csv"
    file.write_text(CAMERAS, encoding="gb18030")
    words = ("import", "cameras", str(file), "--crs", "wgs84")
    said = run(nine_url, *words)
    assert "cameras: 5 new, 0 changed, 0 already there, 1 rejected" in said
    assert "rejected: row 5: has no usable position" in said
    assert "1 have no direction that could be read" in said
    kept = rows(nine_url, "SELECT external_id, heading_deg, angle_deg FROM camera ORDER BY 1")
    assert kept == [
        ("c1", 135.0, 60.0),
        ("c2", None, 90.0),
        ("c3", 0.0, 360.0),
        ("c5/1", 90.0, 90.0),
        ("c5/2", 180.0, 90.0),
    ]
    again = counted(run(nine_url, *words, "--json"))
    assert again == {"inserted": 0, "updated": 0, "unchanged": 5}
    file.write_text(CAMERAS.replace("东南", "西"), encoding="gb18030")
    changed = counted(run(nine_url, *words, "--json"))
    assert changed == {"inserted": 0, "updated": 1, "unchanged": 4}
    assert (
        rows(nine_url, "SELECT subject FROM audit WHERE action = 'cameras.import'")
        == [("grids",)] * 3
    )


def test_cameras_without_a_crs_leave_nothing(nine_url: str, tmp_path: Path) -> None:
    file = tmp_path / "cameras.csv"
    file.write_text(CAMERAS, encoding="utf-8")
    status, said = finish(command(nine_url, "import", "cameras", str(file)))
    assert status == 1
    assert said.startswith("wangge: ")
    assert "--crs" in said
    assert rows(nine_url, "SELECT count(*) FROM camera") == [(0,)]


def test_buildings_get_in_once(nine_url: str, tmp_path: Path) -> None:
    shapes = [
        {"type": "Polygon", "coordinates": square(0, 0, 0.1)},
        {"type": "Polygon", "coordinates": square(1, 0, 0.1)},
        {"type": "Point", "coordinates": [117.6, 26.2]},
    ]
    cells = [
        {"编号": "b1", "层数": 6, "户数": 24, "名称": "一号楼"},
        {"编号": "b2", "高度": "12.5 m", "户数": "9" * 30},
        {"编号": "b3"},
    ]
    features = [
        {"type": "Feature", "properties": cell, "geometry": shape}
        for cell, shape in zip(cells, shapes, strict=True)
    ]
    file = tmp_path / "buildings.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    words = ("import", "buildings", str(file))
    said = run(nine_url, *words)
    assert "buildings: 2 new, 0 changed, 0 already there, 1 rejected" in said
    assert "rejected: row 3: is no area" in said
    query = "SELECT external_id, height_m, households, name FROM building ORDER BY 1"
    assert rows(nine_url, query) == [("b1", 18.0, 24, "一号楼"), ("b2", 12.5, 0, "")]
    again = counted(run(nine_url, *words, "--json"))
    assert again == {"inserted": 0, "updated": 0, "unchanged": 2}


def test_lists_need_a_plan(database_url: str, tmp_path: Path) -> None:
    file = tmp_path / "cameras.csv"
    file.write_text(CAMERAS, encoding="utf-8")
    status, said = finish(command(database_url, "import", "cameras", str(file), "--crs", "wgs84"))
    assert (status, said.count("\n")) == (1, 1)
    assert "there is no plan yet" in said
