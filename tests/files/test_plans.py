"""Does a plan that was written come back as it was, whatever the format?"""

import json
import zipfile
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely

from gis import coords
from gis.demo import build_district
from gis.errors import InputError
from gis.files.boundaries import read_boundaries
from gis.files.plans import write_plan
from gis.plan.arcs import read_topojson
from gis.plan.assembly import assemble
from gis.plan.model import Grid, Level, Plan

HOSTILE = '=HYPERLINK("http://evil")<b>&'


@pytest.fixture(scope="module")
def plan() -> Plan:
    return build_district().plan


def make_small(name: str = "甲") -> Plan:
    west, east = shapely.box(117.6, 26.2, 117.61, 26.21), shapely.box(117.61, 26.2, 117.62, 26.21)
    island = shapely.MultiPolygon([east, shapely.box(117.7, 26.2, 117.71, 26.21)])
    return Plan(
        [
            Grid("350402002003", "社区", Level.COMMUNITY, shapely.union(west, island)),
            Grid("350402002003001", name, Level.GRID, west, "350402002003"),
            Grid("350402002003002", "乙", Level.GRID, island, "350402002003"),
        ]
    )


def save(folder: Path, exported) -> Path:
    path = folder / f"plan{exported.suffix}"
    path.write_bytes(exported.content)
    return path


def read_back(path: Path, **given) -> Plan:
    layer = read_boundaries(path, **given)
    assembly = assemble(
        layer.features,
        level_field="level",
        code_field="code",
        name_field="Name" if "Name" in layer.columns else "name",
        parent_field="parent",
        metric_srid=4548,
        accepted=("nesting",),
    )
    assert assembly.plan is not None, [finding.message for finding in assembly.findings]
    return assembly.plan


def is_same(one: Plan, other: Plan, *, within: float = 0.0) -> bool:
    facts = [[(g.code, g.name, g.level, g.parent) for g in plan] for plan in (one, other)]
    assert facts[0] == facts[1]
    return all(is_near(a.geometry, b.geometry, within) for a, b in zip(one, other, strict=True))


def is_near(one, other, within: float) -> bool:
    """Tell whether two areas have the same corners; one part alone may be called several."""
    shapes = [
        shapely.normalize(shapely.MultiPolygon(list(shapely.get_parts(s)))) for s in (one, other)
    ]
    return shapely.equals_exact(*shapes, within)


def test_topojson_keeps_the_plan_to_the_last_bit(plan):
    exported = write_plan(plan, "topojson")
    assert read_topojson(json.loads(exported.content)).fingerprint == plan.fingerprint


def test_geojson_keeps_every_digit(plan, tmp_path):
    path = save(tmp_path, write_plan(plan, "geojson"))
    assert is_same(read_back(path), plan)


def test_geojson_in_degrees_that_no_import_has_rounded():
    corner = 117.6 + 1e-13
    shape = shapely.Polygon([(corner, 26.2), (117.7, 26.2), (117.7, 26.3)])
    exported = write_plan(Plan([Grid("1", "一", Level.GRID, shape)]), "geojson")
    [feature] = json.loads(exported.content)["features"]
    assert feature["geometry"]["coordinates"][0][0] == [corner, 26.2]
    assert feature["properties"]["code"] == "1"


@pytest.mark.parametrize("form", ["geojson", "gpkg", "shp"])
@pytest.mark.parametrize("crs", ["EPSG:4490", "EPSG:4548"])
def test_one_level_comes_back_from_every_format_and_system(plan, tmp_path, form, crs):
    path = save(tmp_path, write_plan(plan, form, crs=crs, levels=[Level.GRID]))
    layer = read_boundaries(path)
    assert layer.crs == crs
    found = {row.properties["code"]: row for row in layer.features}
    for grid in plan.at(Level.GRID):
        row = found[grid.code]
        assert is_near(row.geometry, grid.geometry, 1.01e-7)
        assert (row.properties["name"], row.properties["parent"]) == (grid.name, grid.parent)


def test_geopackage_has_a_layer_for_each_level(tmp_path):
    path = save(tmp_path, write_plan(make_small(), "gpkg"))
    assert [str(name) for name, _ in pyogrio.list_layers(path)] == ["community", "grid"]
    frame = pyogrio.read_dataframe(path, layer="grid")
    assert frame["code"].tolist() == ["350402002003001", "350402002003002"]
    assert frame.crs.to_epsg() == coords.STORAGE_SRID


def test_kml_comes_back_with_all_fields(tmp_path):
    plan = make_small()
    path = save(tmp_path, write_plan(plan, "kml"))
    assert is_same(read_back(path, crs="cgcs2000"), plan, within=1.01e-7)


@pytest.mark.parametrize("encoding", ["UTF-8", "GB18030", "GBK"])
def test_shapefile_texts_in_every_encoding(tmp_path, encoding):
    path = save(tmp_path, write_plan(make_small("翁墩〇"), "shp", encoding=encoding))
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        assert archive.read("grid.cpg").decode() == encoding
    assert {
        f"{level}.{end}" for level in ("community", "grid") for end in ("shp", "prj", "dbf")
    } < set(names)
    layer = read_boundaries(path, layer="grid")
    assert [row.properties["name"] for row in layer.features] == ["翁墩〇", "乙"]
    assert layer.features[0].properties["code"] == "350402002003001"


def test_a_name_that_the_encoding_cannot_hold_or_the_field_cannot_fit(tmp_path):
    with pytest.raises(InputError, match="GB18030 or UTF-8"):
        write_plan(make_small("𠮷"), "shp", encoding="GBK")
    exported = write_plan(make_small("网" * 100), "shp", levels=[Level.GRID])
    assert "254 bytes" in exported.notes[0]
    layer = read_boundaries(save(tmp_path, exported))
    assert layer.features[0].properties["name"] == "网" * 84


@pytest.mark.parametrize("form", ["geojson", "gpkg", "shp", "kml"])
def test_hostile_names_come_back_as_they_are(tmp_path, form):
    path = save(tmp_path, write_plan(make_small(HOSTILE), form, levels=[Level.GRID]))
    layer = read_boundaries(path)
    column = "Name" if form == "kml" else "name"
    assert layer.features[0].properties[column] == HOSTILE


@pytest.mark.parametrize(
    ("form", "given", "told"),
    [
        ("dxf", {}, "no format"),
        ("topojson", {"crs": "EPSG:4548"}, "longitude and latitude only"),
        ("kml", {"crs": "4548"}, "longitude and latitude only"),
        ("geojson", {"crs": "gcj02"}, "EPSG code"),
        ("gpkg", {"levels": [Level.SUBGRID]}, "no area of these levels"),
    ],
)
def test_what_cannot_be_written_is_refused(form, given, told):
    with pytest.raises(InputError, match=told):
        write_plan(make_small(), form, **given)


def test_projected_coordinates_are_metres():
    exported = write_plan(make_small(), "geojson", crs="EPSG:4548", levels=[Level.GRID])
    collection = json.loads(exported.content)
    assert collection["crs"]["properties"]["name"].endswith("EPSG::4548")
    east, north = np.array(collection["features"][0]["geometry"]["coordinates"][0][0])
    assert 400_000 < east < 600_000
    assert 2_800_000 < north < 3_000_000
