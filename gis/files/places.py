"""Which place stands for each row of a table or a file of features?

For an area it is a place inside it, for a line a place on it. Tables say it in columns, which are
left to whoever reads them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from gis.coords import Array
from gis.files.boundaries import read_features
from gis.files.layer import RawLayer
from gis.files.osm import is_osm, read_osm
from gis.files.pointlayers import to_text
from gis.files.records import Chunk, Table
from gis.files.sources import open_table
from gis.plan.coverage import Geometries

OSM_KEYS = ("addr:housenumber", "addr:street", "addr:place", "addr:full")
"""What carries one of these has an address."""
_FEATURES = (".geojson", ".json", ".gpkg", ".shp", ".zip", ".kml")


def open_places(
    path: Path,
    *,
    crs: str | None = None,
    encoding: str | None = None,
    layer: str | None = None,
    chunk_rows: int = 20_000,
) -> Table:
    """Open a table (CSV, XLSX), or features of any kind and geometry as a table with places.

    Of an extract of OpenStreetMap only what has an address, and only the tags that tell of it.

    Parameters
    ----------
    crs
        For files that name none; a shapefile without ``.prj`` needs it.
    encoding, layer
        Of the texts of a CSV or a shapefile; of a GeoPackage, archive or workbook.

    Raises
    ------
    InputError
        The file is damaged or of a kind that is not read.
    """
    if is_osm(path):
        raw = read_osm(path, keys=OSM_KEYS)
        rows = [{tag: row[tag] for tag in row if _tells_of_address(tag)} for row in raw.rows]
        return _as_table(replace(raw, rows=rows), chunk_rows)
    if path.suffix.lower() in _FEATURES:
        return _as_table(read_features(path, crs=crs, encoding=encoding, layer=layer), chunk_rows)
    return open_table(path, encoding=encoding, layer=layer, chunk_rows=chunk_rows)


def represent(geometries: Geometries) -> tuple[Array, Array]:
    """Return a place inside each area, on each line, at each point; NaN where there is none.

    Examples
    --------
    >>> ring = shapely.box(0, 0, 4, 4) - shapely.box(1, 1, 3, 3)
    >>> x, y = represent(np.array([shapely.Point(7, 8), None, ring], dtype=object))
    >>> x[0], y[1], ring.contains(shapely.Point(x[2], y[2]))
    (np.float64(7.0), np.float64(nan), True)
    """
    inside = np.array([_represent(geometry) for geometry in geometries], dtype=object)
    return np.asarray(shapely.get_x(inside)), np.asarray(shapely.get_y(inside))


def _represent(geometry: Any) -> Any:
    if geometry is None or geometry.is_empty:
        return None
    if isinstance(geometry, shapely.Point):
        return geometry
    try:
        return shapely.point_on_surface(geometry)
    except shapely.errors.GEOSException:  # a ring that crosses itself
        return shapely.centroid(geometry)


def _tells_of_address(tag: str) -> bool:
    return tag in ("id", "name") or tag.startswith("addr:")


def _as_table(layer: RawLayer, chunk_rows: int) -> Table:
    headings = list(dict.fromkeys(name for row in layer.rows for name in row))
    return Table(
        headings,
        _cut(layer, headings, chunk_rows),
        layer.crs,
        layer.crs_by_format,
        has_geometry=True,
        notes=layer.notes,
    )


def _cut(layer: RawLayer, headings: Sequence[str], chunk_rows: int) -> Iterator[Chunk]:
    for start in range(0, len(layer.rows), chunk_rows):
        rows = layer.rows[start : start + chunk_rows]
        x, y = represent(layer.geometries[start : start + chunk_rows])
        records = [[to_text(row.get(name)) for name in headings] for row in rows]
        yield Chunk(range(start + 1, start + 1 + len(rows)), records, x=x, y=y)
