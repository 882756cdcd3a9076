"""Which points, with their attributes, does a file of features hold?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from gis.coords import Array
from gis.files.geojson import read_geojson
from gis.files.geopackage import (
    Table as LayerTable,
)
from gis.files.geopackage import (
    find_table,
    open_geopackage,
    read_blob,
    stream_records,
)
from gis.files.records import Chunk, Record, Table
from gis.plan.coverage import Geometries

_POINT = shapely.GeometryType.POINT


def read_geojson_points(path: Path, *, chunk_rows: int) -> Table:
    """Read the points of a GeoJSON file as a table; other geometries count as no position."""
    layer = read_geojson(path)
    headings = list(dict.fromkeys(name for row in layer.rows for name in row))
    return Table(
        headings,
        _cut(layer.rows, layer.geometries, headings, chunk_rows),
        layer.crs,
        layer.crs_by_format,
        has_geometry=True,
    )


def read_geopackage_points(path: Path, *, layer: str | None, chunk_rows: int) -> Table:
    """Read the points of a GeoPackage as a table, some rows at a time."""
    with open_geopackage(path) as database:
        table = find_table(database, layer, file=path.name)
    chunks = _stream(path, table, chunk_rows)
    return Table(table.columns, chunks, table.crs, has_geometry=True)


def _cut(
    rows: Sequence[Mapping[str, Any]],
    geometries: Geometries,
    headings: Sequence[str],
    chunk_rows: int,
) -> Iterator[Chunk]:
    for start in range(0, len(rows), chunk_rows):
        stop = min(start + chunk_rows, len(rows))
        records = [_record(row, headings) for row in rows[start:stop]]
        yield _chunk(start, records, geometries[start:stop])


def _stream(path: Path, table: LayerTable, chunk_rows: int) -> Iterator[Chunk]:
    with open_geopackage(path) as database:
        rows = stream_records(database, table)
        start = 0
        while batch := list(islice(rows, chunk_rows)):
            shapes = [
                read_blob(row[table.geometry_column], where=f"{path.name}, row {start + index}")
                for index, row in enumerate(batch, 1)
            ]
            records = [_record(row, table.columns) for row in batch]
            yield _chunk(start, records, np.array(shapes, dtype=object))
            start += len(batch)


def _chunk(start: int, records: Sequence[Record], geometries: Geometries) -> Chunk:
    x, y = _positions(geometries)
    return Chunk(range(start + 1, start + len(records) + 1), records, x=x, y=y)


def _positions(geometries: Geometries) -> tuple[Array, Array]:
    points = np.where(shapely.get_type_id(geometries) == _POINT, geometries, np.array(None))
    return np.asarray(shapely.get_x(points)), np.asarray(shapely.get_y(points))


def _record(row: Mapping[str, Any], headings: Sequence[str]) -> Record:
    return [to_text(row.get(name)) for name in headings]


def to_text(cell: Any) -> str:
    """Return a cell of a feature as text; what is no text is empty."""
    if cell is None or isinstance(cell, bytes):
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return str(int(cell))
    return str(cell)
