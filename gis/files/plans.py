"""How does a plan leave the program, so that another one can read it?

GeoJSON and TopoJSON are written here, with every digit of every coordinate; GeoPackage, Shapefile
and KML by GDAL. Codes are texts everywhere. Only TopoJSON keeps a plan to the last bit with its
hierarchy: a projected system, and the formats that other programs wrote, are read back to the
1e-7° (1 cm) to which an import rounds.
"""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Literal, get_args

import geopandas
import numpy as np
import pyogrio
import shapely

from gis import coords
from gis.errors import InputError
from gis.plan.arcs import write_topojson
from gis.plan.model import Grid, Level, Plan

PlanFormat = Literal["geojson", "topojson", "gpkg", "shp", "kml"]
Encoding = Literal["UTF-8", "GB18030", "GBK"]

FIELDS = ("code", "name", "level", "parent")
"""Attributes of an area; all of them short enough for a shapefile (ten letters)."""
Layers = Mapping[str, tuple[Grid, ...]]
"""Areas by the name of their level."""
_MOST_DBF_BYTES = 254
_EPSG, _URN = "EPSG:", "urn:ogc:def:crs:EPSG::"
_MEDIA_TYPES = {
    "geojson": "application/geo+json",
    "topojson": "application/json",
    "gpkg": "application/geopackage+sqlite3",
    "shp": "application/zip",
    "kml": "application/vnd.google-earth.kml+xml",
}


@dataclass(frozen=True, slots=True)
class Exported:
    """A file: its bytes, the ending of its name, its media type, and what a reader should know."""

    content: bytes
    suffix: str
    media_type: str
    notes: tuple[str, ...] = ()


def write_plan(
    plan: Plan,
    form: PlanFormat,
    *,
    crs: str = coords.STORAGE_CRS,
    levels: Sequence[Level] | None = None,
    encoding: Encoding = "UTF-8",
) -> Exported:
    """Write a plan or a draft in one of the formats that people have.

    Parameters
    ----------
    form
        ``geojson``, ``topojson``, ``gpkg`` (a layer for each level), ``shp`` (a zip archive with a
        shapefile for each level) or ``kml``.
    crs
        EPSG:4490 or any system that :func:`gis.coords.parse_crs` knows; TopoJSON is always
        EPSG:4490, KML always WGS84, which agrees with it within centimetres.
    levels
        Which levels to write; all when None. TopoJSON always has all.
    encoding
        Of the texts of a shapefile; named in its ``.cpg``.

    Raises
    ------
    InputError
        The format cannot hold what is asked: a system, or a letter of a name.
    """
    if form not in get_args(PlanFormat):
        known = ", ".join(get_args(PlanFormat))
        raise InputError(f"{form!r} is no format that plans are written in; use one of {known}")
    target = coords.parse_crs(crs)
    if form in ("topojson", "kml") and target not in (coords.STORAGE_CRS, coords.WGS84_CRS):
        raise InputError(f"{form} holds longitude and latitude only; leave out the system {crs!r}")
    if not target.startswith(_EPSG):
        raise InputError(f"no file can say that it is in {crs[:80]}; name an EPSG code")
    chosen = [level for level in plan.levels if levels is None or level in levels]
    if not chosen:
        raise InputError("the plan has no area of these levels; there is nothing to write")
    layers = {level.value: plan.at(level) for level in chosen}
    match form:
        case "topojson":
            notes = (f"coordinates: {coords.STORAGE_CRS}",)
            return _exported(form, _dump(write_topojson(plan)), notes)
        case "geojson":
            notes = (f"coordinates: {target}, said in the crs member, which RFC 7946 gave up",)
            return _exported(form, _write_geojson(layers, target), notes)
        case "gpkg":
            return _exported(form, _write_geopackage(layers, target))
        case "kml":
            notes = ("coordinates: WGS84, as always in KML; CGCS2000 agrees within centimetres",)
            return _exported(form, _write_kml(layers), notes)
        case "shp":
            content, cut = _write_shapefiles(layers, target, encoding)
            return _exported(form, content, cut)


def _exported(form: PlanFormat, content: bytes, notes: tuple[str, ...] = ()) -> Exported:
    suffix = ".zip" if form == "shp" else f".{form}"
    return Exported(content, suffix, _MEDIA_TYPES[form], notes)


def _write_geojson(layers: Layers, crs: str) -> bytes:
    """Write all levels into one collection; the old ``crs`` member says in which system."""
    grids = [grid for own in layers.values() for grid in own]
    features = [
        {
            "type": "Feature",
            "id": grid.code,
            "properties": {name: _value(grid, name) for name in FIELDS},
            "geometry": shapely.geometry.mapping(shape),
        }
        for grid, shape in zip(grids, _project(grids, crs), strict=True)
    ]
    # Without it GeoJSON is WGS84; a reader that knows RFC 7946 only takes it as that.
    member = {"type": "name", "properties": {"name": crs.replace(_EPSG, _URN)}}
    return _dump({"type": "FeatureCollection", "crs": member, "features": features})


def _write_geopackage(layers: Layers, crs: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plan.gpkg"
        for level, grids in layers.items():
            pyogrio.write_dataframe(
                _frame(grids, crs),
                path,
                layer=level,
                driver="GPKG",
                append=path.exists(),
            )
        return path.read_bytes()


def _write_kml(layers: Layers) -> bytes:
    """Write placemarks; KML knows ``Name`` only, the other fields become its extended data."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plan.kml"
        grids = [grid for own in layers.values() for grid in own]
        frame = _frame(grids, coords.WGS84_CRS)
        frame = frame.rename(columns={"name": "Name"})
        pyogrio.write_dataframe(frame, path, driver="KML", layer="plan")
        return path.read_bytes()


def _write_shapefiles(
    layers: Layers, crs: str, encoding: Encoding
) -> tuple[bytes, tuple[str, ...]]:
    notes: list[str] = []
    stream = BytesIO()
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(stream, "w") as archive:
        for level, grids in layers.items():
            frame = _frame(grids, crs)
            frame["name"] = _fit_names(frame["name"].tolist(), encoding, notes)
            path = Path(folder) / f"{level}.shp"
            pyogrio.write_dataframe(frame, path, driver="ESRI Shapefile", encoding=encoding)
            path.with_suffix(".cpg").write_text(encoding, encoding="ascii")
            for part in sorted(Path(folder).glob(f"{level}.*")):
                archive.write(part, part.name, zipfile.ZIP_DEFLATED)
    return stream.getvalue(), tuple(notes)


def _fit_names(names: Sequence[str], encoding: Encoding, notes: list[str]) -> list[str]:
    """Cut names to the 254 bytes of a shapefile's field, between letters."""
    fitting = []
    for name in names:
        try:
            data = name.encode(encoding)
        except UnicodeEncodeError as error:
            letter = name[error.start]
            raise InputError(
                f"the name {name!r} has the letter {letter!r}, which {encoding} does not know; "
                "write the shapefile in GB18030 or UTF-8",
                name=name,
            ) from None
        if len(data) > _MOST_DBF_BYTES:
            notes.append(f"the name {name!r} is cut to {_MOST_DBF_BYTES} bytes")
        fitting.append(data[:_MOST_DBF_BYTES].decode(encoding, errors="ignore"))
    return fitting


def _frame(grids: Sequence[Grid], crs: str) -> Any:
    shapes = _project(grids, crs)
    columns = {name: [_value(grid, name) for grid in grids] for name in FIELDS}
    return geopandas.GeoDataFrame(columns, geometry=shapes, crs=crs)


def _value(grid: Grid, name: str) -> str | None:
    value = getattr(grid, name)
    return None if value is None else str(value)


def _project(grids: Sequence[Grid], crs: str) -> Any:
    shapes = np.array([grid.geometry for grid in grids], dtype=object)
    if crs in (coords.STORAGE_CRS, coords.WGS84_CRS):
        return shapes
    return coords.to_metric(shapes, srid=int(crs.removeprefix(_EPSG)))


def _dump(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
