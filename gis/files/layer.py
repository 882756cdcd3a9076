"""What has been read from a file of features, before it is anyone's plan?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis import coords
from gis.errors import InputError
from gis.files.limits import check_features, check_vertices
from gis.plan.coverage import Geometries
from gis.plan.features import Cell
from gis.plan.findings import format_place

DEGREES = tuple(coords.CRS_NAMES.values())
"""The systems whose positions are longitude and latitude in plain degrees."""
_SAME = (coords.WGS84_CRS, coords.STORAGE_CRS)


@dataclass(frozen=True, slots=True)
class RawLayer:
    """Rows and geometries in the file's own CRS, x before y.

    ``crs`` is None when the file names none; ``crs_by_format`` tells that only the format's
    convention says so (GeoJSON and KML are WGS84), which an explicit CRS may override.
    """

    rows: Sequence[Mapping[str, Cell]]
    geometries: Geometries
    crs: str | None
    crs_by_format: bool = False
    notes: list[str] = field(default_factory=list)


def choose_crs(layer: RawLayer, given: str | None, *, file: str) -> str:
    """Decide between the CRS that a file names and the one that was given with it.

    Raises
    ------
    InputError
        Neither is there, or they contradict each other.
    """
    named = coords.parse_crs(given) if given else None
    if layer.crs is None and named is None:
        raise InputError(
            f"{file} does not say in which coordinates it is; give --crs wgs84, cgcs2000, gcj02, "
            "bd09 or EPSG:n",
            file=file,
        )
    if named is None:
        return str(layer.crs)
    same = layer.crs == named or (layer.crs in _SAME and named in _SAME)
    if layer.crs is None or layer.crs_by_format or same:
        return named
    raise InputError(
        f"{file} says that it is in {_short(layer.crs)}, but --crs says {_short(named)}; "
        "leave --crs out, or mend the file",
        file=file,
    )


def bring_to_storage(geometries: Geometries, *, crs: str, file: str) -> Geometries:
    """Bring geometries in the file's CRS to EPSG:4490 degrees, not snapped, and check them.

    Raises
    ------
    InputError
        A coordinate is not a number, lies outside the CRS, or longitude and latitude are swapped;
        the row is named.
    InputTooLarge
        There are too many features or vertices.
    """
    check_features(len(geometries), file=file)
    check_vertices(int(shapely.get_num_coordinates(geometries).sum()), file=file)
    xy, row = shapely.get_coordinates(geometries, return_index=True)
    _refuse_rows(
        np.asarray(~np.isfinite(xy).all(axis=1)), row, file, "has a coordinate that is not a number"
    )
    if crs in DEGREES:
        _check_degrees(xy, row, file)
    moved = coords.geometry_to_storage(geometries, crs=crs, snapped=False)
    lonlat, row = shapely.get_coordinates(moved, return_index=True)
    outside = np.asarray(~np.isfinite(lonlat).all(axis=1))
    _refuse_rows(outside, row, file, f"has coordinates outside {_short(crs)}; check the CRS")
    _check_antimeridian(moved, file)
    return np.asarray(moved)


def _check_degrees(xy: coords.Array, row: NDArray[Any], file: str) -> None:
    tall = np.abs(xy[:, 1]) > 90.0
    if tall.any() and (np.abs(xy[:, 0]) <= 90.0).all():
        x, y = xy[tall][0].tolist()
        raise InputError(
            f"{file}, row {int(row[tall][0]) + 1}: {format_place(x, y)} has a latitude above 90; "
            "longitude and latitude seem to be swapped; write longitude first",
            file=file,
            row=int(row[tall][0]) + 1,
        )
    far = tall | (np.abs(xy[:, 0]) > 180.0)
    _refuse_rows(far, row, file, "has coordinates that are no degrees; check the CRS")


def _check_antimeridian(geometries: Geometries, file: str) -> None:
    bounds = shapely.bounds(geometries)
    with np.errstate(invalid="ignore"):
        wide = bounds[:, 2] - bounds[:, 0] > 180.0
    _refuse_rows(
        wide, np.arange(len(wide)), file, "crosses the antimeridian (180°); divide it there"
    )


def _refuse_rows(bad: NDArray[Any], row: NDArray[Any], file: str, why: str) -> None:
    if bad.any():
        first = int(row[bad][0]) + 1
        raise InputError(f"{file}, row {first}: the geometry {why}", file=file, row=first)


def _short(crs: str | None) -> str:
    return str(crs).split(",", maxsplit=1)[0][:60]
