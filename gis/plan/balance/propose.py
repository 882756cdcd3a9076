"""Which units should change their grid, so that every load lies between floor and ceiling?

1. How much load must cross which border: a flow of least cost between grids (``flows``).
2. Which units: carved out of the givers from the border inwards, then smoothed by annealing, then
   improved unit by unit and pair by pair until nothing helps any more (``search``).
3. What no limit needs goes back, unit by unit and group by group.
4. The same with other luck, a few times; the best is proposed: nearest to the limits, then least
   moved and shortest borders.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from gis.errors import InputError, NotFound
from gis.plan.balance.explain import Proposal, tell_moves, tell_unmet
from gis.plan.balance.flows import solve_flows
from gis.plan.balance.graph import Links, link_units
from gis.plan.balance.groups import drop_needless
from gis.plan.balance.search import anneal, carve_flows, find_ways, polish
from gis.plan.balance.sketch import Sketch
from gis.plan.units import Units
from gis.plan.work import Array

COMPACTNESS = 0.3
"""What making all borders of all grids longer by their length costs, in shares of all households.

Measured on the blocks of Denver: with 0.05 borders get 22 % longer than they were, with 0.1 11 %;
with 0.2 to 0.4 they keep their length, for 1 to 2 % more people than must move."""
_SWEEPS = 100
_MOST_TRIES = 12
_UNITS_PER_TRY = 12_000
_GREEDS = (1.0, 2.0, 0.5, 4.0)


def propose_balance(
    units: Units,
    *,
    floor: float,
    ceiling: float,
    locked: Collection[str] = (),
    across: bool = False,
    seed: int = 0,
    open_report_cost: float = 1.0,
    compactness: float = COMPACTNESS,
    links: Links | None = None,
) -> Proposal:
    """Propose the least change that brings every grid between a floor and a ceiling.

    Parameters
    ----------
    units
        The units of the chosen grids.
    floor, ceiling
        Limits of the load of a grid.
    locked
        Codes of grids that neither give nor take.
    across
        Units may go to a grid of another community.
    seed
        The same units and seed give the same proposal.
    open_report_cost
        How many households an open report that changes hands counts for.
    compactness
        See :data:`COMPACTNESS`.
    links
        From :func:`gis.plan.balance.graph.link_units`, if they are there already.

    Returns
    -------
    Proposal
        The best that was found; ``unmet`` tells what it could not reach and why.

    Raises
    ------
    InputError
        The floor is above the ceiling.
    NotFound
        A locked code is not among the chosen grids.

    Examples
    --------
    >>> import shapely
    >>> from gis.plan.units import take_units
    >>> row = np.array([shapely.box(i / 1000, 0, (i + 1) / 1000, 0.001) for i in range(6)])
    >>> units = take_units("abcdef", row, "111122", metric_srid=32631, load=np.full(6, 10.0))
    >>> proposal = propose_balance(units, floor=25, ceiling=35)
    >>> [(move.units, move.giver, move.taker) for move in proposal.moves]
    [(('d',), '1', '2')]
    """
    if not 0 <= floor <= ceiling:
        raise InputError(f"the floor of {floor} is not between 0 and the ceiling of {ceiling}")
    missing = sorted(set(locked) - set(units.grids))
    if missing:
        raise NotFound(f"no chosen grid has the locked code {missing[0]!r}", codes=missing)
    fixed = {units.grids.index(code) for code in locked}
    found = links or link_units(units)
    may = _allow(units, fixed, across=across)
    tries = min(_MOST_TRIES, 1 + _UNITS_PER_TRY // len(units))
    best: Sketch | None = None
    for attempt in range(tries):
        sketch = _draw(units, found, may, fixed, (floor, ceiling), open_report_cost, compactness)
        if attempt == 0:
            least = _least_load(sketch)
        if sketch.violation() > 0.0:
            greed = _greed(sketch) * _GREEDS[attempt % len(_GREEDS)]
            _improve(sketch, np.random.default_rng([seed, attempt]), greed=greed)
        if best is None or _rank(sketch) < _rank(best):
            best = sketch
        if best.violation() == 0.0 and not best.moved():
            break
    assert best is not None  # noqa: S101 - there is at least one try
    return _propose(best, units, (floor, ceiling), fixed, least, seed)


def _allow(units: Units, fixed: Collection[int], *, across: bool) -> NDArray[np.bool_]:
    """Tell which grid may give to which."""
    parents = np.array([parent or "" for parent in units.parents])
    may: NDArray[np.bool_] = (parents[:, None] == parents[None, :]) | across
    np.fill_diagonal(may, False)
    for grid in fixed:
        may[grid, :] = may[:, grid] = False
    return may


def _draw(
    units: Units,
    links: Links,
    may: NDArray[np.bool_],
    fixed: Collection[int],
    limits: tuple[float, float],
    open_report_cost: float,
    compactness: float,
) -> Sketch:
    moved = units.households + open_report_cost * units.open_reports
    mean = float(moved.mean())
    # Ground without people is not free: of two ways the one with fewer units is better.
    cost = moved + (0.01 * mean if mean > 0.0 else 1.0)
    low, high = (np.full(len(units.grids), limit) for limit in limits)
    totals = units.sum_by_grid(units.load)
    for grid in fixed:
        low[grid], high[grid] = min(low[grid], totals[grid]), max(high[grid], totals[grid])
    borders = 2.0 * float(
        links.length_m[units.owner[links.first] != units.owner[links.second]].sum()
    )
    per_metre = compactness * float(cost.sum()) / borders if borders else 0.0
    return Sketch(units, links, cost=cost, allowed=may, limits=(low, high), compactness=per_metre)


def _improve(sketch: Sketch, chance: np.random.Generator, *, greed: float) -> None:
    carve_flows(sketch, chance, greed=greed)
    may, sketch.allowed = sketch.allowed, _among_busy(sketch)
    anneal(sketch, chance, greed=greed, sweeps=_SWEEPS)
    carve_flows(sketch, chance, greed=greed)
    polish(sketch, chance)
    drop_needless(sketch)
    sketch.allowed = may


def _among_busy(sketch: Sketch) -> list[list[bool]]:
    """Allow nothing to grids that neither give nor take: their borders are not to be smoothed."""
    busy = {grid for unit in sketch.moved() for grid in (sketch.origin[unit], sketch.label[unit])}
    return [
        [may and giver in busy and taker in busy for taker, may in enumerate(row)]
        for giver, row in enumerate(sketch.allowed)
    ]


def _greed(sketch: Sketch) -> float:
    load = sum(sketch.load)
    return sum(sketch.cost) / load if load > 0.0 else 1.0


def _least_load(sketch: Sketch) -> float:
    loads: tuple[Array, Array, Array] = (
        np.array(sketch.total),
        np.array(sketch.low),
        np.array(sketch.high),
    )
    return solve_flows(*loads, find_ways(sketch)).total


def _rank(sketch: Sketch) -> tuple[float, float]:
    moved = sum(sketch.cost[unit] for unit in sketch.moved())
    return round(sketch.violation(), 6), round(moved + sketch.border_cost(), 6)


def _propose(
    sketch: Sketch,
    units: Units,
    limits: tuple[float, float],
    fixed: set[int],
    least: float,
    seed: int,
) -> Proposal:
    moved = sketch.moved()
    moves = tell_moves(sketch, units, *limits)
    return Proposal(
        moves,
        tell_unmet(sketch, units, *limits, fixed),
        np.array(sketch.label, dtype=np.int64),
        dict(zip(units.grids, units.sum_by_grid(units.load).tolist(), strict=True)),
        dict(zip(units.grids, sketch.total, strict=True)),
        float(units.households[moved].sum()),
        float(units.open_reports[moved].sum()),
        least,
        seed,
    )
