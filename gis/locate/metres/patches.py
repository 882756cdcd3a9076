"""How do degrees become metres near a place, without asking PROJ for every point?

Over a patch of 0.3° by 0.3° a projection is a polynomial of degree three for all that can be
measured: for transverse Mercator projections it differs by less than 0.05 mm. A patch is fitted
to PROJ's own values by least squares on a lattice, and then compared with PROJ between the places
of the lattice; if it differs by more than 0.1 mm anywhere there is no patch, and PROJ is asked.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from gis.coords import points_to_metric
from gis.locate.table.layout import Array, freeze

TILE_DEG = 0.1
REACH_DEG = 0.15
MOST_PATCHES = 4096
LARGEST_ERROR_M = 1e-4

_FITTED = np.linspace(-1.0, 1.0, 7)
_CHECKED = np.linspace(-1.0, 1.0, 12)


class Patch(NamedTuple):
    """The projection around a place.

    ``terms`` (2, 10) holds the factors of 1, u, v, uu, uv, vv, uuu, uuv, uvv, vvv for easting and
    northing in metres from the place ``(lon, lat)``, with u and v in units of ``REACH_DEG``.
    """

    lon: float
    lat: float
    terms: Array


class Patches:
    """The patches of one projection, fitted when first needed.

    Parameters
    ----------
    metric_srid
        The projected CRS.

    Examples
    --------
    >>> patch = Patches(4548).find(117.63, 26.27)
    >>> round(patch.lon, 2), round(patch.lat, 2), patch.terms.shape
    (117.65, 26.25, (2, 10))
    """

    def __init__(self, metric_srid: int) -> None:
        self._metric_srid = metric_srid
        self._known: dict[tuple[int, int], Patch | None] = {}

    def find(self, lon: float, lat: float) -> Patch | None:
        """Return the patch whose middle tile holds a point; None where none is exact enough.

        Parameters
        ----------
        lon, lat
            EPSG:4490 degrees, finite.
        """
        tile = (math.floor(lon / TILE_DEG), math.floor(lat / TILE_DEG))
        try:
            return self._known[tile]
        except KeyError:
            if len(self._known) >= MOST_PATCHES:
                self._known = {}
            middle = [(number + 0.5) * TILE_DEG for number in tile]
            found = self._known[tile] = _fit(middle[0], middle[1], self._metric_srid)
            return found


def _fit(lon: float, lat: float, srid: int) -> Patch | None:
    origin = _project(lon, lat, np.zeros(1), np.zeros(1), srid)
    if not np.isfinite(origin).all():
        return None
    u, v = _lattice(_FITTED)
    there = _project(lon, lat, u, v, srid) - origin
    if not np.isfinite(there).all():
        return None
    terms = np.linalg.lstsq(_powers(u, v), there, rcond=None)[0].T
    u, v = _lattice(_CHECKED)
    error = _powers(u, v) @ terms.T - (_project(lon, lat, u, v, srid) - origin)
    # Not "> …": NaN is no patch either.
    if not np.abs(error).max() <= LARGEST_ERROR_M:
        return None
    return Patch(lon, lat, freeze(terms))


def _lattice(places: Array) -> tuple[Array, Array]:
    u, v = np.meshgrid(places, places)
    return u.ravel(), v.ravel()


def _powers(u: Array, v: Array) -> Array:
    one = np.ones_like(u)
    return np.column_stack([one, u, v, u * u, u * v, v * v, u**3, u * u * v, u * v * v, v**3])


def _project(lon: float, lat: float, u: Array, v: Array, srid: int) -> Array:
    return np.column_stack(points_to_metric(lon + u * REACH_DEG, lat + v * REACH_DEG, srid=srid))
