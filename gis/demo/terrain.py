"""Where does the valley bend, and what is a plan position on the ground?

The city is designed in straight valley coordinates: ``v`` runs along the river (north positive),
``u`` across it (east positive, 0 on the middle of the river). One smooth function bends them into
metres around the centre, so that streets follow the river, blocks on the inside of a bend are
smaller, and no two streets can cross by accident. Only :mod:`math` on scalars is used, and
positions are rounded to 0.1 m at once: the same digits on every machine.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable
from typing import Any

import numpy as np
import shapely

CENTRE_LON, CENTRE_LAT = 117.63, 26.27
_METRES_PER_LON, _METRES_PER_LAT = 99888.3, 110792.2

BANK_M, RIVERSIDE_M, FOOT_M, EDGE_M, LENGTH_M = 80, 110, 760, 1280, 3400
ISLAND_V_M, ISLAND_REACH_M = (-1010.0, 1190.0), 420.0

Point = tuple[float, float]


def draw(seed: int, part: str) -> random.Random:
    """Return the random numbers of one part of the district (the same in every Python)."""
    return random.Random(f"{seed}/{part}")  # noqa: S311  a made-up city keeps no secrets


def bend(u: float, v: float) -> Point:
    """Bring valley coordinates (metres) to metres east and north of the centre, to 0.1 m."""
    across = _stretch(u, v)
    x = _river_x(v) + across + _ripple(across, v, 0.0)
    y = v - 380.0 * math.tanh(across / 700.0) * _river_slope(v) + _ripple(v, across, 2.0)
    y += _smooth((abs(u) - 700.0) / 350.0) * _gully(u, v)
    return round(x, 1), round(y, 1)


def _gully(u: float, v: float) -> float:
    """Lines over the hills wander along gullies."""
    return 34.0 * math.sin(u / 90.0 + v / 610.0) + 15.0 * math.sin(u / 37.0 - v / 290.0)


def _river_x(v: float) -> float:
    long, short = math.sin(v / 830.0 + 0.6), math.sin(v / 370.0 + 2.1)
    return 520.0 * long + 62.0 * short + 0.10 * v


def _river_slope(v: float) -> float:
    long, short = math.cos(v / 830.0 + 0.6) / 830.0, math.cos(v / 370.0 + 2.1) / 370.0
    return 520.0 * long + 62.0 * short + 0.10


def _stretch(u: float, v: float) -> float:
    """Widen the river at its islands, the eastern plain in the middle, and roughen the hills."""
    near, far = min(abs(u), 90.0), max(abs(u) - 90.0, 0.0)
    if u >= 0.0:
        width = 1.16 + 0.26 * math.cos((v + 800.0) / 1150.0) + 0.05 * math.sin(v / 300.0)
    else:
        width = 0.84 + 0.17 * math.sin(v / 900.0 + 0.5) + 0.05 * math.sin(v / 280.0 + 1.0)
    hill = _smooth((abs(u) - 480.0) / 300.0)
    foot = 34.0 * math.sin(v / 121.0 + u / 900.0) + 18.0 * math.sin(v / 53.0)
    ridge = 95.0 * math.sin(v / 260.0 + 1.3) + 45.0 * math.sin(v / 97.0)
    rough = hill * foot + _smooth((abs(u) - 800.0) / 700.0) * ridge
    swell = 1.0 + 0.5 * max(_bump((v - at) / ISLAND_REACH_M) for at in ISLAND_V_M)
    return math.copysign(near * swell + far * width + rough, u)


def _ripple(a: float, b: float, phase: float) -> float:
    slow = 13.0 * math.sin(b / 190.0 + a / 410.0 + phase)
    return slow + 5.0 * math.sin(b / 83.0 - a / 150.0 + 1.7 * phase)


def _smooth(t: float) -> float:
    t = min(max(t, 0.0), 1.0)
    return t * t * (3.0 - 2.0 * t)


def _bump(t: float) -> float:
    return (1.0 - t * t) ** 2 if abs(t) < 1.0 else 0.0


def to_degrees(x: float, y: float) -> Point:
    """Bring metres east and north of the centre to longitude and latitude, snapped to 1e-7°."""
    lon, lat = CENTRE_LON + x / _METRES_PER_LON, CENTRE_LAT + y / _METRES_PER_LAT
    return round(lon, 7), round(lat, 7)


def geometry_to_degrees(geometry: Any) -> Any:
    """Bring shapely geometries in metres around the centre to degrees, snapped to 1e-7°."""

    def move(xy: Any) -> Any:
        return np.asarray([to_degrees(x, y) for x, y in xy.tolist()]).reshape(-1, 2)

    return shapely.transform(geometry, move)


def bend_path(points: Iterable[Point]) -> shapely.LineString:
    """Bend a path of valley coordinates into a line in metres."""
    return shapely.LineString([bend(u, v) for u, v in points])
