"""How far is it on the ground, near enough to tell a person or to compare two borders?

Lengths within one district, on a sphere flattened locally: exact to a few parts in a thousand.
Figures that are published are measured in the projected CRS of the district instead.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from gis.plan.chains import Area, Chain, border_of, reverse
from gis.plan.edits.segments import Place, missing_from
from gis.plan.findings import format_place

_M_PER_DEG = 111_195.0


def length_m(chain: Chain) -> float:
    """Return the length of all segments of a chain in EPSG:4490 degrees.

    Examples
    --------
    >>> round(length_m(np.array([[117.6, 26.2, 117.6, 26.21]])))
    1112
    """
    shrink = np.cos(np.radians((chain[:, 1] + chain[:, 3]) / 2.0))
    east, north = (chain[:, 2] - chain[:, 0]) * shrink, chain[:, 3] - chain[:, 1]
    return float(np.hypot(east, north).sum() * _M_PER_DEG)


def shared_length_m(one: Chain, other: Chain) -> float:
    """Return the length of the border that two areas beside each other have in common.

    Rounded to a micrometre, so that lengths that are drawn equal are equal.
    """
    facing = reverse(one)
    return round(length_m(facing) - length_m(missing_from(other, facing)), 6)


def format_m(metres: float) -> str:
    """Write a length so that it can be paced out, or found with a magnifying glass.

    Examples
    --------
    >>> format_m(1234.4), format_m(1.239), format_m(0.01)
    ('1,234 m', '1.24 m', '0.01 m')
    """
    return f"{metres:,.0f} m" if metres >= 100.0 else f"{metres:.2f} m"


def tell_ends(line: Sequence[Place], area: Area) -> tuple[str, dict[str, Any]]:
    """Tell which ends of a line stop inside an area and how far before its border.

    Returns
    -------
    str
        The rest of a sentence that says that the line does not divide the area, and what to do.
    dict
        ``lon`` and ``lat`` of the place.
    """
    ends = [end for end in (line[0], line[-1]) if area.contains(shapely.Point(end))]
    if ends:
        told = " and ".join(
            f"at {format_place(*end)}, {format_m(to_line_m(end, border_of(area)))} from the border"
            for end in ends
        )
        return (
            f": it ends inside, {told}; draw it across the border",
            {"lon": ends[0][0], "lat": ends[0][1]},
        )
    lon, lat = line[0]
    if not area.intersects(shapely.LineString(line)):
        return ": it does not meet it; draw it across", {"lon": lon, "lat": lat}
    return (
        f": it begins and ends on or outside the border (at {format_place(lon, lat)}), and all "
        "ground is on one side of it; draw it from border to border, and on through holes",
        {"lon": lon, "lat": lat},
    )


def to_line_m(place: Place, chain: Chain) -> float:
    """Return how far a place lies from the nearest segment of a chain."""
    shrink = np.array([math.cos(math.radians(place[1])), 1.0])
    flat = (chain.reshape(-1, 2, 2) - place) * shrink
    lines = shapely.linestrings(flat)
    return float(np.min(shapely.distance(shapely.Point(0.0, 0.0), lines))) * _M_PER_DEG
