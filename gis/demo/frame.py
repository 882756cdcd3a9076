"""Which way does a block face?

Turning uses additions and multiplications only, with a direction taken from two points: no angle,
no sine, the same digits on every machine.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

Point = tuple[float, float]


@dataclass(frozen=True)
class Frame:
    """A frame with its x axis along the unit vector (``ux``, ``uy``)."""

    ux: float
    uy: float

    def turn(self, geometry: Any) -> Any:
        """Bring geometry from the ground into the frame."""
        return shapely.transform(geometry, self._rotation(self.ux, self.uy))

    def back(self, geometry: Any) -> Any:
        """Bring geometry from the frame to the ground, to 0.1 m."""
        return shapely.transform(geometry, self._rotation(self.ux, -self.uy, 1))

    @staticmethod
    def _rotation(c: float, s: float, digits: int = 6) -> Any:
        def rotate(xy: Any) -> Any:
            x, y = xy[:, 0], xy[:, 1]
            return np.round(np.column_stack([x * c + y * s, y * c - x * s]), digits) + 0.0

        return rotate


def frame_along(start: Point, end: Point) -> Frame:
    """Return the frame along a street, of its two axes the one nearer to west-east."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    if abs(dy) > abs(dx):
        dx, dy = dy, -dx
    length = math.sqrt(dx * dx + dy * dy) * (1.0 if dx > 0 else -1.0)
    return Frame(dx / length, dy / length)
