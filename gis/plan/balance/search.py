"""Which units move, so that the load that must cross the borders does, and nothing else?

First every flow is carved out of its donor, unit by unit from the border inwards. Then what moved
without need goes back, and single units and pairs change places as long as that brings the loads
nearer to their limits, moves less, or makes borders shorter.
"""

from __future__ import annotations

import numpy as np

from gis.plan.balance.flows import solve_flows
from gis.plan.balance.sketch import Sketch

_PATIENCE = 4
"""Rounds of flows without getting nearer to the limits after which no more are tried."""
_PASSES = 30
_NOTHING = 1e-9
_WARM, _COLD = 1.0, 0.02
"""Heat at the beginning and at the end, in mean costs of a unit."""
_PRICE = 2.0


def carve_flows(sketch: Sketch, chance: np.random.Generator, *, greed: float) -> None:
    """Let the flows of least cost over the borders, until all loads are within their limits.

    Parameters
    ----------
    sketch
        Changed in place.
    chance
        Decides between units that are nearly as good.
    greed
        What a unit of load is worth when units are chosen, in the unit of cost.
    """
    blocked: set[tuple[int, int]] = set()
    nearest, waited = sketch.violation(), 0
    while waited < _PATIENCE:
        ways = find_ways(sketch) - blocked
        flows = solve_flows(
            np.array(sketch.total), np.array(sketch.low), np.array(sketch.high), ways
        )
        if not flows.amount:
            return
        for (giver, taker), amount in sorted(flows.amount.items(), key=lambda item: -item[1]):
            if _carve(sketch, giver, taker, amount, greed, chance) <= _NOTHING:
                blocked.add((giver, taker))
        now = sketch.violation()
        waited = 0 if now < nearest - _NOTHING else waited + 1
        nearest = min(nearest, now)


def anneal(
    sketch: Sketch,
    chance: np.random.Generator,
    *,
    greed: float,
    sweeps: int,
    warm: float | None = None,
) -> None:
    """Let single units change places, also for the worse at first, ever less so.

    Simulated annealing (Kirkpatrick, Gelatt, Vecchi, 1983, Science 220): it smooths the borders
    that carving leaves ragged, and finds cheaper units than the first ones met. A load may leave
    its limits on the way, at a price.

    Parameters
    ----------
    sketch, chance, greed
        As for :func:`carve_flows`.
    sweeps
        How often every unit on a border is looked at.
    warm
        A cost that is borne easily at first; the mean cost of a unit when left out.
    """
    start = float(np.mean(sketch.cost)) if warm is None else warm
    for heat in start * np.geomspace(_WARM, _COLD, sweeps):
        units = chance.permutation(sketch.border_units()).tolist()
        luck = (-heat * np.log(chance.uniform(1e-12, 1.0, len(units)))).tolist()
        for unit, bearable in zip(units, luck, strict=True):
            options = [
                (
                    sketch.change_of_cost(unit, grid)
                    + _PRICE * greed * sketch.change_of_violation(unit, grid),
                    grid,
                )
                for grid in sketch.takers(unit)
            ]
            if options and min(options)[0] < bearable and sketch.can_leave(unit):
                sketch.move(unit, min(options)[1])


def polish(sketch: Sketch, chance: np.random.Generator) -> None:
    """Descend until no single unit and no pair of units makes the sketch better."""
    for _ in range(_PASSES):
        better = _take_back(sketch)
        better += _move_single(sketch, chance)
        if not better:
            better = _move_pairs(sketch, chance)
        if not better:
            return


def find_ways(sketch: Sketch) -> set[tuple[int, int]]:
    """Return the pairs (from, to) of grids between which some unit may go."""
    return {
        (sketch.label[unit], grid) for unit in sketch.border_units() for grid in sketch.takers(unit)
    }


def _carve(
    sketch: Sketch,
    giver: int,
    taker: int,
    amount: float,
    greed: float,
    chance: np.random.Generator,
) -> float:
    """Move units from the border inwards until the amount is reached; return what was moved."""
    moved, refused = 0.0, set[int]()
    edge = {unit for unit in sketch.border_units([giver]) if taker in sketch.takers(unit)}
    noise = chance.uniform(0.9, 1.1, len(sketch.label)).tolist()
    while moved < amount - _NOTHING:
        left = amount - moved
        scores = [
            (_score(sketch, unit, taker, left, greed) * noise[unit], unit)
            for unit in edge - refused
        ]
        if not scores:
            break
        unit = min(scores)[1]
        group = sketch.pocket(unit)
        weight = sum(sketch.load[other] for other in group)
        fits = len(group) == 1 or (
            weight <= 1.5 * left and 3 * len(group) <= len(sketch.members[giver])
        )
        if (
            not group
            or not fits
            or not _may_all(sketch, group, taker)
            or weight > 2 * left + _room(sketch, giver, taker)
        ):
            refused.add(unit)
            continue
        for other in group:
            sketch.move(other, taker)
            edge.discard(other)
            edge |= {
                beside
                for beside, _ in sketch.near[other]
                if sketch.label[beside] == giver and taker in sketch.takers(beside)
            }
        refused.clear()
        moved += weight
    return moved


def _score(sketch: Sketch, unit: int, taker: int, left: float, greed: float) -> float:
    """What it costs to move a unit, less what its load is worth; too much counts against it."""
    load = sketch.load[unit]
    worth = min(load, left) - max(0.0, load - left)
    return sketch.change_of_cost(unit, taker) - greed * worth


def _room(sketch: Sketch, giver: int, taker: int) -> float:
    return max(
        0.0,
        min(
            sketch.total[giver] - sketch.low[giver],
            sketch.high[taker] - sketch.total[taker],
        ),
    )


def _may_all(sketch: Sketch, group: list[int], taker: int) -> bool:
    return all(
        taker == sketch.origin[unit] or sketch.allowed[sketch.origin[unit]][taker] for unit in group
    )


def _take_back(sketch: Sketch) -> int:
    """Return units to the grid that had them where the loads allow it."""
    count = 0
    for unit in sketch.moved():
        first = sketch.origin[unit]
        if (
            first in sketch.takers(unit)
            and sketch.change_of_violation(unit, first) <= _NOTHING
            and sketch.change_of_cost(unit, first) < -_NOTHING
            and sketch.can_leave(unit)
        ):
            sketch.move(unit, first)
            count += 1
    return count


def _move_single(sketch: Sketch, chance: np.random.Generator) -> int:
    count = 0
    for unit in chance.permutation(sketch.border_units()).tolist():
        options = [
            (sketch.change_of_violation(unit, grid), sketch.change_of_cost(unit, grid), grid)
            for grid in sketch.takers(unit)
        ]
        options = [option for option in options if _is_better(*option[:2])]
        if options and sketch.can_leave(unit):
            sketch.move(unit, min(options)[2])
            count += 1
    return count


def _is_better(violation: float, cost: float) -> bool:
    return violation < -_NOTHING or (violation <= _NOTHING and cost < -_NOTHING)


def _move_pairs(sketch: Sketch, chance: np.random.Generator) -> int:
    """Move a unit that would do good but for the limits, if another makes up for it."""
    count = 0
    broken = sketch.violation() > _NOTHING
    # Borders hardly change from one pair to the next: they are listed anew when one has moved.
    partners: dict[tuple[int, int], list[int]] = {}
    for unit in chance.permutation(sketch.border_units()).tolist():
        for grid in sketch.takers(unit):
            cost = sketch.change_of_cost(unit, grid)
            if (broken or cost < -_NOTHING) and sketch.can_leave(unit):
                way = (sketch.label[unit], grid)
                if way not in partners:
                    partners[way] = sketch.border_units([grid]) + sketch.near_borders(way[0])
                if _move_with_partner(sketch, unit, grid, cost, partners[way]):
                    partners.clear()
                    count += 1
                break
    return count


def _move_with_partner(
    sketch: Sketch, unit: int, grid: int, cost: float, partners: list[int]
) -> bool:
    mine, harm = sketch.label[unit], sketch.change_of_violation(unit, grid)
    sketch.move(unit, grid)
    best: tuple[float, float, int, int] | None = None
    for other in partners:
        if other == unit:
            continue
        for taker in sketch.takers(other):
            if sketch.label[other] != grid and taker != mine:
                continue
            violation = harm + sketch.change_of_violation(other, taker)
            change = cost + sketch.change_of_cost(other, taker)
            option = (violation, change, other, taker)
            if (
                _is_better(violation, change)
                and (best is None or option < best)
                and sketch.can_leave(other)
            ):
                best = option
    if best is None:
        sketch.move(unit, mine)
        return False
    sketch.move(best[2], best[3])
    return True
