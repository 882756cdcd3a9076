"""What is the answer for one point?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class GridHit:
    """A grid that covers the point."""

    level: str
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class BorderHit:
    """The nearest border of the grid that covers the point; ``neighbour`` is a code.

    For a point that is only near: the way to the nearest grid.
    """

    distance_m: float
    neighbour: str | None
    on_border: bool


@dataclass(frozen=True, slots=True)
class RevisionInfo:
    """The revision that gave the answer, with its half-open validity."""

    id: int
    effective_from: datetime | None
    effective_to: datetime | None


@dataclass(frozen=True, slots=True)
class AccuracyShare:
    """A grid within the circle of doubt, and its share of the circle's area."""

    level: str
    code: str
    name: str
    share: float


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Where the point may be if its position is right to ``radius_m``.

    The largest share comes first; the shares and ``outside`` add up to 1.
    """

    radius_m: float
    grids: tuple[AccuracyShare, ...]
    outside: float


@dataclass(frozen=True, slots=True)
class GridMatch:
    """The answer for one point; ``grids`` runs from the widest level to the narrowest.

    ``near``: no grid covers the point, and ``grids`` are those nearest to it.
    """

    status: Literal["inside", "near", "outside"]
    grids: tuple[GridHit, ...]
    revision: RevisionInfo
    border: BorderHit | None
    accuracy: Accuracy | None = None
