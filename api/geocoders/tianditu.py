"""What does Tianditu (the national map service) say about an address?

``GET /geocoder?ds={"keyWord": …}&tk=KEY``; positions are CGCS2000. The ``level`` of an answer names
the kind of place, and ``score`` (to 100) how well the words fit. The service takes no city: the
city is written in front of an address that does not name it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from api.geocoders.model import GeocodedPlace, Provider, place, refuse

NAME = "tianditu"
HOUSE_LEVELS = frozenset({"门址", "门牌", "门牌号", "楼址", "楼牌", "楼牌号"})
LEAST_SCORE = 80.0
_FOUND, _UNKNOWN = "0", "101"


def make_query(text: str, key: str, city: str | None) -> dict[str, str]:
    """Return the query of a request."""
    words = text if city is None or city in text else f"{city}{text}"
    return {"ds": json.dumps({"keyWord": words}, ensure_ascii=False), "tk": key}


def read(answer: Mapping[str, Any], text: str) -> GeocodedPlace | None:
    """Read an answer; None if Tianditu does not know the address."""
    status = str(answer.get("status"))
    if status == _UNKNOWN or (status == _FOUND and not answer.get("location")):
        return None
    if status != _FOUND:
        raise refuse(NAME, f"status {answer.get('status', answer.get('code'))!s:.20}")
    found = answer["location"]
    score = float(found.get("score", 0))
    return place(
        NAME,
        (found["lon"], found["lat"]),
        crs="cgcs2000",
        precise=found.get("level") in HOUSE_LEVELS and score >= LEAST_SCORE,
        standard=str(found.get("keyWord") or text),
        confidence=score / 100.0,
    )


PROVIDER = Provider(NAME, "https://api.tianditu.gov.cn/geocoder", make_query, read)
