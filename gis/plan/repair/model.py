"""What may a repair do, and what did it do?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from gis.errors import InputError

DEFAULT_MAX_MOVE_M = 1.0
# Rounding to 1e-7° moves a corner by up to 0.8 cm, and a border that passes a corner closer than
# that is led through it; a bound below this could not be kept.
ROUNDING_M = 0.03
LEAST_MAX_MOVE_M = 0.05


@dataclass(frozen=True, slots=True)
class RepairChoice:
    """What was agreed to.

    ``max_move_m`` bounds how far any border may move. ``fill_gaps`` also gives wider gaps to the
    neighbour with the longest border, ``settle_overlaps`` wider overlaps to one of their areas.

    Raises
    ------
    InputError
        The bound is below 0.05 m: rounding alone moves borders by some centimetres.

    Examples
    --------
    >>> RepairChoice().max_move_m
    1.0
    """

    max_move_m: float = DEFAULT_MAX_MOVE_M
    fill_gaps: bool = False
    settle_overlaps: bool = False

    def __post_init__(self) -> None:
        if not (math.isfinite(self.max_move_m) and self.max_move_m >= LEAST_MAX_MOVE_M):
            raise InputError(
                f"a repair cannot be held to {self.max_move_m:g} m: coordinates are rounded to "
                f"1e-7° (1 cm); allow at least {LEAST_MAX_MOVE_M} m",
                max_move_m=self.max_move_m,
            )


@dataclass(frozen=True, slots=True)
class Piece:
    """Ground that changed hands: EPSG:4490, from which areas (none: a gap), to which, how much."""

    geometry: Any = field(repr=False)
    givers: tuple[str, ...]
    taker: str
    size_m2: float

    @property
    def is_gap(self) -> bool:
        """Tell whether the ground belonged to nobody."""
        return not self.givers


@dataclass(frozen=True, slots=True)
class Move:
    """What a repair did to one area.

    ``taken_m2`` and ``given_m2`` are what it has now and had not, and the reverse;
    ``moved_m`` is the largest distance of a corner of the old border from the new one, or of a
    corner of the new from the old.
    """

    code: str
    before_m2: float
    after_m2: float
    taken_m2: float
    given_m2: float
    moved_m: float


@dataclass(frozen=True, slots=True)
class Repair:
    """The areas after a repair, in the order they were given, and what it did.

    ``closed_gaps`` and ``closed_overlaps`` count pieces; ``left_gaps`` and ``left_overlaps`` are
    the pieces of ground that would have needed a larger move, in m².
    """

    geometries: NDArray[Any] = field(repr=False)
    pieces: Sequence[Piece] = field(repr=False)
    moves: Sequence[Move] = field(repr=False)
    closed_gaps: int = 0
    closed_overlaps: int = 0
    left_gaps: tuple[float, ...] = ()
    left_overlaps: tuple[float, ...] = ()

    @property
    def moved_m(self) -> float:
        """The largest move of any border."""
        return max((move.moved_m for move in self.moves), default=0.0)

    @property
    def size_m2(self) -> float:
        """How much ground changed hands."""
        return sum(piece.size_m2 for piece in self.pieces)
