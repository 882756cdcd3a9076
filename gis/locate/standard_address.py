"""What is an entry of the address book, and which other names does a place have?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from gis.locate.address import Address

AliasPart = Literal[
    "province", "city", "county", "subdistrict", "community", "road", "estate", "place"
]


@dataclass(frozen=True, slots=True)
class StandardAddress:
    """An address of a building, an entrance or a home, with the place of its building or entrance.

    ``lon`` and ``lat`` are EPSG:4490 degrees; ``building_id`` is the ``external_id`` of the
    building that it belongs to, where that is known.
    """

    external_id: str
    text: str
    parts: Address
    lon: float
    lat: float
    building_id: str = ""


@dataclass(frozen=True, slots=True)
class Alias:
    """Another name of the same thing, in use on dates ``[valid_from, valid_to)``.

    ``alias`` is the other name and ``name`` the one that the address book uses; both as written.
    None is without bound.
    """

    part: AliasPart
    alias: str
    name: str
    valid_from: date | None = None
    valid_to: date | None = None
