"""What is in a file, whatever its name says?

A file named ``.geojson`` may hold a virtual dataset that makes GDAL read other files or fetch
addresses. So the first bytes decide, and what they say must agree with the name.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from gis.errors import UnsupportedFile

_HEAD_BYTES = 4096
_VIRTUAL = (b"<ogrvrtdatasource", b"<vrtdataset", b"<gdal_wms", b"<ogrvrt")


class Content(StrEnum):
    """What the first bytes of a file are."""

    JSON = "JSON"
    KML = "KML"
    GEOPACKAGE = "GeoPackage"
    SHAPEFILE = "Shapefile"
    ZIP = "zip"
    GZIP = "gzip"
    XML = "XML"
    TEXT = "text"


_BY_SUFFIX = {
    ".geojson": Content.JSON,
    ".json": Content.JSON,
    ".kml": Content.KML,
    ".gpkg": Content.GEOPACKAGE,
    ".shp": Content.SHAPEFILE,
    ".zip": Content.ZIP,
    ".xlsx": Content.ZIP,
    ".csv": Content.TEXT,
    ".tsv": Content.TEXT,
    ".txt": Content.TEXT,
    ".gz": Content.GZIP,
}


def sniff(path: Path) -> Content:
    """Tell what the first bytes of a file are.

    Raises
    ------
    UnsupportedFile
        It is a virtual dataset that points to other sources.
    """
    with path.open("rb") as stream:
        return recognise(stream.read(_HEAD_BYTES), file=path.name)


def recognise(head: bytes, *, file: str = "the file") -> Content:
    """Tell what some first bytes are.

    Examples
    --------
    >>> recognise(b'{"type": "FeatureCollection"'), recognise(b"a,b")
    (<Content.JSON: 'JSON'>, <Content.TEXT: 'text'>)
    """
    for magic, content in (
        (b"SQLite format 3\x00", Content.GEOPACKAGE),
        (b"PK\x03\x04", Content.ZIP),
        (b"PK\x05\x06", Content.ZIP),
        (b"\x1f\x8b", Content.GZIP),
        (b"\x00\x00\x27\x0a", Content.SHAPEFILE),
    ):
        if head.startswith(magic):
            return content
    plain = head.replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe").lstrip().lower()
    if any(mark in plain for mark in _VIRTUAL):
        raise UnsupportedFile(
            f"{file} is a virtual dataset that points to other sources; it is not read; "
            "give the data itself",
            file=file,
        )
    if plain.startswith(b"<"):
        return Content.KML if b"<kml" in plain or b":kml" in plain else Content.XML
    return Content.JSON if plain.startswith((b"{", b"[")) else Content.TEXT


def check_content(path: Path) -> Content:
    """Return what a file holds, after making sure that its name says the same.

    Raises
    ------
    UnsupportedFile
        The kind of file is unknown, or is not what its name says.
    """
    expected = _BY_SUFFIX.get(path.suffix.lower())
    if expected is None:
        raise UnsupportedFile(
            f"{path.name}: files named {path.suffix or 'without an ending'} are not read; "
            "see docs/formats.md for those that are",
            file=path.name,
        )
    found = sniff(path)
    if found is not expected:
        raise UnsupportedFile(
            f"{path.name} is named as {expected} but holds {found}; give it its own name, "
            "or export it again",
            file=path.name,
        )
    return found
