"""Is what somebody sent a usable position?"""

from __future__ import annotations

import math

from gis.coords import CRS_NAMES, WGS84_CRS, parse_crs, to_storage
from gis.errors import InputError


def read_position(*, lon: float, lat: float, crs: str) -> tuple[float, float]:
    """Bring one position to EPSG:4490 degrees, not snapped further than 1e-7°.

    Raises
    ------
    InputError
        Not finite, outside the range of the CRS, or longitude and latitude swapped.

    Examples
    --------
    >>> read_position(lon=117.6345, lat=26.2701, crs="wgs84")
    (117.6345, 26.2701)
    """
    if not (math.isfinite(lon) and math.isfinite(lat)):
        raise InputError("lon and lat must be finite numbers", lon=str(lon), lat=str(lat))
    name = parse_crs(crs)
    if name in {*CRS_NAMES.values(), WGS84_CRS}:
        _check_degrees(lon, lat)
    x, y = to_storage(lon, lat, crs=name)
    if not (math.isfinite(x) and math.isfinite(y)):
        raise InputError(f"({lon}, {lat}) lies outside the area in which {crs} is defined")
    return float(x), float(y)


def _check_degrees(lon: float, lat: float) -> None:
    if abs(lat) > 90.0:
        hint = "; lon and lat seem to be swapped" if abs(lon) <= 90.0 and abs(lat) <= 180.0 else ""
        raise InputError(f"lat={lat} is not between -90 and 90 degrees{hint}", lon=lon, lat=lat)
    if abs(lon) > 180.0:
        raise InputError(f"lon={lon} is not between -180 and 180 degrees", lon=lon, lat=lat)
