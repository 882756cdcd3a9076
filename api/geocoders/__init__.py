"""Which geocoding service may be asked about addresses that the address book does not know?

None, unless the settings name one: an address that is asked leaves the house. The three services
differ in their requests, their coordinates and in how they say what a position stands for; each has
a file of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.geocoders.model import GeocodedPlace

if TYPE_CHECKING:
    from api.geocoders.asking import Geocoder
    from api.settings import Settings

__all__ = ["GeocodedPlace", "make_geocoder"]


def make_geocoder(settings: Settings) -> Geocoder | None:
    """Return the geocoder that the settings name; None if they name none."""
    if settings.geocoder is None or settings.geocoder_key is None:
        return None
    from api.geocoders import amap, baidu, tianditu
    from api.geocoders.asking import Geocoder

    providers = {each.NAME: each.PROVIDER for each in (tianditu, amap, baidu)}
    return Geocoder(
        providers[settings.geocoder],
        settings.geocoder_key.get_secret_value(),
        url=settings.geocoder_url,
        city=settings.geocoder_city,
        timeout_s=settings.geocoder_timeout_s,
    )
