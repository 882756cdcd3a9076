"""Which parts has an address in Latin letters?

``12 Main Street``, ``Main Street 12a`` and ``Hauptstr. 5, 9490 Vaduz`` name a road, a number and a
city. Names are in lower case without accents (ü is u, not ue), ``ß`` is ``ss``, and the usual short
forms of street words at the end of a name are written out (str. → strasse, st. → street).
"""

from __future__ import annotations

import re

_NUMBER = r"[0-9]{1,6}(?: ?[a-z](?![a-z]))?(?:[-/][0-9]{1,5}[a-z]?)?"
_LEADING = re.compile(rf"(?:no\.? ?|nr\.? ?|#)?({_NUMBER}),? +([a-z].*)")
_TRAILING = re.compile(rf"([a-z].*?)[ .]*\b(?:no\.? ?|nr\.? ?|#)?({_NUMBER})")
_TOWN = re.compile(r"(?:[a-z]{1,2}-)?[0-9]{4,6} +([a-z].*)")
_POSTCODE_INSIDE = re.compile(r"(?<=[0-9a-z]) (?=(?:[a-z]{1,2}-)?[0-9]{4,5} [a-z])")
_INNER = (
    ("room", re.compile(r"(?:room|rm|flat|apartment|apt|suite|wohnung)\.? ?#?([0-9]+[a-z]?)\b")),
    ("floor", re.compile(r"\b([0-9]+)(?:st|nd|rd|th)? floor\b|floor ([0-9]+)\b|([0-9]+)\. stock")),
    ("building", re.compile(r"(?:building|bldg|block)\.? ?([0-9]+[a-z]?|[a-z])\b")),
    ("unit", re.compile(r"(?:unit|entrance)\.? ?([0-9]+[a-z]?|[a-z])\b")),
)  # fmt: skip
_LONG_FORMS = {
    "str": "strasse", "st": "street", "rd": "road", "ave": "avenue", "av": "avenue", "ln": "lane",
    "blvd": "boulevard", "dr": "drive", "sq": "square", "pl": "place", "g": "gasse",
}  # fmt: skip
_STREET_WORD = re.compile(
    r"(?:strasse|gasse|weg|platz|street|road|avenue|lane|boulevard|drive|square|rue|via|allee|ring)\b"
)


def read_western(text: str) -> dict[str, str]:
    """Return the parts of an address in Latin letters.

    Parameters
    ----------
    text
        An address in the normal form of characters, of ASCII alone.

    Examples
    --------
    >>> read_western("hauptstr. 5, 9490 vaduz")
    {'road': 'hauptstrasse', 'number': '5', 'city': 'vaduz'}
    >>> read_western("room 305, no. 12 main street")
    {'room': '305', 'number': '12', 'road': 'main street'}
    """
    parts: dict[str, str] = {}
    for name, pattern in _INNER:
        if found := pattern.search(text):
            parts[name] = next(filter(None, found.groups()))
            text = f"{text[: found.start()]},{text[found.end() :]}"
    for segment in _POSTCODE_INSIDE.sub(",", text).split(","):
        if segment := segment.strip(" ()-./#"):
            _read_segment(parts, segment)
    return parts


def _read_segment(parts: dict[str, str], segment: str) -> None:
    if "road" not in parts:
        if found := _LEADING.fullmatch(segment):
            parts["number"], parts["road"] = _number(found[1]), street_name(found[2])
            return
        if found := _TRAILING.fullmatch(segment):
            parts["road"], parts["number"] = street_name(found[1]), _number(found[2])
            return
    if found := _TOWN.fullmatch(segment):
        parts.setdefault("city", found[1])
    elif "road" not in parts and _STREET_WORD.search(street_name(segment)):
        parts["road"] = street_name(segment)
    else:
        _put_name(parts, segment)


def _put_name(parts: dict[str, str], segment: str) -> None:
    if "road" in parts and "number" not in parts and re.fullmatch(_NUMBER, segment):
        parts["number"] = _number(segment)
        return
    order = ("city", "province") if "road" in parts else ("place",)
    free = next((part for part in order if part not in parts), "noise")
    parts[free] = f"{parts['noise']} {segment}" if free in parts else segment


def street_name(name: str) -> str:
    """Return the normal form of a street's name in ASCII.

    Parameters
    ----------
    name
        The name in the normal form of characters.

    Examples
    --------
    >>> street_name("bahnhofstr."), street_name("5th ave."), street_name("st. martins rd")
    ('bahnhofstrasse', '5th avenue', 'st martins road')
    """
    words = name.replace(".", " ").split()
    if not words:
        return name
    last = words[-1]
    if len(words) > 1 and last in _LONG_FORMS:
        words[-1] = _LONG_FORMS[last]
    elif last.endswith("str") and len(last) > 4:
        words[-1] = f"{last}asse"
    return " ".join(words)


def _number(text: str) -> str:
    return text.replace(" ", "").replace("/", "-")
