"""What does a GeoJSON file hold?

Read by the JSON reader of the standard library, never through GDAL: see :mod:`gis.files.sniffing`.
Depth and number of positions are counted on the bytes, before anything is built of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import shapely

from gis import coords
from gis.errors import InputError, UnsupportedFile
from gis.files import limits
from gis.files.layer import RawLayer
from gis.files.limits import MAX_BOUNDARY_FILE_BYTES, MAX_DEPTH, check_file, check_vertices
from gis.files.rings import make_polygon, read_positions
from gis.plan.features import Cell

# Possessive, since a stack of ways back would cost a hundred bytes for each byte of a long text.
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_HALF_CHARACTER = re.compile(r"[\ud800-\udfff]")
_ESCAPED_HALF = re.compile(rb"\\u[dD][89a-fA-F]")
_STEPS = np.zeros(256, dtype=np.int8)
_STEPS[list(b"[{")] = 1
_STEPS[list(b"]}")] = -1


def read_geojson(path: Path) -> RawLayer:
    """Read a FeatureCollection, a Feature or a bare geometry.

    Raises
    ------
    InputError
        The text is not GeoJSON, is nested too deeply, or a geometry is not sound.
    InputTooLarge
        There are more positions than are read.
    """
    check_file(path, max_bytes=MAX_BOUNDARY_FILE_BYTES)
    text = _decode(path.read_bytes(), path.name)
    document = _parse(text, path.name)
    features = _features(document, path.name)
    crs, by_format = _crs(document, path.name)
    return RawLayer(
        rows=[
            _properties(feature, f"{path.name}, row {number}")
            for number, feature in enumerate(features, 1)
        ],
        geometries=np.array(
            [
                _geometry(feature.get("geometry"), f"{path.name}, row {number}")
                for number, feature in enumerate(features, 1)
            ],
            dtype=object,
        ),
        crs=crs,
        crs_by_format=by_format,
    )


def check_nesting(text: bytes, *, file: str) -> None:
    """Refuse JSON that is nested too deeply or has too many positions, without parsing it."""
    bare = text if text.count(b"[") <= limits.MAX_VERTICES else _STRING.sub(b'""', text)
    check_vertices(bare.count(b"["), file=file)
    marks = np.frombuffer(_STRING.sub(b'""', bare), dtype=np.uint8)
    steps = _STEPS[marks]
    depth = int(steps[steps != 0].cumsum(dtype=np.int32).max(initial=0))
    if depth > MAX_DEPTH:
        raise InputError(
            f"{file} is nested {depth:,} deep; at most {MAX_DEPTH} levels are read; "
            "export it as plain GeoJSON",
            file=file,
        )


def _decode(raw: bytes, file: str) -> bytes:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            raw = raw.decode("utf-16").encode()
        except UnicodeDecodeError:
            raise InputError(
                f"{file} begins as UTF-16 but is not; save it as UTF-8", file=file
            ) from None
    check_nesting(raw, file=file)
    return raw


def _parse(text: bytes, file: str) -> Mapping[str, Any]:
    def refuse(constant: str) -> NoReturn:
        raise InputError(f"{file} holds {constant}, which is no number of JSON", file=file)

    try:
        document = json.loads(text.decode("utf-8-sig"), parse_constant=refuse)
    except UnicodeDecodeError as error:
        raise InputError(
            f"{file} is not UTF-8 at byte {error.start:,}, as GeoJSON has to be; export it again",
            file=file,
        ) from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{file} is not JSON: {error}", file=file) from None
    if not isinstance(document, dict):
        raise InputError(f"{file} is JSON but no GeoJSON: it is no object", file=file)
    if _ESCAPED_HALF.search(text) and _HALF_CHARACTER.search(
        json.dumps(document, ensure_ascii=False)
    ):
        raise InputError(
            f"{file} holds half a character (\\ud800…\\udfff); mend the text", file=file
        )
    return document


def _features(document: Mapping[str, Any], file: str) -> list[Mapping[str, Any]]:
    kind = document.get("type")
    if kind == "FeatureCollection":
        features = document.get("features")
        if isinstance(features, list) and all(isinstance(item, dict) for item in features):
            return features
        raise InputError(f"{file}: the collection has no list of features", file=file)
    if kind == "Feature":
        return [document]
    if "coordinates" in document or kind == "GeometryCollection":
        return [{"geometry": document, "properties": {}}]
    raise InputError(f"{file} is JSON but no GeoJSON: its type is {str(kind)[:40]!r}", file=file)


def _properties(feature: Mapping[str, Any], where: str) -> dict[str, Cell]:
    properties = feature.get("properties") or {}
    if not isinstance(properties, dict):
        raise InputError(f"{where}: the properties are no object")
    cells = {name: to_cell(value) for name, value in properties.items()}
    if "id" in feature:
        cells.setdefault("id", to_cell(feature["id"]))
    return cells


def to_cell(value: Any) -> Cell:
    """Return a JSON value as a cell: text, a number, or None; anything else as JSON text."""
    if isinstance(value, bool):
        return str(value).lower()
    if value is None or isinstance(value, str | float):
        return value
    if isinstance(value, int):
        return str(value)
    return json.dumps(value, ensure_ascii=False)


def _crs(document: Mapping[str, Any], file: str) -> tuple[str | None, bool]:
    if "crs" not in document:
        return coords.WGS84_CRS, True
    member = document["crs"]
    if member is None:
        return None, False
    try:
        name = str(member["properties"]["name"])
    except (TypeError, KeyError):
        raise UnsupportedFile(
            f"{file} names its coordinate system by a link, which is not followed; "
            "write its EPSG code",
            file=file,
        ) from None
    return (coords.WGS84_CRS if name.endswith("CRS84") else coords.parse_crs(name)), False


def _geometry(member: Any, where: str) -> Any:
    if member is None:
        return None
    if not isinstance(member, dict):
        raise InputError(f"{where}: the geometry is no object")
    kind, positions = member.get("type"), member.get("coordinates")
    if kind == "GeometryCollection":
        members = member.get("geometries") or []
        if not isinstance(members, list):
            raise InputError(f"{where}: the collection has no list of geometries")
        parts = [_geometry(part, where) for part in members]
        return shapely.GeometryCollection([part for part in parts if part is not None])
    if not isinstance(positions, list):
        raise InputError(f"{where}: a geometry of type {str(kind)[:40]!r} has no coordinates")
    if not positions:
        return None
    if kind == "Polygon":
        return make_polygon(positions, where=where)
    if kind == "MultiPolygon":
        return shapely.MultiPolygon([make_polygon(rings, where=where) for rings in positions])
    return _points_or_lines(str(kind), positions, where)


def _points_or_lines(kind: str, positions: list[Any], where: str) -> Any:
    if kind == "Point":
        return shapely.Point(read_positions([positions], where=where)[0])
    if kind == "MultiPoint":
        return shapely.MultiPoint(read_positions(positions, where=where))
    try:
        if kind == "LineString":
            return shapely.LineString(read_positions(positions, where=where))
        if kind == "MultiLineString":
            return shapely.MultiLineString(
                [read_positions(line, where=where) for line in positions]
            )
    except (ValueError, shapely.errors.GEOSException):
        raise InputError(f"{where}: a line has fewer than two positions") from None
    raise InputError(f"{where}: {kind[:40]!r} is no type of geometry")
