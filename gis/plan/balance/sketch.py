"""What would happen if this unit went to that grid?

A sketch is an assignment that is being worked on: it keeps the loads, the length of the borders and
the count of what was moved up to date, and knows which moves are allowed. It never lets a grid fall
into more parts than it had.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from gis.plan.balance.graph import Links
from gis.plan.units import Units
from gis.plan.work import Array

OFF_STREET = 2.0
"""A metre of border that is not on a street counts as this many that are."""


class Sketch:
    """An assignment of units to grids that can be changed one unit at a time.

    Parameters
    ----------
    units, links
        The units and their common borders.
    cost
        What it costs to move each unit away from the grid that has it now, shape (n,).
    allowed
        Which grid may give to which, shape (k, k).
    floor, ceiling
        Limits of the load of every grid.
    compactness
        Cost of a metre of border on a street, in the unit of ``cost``.
    """

    def __init__(
        self,
        units: Units,
        links: Links,
        *,
        cost: Array,
        allowed: NDArray[np.bool_],
        limits: tuple[Array, Array],
        compactness: float,
    ) -> None:
        self.origin: list[int] = units.owner.tolist()
        self.label: list[int] = list(self.origin)
        self.load: list[float] = units.load.tolist()
        self.cost: list[float] = cost.tolist()
        self.allowed: list[list[bool]] = allowed.tolist()
        self.low: list[float] = limits[0].tolist()
        self.high: list[float] = limits[1].tolist()
        self.compactness = compactness
        self.near = _neighbours(len(units), links)
        self.members: list[set[int]] = [set() for _ in units.grids]
        for unit, grid in enumerate(self.label):
            self.members[grid].add(unit)
        self.total: list[float] = units.sum_by_grid(units.load).tolist()

    def excess(self, grid: int, change: float = 0.0) -> float:
        """How far the load of a grid would be outside its limits."""
        load = self.total[grid] + change
        return max(0.0, load - self.high[grid], self.low[grid] - load)

    def violation(self) -> float:
        """How far all grids together are outside their limits."""
        return sum(self.excess(grid) for grid in range(len(self.total)))

    def takers(self, unit: int) -> list[int]:
        """Return the grids beside a unit that may have it, ascending."""
        mine = self.label[unit]
        may, origin = self.allowed[mine], self.allowed[self.origin[unit]]
        beside = {self.label[other] for other, _ in self.near[unit]}
        first = self.origin[unit]
        return sorted(
            grid
            for grid in beside
            if grid != mine and may[grid] and (grid == first or origin[grid])
        )

    def change_of_border(self, unit: int, grid: int) -> float:
        """How much longer borders get (weighted metres) when a unit goes to a grid."""
        mine, change = self.label[unit], 0.0
        for other, metres in self.near[unit]:
            if self.label[other] == mine:
                change += metres
            elif self.label[other] == grid:
                change -= metres
        return change

    def change_of_cost(self, unit: int, grid: int) -> float:
        """How much more is moved, and how much longer borders get, in the unit of cost."""
        first, mine = self.origin[unit], self.label[unit]
        moved = (grid != first) - (mine != first)
        return self.cost[unit] * moved + self.compactness * self.change_of_border(unit, grid)

    def change_of_violation(self, unit: int, grid: int) -> float:
        """How much farther outside the limits the two grids get."""
        mine, load = self.label[unit], self.load[unit]
        before = self.excess(mine) + self.excess(grid)
        return self.excess(mine, -load) + self.excess(grid, load) - before

    def move(self, unit: int, grid: int) -> None:
        """Give a unit to a grid."""
        mine = self.label[unit]
        self.members[mine].discard(unit)
        self.members[grid].add(unit)
        self.total[mine] -= self.load[unit]
        self.total[grid] += self.load[unit]
        self.label[unit] = grid

    def can_leave(self, unit: int) -> bool:
        """Tell whether a grid stays in one piece, and does not vanish, without a unit."""
        mine = self.label[unit]
        beside = [other for other, _ in self.near[unit] if self.label[other] == mine]
        return len(self.members[mine]) > 1 and (len(beside) < 2 or self._still_meet(unit, beside))

    def _still_meet(self, unit: int, beside: list[int]) -> bool:
        """Walk from all neighbours at once, so that a small piece cut off is noticed soon."""
        mine, label, near = self.label[unit], self.label, self.near
        side = {other: number for number, other in enumerate(beside)}
        queues = [deque([other]) for other in beside]
        root = list(range(len(beside)))
        apart = len(beside)
        while True:
            for number, queue in enumerate(queues):
                if root[number] != number:
                    continue
                if not queue:
                    return False
                for other, _ in near[queue.popleft()]:
                    if other == unit or label[other] != mine:
                        continue
                    met = side.get(other)
                    if met is None:
                        side[other] = number
                        queue.append(other)
                        continue
                    while root[met] != met:
                        met = root[met]
                    if met != number:
                        queue.extend(queues[met])
                        root[met] = number
                        apart -= 1
                        if apart == 1:
                            return True

    def pocket(self, unit: int) -> list[int]:
        """Return a unit with everything that would hang in the air without it, lightest first.

        The grid keeps the heaviest of the pieces into which it would fall.
        """
        if self.can_leave(unit):
            return [unit]
        sides = self._sides(unit)
        if not sides:
            return []
        sides.sort(key=lambda side: (sum(self.load[other] for other in side), len(side)))
        return [unit, *(other for side in sides[:-1] for other in sorted(side))]

    def _sides(self, unit: int) -> list[set[int]]:
        """Return the pieces into which its grid falls without a unit."""
        mine = self.label[unit]
        left = {other for other, _ in self.near[unit] if self.label[other] == mine}
        sides: list[set[int]] = []
        while left:
            start = min(left)
            seen = self._flood(start, unit)
            left -= seen
            sides.append(seen)
        return sides

    def _flood(self, start: int, unit: int) -> set[int]:
        """Walk through the whole grid around a unit."""
        mine, label, near = self.label[unit], self.label, self.near
        seen, queue = {start}, deque([start])
        while queue:
            for other, _ in near[queue.popleft()]:
                if label[other] == mine and other not in seen and other != unit:
                    seen.add(other)
                    queue.append(other)
        return seen

    def border_units(self, grids: Iterable[int] | None = None) -> list[int]:
        """Return the units that touch another grid, ascending."""
        chosen = range(len(self.members)) if grids is None else grids
        label = self.label
        return sorted(
            unit
            for grid in chosen
            for unit in self.members[grid]
            if any(label[other] != grid for other, _ in self.near[unit])
        )

    def near_borders(self, grid: int) -> list[int]:
        """Return the units of other grids that touch a grid, ascending."""
        label = self.label
        return sorted(
            {
                other
                for unit in self.members[grid]
                for other, _ in self.near[unit]
                if label[other] != grid
            }
        )

    def border_cost(self) -> float:
        """What all borders between grids cost together."""
        label = self.label
        metres = sum(
            metres
            for unit, near in enumerate(self.near)
            for other, metres in near
            if unit < other and label[unit] != label[other]
        )
        return self.compactness * metres

    def moved(self) -> list[int]:
        """Return the units that are not where they were, the dearest first."""
        pairs = enumerate(zip(self.label, self.origin, strict=True))
        away = [unit for unit, (now, first) in pairs if now != first]
        return sorted(away, key=lambda unit: (-self.cost[unit], unit))


def _neighbours(count: int, links: Links) -> list[list[tuple[int, float]]]:
    near: list[list[tuple[int, float]]] = [[] for _ in range(count)]
    weighted = OFF_STREET * links.length_m - (OFF_STREET - 1.0) * links.street_m
    for one, other, metres in zip(
        links.first.tolist(), links.second.tolist(), weighted.tolist(), strict=True
    ):
        near[one].append((other, metres))
        near[other].append((one, metres))
    return near
