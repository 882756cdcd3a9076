"""What does a geocoding service of somebody else say about an address?"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gis.coords import to_storage
from gis.errors import Unavailable


@dataclass(frozen=True, slots=True)
class GeocodedPlace:
    """Where a provider takes an address to be.

    ``lon`` and ``lat`` are EPSG:4490 degrees. Only a ``precise`` place stands for a house or a
    building; any other one stands for a road, an estate or a district, and says nothing about the
    grid. ``standard`` is the address as the provider writes it, or as it was asked; ``confidence``
    is from 0 to 1.
    """

    lon: float
    lat: float
    precise: bool
    provider: str
    standard: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Provider:
    """How one service is asked and understood.

    ``make_query`` takes the text, the key and the city (or None); ``read`` takes the answer as
    JSON and the text, and returns None for an address that the service does not know.
    """

    name: str
    url: str
    make_query: Callable[[str, str, str | None], Mapping[str, str]]
    read: Callable[[Mapping[str, Any], str], GeocodedPlace | None]


def refuse(provider: str, why: str) -> Unavailable:
    """Return the error of a provider that did not answer the question."""
    return Unavailable(f"the geocoder {provider} did not answer ({why})", provider=provider)


def place(
    provider: str,
    position: tuple[Any, Any],
    *,
    crs: str,
    precise: bool,
    standard: str,
    confidence: float,
) -> GeocodedPlace:
    """Bring a position of a provider to EPSG:4490.

    Raises
    ------
    Unavailable
        The position is none on earth.
    """
    lon, lat = (float(value) for value in to_storage(*map(float, position), crs=crs))
    if not (math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90):
        raise refuse(provider, "it named a position that is none")
    return GeocodedPlace(lon, lat, precise, provider, standard, min(max(confidence, 0.0), 1.0))
