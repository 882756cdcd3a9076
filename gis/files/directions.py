"""Which way does a camera look, as people type it?

A bearing (``160``, ``-25``), a wind (``NW``, ``东南``), a sector (``270-90``), the whole circle
(``0 - 360``), or several of them for several lenses on one pole (``182;322;81``).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

FULL_CIRCLE_DEG = 360.0
_WINDS = [
    "N",
    "NNE",
    "NE",
    "ENE",
    "E",
    "ESE",
    "SE",
    "SSE",
    "S",
    "SSW",
    "SW",
    "WSW",
    "W",
    "WNW",
    "NW",
    "NNW",
]
_BEARINGS = {
    **{wind: index * 22.5 for index, wind in enumerate(_WINDS)},
    "NORTH": 0.0,
    "EAST": 90.0,
    "SOUTH": 180.0,
    "WEST": 270.0,
    "北": 0.0,
    "东北": 45.0,
    "东": 90.0,
    "东南": 135.0,
    "南": 180.0,
    "西南": 225.0,
    "西": 270.0,
    "西北": 315.0,
}
_NUMBER = r"[+-]?\d{1,6}(?:\.\d+)?"
_SECTOR = re.compile(rf"^({_NUMBER})°?\s*(?:-|–|~|至|到|to)\s*({_NUMBER})°?$")
_SINGLE = re.compile(rf"^({_NUMBER})°?$")


@dataclass(frozen=True, slots=True)
class Sector:
    """A bearing clockwise from true north; ``angle_deg`` is None where only the bearing is known.

    ``heading_deg`` is None when the text was not understood.
    """

    heading_deg: float | None
    angle_deg: float | None = None


def read_directions(text: str) -> list[Sector]:
    """Read what is typed in a direction cell; one sector for every lens.

    Returns
    -------
    list of Sector
        Empty for an empty cell; one with ``heading_deg`` None for each text that is not understood.

    Examples
    --------
    >>> [sector.heading_deg for sector in read_directions("182;322;NW")]
    [182.0, 322.0, 315.0]
    >>> read_directions("270-90")
    [Sector(heading_deg=0.0, angle_deg=180.0)]
    >>> read_directions("Entrance")
    [Sector(heading_deg=None, angle_deg=None)]
    """
    plain = unicodedata.normalize("NFKC", text)
    return [_read_one(part.strip()) for part in re.split(r"[;,/、|]", plain) if part.strip()]


def _read_one(text: str) -> Sector:
    wind = _BEARINGS.get(text.upper().removesuffix("方向").removesuffix("向"))
    if wind is not None:
        return Sector(wind)
    single = _SINGLE.match(text)
    if single:
        return Sector(float(single[1]) % FULL_CIRCLE_DEG)
    sector = _SECTOR.match(text)
    if sector is None:
        return Sector(None)
    start, stop = float(sector[1]), float(sector[2])
    if stop - start >= FULL_CIRCLE_DEG:
        return Sector(0.0, FULL_CIRCLE_DEG)
    angle = (stop - start) % FULL_CIRCLE_DEG
    return Sector((start + angle / 2.0) % FULL_CIRCLE_DEG, angle or None)
