"""In which coordinates is a position, and how does it become ours?

The only file that names EPSG codes. Everything is stored as EPSG:4490 (CGCS2000)
longitude/latitude in degrees, snapped once to 1e-7° (about 1 cm). Metres are computed in a
projected CRS that belongs to the district. Order is always longitude, latitude (x, y).

GCJ-02 is the offset that Chinese map services apply to WGS84; BD-09 is Baidu's further offset.
Their forward formulas are public; the inverse has none and is found by fixed-point iteration
(five rounds leave less than 0.01 mm, three up to 1.2 mm). Outside China both are the identity.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from pyproj.aoi import AreaOfInterest
from pyproj.database import query_utm_crs_info

from gis.errors import InputError

Array = NDArray[np.float64]

STORAGE_SRID = 4490
STORAGE_CRS = f"EPSG:{STORAGE_SRID}"
WGS84_CRS = "EPSG:4326"
SANMING_METRIC_SRID = 4548
SNAP_DEG = 1e-7
CRS_NAMES = {"wgs84": WGS84_CRS, "cgcs2000": STORAGE_CRS, "gcj02": "gcj02", "bd09": "bd09"}

# CGCS2000 and WGS84 agree within centimetres and PROJ takes them as equal, but it knows no way from
# CGCS2000 to other datums: EPSG:27700 would come out 100 m off. So all ways lead over WGS84.
_PIVOT_CRS = WGS84_CRS
_KRASSOVSKY_A_M = 6378245.0
_KRASSOVSKY_EE = 0.00669342162296594323
_BD_TURN = math.pi * 3000.0 / 180.0
_FIXED_POINT_ROUNDS = 5
_LONGEST_CRS = 20_000
_FILE_OF_PROJ = re.compile(r"grids\s*=|\+init\s*=|\+file\s*=|PARAMETERFILE", re.IGNORECASE)


def parse_crs(text: str) -> str:
    """Return the canonical name of a coordinate reference system.

    Parameters
    ----------
    text
        ``wgs84``, ``cgcs2000``, ``gcj02``, ``bd09``, an EPSG code (``EPSG:2232`` or ``2232``),
        WKT or a PROJ string.

    Raises
    ------
    InputError
        Nothing of that name is known.

    Examples
    --------
    >>> parse_crs("WGS84"), parse_crs("4548"), parse_crs("gcj-02")
    ('EPSG:4326', 'EPSG:4548', 'gcj02')
    """
    name = text.strip()
    short = name.lower().replace("-", "").replace("_", "")
    if short in CRS_NAMES:
        return CRS_NAMES[short]
    try:
        crs = pyproj.CRS.from_user_input(f"EPSG:{name}" if name.isdigit() else _harmless(name))
    except (pyproj.exceptions.CRSError, ValueError):
        raise InputError(
            f"{name[:80]!r} is no coordinate reference system that is known here; "
            "use wgs84, cgcs2000, gcj02, bd09 or an EPSG code such as EPSG:4548",
            crs=name[:200],
        ) from None
    if not (crs.is_geographic or crs.is_projected):
        raise InputError(
            f"{name[:80]!r} is no system of positions on the ground ({crs.type_name}); use wgs84, "
            "cgcs2000, gcj02, bd09 or an EPSG code such as EPSG:4548",
            crs=name[:200],
        )
    authority = crs.to_authority(min_confidence=70)
    return ":".join(authority) if authority else crs.to_wkt()


def _harmless(name: str) -> str:
    """Return the text of a CRS unless it is endless or names files that PROJ would open."""
    if len(name) > _LONGEST_CRS or _FILE_OF_PROJ.search(name):
        raise ValueError(name[:80])
    return name


def to_storage(x: Any, y: Any, *, crs: str) -> tuple[Array, Array]:
    """Bring positions in any accepted CRS to snapped EPSG:4490 degrees.

    Parameters
    ----------
    x, y
        Arrays of one shape (or scalars), in the units of ``crs``; x is longitude or easting.
    crs
        Anything that :func:`parse_crs` takes.

    Returns
    -------
    lon, lat
        float64 arrays of the same shape, degrees in EPSG:4490, snapped to 1e-7°. A position
        outside the domain of the CRS becomes NaN.
    """
    lon, lat = _to_storage(parse_crs(crs))(_floats(x), _floats(y))
    return snap(lon), snap(lat)


def snap(degrees: Any) -> Array:
    """Round degrees to 1e-7; ``-0.0`` becomes ``0.0``."""
    return np.asarray(np.round(_floats(degrees), 7) + 0.0)


def geometry_to_storage(geometry: Any, *, crs: str, snapped: bool = True) -> Any:
    """Bring shapely geometries (one or an array) to EPSG:4490, snapped, in two dimensions."""
    convert = _to_storage(parse_crs(crs))

    def move(xy: Array) -> Array:
        lon, lat = convert(xy[:, 0], xy[:, 1])
        return np.column_stack([snap(lon), snap(lat)] if snapped else [lon, lat])

    return shapely.transform(shapely.force_2d(geometry), move)


def to_metric(geometry: Any, *, srid: int) -> Any:
    """Project shapely geometries (one or an array) from EPSG:4490 degrees to metres."""
    project = _transformer(_PIVOT_CRS, f"EPSG:{srid}")

    def move(xy: Array) -> Array:
        return np.column_stack(project.transform(xy[:, 0], xy[:, 1]))

    return shapely.transform(geometry, move)


def from_metric(geometry: Any, *, srid: int) -> Any:
    """Bring shapely geometries in metres back to EPSG:4490 degrees; not snapped."""
    project = _transformer(f"EPSG:{srid}", _PIVOT_CRS)

    def move(xy: Array) -> Array:
        return np.column_stack(project.transform(xy[:, 0], xy[:, 1]))

    return shapely.transform(geometry, move)


def points_to_metric(lon: Any, lat: Any, *, srid: int) -> tuple[Array, Array]:
    """Project EPSG:4490 degrees to easting and northing in metres."""
    x, y = _transformer(_PIVOT_CRS, f"EPSG:{srid}").transform(_floats(lon), _floats(lat))
    return np.asarray(x), np.asarray(y)


def points_from_metric(x: Any, y: Any, *, srid: int) -> tuple[Array, Array]:
    """Bring easting and northing in metres to EPSG:4490 degrees; not snapped."""
    lon, lat = _transformer(f"EPSG:{srid}", _PIVOT_CRS).transform(_floats(x), _floats(y))
    return np.asarray(lon), np.asarray(lat)


def estimate_metric_srid(lon: float, lat: float) -> int:
    """Choose the WGS84 UTM zone of a place, for districts that name no projected CRS.

    Examples
    --------
    >>> estimate_metric_srid(-87.6, 41.8)
    32616
    """
    place = AreaOfInterest(lon, lat, lon, lat)
    found = query_utm_crs_info(datum_name="WGS 84", area_of_interest=place)
    if not found:
        raise InputError(
            f"no UTM zone covers longitude {lon}, latitude {lat}; name a projected CRS", lon=lon
        )
    return int(found[0].code)


def check_metric_srid(text: str) -> int:
    """Return the SRID of a projected CRS in metres, or refuse it."""
    crs = pyproj.CRS.from_user_input(parse_crs(text))
    authority = crs.to_authority()
    metres = all(axis.unit_conversion_factor == 1.0 for axis in crs.axis_info[:2])
    if not crs.is_projected or not metres or authority is None or authority[0] != "EPSG":
        raise InputError(f"{text!r} is not a projected EPSG system in metres", crs=text)
    return int(authority[1])


def wgs84_to_gcj02(lon: Any, lat: Any) -> tuple[Array, Array]:
    """Apply the GCJ-02 offset to WGS84 degrees.

    Examples
    --------
    >>> lon, lat = wgs84_to_gcj02(117.6, 26.26)
    >>> bool(0.004 < lon - 117.6 < 0.006), bool(-0.004 < lat - 26.26 < -0.002)
    (True, True)
    """
    lon, lat = _floats(lon), _floats(lat)
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    ripple = 20.0 * (np.sin(6.0 * np.pi * x) + np.sin(2.0 * np.pi * x)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + ripple
    east += _waves(x, ((20.0, 1.0), (40.0, 3.0), (150.0, 12.0), (300.0, 30.0)))
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + ripple
    north += _waves(y, ((20.0, 1.0), (40.0, 3.0), (160.0, 12.0), (320.0, 30.0)))
    sine = np.sin(np.radians(lat))
    curve = 1.0 - _KRASSOVSKY_EE * sine * sine
    meridian_m = _KRASSOVSKY_A_M * (1.0 - _KRASSOVSKY_EE) / (curve * np.sqrt(curve))
    parallel_m = _KRASSOVSKY_A_M / np.sqrt(curve) * np.cos(np.radians(lat))
    inside = (lon >= 72.004) & (lon <= 137.8347) & (lat >= 0.8293) & (lat <= 55.8271)
    moved_lon = lon + np.where(inside, np.degrees(east / parallel_m), 0.0)
    moved_lat = lat + np.where(inside, np.degrees(north / meridian_m), 0.0)
    return np.asarray(moved_lon), np.asarray(moved_lat)


def gcj02_to_wgs84(lon: Any, lat: Any) -> tuple[Array, Array]:
    """Take the GCJ-02 offset away again, by fixed point."""
    return _invert(wgs84_to_gcj02, _floats(lon), _floats(lat))


def gcj02_to_bd09(lon: Any, lat: Any) -> tuple[Array, Array]:
    """Apply Baidu's offset to GCJ-02 degrees."""
    lon, lat = _floats(lon), _floats(lat)
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BD_TURN)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BD_TURN)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


def bd09_to_gcj02(lon: Any, lat: Any) -> tuple[Array, Array]:
    """Take Baidu's offset away again, by fixed point."""
    return _invert(gcj02_to_bd09, _floats(lon), _floats(lat))


def _waves(x: Array, terms: tuple[tuple[float, float], ...]) -> Array:
    total = np.zeros_like(x)
    for weight, divisor in terms:
        total = total + weight * np.sin(x * np.pi / divisor) * 2.0 / 3.0
    return total


def _invert(
    forward: Callable[[Array, Array], tuple[Array, Array]], lon: Array, lat: Array
) -> tuple[Array, Array]:
    guess_lon, guess_lat = lon, lat
    for _ in range(_FIXED_POINT_ROUNDS):
        seen_lon, seen_lat = forward(guess_lon, guess_lat)
        guess_lon, guess_lat = guess_lon + (lon - seen_lon), guess_lat + (lat - seen_lat)
    return guess_lon, guess_lat


def _floats(values: Any) -> Array:
    return np.asarray(values, dtype=np.float64)


@lru_cache(maxsize=64)
def _transformer(source: str, target: str) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(source, target, always_xy=True)


def _to_storage(name: str) -> Callable[[Array, Array], tuple[Array, Array]]:
    if name == "gcj02":
        return gcj02_to_wgs84
    if name == "bd09":
        return lambda x, y: gcj02_to_wgs84(*bd09_to_gcj02(x, y))
    if name in (STORAGE_CRS, WGS84_CRS):
        return _keep_on_earth
    return lambda x, y: _keep_finite(*_transformer(name, _PIVOT_CRS).transform(x, y))


def _keep_on_earth(lon: Array, lat: Array) -> tuple[Array, Array]:
    with np.errstate(invalid="ignore"):
        good = (np.abs(lon) <= 180.0) & (np.abs(lat) <= 90.0)
    return np.where(good, lon, np.nan), np.where(good, lat, np.nan)


def _keep_finite(lon: Array, lat: Array) -> tuple[Array, Array]:
    good = np.isfinite(lon) & np.isfinite(lat)
    return np.where(good, lon, np.nan), np.where(good, lat, np.nan)
