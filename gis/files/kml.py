"""What does a KML file hold?

Read as XML by defusedxml (no entities, no documents from elsewhere). KML knows only WGS84. The
``name`` of a placemark is offered as ``name`` and as ``Name``, as other readers call it.
"""

from __future__ import annotations

from pathlib import Path
from typing import IO, Any
from xml.etree.ElementTree import Element, ParseError

import numpy as np
import shapely
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from gis import coords
from gis.errors import InputError, UnsupportedFile
from gis.files.layer import RawLayer
from gis.files.limits import (
    MAX_BOUNDARY_FILE_BYTES,
    MAX_DEPTH,
    check_features,
    check_file,
    check_vertices,
)
from gis.files.rings import make_polygon, read_positions
from gis.plan.features import Cell

_EVENTS = ("start", "end")
_BLOCK_BYTES = 1 << 23


class _Blocks:
    """Hands out large blocks: a tag is read anew with each block until it ends."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def read(self, _size: int = -1) -> bytes:
        return self._stream.read(_BLOCK_BYTES)


def read_kml(path: Path) -> RawLayer:
    """Read the placemarks of a KML file.

    Raises
    ------
    UnsupportedFile
        It links to another document.
    InputError
        It is not well-formed, or a geometry is not sound.
    """
    check_file(path, max_bytes=MAX_BOUNDARY_FILE_BYTES)
    rows: list[dict[str, Cell]] = []
    geometries: list[Any] = []
    try:
        for placemark in _placemarks(path):
            where = f"{path.name}, row {len(rows) + 1}"
            rows.append(_cells(placemark))
            geometries.append(_geometry(placemark, where))
    except ParseError as error:
        raise InputError(f"{path.name} is not well-formed: {error}", file=path.name) from None
    except DefusedXmlException:
        raise UnsupportedFile(
            f"{path.name} declares entities or a document type, which are not read; "
            "export it again",
            file=path.name,
        ) from None
    except (LookupError, ValueError) as error:
        raise InputError(
            f"{path.name} is in an encoding that is not read ({error}); save it as UTF-8",
            file=path.name,
        ) from None
    return RawLayer(rows, np.array(geometries, dtype=object), coords.WGS84_CRS, crs_by_format=True)


def _placemarks(path: Path) -> Any:
    with path.open("rb") as stream:
        yield from _check_events(path, iterparse(_Blocks(stream), _EVENTS, forbid_dtd=True))


def _check_events(path: Path, events: Any) -> Any:
    depth = vertices = count = 0
    for event, element in events:
        depth += 1 if event == "start" else -1
        if depth > MAX_DEPTH:
            raise InputError(f"{path.name} is nested more than {MAX_DEPTH} deep", file=path.name)
        tag = _tag(element)
        if tag == "NetworkLink":
            raise UnsupportedFile(
                f"{path.name} links to another document, which is not followed; "
                "save the data itself as KML",
                file=path.name,
            )
        if event == "end" and tag == "coordinates":
            vertices += (element.text or "").count(",")
            check_vertices(vertices // 2, file=path.name)
        if event == "end" and tag == "Placemark":
            count += 1
            check_features(count, file=path.name)
            yield element
            element.clear()


def _tag(element: Element) -> str:
    return str(element.tag).rsplit("}", 1)[-1]


def _cells(placemark: Element) -> dict[str, Cell]:
    cells: dict[str, Cell] = {}
    for child in placemark:
        tag, text = _tag(child), (child.text or "").strip()
        if tag == "name":
            cells |= {"Name": text, "name": text}
        elif tag in ("description", "address"):
            cells[tag] = text
        elif tag == "ExtendedData":
            for name, value in _extended(child):
                cells.setdefault(name, value)
    if "id" in placemark.attrib:
        cells.setdefault("id", placemark.attrib["id"])
    return cells


def _extended(data: Element) -> list[tuple[str, str]]:
    found = []
    for item in data.iter():
        name = item.attrib.get("name")
        if name is None:
            continue
        value = next((child for child in item if _tag(child) == "value"), item)
        found.append((name, (value.text or "").strip()))
    return found


def _geometry(placemark: Element, where: str) -> Any:
    parts = [made for element in placemark.iter() if (made := _single(element, where)) is not None]
    if not parts:
        return None
    if len(parts) == 1:
        return parts[0]
    kinds = {part.geom_type for part in parts}
    if kinds == {"Polygon"}:
        return shapely.MultiPolygon(parts)
    return shapely.GeometryCollection(parts)


def _single(element: Element, where: str) -> Any:
    tag = _tag(element)
    if tag == "Polygon":
        rings = [
            _positions(ring, where)
            for side in ("outerBoundaryIs", "innerBoundaryIs")
            for boundary in element
            if _tag(boundary) == side
            for ring in boundary.iter()
            if _tag(ring) == "coordinates"
        ]
        return make_polygon(rings, where=where)
    if tag == "Point":
        return shapely.Point(read_positions(_positions(element, where), where=where)[0])
    if tag == "LineString":
        positions = read_positions(_positions(element, where), where=where)
        if len(positions) == 1:
            raise InputError(f"{where}: a line has fewer than two positions")
        return shapely.LineString(positions)
    return None


def _positions(element: Element, where: str) -> list[list[str]]:
    text = next((item.text or "" for item in element.iter() if _tag(item) == "coordinates"), "")
    positions = [position.split(",") for position in text.split()]
    if not positions:
        raise InputError(f"{where}: a geometry has no coordinates")
    return positions
