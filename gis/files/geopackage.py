"""What does a GeoPackage hold?

A GeoPackage is an SQLite file with a documented header before each WKB geometry (OGC 12-128), so
it is read with the SQLite of the standard library: no driver can be made to look elsewhere, rows
can be streamed, and a truncated file is noticed.
"""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import shapely

from gis import coords
from gis.errors import InputError, InputTooLarge, UnsupportedFile
from gis.files.layer import RawLayer
from gis.files.limits import MAX_BOUNDARY_FILE_BYTES, check_features, check_file, check_vertices
from gis.files.wkb import check_wkb
from gis.plan.features import Cell

_ENVELOPE_BYTES = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}
_UNDEFINED_SRS = (0, -1)
_LONGEST_VALUE_BYTES = 100_000_000
_SPARE_BYTES = 50_000_000


@dataclass(frozen=True, slots=True)
class Table:
    """A layer of features inside a GeoPackage."""

    name: str
    geometry_column: str
    columns: tuple[str, ...]
    crs: str | None


def read_geopackage(path: Path, *, layer: str | None = None) -> RawLayer:
    """Read a layer of a GeoPackage.

    Raises
    ------
    InputError
        The file is damaged, has no layer of features, or several and none is named.
    """
    check_file(path, max_bytes=MAX_BOUNDARY_FILE_BYTES)
    with open_geopackage(path) as database:
        table = find_table(database, layer, file=path.name)
        count, size = database.execute(
            f"SELECT count(*), sum(length({quoted(table.geometry_column)})) FROM "
            f"{quoted(table.name)}"
        ).fetchone()
        check_features(count, file=path.name)
        check_vertices((size or 0) // 16, file=path.name)
        rows, geometries = [], []
        for number, record in enumerate(stream_records(database, table), 1):
            geometries.append(
                read_blob(record.pop(table.geometry_column), where=f"{path.name}, row {number}")
            )
            rows.append({name: _cell(value) for name, value in record.items()})
    return RawLayer(rows, np.array(geometries, dtype=object), table.crs)


@contextmanager
def open_geopackage(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a GeoPackage for reading only; what SQLite finds damaged is an InputError."""
    address = f"file:{quote(str(path.resolve()))}?mode=ro&immutable=1"
    database = sqlite3.connect(address, uri=True)
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE_BYTES)
    try:
        database.execute("PRAGMA trusted_schema = OFF")
        yield database
    except (sqlite3.Error, UnicodeDecodeError, OverflowError) as error:
        raise InputError(
            f"{path.name} is damaged or no GeoPackage ({error}); copy or export it again",
            file=path.name,
        ) from None
    finally:
        database.close()


def find_table(database: sqlite3.Connection, layer: str | None, *, file: str) -> Table:
    """Choose the layer to read: the named one, or the only one."""
    found = database.execute(
        "SELECT g.table_name, g.column_name, g.srs_id FROM gpkg_geometry_columns g "
        "JOIN sqlite_master m ON m.name = g.table_name AND m.type = 'table' "
        "AND m.sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY g.table_name"
    ).fetchall()
    names = [name for name, _, _ in found]
    chosen = [item for item in found if layer is None or item[0] == layer]
    if len(chosen) != 1:
        listed = ", ".join(names) or "none"
        raise InputError(
            f"{file}: name one layer of features with --layer; there are: {listed}", file=file
        )
    name, geometry_column, srs_id = chosen[0]
    described = database.execute(f"SELECT * FROM {quoted(name)} LIMIT 0").description
    columns = tuple(column[0] for column in described if column[0] != geometry_column)
    return Table(name, geometry_column, columns, _crs(database, srs_id))


def stream_records(database: sqlite3.Connection, table: Table) -> Iterator[dict[str, Any]]:
    """Yield the rows of a layer one after the other, geometry as its blob.

    Raises
    ------
    InputTooLarge
        They hold more than the file does: columns that are computed, or filled by default.
    """
    left = _SPARE_BYTES + _size(database)
    names = (*table.columns, table.geometry_column)
    listed = ", ".join(quoted(name) for name in names)
    for record in database.execute(f"SELECT {listed} FROM {quoted(table.name)}"):
        left -= sum(len(cell) for cell in record if isinstance(cell, str | bytes))
        if left < 0:
            raise InputTooLarge(f"{table.name} holds more than its file; export the layer again")
        yield dict(zip(names, record, strict=True))


def read_blob(blob: Any, *, where: str) -> Any:
    """Return the geometry of a GeoPackage blob, or None for an empty one."""
    if blob is None:
        return None
    if not isinstance(blob, bytes) or len(blob) < 8 or blob[:2] != b"GP":
        raise InputError(f"{where}: the geometry has no GeoPackage header; export it again")
    flags = blob[3]
    if flags & 0x20:
        raise UnsupportedFile(f"{where}: extended geometries are not read; export plain ones")
    envelope = _ENVELOPE_BYTES.get(flags >> 1 & 7)
    if envelope is None:
        raise InputError(f"{where}: the geometry is damaged; export it again")
    if flags & 0x10:
        return None
    wkb = blob[8 + envelope :]
    check_wkb(wkb, where=where)
    try:
        return shapely.from_wkb(wkb)
    except (shapely.errors.GEOSException, struct.error):
        raise InputError(
            f"{where}: the geometry is damaged or a ring is not closed; export it again"
        ) from None


def quoted(name: str) -> str:
    """Write a name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def _size(database: sqlite3.Connection) -> int:
    (pages,) = database.execute("PRAGMA page_count").fetchone()
    (page_bytes,) = database.execute("PRAGMA page_size").fetchone()
    return int(pages) * int(page_bytes)


def _crs(database: sqlite3.Connection, srs_id: int) -> str | None:
    if srs_id in _UNDEFINED_SRS:
        return None
    found = database.execute(
        "SELECT organization, organization_coordsys_id, definition FROM gpkg_spatial_ref_sys "
        "WHERE srs_id = ?",
        (srs_id,),
    ).fetchone()
    if found is None:
        return None
    organization, number, definition = found
    if str(organization).upper() == "EPSG":
        return coords.parse_crs(str(number))
    return coords.parse_crs(str(definition))


def _cell(value: Any) -> Cell:
    if isinstance(value, bytes):
        return None
    return str(value) if isinstance(value, int) else value
