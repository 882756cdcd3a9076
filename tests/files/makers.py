"""What do the tests of this folder read? Small files, written here."""

from __future__ import annotations

import json
import sqlite3
import struct
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pyproj
import shapely

SQUARE = shapely.box(117.60, 26.20, 117.61, 26.21)
NEIGHBOUR = shapely.box(117.61, 26.20, 117.62, 26.21)


def write_geojson(
    path: Path, geometries: Sequence[Any], rows: Sequence[Mapping[str, Any]] = (), **members: Any
) -> Path:
    cells = rows or [{"code": str(number)} for number in range(1, len(geometries) + 1)]
    features = [
        {"type": "Feature", "properties": dict(row), "geometry": json.loads(shapely.to_geojson(g))}
        for row, g in zip(cells, geometries, strict=True)
    ]
    document = {"type": "FeatureCollection", "features": features, **members}
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return path


def write_raw_geojson(path: Path, coordinates: str, kind: str = "Polygon") -> Path:
    path.write_text(
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"1"},'
        f'"geometry":{{"type":"{kind}","coordinates":{coordinates}}}}}]}}'
    )
    return path


def write_shapefile(
    path: Path, geometries: Sequence[Any], names: Sequence[str], *, encoding: str = "utf-8"
) -> Path:
    pyogrio.raw.write(
        path,
        shapely.to_wkb(np.array(geometries, dtype=object)),
        [np.array(names, dtype=object)],
        ["name"],
        driver="ESRI Shapefile",
        geometry_type="Polygon",
        crs="EPSG:4326",
        encoding=encoding,
    )
    return path


def zip_files(path: Path, files: Sequence[Path]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            archive.write(file, file.name)
    return path


def write_geopackage(
    path: Path,
    blobs: Sequence[bytes],
    *,
    table: str = "areas",
    srs_id: int = 4326,
    cells: Mapping[str, Sequence[Any]] | None = None,
) -> Path:
    columns = dict(cells or {"code": [str(number) for number in range(1, len(blobs) + 1)]})
    definition = pyproj.CRS.from_epsg(4326).to_wkt("WKT1_GDAL")
    with sqlite3.connect(path) as database:
        database.executescript(
            "CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT, srs_id INTEGER PRIMARY KEY,"
            " organization TEXT, organization_coordsys_id INTEGER, definition TEXT);"
            "CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT,"
            " geometry_type_name TEXT, srs_id INTEGER, z INTEGER, m INTEGER);"
            f'CREATE TABLE "{table}" ({", ".join(columns)}, geom BLOB);'
        )
        database.execute(
            "INSERT INTO gpkg_spatial_ref_sys VALUES ('WGS 84', 4326, 'EPSG', 4326, ?)",
            (definition,),
        )
        database.execute(
            "INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', 'GEOMETRY', ?, 0, 0)",
            (table, srs_id),
        )
        marks = ", ".join("?" * (len(columns) + 1))
        database.executemany(
            f'INSERT INTO "{table}" VALUES ({marks})',
            zip(*columns.values(), blobs, strict=True),
        )
    database.close()
    return path


def blob(geometry: Any) -> bytes:
    return gpkg_blob(shapely.to_wkb(geometry, byte_order=1))


def gpkg_blob(wkb: bytes) -> bytes:
    return b"GP\x00\x01" + struct.pack("<i", 4326) + wkb


def write_kml(path: Path, body: str) -> Path:
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2">'
        f"<Document>{body}</Document></kml>",
        encoding="utf-8",
    )
    return path


def placemark(name: str, *, extended: str = "", shift: float = 0.0) -> str:
    x, y = 117.6 + shift, 26.2
    corners = [(x, y), (x + 0.01, y), (x + 0.01, y + 0.01), (x, y + 0.01), (x, y)]
    text = " ".join(f"{lon},{lat},0" for lon, lat in corners)
    return (
        f"<Placemark><name>{name}</name>{extended}<Polygon><outerBoundaryIs><LinearRing>"
        f"<coordinates>{text}</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>"
    )
