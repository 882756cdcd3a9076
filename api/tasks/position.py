"""Is what somebody sent a usable position?"""

from __future__ import annotations

import math
import re

from gis.coords import CRS_NAMES, WGS84_CRS, parse_crs, to_storage
from gis.errors import InputError

# No PROJ strings and no WKT from outside: they may name files of this machine to be read.
_EPSG = re.compile(r"(?:epsg:)?[0-9]{4,6}", re.ASCII | re.IGNORECASE)


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
    if not (math.isfinite(lon) and math.isfinite(lat)):
        raise InputError("lon and lat must be finite numbers", lon=str(lon), lat=str(lat))
    name = _read_crs(crs)
    if name in {*CRS_NAMES.values(), WGS84_CRS}:
        _check_degrees(lon, lat)
    x, y = to_storage(lon, lat, crs=name)
    if not (math.isfinite(x) and math.isfinite(y)):
        raise InputError(f"({lon}, {lat}) lies outside the area in which {crs} is defined")
    return float(x), float(y)


def _read_crs(text: str) -> str:
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
