"""Which parts has an address in Latin letters?

``12 Main Street``, ``Main Street 12a``, ``Hauptstr. 5, 9490 Vaduz`` and ``Hauptstr. 5 Vaduz`` name
a road, a number and a city. Without a comma, the city follows the number or the word for a street;
only an address book can tell that Park Lane South is one road. Names are in lower case without
accents (ü is u, not ue), ``ß`` is ``ss``, and the usual short forms of street words are written out
(str. → strasse, st. → street).
"""

from __future__ import annotations

import re

_NUMBER = r"[0-9]{1,6}(?: ?[a-z](?![a-z]))?(?:[-/][0-9]{1,5}[a-z]?)?"
_LEADING = re.compile(rf"(?:no\.? ?|nr\.? ?|#)?({_NUMBER}),? +([a-z].*)")
_TRAILING = re.compile(rf"([a-z].*?)[ .]*\b(?:no\.? ?|nr\.? ?|#)?({_NUMBER})")
_INNER_NUMBER = re.compile(rf"([a-z].*)[ .]\b(?:no\.? ?|nr\.? ?|#)?({_NUMBER}) +([a-z].*)")
_TOWN = re.compile(r"(?:[a-z]{1,2}-)?[0-9]{4,6} +([a-z].*)")
_WITH_STATE = re.compile(r"([a-z].{2,}?)(?: ([a-z]{2}))?(?: [0-9]{4,6})?")
_STATE = re.compile(r"[a-z]{2,3}(?: [0-9]{4,6})?|[0-9]{4,6}")
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
_CLOSING = "strasse|gasse|weg|platz|street|road|avenue|lane|boulevard|drive|square|allee|ring"
_STREET_WORD = re.compile(rf"(?:{_CLOSING}|rue|via)\b")
_CLOSED = re.compile(rf"(?:{_CLOSING}|place|{'|'.join(_LONG_FORMS)})\.?")
_COMPOUND = re.compile(r".+(?:strasse|gasse|weg|platz|allee|ring|str)\.?")


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
    >>> read_western("12 main st springfield")
    {'number': '12', 'road': 'main street', 'city': 'springfield'}
    """
    parts: dict[str, str] = {}
    for name, pattern in _INNER:
        if found := pattern.search(text):
            parts[name] = next(filter(None, found.groups()))
            text = f"{text[: found.start()]},{text[found.end() :]}"
    pieces = (piece.strip(" ()-./#") for piece in _POSTCODE_INSIDE.sub(",", text).split(","))
    segments = [piece for piece in pieces if piece]
    for k, segment in enumerate(segments, 1):
        _read_segment(parts, segment, town_follows=not all(map(_STATE.fullmatch, segments[k:])))
    return parts


def _read_segment(parts: dict[str, str], segment: str, *, town_follows: bool) -> None:
    put_street = _put_whole_street if town_follows else _put_street
    if "road" not in parts:
        if found := _LEADING.fullmatch(segment):
            parts["number"] = _number(found[1])
            put_street(parts, found[2])
            return
        if found := _TRAILING.fullmatch(segment):
            put_street(parts, found[1])
            parts["number"] = _number(found[2])
            return
        if found := _INNER_NUMBER.fullmatch(segment):
            parts["road"], parts["number"] = street_name(found[1]), _number(found[2])
            _put_town(parts, found[3])
            return
    if found := _TOWN.fullmatch(segment):
        parts.setdefault("city", found[1])
    elif "road" not in parts and _STREET_WORD.search(street_name(_split_town(segment)[0])):
        put_street(parts, segment)
    else:
        _put_name(parts, segment)


def _put_whole_street(parts: dict[str, str], text: str) -> None:
    parts["road"] = street_name(text)


def _put_street(parts: dict[str, str], text: str) -> None:
    street, town = _split_town(text)
    parts["road"] = street_name(street)
    if town:
        _put_town(parts, town)


def _split_town(text: str) -> tuple[str, str]:
    """Cut behind the first word that closes the name of a street: main st, landstr."""
    words = text.split()
    if words and _CLOSED.fullmatch(words[-1]):
        return text, ""
    for k, word in enumerate(words[:-1]):
        if _COMPOUND.fullmatch(word) or (k and _CLOSED.fullmatch(word)):
            return " ".join(words[: k + 1]), " ".join(words[k + 1 :])
        if _STREET_WORD.fullmatch(word):  # rue st. martin
            break
    return text, ""


def _put_town(parts: dict[str, str], text: str) -> None:
    found = _WITH_STATE.fullmatch(text)
    city, state = (found[1], found[2]) if found else (text, None)
    parts.setdefault("city", city)
    if state:
        parts.setdefault("province", state)


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
    if len(words) > 1 and words[-1] in _LONG_FORMS:
        words[-1] = _LONG_FORMS[words[-1]]
    return " ".join(f"{w}asse" if w.endswith("str") and len(w) > 4 else w for w in words)


def _number(text: str) -> str:
    return text.replace(" ", "").replace("/", "-")
