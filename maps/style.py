"""Which colours, widths and letters make a map that can be read from across the room?

One sequential ramp for each question, interpolated in OKLab (Ottosson 2020) between three anchors
whose lightness falls steadily: the order of the classes survives every kind of colour blindness
and a black-and-white printer. The base map stays paler than the lightest class.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

DENSITY_ANCHORS = ("#fdf0cf", "#f6b04d", "#dc5a33", "#7a1431")
COVERAGE_ANCHORS = ("#e6f1ea", "#a3d3bd", "#3c9a83")
NO_CAMERA = "#f3cfaa"
NO_DATA = "#e3e3e0"
COVERED = "#0d3b66"
OPEN = "#cf4517"
SECTOR = "#0d4f85"
CAMERA = "#0b2c4a"

DEVIATION = ("#2f6f9f", "#a9cbe0", "#f3f1ea", "#f3bf7d", "#bd5a12")
"""Load far below, below, about, above and far above the mean: blue and orange, which every kind of
colour blindness tells apart."""
CHANGES = {
    "moved": "#e69f00",
    "merged": "#cc79a7",
    "split": "#56b4e9",
    "new": "#009e73",
    "retired": "#7d7d7d",
    "renamed": "#d9d4b8",
}
"""What happened to a piece of ground (Okabe and Ito 2008: safe for colour blindness)."""
NEW = "#12437f"
VANISHED = "#b3261e"

INK = "#1d2733"
PAPER = "#f6f4ee"

BASE_STYLES: dict[str, dict[str, object]] = {
    "water": {"fillColor": "#bcd7e4", "color": "#a5c6d6", "weight": 0.8, "fillOpacity": 0.92},
    "green": {"fillColor": "#e4ecda", "color": "#e4ecda", "weight": 0, "fillOpacity": 1},
    "buildings": {"fillColor": "#25323f", "fillOpacity": 0.13, "stroke": False},
    "rail": {"color": "#5f676e", "opacity": 0.55, "weight": 1.6, "dashArray": "7 4", "fill": False},
}
ROAD = {"color": "#ffffff", "opacity": 0.72}
ROAD_CASING = {"color": "#25323f", "opacity": 0.1}
ROAD_WIDTHS_PX = (5.0, 3.4, 2.2, 1.4)
"""Widths of roads by rank at the widest view; the page scales them with the zoom."""

_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def ramp(anchors: Sequence[str], classes: int) -> list[str]:
    """Mix a sequential ramp of colours, from light to dark.

    Parameters
    ----------
    anchors
        Two or more colours ``#rrggbb`` of falling lightness.
    classes
        How many colours to return, 1 or more.

    Examples
    --------
    >>> ramp(["#ffffff", "#000000"], 3)
    ['#ffffff', '#636363', '#000000']
    """
    labs = np.array([to_oklab(colour) for colour in anchors])
    places = np.linspace(0, len(anchors) - 1, classes) if classes > 1 else np.array([0.5])
    mixed = [np.interp(places, np.arange(len(anchors)), labs[:, channel]) for channel in range(3)]
    return [_from_oklab(lab) for lab in np.column_stack(mixed)]


def to_oklab(colour: str) -> Array:
    """Return the OKLab coordinates (lightness 0 to 1, a, b) of ``#rrggbb``.

    Examples
    --------
    >>> to_oklab("#ffffff").round(3).tolist()
    [1.0, 0.0, 0.0]
    """
    channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255.0
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return np.asarray(_TO_LAB @ np.cbrt(_TO_LMS @ linear)).round(6) + 0.0


def _from_oklab(lab: Array) -> str:
    linear = np.linalg.solve(_TO_LMS, np.linalg.solve(_TO_LAB, lab) ** 3).clip(0, 1)
    channels = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return "#" + "".join(f"{round(float(c) * 255):02x}" for c in channels)
