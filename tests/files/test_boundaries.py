"""Do the formats that people have become the same layer, and is everything else refused?"""

import json
import shutil
import sqlite3
import struct
import tracemalloc

import numpy as np
import pyogrio
import pytest
import shapely

from gis.errors import InputError, InputTooLarge, UnsupportedFile
from gis.files import geopackage, limits
from gis.files.boundaries import read_boundaries
from gis.files.geojson import check_nesting
from gis.plan.assembly import assemble
from tests.files.makers import (
    NEIGHBOUR,
    SQUARE,
    blob,
    gpkg_blob,
    placemark,
    write_geojson,
    write_geopackage,
    write_kml,
    write_raw_geojson,
    write_shapefile,
    zip_files,
)

VRT = (
    '<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>{}</SrcDataSource></OGRVRTLayer>'
    "</OGRVRTDataSource>"
)
RING = [(117.6, 26.2), (117.61, 26.2), (117.61, 26.21), (117.6, 26.21)]


def closed(ring=RING):
    return json.dumps([[list(position) for position in [*ring, ring[0]]]])


def shapes(layer):
    return [feature.geometry for feature in layer.features]


def both(tmp_path):
    yield write_geojson(tmp_path / "a.geojson", [SQUARE, NEIGHBOUR])
    yield write_geopackage(tmp_path / "a.gpkg", [blob(SQUARE), blob(NEIGHBOUR)])
    yield write_kml(tmp_path / "a.kml", placemark("1") + placemark("2", shift=0.01))
    yield write_shapefile(tmp_path / "a.shp", [SQUARE, NEIGHBOUR], ["1", "2"])
    yield zip_files(tmp_path / "a.zip", sorted(tmp_path.glob("a.[sdpc]*")))


def test_every_format_gives_the_same_areas(tmp_path):
    for path in both(tmp_path):
        layer = read_boundaries(path)
        assert layer.crs == "EPSG:4326", path.name
        assert [feature.row for feature in layer.features] == [1, 2]
        for found, drawn in zip(shapes(layer), (SQUARE, NEIGHBOUR), strict=True):
            assert shapely.equals(found, drawn), path.name
        column = next(name for name in ("code", "Name", "name") if name in layer.columns)
        plan = assemble(layer.features, code_field=column).plan
        assert [grid.code for grid in plan] == ["1", "2"]


def test_several_files_become_one_layer_with_running_rows(tmp_path):
    first = write_geojson(tmp_path / "a.geojson", [SQUARE])
    second = write_geojson(tmp_path / "b.geojson", [NEIGHBOUR])
    assert [feature.row for feature in read_boundaries([first, second]).features] == [1, 2]


def test_coordinates_are_snapped_and_kept_exact_beside_it(tmp_path):
    fine = shapely.transform(SQUARE, lambda xy: xy + 3.3e-9)
    (feature,) = read_boundaries(write_geojson(tmp_path / "a.geojson", [fine])).features
    assert shapely.equals(feature.geometry, SQUARE)
    assert shapely.equals_exact(feature.exact, fine)


def test_z_is_dropped_and_rings_run_the_usual_way(tmp_path):
    ring = [[*position, 5.0] for position in [*RING, RING[0]][::-1]]
    (feature,) = read_boundaries(
        write_raw_geojson(tmp_path / "a.geojson", json.dumps([[*ring[:2], *ring[1:]]]))
    ).features
    assert not feature.geometry.has_z
    assert feature.geometry.exterior.is_ccw
    assert len(feature.geometry.exterior.coords) == 5


def test_a_part_that_is_there_twice_is_kept_once(tmp_path):
    twice = shapely.MultiPolygon([SQUARE, shapely.Polygon(SQUARE.exterior.coords[::-1])])
    (feature,) = read_boundaries(write_geojson(tmp_path / "a.geojson", [twice])).features
    assert shapely.equals(feature.geometry, SQUARE)
    assert shapely.is_valid(feature.geometry)


class TestCoordinateSystems:
    def test_a_file_without_one_asks_for_it(self, tmp_path):
        path = write_geopackage(tmp_path / "a.gpkg", [blob(SQUARE)], srs_id=0)
        with pytest.raises(InputError, match="give --crs wgs84"):
            read_boundaries(path)
        assert read_boundaries(path, crs="cgcs2000").crs == "EPSG:4490"

    def test_one_that_contradicts_the_file_is_refused_naming_both(self, tmp_path):
        path = write_geopackage(tmp_path / "a.gpkg", [blob(SQUARE)])
        with pytest.raises(InputError, match=r"EPSG:4326.*EPSG:4548"):
            read_boundaries(path, crs="EPSG:4548")
        assert read_boundaries(path, crs="wgs84").crs == "EPSG:4326"

    def test_the_convention_of_geojson_gives_way(self, tmp_path):
        path = write_geojson(tmp_path / "a.geojson", [SQUARE])
        (moved,) = shapes(read_boundaries(path, crs="gcj02"))
        assert 0.003 < SQUARE.centroid.x - moved.centroid.x < 0.007

    def test_a_crs_member_is_honoured_and_a_link_is_not_followed(self, tmp_path):
        named = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4548"}}
        metric = shapely.box(560000, 2900000, 561000, 2901000)
        path = write_geojson(tmp_path / "a.geojson", [metric], crs=named)
        assert read_boundaries(path).crs == "EPSG:4548"
        assert shapes(read_boundaries(path))[0].bounds[0] == pytest.approx(117.6, abs=0.01)
        linked = {"type": "link", "properties": {"href": "http://example.org/crs"}}
        with pytest.raises(UnsupportedFile, match="link"):
            read_boundaries(write_geojson(tmp_path / "b.geojson", [metric], crs=linked))

    def test_swapped_degrees_are_told(self, tmp_path):
        swapped = shapely.box(26.2, 117.6, 26.21, 117.61)
        with pytest.raises(InputError, match="longitude and latitude seem to be swapped"):
            read_boundaries(write_geojson(tmp_path / "a.geojson", [swapped]))

    def test_metres_labelled_as_degrees_and_the_antimeridian_are_refused(self, tmp_path):
        metres = shapely.box(560000, 2900000, 561000, 2901000)
        with pytest.raises(InputError, match=r"row 1.*no degrees"):
            read_boundaries(write_geojson(tmp_path / "a.geojson", [metres]))
        wide = shapely.Polygon([(-179, 0), (179, 0), (179, 1), (-179, 1)])
        with pytest.raises(InputError, match="antimeridian"):
            read_boundaries(write_geojson(tmp_path / "b.geojson", [wide]))


class TestVirtualDatasets:
    @pytest.mark.parametrize("name", ["a.geojson", "a.kml", "a.shp", "a.gpkg", "a.json"])
    def test_are_refused_whatever_they_are_called(self, tmp_path, name):
        secret = write_geojson(tmp_path / "secret.geojson", [SQUARE])
        path = tmp_path / name
        path.write_text(VRT.format(secret), encoding="utf-16" if name == "a.kml" else "utf-8")
        with pytest.raises(UnsupportedFile, match="virtual dataset"):
            read_boundaries(path)

    def test_are_refused_inside_an_archive(self, tmp_path):
        (tmp_path / "a.geojson").write_text(VRT.format("/vsicurl/http://127.0.0.1:9/x"))
        path = zip_files(tmp_path / "a.zip", [tmp_path / "a.geojson"])
        with pytest.raises(UnsupportedFile, match="virtual dataset"):
            read_boundaries(path)

    def test_a_name_that_does_not_fit_the_content_is_refused(self, tmp_path):
        kml = write_kml(tmp_path / "a.kml", placemark("1"))
        renamed = kml.rename(tmp_path / "a.geojson")
        with pytest.raises(UnsupportedFile, match="named as JSON but holds KML"):
            read_boundaries(renamed)
        with pytest.raises(UnsupportedFile, match="are not read"):
            read_boundaries(renamed.rename(tmp_path / "a.dxf"))


class TestGeojson:
    @pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", '"x"', "null"])
    def test_what_is_no_finite_number_is_refused(self, tmp_path, number):
        text = closed().replace("117.61", number, 1)
        with pytest.raises(InputError):
            read_boundaries(write_raw_geojson(tmp_path / "a.geojson", text))

    @pytest.mark.parametrize("depth", [900, 100_000])
    def test_deep_nesting_is_refused_before_it_is_parsed(self, tmp_path, depth):
        path = write_raw_geojson(tmp_path / "a.geojson", "[" * depth + "]" * depth)
        with pytest.raises(InputError, match=r"nested [0-9,]+ deep"):
            read_boundaries(path)

    def test_brackets_in_names_are_no_nesting(self, tmp_path):
        name = '[{"\\' * 200
        path = write_geojson(tmp_path / "a.geojson", [SQUARE], [{"code": name}])
        assert read_boundaries(path).features[0].properties["code"] == name

    def test_too_many_positions_are_refused_before_they_are_parsed(self, tmp_path, monkeypatch):
        monkeypatch.setattr(limits, "MAX_VERTICES", 1000)
        path = write_raw_geojson(tmp_path / "a.geojson", f"[[{'[0,0],' * 2000}[0,0]]]")
        with pytest.raises(InputTooLarge, match="vertices"):
            read_boundaries(path)

    def test_an_open_ring_and_one_without_area_name_the_row_and_place(self, tmp_path):
        ring = json.dumps([[list(position) for position in RING]])
        with pytest.raises(InputError, match=r"row 1: the ring .* 26.2.* is not closed"):
            read_boundaries(write_raw_geojson(tmp_path / "a.geojson", ring))
        flat = closed([(117.6, 26.2), (117.61, 26.2), (117.62, 26.2)])
        with pytest.raises(InputError, match=r"row 1: a ring at 117.6.* encloses no area"):
            read_boundaries(write_raw_geojson(tmp_path / "b.geojson", flat))

    @pytest.mark.parametrize(
        "text", ["", "{}", "[1, 2]", '{"type": "FeatureCollection"}', '{"type": "Topology"}', "{"]
    )
    def test_what_is_no_geojson_is_an_input_error(self, tmp_path, text):
        path = tmp_path / "a.geojson"
        path.write_text(text)
        with pytest.raises(InputError):
            read_boundaries(path)

    @pytest.mark.parametrize(
        ("geometry", "properties", "said"),
        [
            ('{"type": "MultiPolygon", "coordinates": [1, 2]}', "{}", "list of rings"),
            ('{"type": "GeometryCollection", "geometries": 5}', "{}", "list of geometries"),
            ("null", "[1, 2]", "properties are no object"),
            ("null", '"text"', "properties are no object"),
            ("null", r'{"name": "\ud800"}', "half a character"),
            ("null", r'{"\uDFFF": 1}', "half a character"),
        ],
    )
    def test_members_of_another_kind_are_told(self, tmp_path, geometry, properties, said):
        path = tmp_path / "a.geojson"
        path.write_text(
            f'{{"type": "Feature", "properties": {properties}, "geometry": {geometry}}}'
        )
        with pytest.raises(InputError, match=said):
            read_boundaries(path)

    def test_a_character_of_two_halves_is_whole(self, tmp_path):
        path = write_geojson(tmp_path / "a.geojson", [SQUARE], [{"name": "𠮷"}])
        path.write_text(path.read_text("utf-8").replace("𠮷", r"\ud842\udfb7"), "utf-8")
        assert read_boundaries(path).features[0].properties["name"] == "𠮷"

    def test_half_an_utf16_character_is_an_input_error(self, tmp_path):
        path = tmp_path / "a.geojson"
        path.write_bytes('{"type": "FeatureCollection"}'.encode("utf-16") + b"x")
        with pytest.raises(InputError, match="UTF-16"):
            read_boundaries(path)

    def test_a_long_text_costs_no_more_memory_than_it_holds(self):
        text = b'{"a": "' + b"x" * 5_000_000 + b'"}'
        tracemalloc.start()
        check_nesting(text, file="a.geojson")
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert most < 4 * len(text)

    def test_numbers_in_properties_stay_codes(self, tmp_path):
        path = write_geojson(tmp_path / "a.geojson", [SQUARE], [{"code": 350402002003001}])
        (feature,) = read_boundaries(path).features
        assert assemble([feature], code_field="code").plan.grids[0].code == "350402002003001"

    def test_a_feature_without_geometry_is_left_to_the_assembly(self, tmp_path):
        path = tmp_path / "a.geojson"
        path.write_text('{"type":"Feature","properties":{"code":"1"},"geometry":null}')
        made = assemble(read_boundaries(path).features, code_field="code")
        assert [finding.check for finding in made.findings] == ["not-an-area"]


class TestShapefiles:
    @pytest.mark.parametrize("suffix", [".shx", ".dbf", ".prj"])
    def test_a_missing_companion_is_named(self, tmp_path, suffix):
        path = write_shapefile(tmp_path / "a.shp", [SQUARE], ["a"])
        path.with_suffix(suffix).unlink()
        with pytest.raises(InputError, match=rf"has no \{suffix}"):
            read_boundaries(path)

    def test_without_prj_the_crs_may_be_given(self, tmp_path):
        path = write_shapefile(tmp_path / "a.shp", [SQUARE], ["a"])
        path.with_suffix(".prj").unlink()
        assert read_boundaries(path, crs="cgcs2000").crs == "EPSG:4490"

    @pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
    def test_texts_without_cpg_are_utf8_or_gb18030(self, tmp_path, encoding):
        path = write_shapefile(tmp_path / "a.shp", [SQUARE], ["翁墩社区"], encoding=encoding)
        path.with_suffix(".cpg").unlink(missing_ok=True)
        layer = read_boundaries(path)
        assert layer.features[0].properties["name"] == "翁墩社区"
        assert "names no encoding" in layer.notes[0]

    def test_big5_has_to_be_named(self, tmp_path):
        path = write_shapefile(tmp_path / "a.shp", [SQUARE], ["臺北"], encoding="big5")
        path.with_suffix(".cpg").unlink(missing_ok=True)
        assert read_boundaries(path, encoding="big5").features[0].properties["name"] == "臺北"

    def test_a_cut_table_of_texts_is_an_input_error(self, tmp_path):
        path = write_shapefile(tmp_path / "a.shp", [SQUARE, NEIGHBOUR], ["1", "2"])
        texts = path.with_suffix(".dbf")
        texts.write_bytes(texts.read_bytes()[:100])
        with pytest.raises(InputError, match="damaged"):
            read_boundaries(path)

    def test_a_damaged_one_is_an_input_error(self, tmp_path):
        path = write_shapefile(tmp_path / "a.shp", [SQUARE, NEIGHBOUR], ["a", "b"])
        path.write_bytes(path.read_bytes()[:150])
        with pytest.raises(InputError, match="is cut: it has 150 of"):
            read_boundaries(path)


class TestGeopackages:
    def test_a_truncated_one_is_an_input_error(self, tmp_path):
        path = write_geopackage(tmp_path / "a.gpkg", [blob(SQUARE)] * 500)
        path.write_bytes(path.read_bytes()[:20_000])
        with pytest.raises(InputError, match="damaged"):
            read_boundaries(path)

    def test_one_that_holds_more_than_its_file_is_refused(self, tmp_path, monkeypatch):
        path = write_geopackage(tmp_path / "a.gpkg", [blob(SQUARE)] * 50)
        with sqlite3.connect(path) as database:
            filled = "x" * 100_000
            database.execute(f"ALTER TABLE areas ADD COLUMN note TEXT DEFAULT '{filled}'")
        database.close()
        monkeypatch.setattr(geopackage, "_SPARE_BYTES", 0)
        with pytest.raises(InputTooLarge, match="more than its file"):
            read_boundaries(path)

    def test_a_value_that_is_too_long_is_refused(self, tmp_path, monkeypatch):
        path = write_geopackage(tmp_path / "a.gpkg", [blob(SQUARE)], cells={"code": ["x" * 5_000]})
        assert len(read_boundaries(path).features) == 1
        monkeypatch.setattr(geopackage, "_LONGEST_VALUE_BYTES", 4_000)
        with pytest.raises(InputError, match="too big"):
            read_boundaries(path)

    def test_gdal_writes_what_is_read(self, tmp_path):
        path = tmp_path / "g.gpkg"
        pyogrio.raw.write(
            path,
            shapely.to_wkb(np.array([SQUARE], dtype=object)),
            [np.array([7.0])],
            ["code"],
            driver="GPKG",
            geometry_type="Polygon",
            crs="EPSG:4490",
        )
        layer = read_boundaries(path)
        assert layer.crs == "EPSG:4490"
        assert assemble(layer.features, code_field="code").plan.grids[0].code == "7"

    @pytest.mark.parametrize("kind", [6, 7])
    def test_nested_collections_are_refused_without_a_crash(self, tmp_path, kind):
        wkb = struct.pack("<BII", 1, kind, 1) * 100_000 + shapely.to_wkb(shapely.Point(0, 0))
        path = write_geopackage(tmp_path / "a.gpkg", [gpkg_blob(wkb)])
        with pytest.raises(InputError):
            read_boundaries(path)

    def test_curves_are_refused(self, tmp_path):
        wkb = struct.pack("<BII", 1, 10, 0)
        path = write_geopackage(tmp_path / "a.gpkg", [gpkg_blob(wkb)])
        with pytest.raises(UnsupportedFile, match="curved"):
            read_boundaries(path)

    @pytest.mark.parametrize("cut", [5, 12, 40, 60])
    def test_a_geometry_that_ends_early_is_an_input_error(self, tmp_path, cut):
        path = write_geopackage(tmp_path / "a.gpkg", [blob(SQUARE)[:cut]])
        with pytest.raises(InputError, match="row 1"):
            read_boundaries(path)

    def test_multi_parts_holes_and_z_survive_the_walk(self, tmp_path):
        holed = SQUARE.difference(shapely.box(117.602, 26.202, 117.604, 26.204))
        several = shapely.force_3d(shapely.MultiPolygon([holed, shapely.box(118, 27, 119, 28)]))
        (feature,) = read_boundaries(
            write_geopackage(tmp_path / "a.gpkg", [blob(several)])
        ).features
        assert shapely.equals(feature.geometry, shapely.force_2d(several))


def test_a_missing_and_an_empty_file_are_named(tmp_path):
    with pytest.raises(InputError, match=r"no file 'a\.geojson'"):
        read_boundaries(tmp_path / "a.geojson")
    (tmp_path / "b.geojson").touch()
    with pytest.raises(InputError, match="empty"):
        read_boundaries(tmp_path / "b.geojson")


def test_nothing_is_left_behind(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path / "t"))
    monkeypatch.setattr("tempfile.tempdir", None)
    (tmp_path / "t").mkdir()
    path = zip_files(tmp_path / "a.zip", [write_geojson(tmp_path / "a.geojson", [SQUARE])])
    read_boundaries(path)
    assert list((tmp_path / "t").iterdir()) == []
    shutil.rmtree(tmp_path / "t")
