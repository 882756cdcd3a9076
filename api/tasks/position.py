"""Is what somebody sent a usable position?"""

from __future__ import annotations

import math
import re
from functools import lru_cache

from gis.coords import CRS_NAMES, SNAP_DEG, STORAGE_CRS, WGS84_CRS, parse_crs, to_storage
from gis.errors import InputError
from gis.locate import PlanIndex

# No PROJ strings and no WKT from outside: they may name files of this machine to be read.
_EPSG = re.compile(r"(?:epsg:)?[0-9]{4,6}", re.ASCII | re.IGNORECASE)
_IN_DEGREES = frozenset({*CRS_NAMES.values(), WGS84_CRS})
_OURS = frozenset({STORAGE_CRS, WGS84_CRS, "wgs84", "cgcs2000"})
_PER_DEGREE = round(1 / SNAP_DEG)
_WINDS = ("north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west")
_OFFSET_M = 1_500.0
_FAR_M = 20_000.0


def read_position(*, lon: float, lat: float, crs: str) -> tuple[float, float]:
    """Bring one position to EPSG:4490 degrees, not snapped further than 1e-7°.

    Raises
    ------
    InputError
        Not finite, outside the range of the CRS, or longitude and latitude swapped; or the CRS is
        none of the names and EPSG codes that are known.

    Examples
    --------
    >>> read_position(lon=117.6345, lat=26.2701, crs="wgs84")
    (117.6345, 26.2701)
    """
    if crs in _OURS and -180.0 <= lon <= 180.0 and -90.0 <= lat <= 90.0:
        # What snapping does to arrays, for one point: nobody waits for PROJ and numpy.
        return round(lon * _PER_DEGREE) / _PER_DEGREE, round(lat * _PER_DEGREE) / _PER_DEGREE
    if not (math.isfinite(lon) and math.isfinite(lat)):
        raise InputError("lon and lat must be finite numbers", lon=str(lon), lat=str(lat))
    name = read_crs(crs)
    if name in _IN_DEGREES:
        _check_degrees(lon, lat)
    x, y = to_storage(lon, lat, crs=name)
    if not (math.isfinite(x) and math.isfinite(y)):
        raise InputError(f"({lon}, {lat}) lies outside the area in which {crs} is defined")
    return float(x), float(y)


@lru_cache(maxsize=256)
def read_crs(text: str) -> str:
    """Return the canonical name of a CRS that somebody sent: a known name or an EPSG code."""
    short = text.strip().lower().replace("-", "").replace("_", "")
    if short not in CRS_NAMES and not _EPSG.fullmatch(text.strip()):
        raise InputError(
            f"{text[:40]!r} is no coordinate reference system that is known here; "
            "use wgs84, cgcs2000, gcj02, bd09 or an EPSG code such as EPSG:4548",
            crs=text[:100],
        )
    return parse_crs(text)


def _check_degrees(lon: float, lat: float) -> None:
    if abs(lat) > 90.0:
        hint = "; lon and lat seem to be swapped" if abs(lon) <= 90.0 and abs(lat) <= 180.0 else ""
        raise InputError(f"lat={lat} is not between -90 and 90 degrees{hint}", lon=lon, lat=lat)
    if abs(lon) > 180.0:
        raise InputError(f"lon={lon} is not between -180 and 180 degrees", lon=lon, lat=lat)


def check_not_swapped(index: PlanIndex, *, lon: float, lat: float, crs: str) -> None:
    """Refuse a point that lies outside a plan and would lie in it with its numbers swapped.

    Parameters
    ----------
    lon, lat, crs
        As they were sent.

    Raises
    ------
    InputError
        Swapped, the point lies within the extent of the plan.
    """
    try:
        x, y = read_position(lon=lat, lat=lon, crs=crs)
    except InputError:
        return
    west, south, east, north = index.extent
    if west <= x <= east and south <= y <= north:
        raise InputError(
            f"lon and lat seem to be swapped: ({lon}, {lat}) lies outside the plan, and "
            f"({lat}, {lon}) would lie in it; write longitude first",
            lon=lon,
            lat=lat,
        )


def explain_outside(index: PlanIndex, *, lon: float, lat: float, crs: str) -> str:
    """Say how far and in which direction from a plan a point lies, and what to check.

    Parameters
    ----------
    lon, lat
        EPSG:4490 degrees.
    crs
        As it was sent.
    """
    way = index.find_way(lon=lon, lat=lat)
    if way is None:
        return "the plan has no grid at all"
    wind = _WINDS[round(way.bearing_deg / 45.0) % 8]
    said = f"the point lies about {_say_distance(way.distance_m)} {wind} of the plan"
    if way.distance_m > _FAR_M:
        return f"{said}; check lon, lat, crs and plan"
    if way.distance_m > _OFFSET_M or read_crs(crs) not in _OURS:
        return said
    return f"{said}; positions from Amap, Tencent or Baidu need crs=gcj02 or crs=bd09"


def _say_distance(metres: float) -> str:
    if metres < 1.0:
        return "less than 1 m"
    if metres < 1_000.0:
        return f"{metres:.0f} m"
    return f"{metres / 1_000.0:,.1f} km" if metres < 100_000.0 else f"{metres / 1_000.0:,.0f} km"
