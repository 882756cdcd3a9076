"""How is an area divided into so many grids of equal load?

First it is halved again and again by lines that sweep over it in several directions (each half gets
its share of the load and stays in one piece), then borders are smoothed and loads levelled like
those of a proposal, save that nothing counts as moved.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection
from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.errors import InputError
from gis.plan.balance.edits import rings_of
from gis.plan.balance.graph import Links, link_units
from gis.plan.balance.search import anneal, carve_flows, polish
from gis.plan.balance.sketch import Sketch
from gis.plan.chains import Area
from gis.plan.edits import Split, apply_edit
from gis.plan.model import Plan
from gis.plan.units import Units, unite
from gis.plan.work import Array

Places = NDArray[np.int64]

_DIRECTIONS = 8
_SWEEPS = 100
_TRIES = 4


def divide(
    units: Units, count: int, *, tolerance: float = 0.05, seed: int = 0, links: Links | None = None
) -> Places:
    """Divide the ground of all units into areas of equal load.

    Parameters
    ----------
    units
        The units of the area; which grid has them now is not looked at.
    count
        How many areas.
    tolerance
        How far a load may be from the mean, as a share of it. It is kept where units allow.
    seed
        The same units and seed give the same areas.
    links
        From :func:`gis.plan.balance.graph.link_units`, if they are there already.

    Returns
    -------
    ndarray of int64, shape (n,)
        The area of each unit, numbered from west to east. Areas are in one piece if the ground is.

    Raises
    ------
    InputError
        There are fewer units than areas are wanted.

    Examples
    --------
    >>> from gis.plan.units import take_units
    >>> row = np.array([shapely.box(i / 1000, 0, (i + 1) / 1000, 0.001) for i in range(6)])
    >>> units = take_units("abcdef", row, "111111", metric_srid=32631, load=np.full(6, 10.0))
    >>> divide(units, 3).tolist()
    [0, 0, 1, 1, 2, 2]
    """
    if not 1 <= count <= len(units):
        raise InputError(f"{len(units)} units cannot be divided into {count} areas")
    found = links or link_units(units)
    tries = [_draw(units, found, count, tolerance, seed, attempt) for attempt in range(_TRIES)]
    best = min(tries, key=lambda sketch: (round(sketch.violation(), 6), sketch.border_cost()))
    return _number(units, np.array(best.label, dtype=np.int64))


def divide_to_edits(
    plan: Plan, code: str, units: Units, labels: Places, *, used: Collection[str] = frozenset()
) -> list[Split]:
    """Return the splits, in order, that divide an area of a plan as labelled.

    Each cuts one area off what is left, along its border; they hold the codes that were issued.

    Parameters
    ----------
    plan, code
        The plan and the area in it.
    units, labels
        Units that tile the area, and from :func:`divide` the new area of each.
    used
        Codes that were ever in use besides those of the plan.
    """
    ground = {label: unite(units.ground[labels == label]) for label in np.unique(labels).tolist()}
    beside = _label_graph(units, labels)
    edits: list[Split] = []
    while len(ground) > 1:
        label = _choose_outermost(ground, beside)
        area = ground.pop(label)
        edit = Split(code=code, line=tuple(rings_of(area)[0][0]))
        applied = apply_edit(plan, edit, used=used)
        assert isinstance(applied.edit, Split)  # noqa: S101 - for the type
        edits.append(applied.edit)
        plan, rest = applied.plan, next(iter(ground.values()))
        place = rest.point_on_surface()
        code = next(
            c for c in [code, *applied.edit.issued.get(code, ())] if plan[c].geometry.covers(place)
        )
    return edits


def _draw(
    units: Units, links: Links, count: int, tolerance: float, seed: int, attempt: int
) -> Sketch:
    chance = np.random.default_rng([seed, attempt])
    halves = _Halving(units, links, chance)
    owner = np.zeros(len(units), dtype=np.int64)
    halves.divide(np.arange(len(units)), count, 0, owner)
    mean = float(units.load.sum()) / count
    codes = tuple(f"{number:06d}" for number in range(count))
    drawn = replace(units, owner=owner, grids=codes, parents=(None,) * count)
    sketch = Sketch(
        drawn,
        links,
        cost=np.zeros(len(units)),
        allowed=~np.eye(count, dtype=bool),
        limits=(
            np.full(count, mean * (1.0 - tolerance)),
            np.full(count, mean * (1.0 + tolerance)),
        ),
        compactness=1.0,
    )
    metres = float(links.length_m.sum())
    greed = metres / max(float(units.load.sum()), 1e-9)
    anneal(sketch, chance, greed=greed, sweeps=_SWEEPS, warm=metres / max(len(links.first), 1))
    carve_flows(sketch, chance, greed=greed)
    polish(sketch, chance)
    return sketch


class _Halving:
    """Recursive bisection of the graph of units."""

    def __init__(self, units: Units, links: Links, chance: np.random.Generator) -> None:
        self.load = units.load
        inside = shapely.centroid(units.ground)
        stretch = np.cos(np.radians(shapely.get_y(inside).mean()))
        self.place = np.column_stack([shapely.get_x(inside) * stretch, shapely.get_y(inside)])
        self.near: list[list[tuple[int, float]]] = [[] for _ in range(len(units))]
        for one, other, metres in zip(
            links.first.tolist(), links.second.tolist(), links.length_m.tolist(), strict=True
        ):
            self.near[one].append((other, metres))
            self.near[other].append((one, metres))
        self.turn = float(chance.uniform(0.0, np.pi))

    def divide(self, members: Places, count: int, first: int, owner: Places) -> None:
        """Write the numbers ``first`` to ``first + count - 1`` into the owners of the members."""
        if count == 1:
            owner[members] = first
            return
        small = count // 2
        one = self._halve(members, small, count - small)
        other = np.setdiff1d(members, one)
        self.divide(one, small, first, owner)
        self.divide(other, count - small, first + small, owner)

    def _halve(self, members: Places, small: int, large: int) -> Places:
        """Return the best of several sweeps: the right load, then the shortest border."""
        wanted = float(self.load[members].sum()) * small / (small + large)
        options = []
        for number in range(_DIRECTIONS):
            angle = self.turn + 2.0 * np.pi * number / _DIRECTIONS
            key = self.place @ np.array([np.cos(angle), np.sin(angle)])
            taken = self._sweep(set(members.tolist()), key, wanted, (small, large))
            missed = abs(float(self.load[sorted(taken)].sum()) - wanted)
            enough = len(taken) >= small and len(members) - len(taken) >= large
            worth = (not enough, missed > 0.1 * wanted, self._border(taken, members), number)
            options.append((worth, sorted(taken)))
        return np.array(min(options)[1], dtype=np.int64)

    def _sweep(
        self, members: set[int], key: Array, wanted: float, counts: tuple[int, int]
    ) -> set[int]:
        """Take units from one end on, each touching the ones before, until the load is reached."""
        waiting = sorted(members, key=lambda unit: (key[unit], unit))
        taken: set[int] = set()
        queue: list[tuple[float, int]] = []
        load = 0.0
        most = len(members) - counts[1]
        while len(taken) < most and (load < wanted or len(taken) < counts[0]):
            if not queue:
                start = next(unit for unit in waiting if unit not in taken)
                queue.append((float(key[start]), start))
            unit = heapq.heappop(queue)[1]
            if unit in taken:
                continue
            taken.add(unit)
            load += float(self.load[unit])
            for other, _ in self.near[unit]:
                if other in members and other not in taken:
                    heapq.heappush(queue, (float(key[other]), other))
        return self._with_islands(members, taken, counts[1])

    def _with_islands(self, members: set[int], taken: set[int], least: int) -> set[int]:
        """Take what the sweep cut off from the rest."""
        sides, left = [], members - taken
        while left:
            side = _flood(self.near, min(left), left)
            left -= side
            sides.append(side)
        sides.sort(key=lambda side: (len(side), min(side)))
        for side in sides[:-1]:
            touches = any(other in taken for unit in side for other, _ in self.near[unit])
            if touches and len(members) - len(taken) - len(side) >= least:
                taken = taken | side
        return taken

    def _border(self, taken: set[int], members: Places) -> float:
        inside = set(members.tolist()) - taken
        return sum(m for unit in taken for other, m in self.near[unit] if other in inside)


def _flood(near: list[list[tuple[int, float]]], start: int, within: set[int]) -> set[int]:
    seen, queue = {start}, [start]
    while queue:
        for other, _ in near[queue.pop()]:
            if other in within and other not in seen:
                seen.add(other)
                queue.append(other)
    return seen


def _number(units: Units, labels: Places) -> Places:
    """Number areas from west to east by the middle of their units."""
    middle = shapely.get_x(shapely.centroid(units.ground))
    count = int(labels.max()) + 1
    weight = np.maximum(np.bincount(labels, minlength=count), 1)
    order = np.argsort(np.bincount(labels, weights=middle, minlength=count) / weight, kind="stable")
    rank = np.empty(count, dtype=np.int64)
    rank[order] = np.arange(count)
    return rank[labels]


def _label_graph(units: Units, labels: Places) -> list[list[tuple[int, float]]]:
    links = link_units(units)
    beside: list[list[tuple[int, float]]] = [[] for _ in range(int(labels.max()) + 1)]
    pairs = np.column_stack([labels[links.first], labels[links.second]])
    for one, other in np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0).tolist():
        beside[one].append((other, 1.0))
        beside[other].append((one, 1.0))
    return beside


def _choose_outermost(ground: dict[int, Area], beside: list[list[tuple[int, float]]]) -> int:
    """Return an area without a hole that leaves the rest in one piece."""
    everything = set(ground)
    for label in sorted(ground):
        rest = everything - {label}
        # One ring: in one piece and without a hole.
        simple = len(shapely.get_rings(ground[label])) == 1
        if simple and len(_flood(beside, min(rest), rest)) == len(rest):
            return label
    raise InputError(
        "no area can be cut off so that the rest stays in one piece; divide the area by hand first"
    )
