"""What does Amap (Gaode) say about an address?

``GET /v3/geocode/geo?address=…&city=…&key=KEY``; positions are GCJ-02. The ``level`` of an answer
says what the position stands for; a point of interest may be a whole estate, so the number that was
asked must be in the answer too. Amap writes an empty list where a text is empty, and calls an
address that it cannot read ``30001`` instead of finding nothing. It gives no figure of confidence.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.geocoders.model import GeocodedPlace, Provider, place, refuse
from gis.locate.address import parse_address

NAME = "amap"
HOUSE_LEVELS = frozenset({"门牌号", "单元号", "兴趣点"})
HOUSE_CONFIDENCE, OTHER_CONFIDENCE = 0.9, 0.5
_UNREADABLE = "30001"


def make_query(text: str, key: str, city: str | None) -> dict[str, str]:
    """Return the query of a request."""
    # A bar would separate several addresses.
    query = {"address": text.replace("|", " "), "output": "JSON", "key": key}
    return query if city is None else {**query, "city": city}


def read(answer: Mapping[str, Any], text: str) -> GeocodedPlace | None:
    """Read an answer; None if Amap does not know the address."""
    if str(answer.get("infocode")) == _UNREADABLE:
        return None
    if str(answer.get("status")) != "1":
        raise refuse(NAME, f"infocode {answer.get('infocode')!s:.20}")
    if not answer.get("geocodes"):
        return None
    found = answer["geocodes"][0]
    lon, lat = found["location"].split(",")
    standard = str(found.get("formatted_address") or text).replace("|", "")
    precise = found.get("level") in HOUSE_LEVELS and _names_the_house(standard, text)
    return place(
        NAME,
        (lon, lat),
        crs="gcj02",
        precise=precise,
        standard=standard,
        confidence=HOUSE_CONFIDENCE if precise else OTHER_CONFIDENCE,
    )


def _names_the_house(standard: str, text: str) -> bool:
    """Tell whether the number and the building that were asked are those of the answer."""
    asked, found = parse_address(text), parse_address(standard)
    return all(
        wanted in ("", there)
        for wanted, there in ((asked.number, found.number), (asked.building, found.building))
    )


PROVIDER = Provider(NAME, "https://restapi.amap.com/v3/geocode/geo", make_query, read)
