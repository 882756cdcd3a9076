"""Who gets each piece of ground, so that no border moves further than was agreed?

Ground that is clearly one area's stays its own. From there the areas grow: first over what they
share with others, then over what is nobody's, always the piece first that has the longest border
with its taker. Growing over borders keeps areas in one part: a piece is never given to an area
that it does not touch. A piece may be taken only if all of it lies near the border that its taker
had, and lost only if all of it lies near ground that its giver keeps; so both borders stay near.

Where it fails: a piece is given whole. A lake with a channel to it that is thinner than the bound
is one wide gap and is left as it is, channel and all.
"""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gis.plan.repair.distance import is_near
from gis.plan.repair.faces import Faces
from gis.plan.repair.model import ROUNDING_M, RepairChoice

Holders = list[tuple[int, ...]]
"""For each face the positions of the areas that have it; several where an overlap is left."""

_LOOSE = -1

Offer = tuple[float, int]
"""How many metres of border speak for a taker, and its position."""


def choose_holders(
    faces: Faces, borders: NDArray[Any], parents: Sequence[str], choice: RepairChoice
) -> Holders:
    """Give every narrow piece to one area.

    Parameters
    ----------
    faces
        The pieces.
    borders
        The border of each area as it was, in metres.
    parents
        The parent of each area: a gap goes to the parent that has most of its border.
    choice
        How far a border may move.
    """
    growth = _Growth(faces, borders, parents, choice.max_move_m - ROUNDING_M)
    growth.run(growth.settle)
    growth.run(growth.fill)
    return growth.holders()


def settle_rest(
    faces: Faces,
    borders: NDArray[Any],
    parents: Sequence[str],
    choice: RepairChoice,
    held: Holders,
) -> Holders:
    """Give away what is wider than the bound, as far as that was agreed to."""
    growth = _Growth(faces, borders, parents, math.inf, held)
    if choice.settle_overlaps:
        growth.run(growth.settle)
    if choice.fill_gaps:
        growth.run(growth.fill, only_gaps=True)
    return growth.holders()


class _Growth:
    """Areas growing over the pieces that are nobody's yet."""

    def __init__(
        self,
        faces: Faces,
        borders: NDArray[Any],
        parents: Sequence[str],
        reach_m: float,
        held: Holders | None = None,
    ) -> None:
        self.faces, self.borders, self.parents, self.reach_m = faces, borders, parents, reach_m
        if held is None:
            self.holder = _find_clear(faces, reach_m)
        else:
            self.holder = [each[0] if len(each) == 1 else _LOOSE for each in held]
        seen = (part for f, parts in enumerate(faces.parts) if len(parts) == 1 for part in parts)
        self._bare = set(range(len(faces.area_of_part))) - set(seen)
        self._near: dict[tuple[int, int], bool] = {}

    def holders(self) -> Holders:
        """Return who has each piece; what is still loose stays with all its owners."""
        return [
            owners if holder == _LOOSE else (holder,)
            for holder, owners in zip(self.holder, self.faces.owners, strict=True)
        ]

    def run(self, offer: Callable[[int], Offer | None], *, only_gaps: bool = False) -> None:
        """Give pieces away, the one with the best offer first, until there are no more offers."""
        loose = [face for face, holder in enumerate(self.holder) if holder == _LOOSE]
        queue: list[tuple[float, int]] = []

        def ask(wanted: Iterable[int]) -> None:
            for face in wanted:
                if face < 0 or self.holder[face] != _LOOSE:
                    continue
                if not (only_gaps and self.faces.owners[face]) and (best := offer(face)):
                    heapq.heappush(queue, (-best[0], face))

        ask(loose)
        while queue:
            _, face = heapq.heappop(queue)
            if self.holder[face] == _LOOSE and (best := offer(face)):
                self.holder[face] = best[1]
                ask(self.faces.beside[face])

    def settle(self, face: int) -> Offer | None:
        """Offer a piece to the one of its owners that has the longest border with it."""
        owners = self.faces.owners[face]
        lengths = self._held_lengths(face)
        for part in self.faces.parts[face]:
            if part in self._bare:  # an area that lies in another altogether keeps its ground
                lengths[int(self.faces.area_of_part[part])] = math.inf
        offers = [(lengths[area], area) for area in owners if area in lengths]
        for length, area in sorted(offers, key=lambda each: (-each[0], each[1])):
            if self._may_lose(face, area):
                return length, area
        return None

    def fill(self, face: int) -> Offer | None:
        """Offer a piece to a neighbour: of the parent with most of its border, the longest."""
        lengths = self._held_lengths(face)
        of_parent: dict[str, float] = defaultdict(float)
        for area, length in lengths.items():
            of_parent[self.parents[area]] += length
        ranked = sorted(
            lengths, key=lambda area: (-of_parent[self.parents[area]], -lengths[area], area)
        )
        for area in ranked:
            if self._may_gain(face, area) and self._may_lose(face, area):
                return lengths[area], area
        return None

    def _held_lengths(self, face: int) -> dict[int, float]:
        found: dict[int, float] = defaultdict(float)
        for other, length in self.faces.beside[face].items():
            if other >= 0 and self.holder[other] != _LOOSE:
                found[self.holder[other]] += length
        return found

    def _may_gain(self, face: int, area: int) -> bool:
        if area in self.faces.owners[face] or math.isinf(self.reach_m):
            return True
        if (face, area) not in self._near:
            border = self.borders[area]
            self._near[face, area] = is_near(self.faces.metric[face], border, self.reach_m)
        return self._near[face, area]

    def _may_lose(self, face: int, taker: int) -> bool:
        losers = [area for area in self.faces.owners[face] if area != taker]
        if math.isinf(self.reach_m):
            return True
        for area in losers:
            kept = [
                other
                for other in self.faces.beside[face]
                if other >= 0 and area in self.faces.owners[other]
            ]
            edge = self.faces.edge(face, kept)
            if not is_near(self.faces.metric[face], edge, self.reach_m):
                return False
        return True


def _find_clear(faces: Faces, reach_m: float) -> list[int]:
    """Return the owner of each piece that is clearly one area's; loose are slivers and the rest.

    Of every part of an area its largest piece is clear, so that no area can be eaten up.
    """
    largest: dict[int, int] = {}
    for face, parts in enumerate(faces.parts):
        if len(faces.owners[face]) == 1:
            for part in parts:
                best = largest.get(part, face)
                largest[part] = face if faces.size_m2[face] > faces.size_m2[best] else best
    width_m = 2.0 * faces.size_m2 / faces.length_m
    clear = np.isin(np.arange(len(faces)), list(largest.values())) | (width_m > reach_m)
    return [
        owners[0] if len(owners) == 1 and sure else _LOOSE
        for owners, sure in zip(faces.owners, clear.tolist(), strict=True)
    ]
