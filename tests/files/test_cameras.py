"""Do cameras and buildings come out as they were typed?"""

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import InputError
from gis.files.buildings import read_buildings
from gis.files.cameras import read_cameras
from gis.files.directions import Sector, read_directions
from tests.files.makers import NEIGHBOUR, SQUARE, write_geojson


@pytest.mark.parametrize(
    ("text", "sectors"),
    [
        ("", []),
        ("NW", [Sector(315.0)]),
        ("nne", [Sector(22.5)]),
        ("东南", [Sector(135.0)]),
        ("西北方向", [Sector(315.0)]),
        ("-25", [Sector(335.0)]),
        ("160°", [Sector(160.0)]),
        ("0 - 360", [Sector(0.0, 360.0)]),
        ("270-90", [Sector(0.0, 180.0)]),
        ("350~10", [Sector(0.0, 20.0)]),
        ("182;322;81", [Sector(182.0), Sector(322.0), Sector(81.0)]),
        ("Entrance", [Sector(None)]),
        ("N;?", [Sector(0.0), Sector(None)]),
        ("9" * 400, [Sector(None)]),
    ],
)
def test_directions_are_read_as_people_type_them(text, sectors):
    assert read_directions(text) == sectors


@given(st.text(max_size=30))
def test_no_text_breaks_the_reading(text):
    for sector in read_directions(text):
        assert sector.heading_deg is None or 0.0 <= sector.heading_deg < 360.0
        assert sector.angle_deg is None or 0.0 < sector.angle_deg <= 360.0


def test_one_row_with_several_lenses_becomes_several_cameras(tmp_path):
    points = [shapely.Point(117.6, 26.2)] * 4 + [SQUARE]
    rows = [
        {"id": 7, "name": "路口", "direction": "10;190", "range": "30 m"},
        {"id": 8, "camera:type": "dome"},
        {"camera:direction": "Entrance", "camera:angle": 45},
        {"id": 9, "camera:direction": "", "direction": "270-90"},
        {"id": 10},
    ]
    found = read_cameras(write_geojson(tmp_path / "a.geojson", points, rows), default_range_m=40.0)
    told = [(c.external_id, c.heading_deg, c.angle_deg, c.range_m) for c in found.cameras]
    assert told == [
        ("7/1", 10.0, 90.0, 30.0),
        ("7/2", 190.0, 90.0, 30.0),
        ("8", None, 360.0, 40.0),
        ("117.6000000,26.2000000", None, 45.0, 40.0),
        ("9", 0.0, 180.0, 40.0),
    ]
    assert [bad.row for bad in found.rejected] == [5]
    assert "1 directions were not understood, first row 3: 'Entrance'" in found.notes


def test_cameras_in_a_table_need_a_crs(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("编号,名称,经度,纬度,朝向\nc1,北门,117.6,26.2,北\nc2,南门,,,南\n", "utf-8")
    with pytest.raises(InputError, match="--crs"):
        read_cameras(path)
    found = read_cameras(path, crs="cgcs2000")
    assert [(camera.name, camera.heading_deg) for camera in found.cameras] == [("北门", 0.0)]
    assert [bad.reason for bad in found.rejected] == ["has no usable position"]


def test_buildings_take_height_from_storeys(tmp_path):
    rows = [
        {"id": 1, "building:levels": "6", "households": 24.0, "name": "1号楼"},
        {"height": "12.5 m", "building:levels": "9"},
        {"id": 3},
    ]
    shapes = [SQUARE, NEIGHBOUR, shapely.Point(117.6, 26.2)]
    found = read_buildings(write_geojson(tmp_path / "a.geojson", shapes, rows))
    first, second = found.buildings
    assert (first.external_id, first.height_m, first.households) == ("1", 18.0, 24)
    assert (second.external_id, second.height_m) == ("117.6150000,26.2050000", 12.5)
    assert [bad.row for bad in found.rejected] == [3]


@pytest.mark.parametrize("typed", ["-5", "9" * 400, "未知", ""])
def test_numbers_that_no_building_has_count_as_not_said(tmp_path, typed):
    rows = [{"id": "1", "height": typed, "building:levels": typed, "households": typed}]
    (found,) = read_buildings(write_geojson(tmp_path / "a.geojson", [SQUARE], rows)).buildings
    assert (found.height_m, found.households) == (None, 0)


def test_numbers_that_no_camera_has_count_as_not_said(tmp_path):
    rows = [{"id": "1", "direction": "N", "angle": "9" * 400, "range": "9" * 400}]
    point = shapely.Point(117.6, 26.2)
    (found,) = read_cameras(write_geojson(tmp_path / "a.geojson", [point], rows)).cameras
    assert (found.angle_deg, found.range_m) == (90.0, 50.0)
