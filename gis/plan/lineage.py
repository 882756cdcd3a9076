"""What became of each grid, and from what did each one come?

Two plans of one district are compared level by level on the ground: every old grid with every new
one that has ground of it. Identity is apart from geometry: a grid whose border moved is still the
same grid as long as its code is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

from gis.plan.model import Grid, Level, Plan
from gis.plan.overlay import Pair, common_ground, common_work
from gis.plan.work import Work

LineageKind = Literal["same", "renamed", "moved", "split", "merged", "new", "retired"]

TOLD_SHARE = 0.001
"""A pair with less than this of both areas, and without households or buildings, is not told."""
NO_WORK: Work = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class LineageRow:
    """The ground that an old and a new grid of one level have in common.

    ``area_share_from`` is the common part of the old grid's area, ``area_share_to`` of the new
    one's; likewise for households and buildings, which are None when nobody counted them or the
    grid has none. ``from_code`` is None for ground that was in no grid of the level, ``to_code``
    for ground that no longer is; the shares of a side without a grid are 0 and None.

    ``kind`` is the first that applies:

    =========  ===================================================================================
    new        the ground was in no grid of this level
    retired    the ground is in no grid of this level any more
    same       one code, at least 99.9 % of both areas, and no other pair of the two is told
    renamed    the same with another code
    merged     the old code is gone: its ground, or this part of it, went into a grid that was
               there before, or the whole of it into a new one
    split      the new code was not there before: it was cut out of a grid that still is, or lies
               whole in one that is gone
    moved      anything else: a border moved, and the codes on both sides stay
    =========  ===================================================================================

    The row of one code on itself is ``split`` (or ``merged``) where all other pairs of the two
    grids are; so a grid that was cut in two has two rows of that kind.
    """

    level: Level
    from_code: str | None
    to_code: str | None
    kind: LineageKind
    area_share_from: float
    area_share_to: float
    households_share_from: float | None = None
    households_share_to: float | None = None
    buildings_share_from: float | None = None
    buildings_share_to: float | None = None


def trace_lineage(
    before: Plan, after: Plan, *, metric_srid: int, work: Work = NO_WORK
) -> list[LineageRow]:
    """Tell what became of the grids of a plan in the next one, level by level.

    Parameters
    ----------
    before, after
        Any two plans; also with other levels or other numbers of grids.
    metric_srid
        Projected CRS of the district, in which areas are measured.
    work
        ``households`` and ``buildings`` are used where they are there.

    Returns
    -------
    list of LineageRow
        Widest level first, then by old code and new code; rows without an old code come last.
        The shares of an old grid sum to 1, save for what :data:`TOLD_SHARE` leaves out.

    Examples
    --------
    >>> import shapely
    >>> def plan(*grids):
    ...     return Plan(Grid(code, code, Level.GRID, shape) for code, shape in grids)
    >>> whole = plan(("1", shapely.box(117.60, 26.2, 117.62, 26.21)))
    >>> halves = plan(("1", shapely.box(117.60, 26.2, 117.61, 26.21)),
    ...               ("2", shapely.box(117.61, 26.2, 117.62, 26.21)))
    >>> for row in trace_lineage(whole, halves, metric_srid=4548):
    ...     print(row.from_code, row.to_code, row.kind, round(row.area_share_from, 3))
    1 1 split 0.5
    1 2 split 0.5
    """
    levels = sorted({*before.levels, *after.levels}, key=lambda level: level.rank)
    found: list[LineageRow] = []
    for level in levels:
        old, new = before.at(level), after.at(level)
        homes, houses = (
            common_work(old, new, work[kind]) if kind in work else {}
            for kind in ("households", "buildings")
        )
        ground = common_ground(old, new, metric_srid=metric_srid, least_share=TOLD_SHARE)
        areas = {pair: shared.area_m2 for pair, shared in ground.items()}
        found += trace_level(level, old, new, areas=areas, homes=homes, houses=houses)
    return found


def trace_level(
    level: Level,
    old: Sequence[Grid],
    new: Sequence[Grid],
    *,
    areas: Mapping[Pair, float],
    homes: Mapping[Pair, float],
    houses: Mapping[Pair, float],
) -> list[LineageRow]:
    """Tell what became of the grids of one level, from what each pair has in common.

    Parameters
    ----------
    areas, homes, houses
        Area (m²), households and buildings in common, by (old code, new code).
    """
    rows = _divide(level, areas, homes, houses)
    return tell_kinds(rows, {grid.code for grid in old}, {grid.code for grid in new})


def successors(
    rows: Iterable[LineageRow], code: str, *, by: Literal["area", "households"] = "area"
) -> list[LineageRow]:
    """Return the rows from a grid to its heirs, the one with the largest share first.

    Parameters
    ----------
    by
        ``households`` compares the shares of households and, among equals or where nobody counted
        them, those of area. The last resort is the lowest code.
    """

    def order(row: LineageRow) -> tuple[float, float, str]:
        homes = (row.households_share_from or 0.0) if by == "households" else 0.0
        return -homes, -row.area_share_from, row.to_code or ""

    return sorted((r for r in rows if r.from_code == code and r.to_code is not None), key=order)


def chain_lineage(steps: Sequence[Sequence[LineageRow]]) -> list[LineageRow]:
    """Join the lineage over several revisions into one from the first to the last.

    Parameters
    ----------
    steps
        The rows of each change in order of time: 1 → 2, 2 → 3 …

    Returns
    -------
    list of LineageRow
        As from :func:`trace_lineage`. Shares are multiplied as if everything lay evenly on the
        ground of a grid in between; with both plans at hand compare them directly instead.
    """
    if not steps:
        return []
    joined = list(steps[0])
    for step in steps[1:]:
        joined = _join(joined, step)
    return joined


def tell_kinds(rows: Iterable[LineageRow], before: set[str], after: set[str]) -> list[LineageRow]:
    """Set the kind of each row of one level from its shares and the codes before and after."""
    rows = sorted(rows, key=_order)
    of_old, of_new = defaultdict(list), defaultdict(list)
    for row in rows:
        of_old[row.from_code].append(row)
        of_new[row.to_code].append(row)
    told = []
    for row in rows:
        others = [
            _kind_between(other, before, after)
            for other in (*of_old[row.from_code], *of_new[row.to_code])
            if other is not row and None not in (other.from_code, other.to_code)
        ]
        lonely = len(of_old[row.from_code]) == 1 == len(of_new[row.to_code])
        told.append(replace(row, kind=_kind(row, lonely, others, before, after)))
    return told


def _kind(
    row: LineageRow, lonely: bool, others: list[LineageKind], before: set[str], after: set[str]
) -> LineageKind:
    if row.from_code is None:
        return "new"
    if row.to_code is None:
        return "retired"
    whole = min(row.area_share_from, row.area_share_to) >= 1.0 - TOLD_SHARE
    if lonely and whole:
        return "same" if row.from_code == row.to_code else "renamed"
    if row.from_code == row.to_code:
        return others[0] if len(set(others)) == 1 else "moved"
    return _kind_between(row, before, after)


def _kind_between(row: LineageRow, before: set[str], after: set[str]) -> LineageKind:
    """Tell a pair with two codes apart by whether the old one is gone and the new one is new."""
    gone, fresh = row.from_code not in after, row.to_code not in before
    if gone and (not fresh or row.area_share_from >= 1.0 - TOLD_SHARE):
        return "merged"
    if fresh and (not gone or row.area_share_to >= 1.0 - TOLD_SHARE):
        return "split"
    return "moved"


def _divide(
    level: Level,
    areas: Mapping[Pair, float],
    homes: Mapping[Pair, float],
    houses: Mapping[Pair, float],
) -> Iterator[LineageRow]:
    """Yield a row for every pair of one level that is told; its kind is not yet set."""
    area_of, homes_of, houses_of = _Shares(areas), _Shares(homes), _Shares(houses)
    pairs = {*areas, *homes, *houses}
    told = {p for p in pairs if p in homes or p in houses or _most(area_of(p)) >= TOLD_SHARE}
    for pair in told | _only_ones(pairs, told):
        area, home, house = area_of(pair), homes_of(pair), houses_of(pair)
        yield LineageRow(
            level=level,
            from_code=pair[0],
            to_code=pair[1],
            kind="moved",
            area_share_from=area[0] or 0.0,
            area_share_to=area[1] or 0.0,
            households_share_from=home[0],
            households_share_to=home[1],
            buildings_share_from=house[0],
            buildings_share_to=house[1],
        )


def _most(shares: tuple[float | None, float | None]) -> float:
    return max(share or 0.0 for share in shares)


def _only_ones(pairs: set[Pair], told: set[Pair]) -> set[Pair]:
    """Return the pairs of grids that would otherwise not be told at all."""
    from_told, to_told = {pair[0] for pair in told}, {pair[1] for pair in told}
    return {pair for pair in pairs if pair[0] not in from_told or pair[1] not in to_told}


class _Shares:
    """Divides what pairs have in common by what each of their two grids has."""

    def __init__(self, amounts: Mapping[Pair, float]) -> None:
        self._amounts = amounts
        self._old: dict[str | None, float] = defaultdict(float)
        self._new: dict[str | None, float] = defaultdict(float)
        for (old, new), amount in amounts.items():
            self._old[old] += amount
            self._new[new] += amount

    def __call__(self, pair: Pair) -> tuple[float | None, float | None]:
        amount = self._amounts.get(pair, 0.0)
        totals = (self._old[pair[0]], self._new[pair[1]])
        return (
            amount / totals[0] if pair[0] is not None and totals[0] else None,
            amount / totals[1] if pair[1] is not None and totals[1] else None,
        )


def _join(first: Sequence[LineageRow], second: Sequence[LineageRow]) -> list[LineageRow]:
    following = defaultdict(list)
    for row in second:
        following[row.level, row.from_code].append(row)
    levels: dict[Level, dict[Pair, list[LineageRow]]] = defaultdict(lambda: defaultdict(list))
    for row in first:
        for through in _go_on(row, following[row.level, row.to_code]):
            levels[row.level][through.from_code, through.to_code].append(through)
    for row in second:
        if row.from_code is None:
            levels[row.level][None, row.to_code].append(row)
    found: list[LineageRow] = []
    for level in sorted(levels, key=lambda level: level.rank):
        rows = [_add(parts) for parts in levels[level].values()]
        before = {r.from_code for r in first if r.level == level and r.from_code is not None}
        after = {r.to_code for r in second if r.level == level and r.to_code is not None}
        found += tell_kinds(rows, before, after)
    return found


def _go_on(row: LineageRow, following: Sequence[LineageRow]) -> Iterator[LineageRow]:
    if row.to_code is None:
        yield row
        return
    for step in following:
        if row.from_code is None and step.to_code is None:
            continue
        yield LineageRow(
            row.level,
            row.from_code,
            step.to_code,
            "moved",
            row.area_share_from * step.area_share_from,
            row.area_share_to * step.area_share_to,
            _times(row.households_share_from, step.households_share_from),
            _times(step.households_share_to, row.households_share_to),
            _times(row.buildings_share_from, step.buildings_share_from),
            _times(step.buildings_share_to, row.buildings_share_to),
        )


def _times(near: float | None, far: float | None) -> float | None:
    """Multiply two shares: nothing of something is nothing, whatever is known of the far side."""
    if near is None or near == 0.0:
        return near
    return None if far is None else near * far


def _add(parts: Sequence[LineageRow]) -> LineageRow:
    def total(name: str) -> float | None:
        known = [getattr(part, name) for part in parts]
        return None if None in known else sum(known)

    one = parts[0]
    return replace(
        one,
        area_share_from=sum(part.area_share_from for part in parts),
        area_share_to=sum(part.area_share_to for part in parts),
        households_share_from=total("households_share_from"),
        households_share_to=total("households_share_to"),
        buildings_share_from=total("buildings_share_from"),
        buildings_share_to=total("buildings_share_to"),
    )


def _order(row: LineageRow) -> tuple[bool, str, bool, str]:
    return row.from_code is None, row.from_code or "", row.to_code is None, row.to_code or ""
