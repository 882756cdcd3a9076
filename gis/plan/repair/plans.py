"""How is a whole plan repaired, so that every level stays the sum of the one below?

The areas without children tile the district once, whatever their levels: they are repaired as one
layer. Every other area becomes the sum of its children, unless the border that its file gave it
lies further away than was agreed; then it keeps its own, and the check of nesting tells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import shapely

from gis import coords
from gis.errors import InputError
from gis.plan import chains
from gis.plan.model import Grid, Plan
from gis.plan.repair.coverage import repair_coverage
from gis.plan.repair.distance import is_near, measure_moved
from gis.plan.repair.model import Move, Piece, Repair, RepairChoice


@dataclass(frozen=True, slots=True)
class PlanRepair:
    """A repaired plan and what was done; ``moves`` has all grids, of every level.

    ``kept`` names the areas whose own border differs too much from the sum of their children's.
    """

    plan: Plan = field(repr=False)
    repair: Repair
    moves: Sequence[Move] = field(repr=False)
    kept: tuple[str, ...] = ()

    @property
    def moved_m(self) -> float:
        """The largest move of any border, on any level."""
        return max((move.moved_m for move in self.moves), default=0.0)


def repair_plan(plan: Plan, *, metric_srid: int, choice: RepairChoice | None = None) -> PlanRepair:
    """Close the slivers of a plan, on all its levels.

    Parameters
    ----------
    plan
        Its rings are valid.
    metric_srid
        The projected CRS in which distances and areas are measured.
    choice
        What is agreed to; :class:`RepairChoice` with its defaults when None.

    Examples
    --------
    >>> from gis.plan.model import Level
    >>> whole = Grid("P", "P", Level.COMMUNITY, shapely.box(0, 0, 2e-3, 1e-3))
    >>> west = Grid("a", "a", Level.GRID, shapely.box(0, 0, 1e-3, 1e-3), "P")
    >>> east = Grid("b", "b", Level.GRID, shapely.box(9.99e-4, 0, 2e-3, 1e-3), "P")
    >>> done = repair_plan(Plan([whole, west, east]), metric_srid=32631)
    >>> done.plan["P"].geometry.area == done.plan["a"].geometry.union(
    ...     done.plan["b"].geometry).area
    True
    """
    choice = choice or RepairChoice()
    leaves = [grid for grid in plan if not plan.children(grid.code)]
    repair = repair_coverage(
        np.array([grid.geometry for grid in leaves], dtype=object),
        [grid.code for grid in leaves],
        [grid.parent or "" for grid in leaves],
        metric_srid=metric_srid,
        choice=choice,
    )
    made = {
        leaf.code: replace(leaf, geometry=area)
        for leaf, area in zip(leaves, repair.geometries, strict=True)
    }
    moves, kept = list(repair.moves), []
    for grid in reversed(plan.grids):
        if grid.code in made:
            continue
        children = [made[child.code] for child in plan.children(grid.code)]
        summed = _sum(children)
        expected = _exchange(grid, plan, repair.pieces, choice)
        if summed is not None and _is_close(expected, summed, metric_srid, choice.max_move_m):
            made[grid.code] = replace(grid, geometry=summed)
        else:
            made[grid.code] = grid
            kept.append(grid.code)
        moves.append(_compare(grid, made[grid.code], metric_srid))
    return PlanRepair(Plan(made.values()), repair, moves, tuple(sorted(kept)))


def _sum(children: Sequence[Grid]) -> chains.Area | None:
    try:
        return chains.area_of(chains.add([chains.border_of([each.geometry for each in children])]))
    except InputError:
        return None


def _exchange(grid: Grid, plan: Plan, pieces: Sequence[Piece], choice: RepairChoice) -> Any:
    """Return an area with the wide pieces that were agreed to come to it or to leave it."""
    if not (choice.fill_gaps or choice.settle_overlaps):
        return grid.geometry
    come: list[Any] = []
    gone: list[Any] = []
    for piece in pieces:
        takes = _is_below(plan, piece.taker, grid.code)
        gives = any(_is_below(plan, code, grid.code) for code in piece.givers)
        if takes != gives:
            (come if takes else gone).append(piece.geometry)
    grown = shapely.union_all([grid.geometry, *come])
    return shapely.difference(grown, shapely.union_all(gone)) if gone else grown


def _is_below(plan: Plan, code: str, ancestor: str) -> bool:
    return any(grid.code == ancestor for grid in plan.ancestors(code))


def _is_close(one: Any, other: Any, metric_srid: int, reach_m: float) -> bool:
    """Tell whether two areas differ by nothing but slivers along their borders."""
    first, second = coords.to_metric(np.array([one, other], dtype=object), srid=metric_srid)
    for kept, lost in ((first, second), (second, first)):
        border = shapely.boundary(kept)
        bare = shapely.get_parts(shapely.difference(lost, kept))
        if not all(is_near(part, border, reach_m) for part in bare if not part.is_empty):
            return False
    return True


def _compare(before: Grid, after: Grid, metric_srid: int) -> Move:
    areas = np.array([before.geometry, after.geometry], dtype=object)
    old, new = coords.to_metric(areas, srid=metric_srid)
    return Move(
        before.code,
        old.area,
        new.area,
        shapely.area(shapely.difference(new, old)),
        shapely.area(shapely.difference(old, new)),
        float(measure_moved(np.array([old]), np.array([new]))[0]),
    )
