"""What does Baidu say about an address?

``GET /geocoding/v3/?address=…&city=…&ak=KEY``; positions are BD-09 by default. ``precise`` tells a
found position from a guessed one, ``level`` what it stands for, ``comprehension`` (to 100) how
much of the address was understood, and ``confidence`` how large the error may be: 80 is within
20 m, 70 within 50 m. An address that is not known has the status of a fault.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.geocoders.model import GeocodedPlace, Provider, place, refuse

NAME = "baidu"
HOUSE_LEVELS = frozenset({"门址", "商务大厦", "政府机构", "宾馆", "餐饮", "金融", "生活服务"})
LEAST_COMPREHENSION = 90.0
LEAST_CONFIDENCE = 70.0
_FAULT, _NOTHING_FOUND = 1, "无相关结果"


def make_query(text: str, key: str, city: str | None) -> dict[str, str]:
    """Return the query of a request."""
    query = {"address": text, "output": "json", "ret_coordtype": "bd09ll", "ak": key}
    return query if city is None else {**query, "city": city}


def read(answer: Mapping[str, Any], text: str) -> GeocodedPlace | None:
    """Read an answer; None if Baidu does not know the address."""
    status = answer.get("status")
    if status == _FAULT and _NOTHING_FOUND in str(answer.get("msg", answer.get("message"))):
        return None
    if status != 0:
        raise refuse(NAME, f"status {status!s:.20}")
    if not answer.get("result"):
        return None
    found = answer["result"]
    understood = float(found.get("comprehension", 0))
    return place(
        NAME,
        (found["location"]["lng"], found["location"]["lat"]),
        crs="bd09",
        precise=found.get("precise") == 1
        and found.get("level") in HOUSE_LEVELS
        and understood >= LEAST_COMPREHENSION
        and float(found.get("confidence", 0)) >= LEAST_CONFIDENCE,
        standard=text,
        confidence=understood / 100.0,
    )


PROVIDER = Provider(NAME, "https://api.map.baidu.com/geocoding/v3/", make_query, read)
