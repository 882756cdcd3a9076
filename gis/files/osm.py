"""What does an extract of OpenStreetMap hold?

The file is read two or three times: for what carries the wanted tags, for the ways that relations
are made of, and for the nodes that those need. So memory follows what is wanted and not the size
of the file, and numbers that the file invents cost nothing. The file is named to the reader by its
full path and its format, since a mere name may be an address to fetch, or mean standard input.
"""

from __future__ import annotations

import bz2
import gzip
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import shapely
from osmium import filter as keeping
from osmium import osm

from gis import coords
from gis.errors import InputError, InputTooLarge
from gis.files.layer import RawLayer
from gis.files.limits import check_features, check_file, check_vertices

MAX_OSM_BYTES = 2_000_000_000
MAX_OSM_EXPANDED_BYTES = 20_000_000_000
FORMATS = {
    ".osm.pbf": "pbf",
    ".pbf": "pbf",
    ".osm": "osm",
    ".osm.gz": "osm.gz",
    ".osm.bz2": "osm.bz2",
}
"""The reader's name of the format by the ending of the file."""
_LINES = ("highway", "railway", "waterway", "barrier")
_AREA_RELATIONS = ("multipolygon", "boundary")
_XML: Mapping[str, Any] = {".osm": open, ".osm.gz": gzip.open, ".osm.bz2": bz2.open}
_XML_BLOCK_BYTES = 1 << 20
_CHECK_EVERY = 10_000
_DAMAGE = (
    RuntimeError,
    ValueError,
    OSError,
    EOFError,
    zlib.error,
    osmium.InvalidLocationError,
)
_Place = tuple[float, float]


@dataclass(slots=True)
class _Found:
    """What carries the wanted tags, still without shapes."""

    tags: list[dict[str, Any]] = field(default_factory=list)
    nodes: dict[int, _Place] = field(default_factory=dict)
    ways: dict[int, list[int]] = field(default_factory=dict)
    relations: dict[int, list[int]] = field(default_factory=dict)


def is_osm(path: Path) -> bool:
    """Tell whether a file is named as an extract of OpenStreetMap."""
    return _ending(path) is not None


def read_osm(path: Path, *, keys: Sequence[str]) -> RawLayer:
    """Read everything that carries one of these tags, with its shape.

    Parameters
    ----------
    path
        ``.osm.pbf``, ``.pbf``, ``.osm``, ``.osm.gz`` or ``.osm.bz2``.
    keys
        Of the tags; one of them is enough.

    Returns
    -------
    RawLayer
        A row of tags for each node, way and multipolygon, in the order of the file; its ``id``
        is ``n``, ``w`` or ``r`` with the number. Closed ways are areas unless they are roads,
        rails, waters or fences, or say ``area=no``. What has no node in the file has no shape.

    Raises
    ------
    InputError
        The file is damaged, cut off or of another format. ``InputTooLarge`` above the limits.

    Source: https://wiki.openstreetmap.org/wiki/Elements, and …/wiki/Area for what is an area.
    """
    check_file(path, max_bytes=MAX_OSM_BYTES)
    try:
        _check_xml(path)
        return _read(path, keys)
    except _DAMAGE as error:
        raise InputError(
            f"{path.name} cannot be read as OpenStreetMap {_ending(path)}: {error}; it is damaged, "
            "cut off or of another format; download or export it again",
            file=path.name,
        ) from None


def _check_xml(path: Path) -> None:
    """Refuse XML that expands too far, or has a tag that its reader would have to hold whole."""
    expanded = 0
    opener = _XML.get(_ending(path) or "")
    if opener is None:
        return
    with opener(path, "rb") as stream:
        while block := stream.read(_XML_BLOCK_BYTES):
            expanded += len(block)
            if expanded > MAX_OSM_EXPANDED_BYTES:
                raise InputTooLarge(
                    f"{path.name} expands to more than {MAX_OSM_EXPANDED_BYTES:,} bytes; "
                    "cut out the district, or import it in parts",
                    file=path.name,
                )
            if len(block) == _XML_BLOCK_BYTES and b">" not in block:
                raise InputTooLarge(
                    f"{path.name} has more than {_XML_BLOCK_BYTES:,} bytes without the end of a "
                    "tag, which no extract has; download or export it again",
                    file=path.name,
                )


def _read(path: Path, keys: Sequence[str]) -> RawLayer:
    every = osm.NODE | osm.WAY | osm.RELATION
    found = _gather(_open(path, every, keeping.KeyFilter(*keys)), path.name)
    members = {ref for refs in found.relations.values() for ref in refs} - found.ways.keys()
    lines = dict(found.ways)
    for way in _open(path, osm.WAY, keeping.IdFilter(members)) if members else ():
        lines[way.id] = [node.ref for node in way.nodes]
    check_vertices(sum(map(len, lines.values())), file=path.name)
    wanted = {ref for refs in lines.values() for ref in refs}
    places: dict[int, _Place] = {}
    for node in _open(path, osm.NODE, keeping.IdFilter(wanted)) if wanted else ():
        if node.location.valid():
            places[node.id] = (node.location.lon, node.location.lat)
    shapes = list(_shapes(found, lines, places))
    geometries = np.empty(len(shapes), dtype=object)
    geometries[:] = shapes
    return RawLayer(found.tags, geometries, coords.WGS84_CRS)


def _open(path: Path, entities: Any, kept: Any) -> Iterable[Any]:
    file = osmium.io.File(str(path.resolve()), FORMATS[_ending(path) or ".osm"])
    return osmium.FileProcessor(file, entities).with_filter(kept)


def _gather(objects: Iterable[Any], file: str) -> _Found:
    found = _Found()
    vertices = 0
    for each in objects:
        tags = {tag.k: tag.v for tag in each.tags}
        if each.is_node():
            place = each.location
            if place.valid():
                found.nodes[each.id] = (place.lon, place.lat)
        elif each.is_way():
            found.ways[each.id] = [node.ref for node in each.nodes]
            vertices += len(each.nodes)
        elif tags.get("type") in _AREA_RELATIONS:
            found.relations[each.id] = [part.ref for part in each.members if part.type == "w"]
        else:
            continue
        found.tags.append({**tags, "id": f"{each.type_str()}{each.id}"})
        if len(found.tags) % _CHECK_EVERY == 0:
            check_features(len(found.tags), file=file)
            check_vertices(vertices, file=file)
    check_features(len(found.tags), file=file)
    return found


def _shapes(
    found: _Found, lines: Mapping[int, Sequence[int]], places: Mapping[int, _Place]
) -> Iterator[shapely.Geometry | None]:
    for tags in found.tags:
        kind, number = tags["id"][0], int(tags["id"][1:])
        if kind == "n":
            yield shapely.Point(found.nodes[number]) if number in found.nodes else None
        elif kind == "w":
            yield _way(lines[number], places, is_area=_may_be_area(tags))
        else:
            yield _area(
                [_way(lines.get(ref, ()), places) for ref in found.relations[number]],
            )


def _way(
    refs: Sequence[int], places: Mapping[int, _Place], *, is_area: bool = False
) -> shapely.Geometry | None:
    corners = [places[ref] for ref in refs if ref in places]
    if is_area and len(refs) > 3 and refs[0] == refs[-1] and len(set(corners)) > 2:
        return shapely.Polygon(corners)
    if len(corners) > 1:
        return shapely.LineString(corners)
    return shapely.Point(corners[0]) if corners else None


def _area(parts: Sequence[shapely.Geometry | None]) -> shapely.Geometry | None:
    """Return the area that ways enclose, islands and holes by turns; the ways if they are open."""
    lines = [part for part in parts if isinstance(part, shapely.LineString)]
    if not lines:
        return None
    every = shapely.MultiLineString(lines)
    area = shapely.build_area(every)
    return every if area is None or area.is_empty else area


def _may_be_area(tags: Mapping[str, str]) -> bool:
    said = tags.get("area")
    return said == "yes" or (said != "no" and not any(key in tags for key in _LINES))


def _ending(path: Path) -> str | None:
    name = path.name.lower()
    return next((ending for ending in FORMATS if name.endswith(ending)), None)
