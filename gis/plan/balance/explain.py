"""Why does this ground move, and why is that grid still outside its limits?

Each sentence comes with its parts (``why`` and figures), so that a page can say it in its own
language.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gis.plan.balance.groups import Group, order_groups, put
from gis.plan.balance.sketch import Sketch
from gis.plan.units import Units

WhyMove = Literal["relieves", "fills", "relieves-and-fills", "passes-on", "clears-way"]
WhyUnmet = Literal["locked", "too-heavy", "too-little-work", "too-much-work", "alone", "too-coarse"]


@dataclass(frozen=True, slots=True)
class Move:
    """Units that go together from one grid to another.

    ``giver_load`` and ``taker_load``: before and after, when the moves are made in order.
    ``why``: ``relieves`` a giver above the ceiling, ``fills`` a taker below the floor, or
    ``passes-on`` what the giver gets from elsewhere, or, without load, ``clears-way``: it lies
    between grids and what they exchange.
    """

    units: tuple[str, ...]
    giver: str
    taker: str
    households: float
    open_reports: float
    load: float
    giver_load: tuple[float, float]
    taker_load: tuple[float, float]
    why: WhyMove
    sentence: str


@dataclass(frozen=True, slots=True)
class Unmet:
    """A grid that stays outside its limits, and what stands in the way."""

    code: str
    load: float
    floor: float
    ceiling: float
    why: WhyUnmet
    sentence: str


@dataclass(frozen=True, slots=True, eq=False)
class Proposal:
    """What should move, and what that brings.

    Parameters
    ----------
    moves
        In an order in which they can be made one by one.
    unmet
        Grids that stay outside their limits; empty when the goal is reached.
    owner
        Position of the proposed grid of each unit, shape (n,).
    before, after
        Load of every grid by code.
    households, open_reports
        How many are in another grid than before.
    least_load
        No proposal that leaves all borders between the same grids can move less load than this.
    seed
        The same seed gives the same proposal.
    """

    moves: tuple[Move, ...]
    unmet: tuple[Unmet, ...]
    owner: NDArray[np.int64]
    before: dict[str, float]
    after: dict[str, float]
    households: float
    open_reports: float
    least_load: float
    seed: int

    @property
    def reached(self) -> bool:
        """Whether every grid that may change is between floor and ceiling."""
        return not self.unmet


def tell_moves(sketch: Sketch, units: Units, floor: float, ceiling: float) -> tuple[Move, ...]:
    """Put the moves of a finished sketch in order and say why each is made."""
    final, moves = list(sketch.label), []
    ordered = order_groups(sketch)
    for group in ordered:
        put(sketch, group, sketch.origin[group[0]])
    for group in ordered:
        moves.append(_tell_move(sketch, units, group, final[group[0]], floor, ceiling))
        put(sketch, group, final[group[0]])
    return tuple(moves)


def _tell_move(
    sketch: Sketch, units: Units, group: Group, taker: int, floor: float, ceiling: float
) -> Move:
    giver = sketch.label[group[0]]
    load = float(units.load[group].sum())
    given, taken = sketch.total[giver], sketch.total[taker]
    households = float(units.households[group].sum())
    open_reports = float(units.open_reports[group].sum())
    why = _why(given > ceiling, taken < floor) if load > 0.0 else "clears-way"
    codes = units.grids[giver], units.grids[taker]
    reason = {
        "relieves": f"{codes[0]} is above the ceiling of {ceiling:,.0f}",
        "fills": f"{codes[1]} is below the floor of {floor:,.0f}",
        "relieves-and-fills": (
            f"{codes[0]} is above the ceiling of {ceiling:,.0f} "
            f"and {codes[1]} below the floor of {floor:,.0f}"
        ),
        "passes-on": f"{codes[0]} passes on what it takes from others, or makes room for it",
        "clears-way": "it carries no load, but lies in the way of what the two exchange",
    }[why]
    sentence = (
        f"{len(group)} unit{'s' * (len(group) > 1)} with {households:,.0f} households and "
        f"{open_reports:,.0f} open reports go from {codes[0]} (load {given:,.0f} → "
        f"{given - load:,.0f}) to {codes[1]} ({taken:,.0f} → {taken + load:,.0f}): {reason}"
    )
    return Move(
        tuple(units.ids[unit] for unit in group),
        *codes,
        households,
        open_reports,
        load,
        (given, given - load),
        (taken, taken + load),
        why,
        sentence,
    )


def _why(relieves: bool, fills: bool) -> WhyMove:
    if relieves and fills:
        return "relieves-and-fills"
    if relieves:
        return "relieves"
    return "fills" if fills else "passes-on"


def tell_unmet(
    sketch: Sketch, units: Units, floor: float, ceiling: float, locked: set[int]
) -> tuple[Unmet, ...]:
    """Say for every grid that is outside its limits what stands in the way."""
    found = []
    for grid, load in enumerate(sketch.total):
        if floor - 1e-6 <= load <= ceiling + 1e-6:
            continue
        why, reason = _obstacle(sketch, units, grid, (floor, ceiling), locked)
        side = (
            f"below the floor of {floor:,.0f}"
            if load < floor
            else (f"above the ceiling of {ceiling:,.0f}")
        )
        sentence = f"{units.grids[grid]} stays {side} with {load:,.0f}: {reason}"
        found.append(Unmet(units.grids[grid], load, floor, ceiling, why, sentence))
    return tuple(found)


def _obstacle(
    sketch: Sketch, units: Units, grid: int, limits: tuple[float, float], locked: set[int]
) -> tuple[WhyUnmet, str]:
    floor, ceiling = limits
    if grid in locked:
        return "locked", "it is locked; unlock it to let it change"
    heaviest = max(sketch.members[grid], key=lambda unit: (sketch.load[unit], -unit))
    if sketch.load[heaviest] > ceiling:
        return "too-heavy", (
            f"{units.ids[heaviest]} alone has {sketch.load[heaviest]:,.0f} and is not divided; "
            "raise the ceiling"
        )
    near = _within_reach(sketch, grid)
    total = sum(sketch.total[other] for other in near)
    names = f"the {len(near)} grids that may exchange with it" if len(near) > 1 else "it"
    if len(near) == 1:
        return "alone", (
            "it touches no grid that it may exchange with; unlock a neighbour or allow moves "
            "across the border of its community"
        )
    if total < floor * len(near):
        return "too-little-work", (
            f"{names} have {total:,.0f} together and need {floor * len(near):,.0f}; "
            "merge some, or lower the floor"
        )
    if total > ceiling * len(near):
        return "too-much-work", (
            f"{names} have {total:,.0f} together and may have {ceiling * len(near):,.0f}; "
            "split some, or raise the ceiling"
        )
    return "too-coarse", (
        "no set of whole units was found that keeps every grid in one piece; widen the limits or "
        "use smaller units"
    )


def _within_reach(sketch: Sketch, grid: int) -> list[int]:
    """Return the grids with which load can be exchanged, directly or over others."""
    reach, queue = {grid}, [grid]
    while queue:
        mine = queue.pop()
        beside = {
            sketch.label[other] for unit in sketch.members[mine] for other, _ in sketch.near[unit]
        }
        fresh = {other for other in beside - reach if sketch.allowed[mine][other]}
        reach |= fresh
        queue += sorted(fresh)
    return sorted(reach)
