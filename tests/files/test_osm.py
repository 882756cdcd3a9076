r"""Is what people mapped read with its shape, and nothing read that is no extract?

The map of the tests, with nodes 1 to 8 on a square of 0.01° and a hole in it::

    4-----3
    | 8-7 |      way 10: 1 2 3 4 1     way 11: 5 6 7 8 5 (the hole)
    | 5-6 |      node 20 with an address in the middle of nowhere
    1-----2
"""

from __future__ import annotations

import bz2
import gzip
from collections.abc import Callable
from pathlib import Path

import osmium
import pytest
import shapely
from osmium.osm.mutable import Node, Relation, Way

from gis import coords
from gis.errors import InputError, InputTooLarge
from gis.files import limits
from gis.files import osm as reader
from gis.files.buildings import read_buildings
from gis.files.osm import is_osm, read_osm

CORNERS = {
    1: (117.60, 26.20), 2: (117.61, 26.20), 3: (117.61, 26.21), 4: (117.60, 26.21),
    5: (117.604, 26.204), 6: (117.606, 26.204), 7: (117.606, 26.206), 8: (117.604, 26.206),
}  # fmt: skip
OUTER, INNER = [1, 2, 3, 4, 1], [5, 6, 7, 8, 5]
RING = shapely.Polygon([CORNERS[k] for k in OUTER], [[CORNERS[k] for k in INNER]])


def write_osm(path: Path, *things: Node | Way | Relation, corners: bool = True) -> Path:
    """Write an extract with the corners of the drawing and these things, sorted."""
    order = {"Node": 0, "Way": 1, "Relation": 2}
    with osmium.SimpleWriter(str(path), overwrite=True) as writer:
        nodes = [Node(id=k, location=at) for k, at in CORNERS.items()] if corners else []
        for thing in sorted([*nodes, *things], key=lambda t: (order[type(t).__name__], t.id)):
            getattr(writer, f"add_{type(thing).__name__.lower()}")(thing)
    return path


def ring_of(number: int, **tags: str) -> Relation:
    members = [("w", 10, "outer"), ("w", 11, "inner")]
    return Relation(id=number, members=members, tags={"type": "multipolygon", **tags})


@pytest.mark.parametrize("ending", [".osm.pbf", ".pbf", ".osm", ".osm.bz2", ".osm.gz"])
def test_nodes_ways_and_relations_come_with_their_shapes(tmp_path: Path, ending: str) -> None:
    file = write_osm(
        tmp_path / f"小镇{ending}",
        Node(id=20, location=(117.7, 26.3), tags={"addr:street": "崇宁路", "shop": "yes"}),
        Way(id=10, nodes=OUTER, tags={"addr:street": "Städtle"}),
        Way(id=11, nodes=INNER),
        Way(id=12, nodes=[1, 2], tags={"addr:street": "a", "highway": "service"}),
        ring_of(30, **{"addr:street": "b"}),
        Node(id=21, location=(117.7, 26.3), tags={"shop": "yes"}),
    )
    assert is_osm(file)
    layer = read_osm(file, keys=["addr:street"])
    assert layer.crs == coords.WGS84_CRS
    assert [row["id"] for row in layer.rows] == ["n20", "w10", "w12", "r30"]
    assert layer.rows[0] == {"id": "n20", "addr:street": "崇宁路", "shop": "yes"}
    expected = [
        shapely.Point(117.7, 26.3),
        shapely.Polygon([CORNERS[k] for k in OUTER]),
        shapely.LineString([CORNERS[1], CORNERS[2]]),
        RING,
    ]
    assert all(a.equals(b) for a, b in zip(layer.geometries, expected, strict=True))


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"building": "yes"}, "Polygon"),
        ({"highway": "residential"}, "LineString"),
        ({"highway": "pedestrian", "area": "yes"}, "Polygon"),
        ({"building": "yes", "area": "no"}, "LineString"),
    ],
)
def test_closed_way_is_an_area_unless_it_is_a_road(
    tmp_path: Path, tags: dict[str, str], kind: str
) -> None:
    file = write_osm(tmp_path / "a.osm", Way(id=10, nodes=OUTER, tags=tags))
    assert [g.geom_type for g in read_osm(file, keys=list(tags)).geometries] == [kind]


def test_what_an_extract_has_cut_off_has_the_shape_of_the_rest(tmp_path: Path) -> None:
    file = write_osm(
        tmp_path / "a.osm.pbf",
        Way(id=10, nodes=[1, 2, 99, 98, 1], tags={"x": "1"}),
        Way(id=11, nodes=[97, 5, 96], tags={"x": "2"}),
        Way(id=12, nodes=[97, 96], tags={"x": "3"}),
        Relation(id=30, members=[("w", 95, "outer")], tags={"type": "multipolygon", "x": "4"}),
        Relation(id=31, members=[("w", 10, "outer")], tags={"type": "route", "x": "5"}),
        Relation(id=32, members=[("w", 10, "outer")], tags={"type": "multipolygon", "x": "6"}),
    )
    layer = read_osm(file, keys=["x"])
    kinds = [g and g.geom_type for g in layer.geometries]
    assert kinds == ["LineString", "Point", None, None, "MultiLineString"]


def test_broken_files_are_refused_in_one_line(tmp_path: Path) -> None:
    whole = write_osm(tmp_path / "a.osm.pbf", Way(id=10, nodes=OUTER, tags={"x": "1"}))
    entity = '<!DOCTYPE osm [<!ENTITY a "aa">]><osm version="0.6"><node id="1" lat="1" lon="&a;"/>'
    for name, content in {
        "cut.osm.pbf": whole.read_bytes()[:-9],
        "text.osm.pbf": b"hello",
        "binary.osm": whole.read_bytes(),
        "cut.osm": b'<osm version="0.6"><node id="1" lat="1" lon="2">',
        "entity.osm": entity.encode(),
        "json.osm": b"{}",
        "html.osm.bz2": bz2.compress(b"<html>not found"),
        "half.osm.bz2": bz2.compress(b"<osm version='0.6'></osm>")[:-8],
    }.items():
        file = tmp_path / name
        file.write_bytes(content)
        with pytest.raises(InputError, match=f"{name} cannot be read as OpenStreetMap") as caught:
            read_osm(file, keys=["x"])
        assert "\n" not in caught.value.message


def test_no_other_file_and_no_address_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reader takes these names for an address to fetch and for standard input."""
    monkeypatch.chdir(tmp_path)
    for name in ("http:", "-"):
        folder = tmp_path / name
        folder.mkdir()
        write_osm(folder / "a.osm", Node(id=20, location=(1, 2), tags={"x": "1"}))
        assert len(read_osm(Path(name) / "a.osm", keys=["x"]).rows) == 1


def test_more_than_a_layer_may_hold_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write_osm(
        tmp_path / "a.osm", *(Way(id=k, nodes=OUTER, tags={"x": "1"}) for k in range(30, 40))
    )
    monkeypatch.setattr(limits, "MAX_VERTICES", 49)
    with pytest.raises(InputTooLarge, match="50 vertices"):
        read_osm(file, keys=["x"])
    monkeypatch.setattr(limits, "MAX_FEATURES", 9)
    with pytest.raises(InputTooLarge, match="10 features"):
        read_osm(file, keys=["x"])


def test_buildings_of_the_map_have_heights_and_names(tmp_path: Path) -> None:
    file = write_osm(
        tmp_path / "a.osm.pbf",
        Way(id=10, nodes=OUTER),
        Way(id=11, nodes=INNER, tags={"building": "yes", "building:levels": "6", "name": "塔"}),
        ring_of(30, building="school", height="17.5 m"),
        Node(id=20, location=(117.7, 26.3), tags={"building": "entrance"}),
        Way(id=13, nodes=OUTER, tags={"landuse": "grass"}),
    )
    found = read_buildings(file)
    told = [(b.external_id, b.height_m, b.name, b.geometry.equals(RING)) for b in found.buildings]
    assert told == [("w11", 18.0, "塔", False), ("r30", 17.5, "", True)]
    assert [(row.row, row.reason) for row in found.rejected] == [(1, "is no area")]


@pytest.mark.parametrize("lat", ["NaN", "x", "-"])
def test_coordinates_that_are_no_numbers_are_told(tmp_path: Path, lat: str) -> None:
    file = tmp_path / "a.osm"
    file.write_text(f'<osm version="0.6"><node id="1" lat="{lat}" lon="117.6"/></osm>')
    with pytest.raises(InputError, match=r"a\.osm cannot be read as OpenStreetMap"):
        read_osm(file, keys=["addr:street"])


@pytest.mark.parametrize("filling", ["A", " "])
@pytest.mark.parametrize(("ending", "compress"), [("gz", gzip.compress), ("bz2", bz2.compress)])
def test_a_tag_without_end_is_not_unpacked_whole(
    tmp_path: Path, ending: str, compress: Callable[[bytes], bytes], filling: str
) -> None:
    file = tmp_path / f"a.osm.{ending}"
    file.write_bytes(compress(f'<osm version="0.6"><node id="{filling * 3_000_000}"/>'.encode()))
    with pytest.raises(InputTooLarge, match="without the end of a tag"):
        read_osm(file, keys=["addr:street"])


def test_what_expands_too_far_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write_osm(tmp_path / "a.osm.bz2", Way(id=10, nodes=OUTER, tags={"addr:street": "a"}))
    assert len(read_osm(file, keys=["addr:street"]).geometries) == 1
    monkeypatch.setattr(reader, "MAX_OSM_EXPANDED_BYTES", 100)
    with pytest.raises(InputTooLarge, match="expands to more than 100 bytes"):
        read_osm(file, keys=["addr:street"])
