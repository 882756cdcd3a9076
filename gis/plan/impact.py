"""Who and what changes hands when one plan takes the place of another?

A comparison of two plans on one level: what every grid gives to every other, what each has before
and after, which borders come and which go. Every total says of how many.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely

from gis import coords
from gis.errors import InputError
from gis.plan.lineage import NO_WORK, TOLD_SHARE, LineageKind, LineageRow, trace_level
from gis.plan.model import Grid, Level, Plan
from gis.plan.overlay import Pair, Shared, common_ground, common_work, match_identical
from gis.plan.work import KINDS, LOAD_WEIGHTS, Work

_SAME_PLACE_DEG = 1e-9

Amounts = Mapping[str, float]
"""How much of each kind of work."""


@dataclass(frozen=True, slots=True)
class Handover:
    """What lies in one grid before and in another one after.

    A code is None where there is no grid. ``kind`` as in :class:`gis.plan.lineage.LineageRow`;
    *renamed* ground has another code and the same people on it: it is no move. ``geometry`` is the
    ground in EPSG:4490, None where only a point on a border changed hands.
    """

    from_code: str | None
    from_name: str
    to_code: str | None
    to_name: str
    kind: LineageKind
    area_m2: float
    amounts: Amounts
    geometry: Any = field(repr=False, default=None)

    @property
    def is_move(self) -> bool:
        """Whether somebody else is responsible afterwards."""
        return self.kind != "renamed"


@dataclass(frozen=True, slots=True)
class State:
    """One grid in one of the plans.

    ``deviation`` is ``load / mean load of the level - 1``; both are None when nothing of what
    weighs is known.
    """

    name: str
    parent: str | None
    area_m2: float
    amounts: Amounts
    load: float | None
    deviation: float | None


@dataclass(frozen=True, slots=True)
class GridChange:
    """One code before and after; None where the plan has no such grid."""

    code: str
    before: State | None
    after: State | None
    is_changed: bool


@dataclass(frozen=True, slots=True)
class Total:
    """How many of all change grid, and how many stay in theirs under another code."""

    kind: str
    moved: float
    recoded: float
    everything: float


@dataclass(frozen=True, slots=True)
class Borders:
    """Lines in EPSG:4490 and their length."""

    lines: shapely.MultiLineString = field(repr=False)
    length_m: float


@dataclass(frozen=True, slots=True)
class Impact:
    """All that differs between two plans on one level.

    ``handovers`` has the largest first; ``grids`` every code of either plan in order; ``totals``
    begins with ``area_m2`` and goes on with each kind of work that is known.
    """

    level: Level
    kinds: tuple[str, ...]
    handovers: tuple[Handover, ...]
    grids: tuple[GridChange, ...]
    new_borders: Borders
    vanished_borders: Borders
    lineage: tuple[LineageRow, ...]
    totals: tuple[Total, ...]

    @property
    def changed(self) -> tuple[GridChange, ...]:
        """The grids with another name, parent, ground or work."""
        return tuple(grid for grid in self.grids if grid.is_changed)


def compare(
    before: Plan,
    after: Plan,
    *,
    metric_srid: int,
    work: Work = NO_WORK,
    weights: Mapping[str, float] = LOAD_WEIGHTS,
    level: Level | None = None,
) -> Impact:
    """Compare two plans on one level.

    Parameters
    ----------
    before, after
        Any two plans of one district; numbers of grids and levels may differ.
    metric_srid
        Projected CRS of the district, for areas and lengths.
    work
        What is counted; each kind that is given appears everywhere.
    weights
        How much one of each kind adds to the load.
    level
        On which level; ``grid`` if there is one, else the narrowest of either plan.

    Raises
    ------
    InputError
        Neither plan has the level.

    Examples
    --------
    >>> from gis.plan.work import Points
    >>> def plan(middle):
    ...     return Plan([Grid("a", "West", Level.GRID, shapely.box(117.60, 26.2, middle, 26.21)),
    ...                  Grid("b", "East", Level.GRID, shapely.box(middle, 26.2, 117.62, 26.21))])
    >>> homes = Points(np.array([117.602, 117.611]), np.full(2, 26.205), np.array([30.0, 7.0]))
    >>> impact = compare(plan(117.612), plan(117.61), metric_srid=4548, work={"households": homes})
    >>> for row in impact.handovers:
    ...     print(row.from_name, row.to_name, round(row.area_m2, -3), dict(row.amounts))
    West East 221000.0 {'households': 7.0}
    >>> impact.totals[1]
    Total(kind='households', moved=7.0, recoded=0.0, everything=37.0)
    """
    level = level or choose_level(before, after)
    old, new = before.at(level), after.at(level)
    if not old and not new:
        raise InputError(f"neither plan has areas of the level {level}; choose another one")
    ground = common_ground(old, new, metric_srid=metric_srid, least_share=TOLD_SHARE)
    kinds = (*(k for k in KINDS if k in work), *sorted(k for k in work if k not in KINDS))
    shared = {kind: common_work(old, new, work[kind]) for kind in kinds}
    lineage = trace_level(
        level,
        old,
        new,
        areas={pair: piece.area_m2 for pair, piece in ground.items()},
        homes=shared.get("households", {}),
        houses=shared.get("buildings", {}),
    )
    handovers = _list_handovers(before, after, lineage, ground, shared)
    come, gone = _compare_borders(old, new, metric_srid)
    return Impact(
        level=level,
        kinds=kinds,
        handovers=handovers,
        grids=_pair_states(
            _describe(old, 0, shared, weights, metric_srid),
            _describe(new, 1, shared, weights, metric_srid),
            {code for row in handovers for code in (row.from_code, row.to_code)},
        ),
        new_borders=come,
        vanished_borders=gone,
        lineage=tuple(lineage),
        totals=_sum_up(handovers, ground, {kind: work[kind].weight.sum() for kind in kinds}),
    )


def choose_level(before: Plan, after: Plan) -> Level:
    """Return the level on which two plans are compared when none is named.

    Raises
    ------
    InputError
        Both plans are empty.
    """
    levels = {*before.levels, *after.levels}
    if not levels:
        raise InputError("both plans are empty; there is nothing to compare")
    return Level.GRID if Level.GRID in levels else max(levels, key=lambda level: level.rank)


def _list_handovers(
    before: Plan,
    after: Plan,
    lineage: Iterable[LineageRow],
    ground: Mapping[Pair, Shared],
    shared: Mapping[str, Mapping[Pair, float]],
) -> tuple[Handover, ...]:
    told: dict[Pair, LineageKind] = {(row.from_code, row.to_code): row.kind for row in lineage}
    pairs = {*told, *(pair for amounts in shared.values() for pair in amounts)}
    rows = [
        Handover(
            from_code=pair[0],
            from_name=before[pair[0]].name if pair[0] is not None else "",
            to_code=pair[1],
            to_name=after[pair[1]].name if pair[1] is not None else "",
            kind=told.get(pair, "new" if pair[0] is None else _gone_or_moved(pair)),
            area_m2=ground[pair].area_m2 if pair in ground else 0.0,
            amounts={kind: amounts.get(pair, 0.0) for kind, amounts in shared.items()},
            geometry=ground[pair].geometry if pair in ground else None,
        )
        for pair in pairs
        if pair[0] != pair[1]
    ]
    first = next(iter(shared), None)

    def order(row: Handover) -> tuple[float, float, str, str]:
        leading = row.amounts[first] if first else 0.0
        return -leading, -row.area_m2, row.from_code or "", row.to_code or ""

    return tuple(sorted(rows, key=order))


def _gone_or_moved(pair: Pair) -> LineageKind:
    return "retired" if pair[1] is None else "moved"


def _describe(
    grids: Sequence[Grid],
    side: int,
    shared: Mapping[str, Mapping[Pair, float]],
    weights: Mapping[str, float],
    metric_srid: int,
) -> dict[str, State]:
    """Sum up what each grid of one plan has; ``side`` is the place of its code in a pair."""
    sums: dict[str, dict[str, float]] = {kind: defaultdict(float) for kind in shared}
    for kind, amounts in shared.items():
        for pair, amount in amounts.items():
            code = pair[side]
            if code is not None:
                sums[kind][code] += amount
    weighed = [kind for kind in shared if weights.get(kind)]
    loads = [sum(weights[kind] * sums[kind][grid.code] for kind in weighed) for grid in grids]
    mean = sum(loads) / len(loads) if loads else 0.0
    shapes = np.array([grid.geometry for grid in grids], dtype=object)
    areas_m2 = shapely.area(coords.to_metric(shapes, srid=metric_srid)).tolist()
    return {
        grid.code: State(
            name=grid.name,
            parent=grid.parent,
            area_m2=area_m2,
            amounts={kind: sums[kind][grid.code] for kind in shared},
            load=load if weighed else None,
            deviation=load / mean - 1.0 if weighed and mean else None,
        )
        for grid, area_m2, load in zip(grids, areas_m2, loads, strict=True)
    }


def _pair_states(
    before: Mapping[str, State], after: Mapping[str, State], handing: set[str | None]
) -> tuple[GridChange, ...]:
    def is_changed(code: str) -> bool:
        was, now = before.get(code), after.get(code)
        if was is None or now is None or code in handing:
            return True
        return (was.name, was.parent) != (now.name, now.parent)

    codes = sorted({*before, *after})
    return tuple(GridChange(c, before.get(c), after.get(c), is_changed(c)) for c in codes)


def _sum_up(
    handovers: Iterable[Handover], ground: Mapping[Pair, Shared], everything: Amounts
) -> tuple[Total, ...]:
    rows = list(handovers)

    def total(kind: str, whole: float) -> Total:
        def amount(row: Handover) -> float:
            return row.area_m2 if kind == "area_m2" else row.amounts[kind]

        moved = sum(amount(row) for row in rows if row.is_move)
        recoded = sum(amount(row) for row in rows if not row.is_move)
        return Total(kind, float(moved), float(recoded), float(whole))

    area = total("area_m2", sum(piece.area_m2 for piece in ground.values()))
    return area, *(total(kind, whole) for kind, whole in everything.items())


def _compare_borders(
    old: Sequence[Grid], new: Sequence[Grid], metric_srid: int
) -> tuple[Borders, Borders]:
    _, was, now = match_identical(old, new)
    come = _subtract_lines(now, old, metric_srid)
    return come, _subtract_lines(was, new, metric_srid)


def _subtract_lines(grids: Sequence[Grid], others: Sequence[Grid], metric_srid: int) -> Borders:
    """Return the borders of grids that are no borders of others, to a tenth of a millimetre.

    A border with a further corner on it bends by the last bit of a double: it is no new border.
    """
    shapes = np.array([grid.geometry for grid in grids], dtype=object)
    rest: Any = shapely.MultiLineString()
    if len(shapes):
        theirs = np.array([grid.geometry for grid in others], dtype=object)
        _, near = shapely.STRtree(theirs).query(shapes, predicate="intersects")
        lines, known = _border_lines(shapes), _border_lines(theirs[np.unique(near)])
        rest = shapely.difference(lines, known, grid_size=_SAME_PLACE_DEG)
    merged = shapely.line_merge(rest)
    parts = [part for part in shapely.get_parts(merged) if shapely.length(part) > 0.0]
    found = shapely.MultiLineString(parts)
    return Borders(found, float(shapely.length(coords.to_metric(found, srid=metric_srid))))


def _border_lines(shapes: Any) -> Any:
    return shapely.union_all(shapely.boundary(shapes), grid_size=_SAME_PLACE_DEG)
