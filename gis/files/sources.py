"""Which reader opens a table, judged by what is in it and not by its name?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gis import coords
from gis.errors import InputError, UnsupportedFile
from gis.files.delimited import read_delimited
from gis.files.layer import DEGREES
from gis.files.limits import check_file
from gis.files.pointlayers import read_geojson_points, read_geopackage_points
from gis.files.records import Table
from gis.files.sniffing import Content, check_content
from gis.files.workbook import read_workbook

MAX_SOURCE_BYTES = 4_000_000_000


def open_table(
    path: Path, *, encoding: str | None = None, layer: str | None = None, chunk_rows: int = 50_000
) -> Table:
    """Open a table of any accepted kind: CSV, XLSX, GeoJSON points or GeoPackage points.

    Parameters
    ----------
    layer
        Which layer of a GeoPackage or sheet of a workbook.
    chunk_rows
        How many rows are read at a time.

    Raises
    ------
    UnsupportedFile
        The file is of another kind, or its content is not what its name says.
    """
    check_file(path, max_bytes=MAX_SOURCE_BYTES)
    content = check_content(path)
    if content in (Content.TEXT, Content.GZIP):
        return read_delimited(path, encoding=encoding, chunk_rows=chunk_rows)
    if content is Content.ZIP and path.suffix.lower() == ".xlsx":
        return read_workbook(path, sheet=layer, chunk_rows=chunk_rows)
    if content is Content.JSON:
        return read_geojson_points(path, chunk_rows=chunk_rows)
    if content is Content.GEOPACKAGE:
        return read_geopackage_points(path, layer=layer, chunk_rows=chunk_rows)
    raise UnsupportedFile(
        f"{path.name} holds {content}, which is no table that is read; give CSV, XLSX, GeoJSON or "
        "GeoPackage",
        file=path.name,
    )


def locate_cells(
    x: coords.Array, y: coords.Array, *, crs: str, file: str
) -> tuple[coords.Array, coords.Array]:
    """Bring positions to EPSG:4490; what is missing, 0/0 or out of range becomes NaN in both.

    Raises
    ------
    InputError
        Every latitude is above 90 and no longitude is: they are swapped.
    """
    nowhere = (x == 0.0) & (y == 0.0)
    if crs in DEGREES:
        known = np.isfinite(x) & np.isfinite(y) & ~nowhere
        if known.any() and (np.abs(y[known]) > 90.0).all() and (np.abs(x[known]) <= 90.0).all():
            raise InputError(
                f"{file}: every latitude is above 90; longitude and latitude seem to be swapped; "
                "name the columns with --lon and --lat",
                file=file,
            )
    lon, lat = coords.to_storage(
        np.where(nowhere, np.nan, x), np.where(nowhere, np.nan, y), crs=crs
    )
    lost = np.isnan(lon) | np.isnan(lat)
    return np.where(lost, np.nan, lon), np.where(lost, np.nan, lat)


def read_numbers(cells: pd.Series[Any]) -> coords.Array:
    """Read a column of text as numbers; full-width digits and a degree sign are understood."""
    numbers = pd.to_numeric(cells, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    odd = np.flatnonzero(np.isnan(numbers) & (cells != "").to_numpy())
    if len(odd):
        plain = cells.iloc[odd].str.normalize("NFKC").str.strip().str.rstrip("°")
        numbers = numbers.copy()
        numbers[odd] = pd.to_numeric(plain, errors="coerce").to_numpy(dtype=np.float64)
    return np.asarray(numbers)
