"""What is a plan made of?

A plan is a value: a full set of grids with their hierarchy. Nothing here changes in place.
All geometry is in EPSG:4490 (CGCS2000) longitude/latitude, snapped to 1e-7°.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.errors import InputError, NotFound
from gis.plan.chains import EMPTY, Area, Chain, add, border_of, is_same, region_of, reverse


class Level(StrEnum):
    """A storey of the hierarchy, from the widest to the narrowest."""

    DISTRICT = "district"
    SUBDISTRICT = "subdistrict"
    COMMUNITY = "community"
    GRID = "grid"
    SUBGRID = "subgrid"

    rank: int
    """0 for the widest level, growing towards the narrowest."""

    def __new__(cls, value: str) -> Level:
        member = str.__new__(cls, value)
        member._value_ = value
        member.rank = len(cls.__members__)
        return member


class BaseLayer(StrEnum):
    """The layers of the local base map."""

    WATER = "water"
    GREEN = "green"
    RAIL = "rail"
    ROAD = "road"
    PLACE = "place"


class Severity(StrEnum):
    """How much a finding weighs: an error stops a publish, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault in a layer or plan, with its place and its remedy.

    ``check`` is the stable name that ``--accept`` takes (``overlaps``, ``gaps``, ``invalid``,
    ``duplicates``, ``nesting``…); ``lon``/``lat`` (EPSG:4490) point at the fault;
    ``size_m2`` is its area where it has one.
    """

    check: str
    severity: Severity
    message: str
    remedy: str
    lon: float | None = None
    lat: float | None = None
    codes: tuple[str, ...] = ()
    size_m2: float | None = None


@dataclass(frozen=True, slots=True)
class Grid:
    """One area of responsibility at any level.

    ``parent`` is the code of the area one level up, or None at the top.
    """

    code: str
    name: str
    level: Level
    geometry: shapely.Polygon | shapely.MultiPolygon
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class Building:
    """An indivisible unit: a footprint with its height and the households in it."""

    external_id: str
    geometry: shapely.Polygon | shapely.MultiPolygon
    height_m: float | None = None
    households: int = 0
    name: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class BaseFeature:
    """Something to find one's way by on a map: water, road, rail, green, or a key place.

    ``rank`` orders importance inside a layer (0 = main road, main river; larger = lesser);
    ``key`` marks the key road sections and key places that cameras are meant to watch.
    """

    external_id: str
    layer: BaseLayer
    name: str
    geometry: shapely.Geometry
    rank: int = 0
    key: bool = False


class Plan:
    """A full set of grids with their hierarchy.

    Parameters
    ----------
    grids
        Any order; kept in ascending (level, code) order. Codes are unique in the whole plan.

    Raises
    ------
    InputError
        A code occurs twice, or a parent does not exist or is not above its child.

    Examples
    --------
    >>> square = shapely.box(117.6, 26.2, 117.7, 26.3)
    >>> plan = Plan([Grid("350402002003", "翁墩社区", Level.COMMUNITY, square),
    ...              Grid("350402002003001", "一", Level.GRID, square, "350402002003")])
    >>> [grid.code for grid in plan.ancestors("350402002003001")]
    ['350402002003']
    """

    def __init__(self, grids: Iterable[Grid]) -> None:
        self.grids = tuple(sorted(grids, key=_place_of))
        self._by_code = {grid.code: grid for grid in self.grids}
        if len(self._by_code) != len(self.grids):
            seen: set[str] = set()
            twice = sorted({g.code for g in self.grids if g.code in seen or seen.add(g.code)})  # type: ignore[func-returns-value]
            raise InputError(
                f"{len(twice)} codes occur more than once, first {twice[0]!r}; "
                "give every grid its own code, or merge the parts with --dissolve",
                codes=twice,
            )
        for grid in self.grids:
            self._check_parent(grid)

    def _check_parent(self, grid: Grid) -> None:
        if grid.parent is None:
            return
        parent = self._by_code.get(grid.parent)
        if parent is None or parent.level.rank >= grid.level.rank:
            raise InputError(
                f"{grid.level} {grid.code!r} names the parent {grid.parent!r}, "
                "which is not in the plan at a wider level",
                code=grid.code,
                parent=grid.parent,
            )

    def __len__(self) -> int:
        return len(self.grids)

    def __iter__(self) -> Iterator[Grid]:
        return iter(self.grids)

    def __contains__(self, code: object) -> bool:
        return code in self._by_code

    def __getitem__(self, code: str) -> Grid:
        try:
            return self._by_code[code]
        except KeyError:
            raise NotFound(f"no grid has the code {code!r}", grid=code) from None

    @cached_property
    def levels(self) -> tuple[Level, ...]:
        """The levels that occur, from the widest to the narrowest."""
        return tuple(self._by_level)

    @cached_property
    def _by_level(self) -> Mapping[Level, tuple[Grid, ...]]:
        starts = [_find(self.grids, (level.rank, "")) for level in Level]
        ends = [*starts[1:], len(self.grids)]
        found = zip(Level, starts, ends, strict=True)
        return {level: self.grids[start:end] for level, start, end in found if start < end}

    @cached_property
    def _children(self) -> Mapping[str, tuple[Grid, ...]]:
        found: dict[str, list[Grid]] = {}
        for grid in self.grids:
            if grid.parent is not None:
                found.setdefault(grid.parent, []).append(grid)
        return {code: tuple(grids) for code, grids in found.items()}

    @cached_property
    def geometries(self) -> NDArray[Any]:
        """The areas in the order of ``grids``, shape (n,); not to be written to."""
        areas = np.empty(len(self.grids), dtype=object)
        areas[:] = [grid.geometry for grid in self.grids]
        areas.flags.writeable = False
        return areas

    @cached_property
    def bounds(self) -> NDArray[np.float64]:
        """West, south, east and north of every area in the order of ``grids``, shape (n, 4)."""
        bounds: NDArray[np.float64] = shapely.bounds(self.geometries).reshape(-1, 4)
        bounds.flags.writeable = False
        return bounds

    @cached_property
    def borders(self) -> Mapping[Level, Chain]:
        """The sum of all borders of each level (see ``gis.plan.chains``).

        What is left of a level that tiles its ground exactly is its outer limit and the rings of
        its holes; of any other, the faults as well.
        """
        return {level: self._sum_borders(level) for level in self.levels}

    def region(self, level: Level) -> Area | None:
        """Return the ground that a level of valid areas tiles exactly, None if it does not."""
        if level not in self._regions:
            border = self.borders[level]
            # Levels that nest leave the same border, so mostly another level knows it already.
            alike = (
                region
                for other, region in self._regions.items()
                if is_same(self.borders[other], border)
            )
            self._regions[level] = next(alike, None) or region_of(border)
        return self._regions[level]

    @cached_property
    def _regions(self) -> dict[Level, Area | None]:
        return {}

    def _sum_borders(self, level: Level) -> Chain:
        start = _find(self.grids, (level.rank, ""))
        return add([border_of(self.geometries[start : start + len(self.at(level))])])

    def replacing(self, gone: Iterable[str], come: Iterable[Grid]) -> Plan:
        """Return the plan without some grids and with others; the rest is shared, not copied.

        Costs what the change costs, not what the plan costs: only arrivals and the children of
        what is gone are looked at again.

        Parameters
        ----------
        gone
            Codes; one that is not in the plan is passed over.
        come
            New grids, among them new values of grids that are gone.

        Raises
        ------
        InputError
            As in the constructor.
        """
        away = {code for code in gone if code in self._by_code}
        arrivals = sorted(come, key=_place_of)
        codes = {grid.code for grid in arrivals}
        clash = len(codes) < len(arrivals) or any(c in self._by_code for c in codes - away)
        if clash or 8 * (len(away) + len(arrivals)) > len(self.grids):
            return Plan([*(grid for grid in self.grids if grid.code not in away), *arrivals])
        return self._patched(away, arrivals)

    def _patched(self, away: Collection[str], arrivals: Sequence[Grid]) -> Plan:
        plan = Plan.__new__(Plan)
        left = sorted(_find(self.grids, _place_of(self._by_code[code])) for code in away)
        kept = list(self.grids)
        for position in reversed(left):
            del kept[position]
        entered = [_find(kept, _place_of(grid)) for grid in arrivals]
        for position, grid in zip(reversed(entered), reversed(arrivals), strict=True):
            kept.insert(position, grid)
        plan.grids = tuple(kept)
        plan._by_code = dict(self._by_code)
        for code in away:
            del plan._by_code[code]
        plan._by_code.update((grid.code, grid) for grid in arrivals)
        plan.__dict__["_children"] = self._patch_children(away, arrivals)
        orphans = [child for code in away for child in plan.children(code)]
        for grid in sorted([*arrivals, *orphans], key=_place_of):
            plan._check_parent(grid)
        self._hand_on_arrays(plan, left, entered, arrivals)
        return plan

    def _patch_children(
        self, away: Collection[str], arrivals: Sequence[Grid]
    ) -> Mapping[str, tuple[Grid, ...]]:
        found = dict(self._children)
        parents = {self._by_code[code].parent for code in away} | {g.parent for g in arrivals}
        for parent in parents - {None}:
            stay = [grid for grid in self.children(parent or "") if grid.code not in away]
            new = [grid for grid in arrivals if grid.parent == parent]
            found[parent or ""] = tuple(sorted([*stay, *new], key=_place_of))
        return found

    def _hand_on_arrays(
        self, plan: Plan, left: list[int], entered: list[int], arrivals: Sequence[Grid]
    ) -> None:
        """Carry the arrays that are known already over to a plan that differs in few grids."""
        areas = np.empty(len(arrivals), dtype=object)
        areas[:] = [grid.geometry for grid in arrivals]
        rows = {"geometries": areas, "bounds": shapely.bounds(areas).reshape(-1, 4)}
        for name in self.__dict__.keys() & rows.keys():
            array = np.insert(
                np.delete(self.__dict__[name], left, axis=0), entered, rows[name], axis=0
            )
            array.flags.writeable = False
            plan.__dict__[name] = array
        if "borders" in self.__dict__:
            plan.__dict__["borders"] = self._patch_borders(plan, left, arrivals)
            known = self._regions.items()
            plan.__dict__["_regions"] = {
                level: region
                for level, region in known
                if plan.borders.get(level) is self.borders[level]
            }

    def _patch_borders(
        self, plan: Plan, left: list[int], arrivals: Sequence[Grid]
    ) -> Mapping[Level, Chain]:
        departed = [self.grids[position] for position in left]
        found = {level: self.borders.get(level, EMPTY) for level in plan.levels}
        for level in {grid.level for grid in [*departed, *arrivals]} & found.keys():
            old = [reverse(border_of(grid.geometry)) for grid in departed if grid.level is level]
            new = [border_of(grid.geometry) for grid in arrivals if grid.level is level]
            change = add([*old, *new])
            found[level] = add([found[level], change]) if len(change) else found[level]
        return found

    def at(self, level: Level) -> tuple[Grid, ...]:
        """Return the grids of one level in ascending code order."""
        return self._by_level.get(level, ())

    def children(self, code: str) -> tuple[Grid, ...]:
        """Return the grids whose parent is ``code``, in ascending (level, code) order."""
        return self._children.get(code, ())

    def ancestors(self, code: str) -> tuple[Grid, ...]:
        """Return the areas above ``code``, from the widest to the nearest."""
        found: list[Grid] = []
        parent = self[code].parent
        while parent is not None:
            found.append(self[parent])
            parent = found[-1].parent
        return tuple(reversed(found))

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over codes, names, levels, parents and coordinates: equal plans, equal text."""
        digest = hashlib.sha256()
        written = shapely.to_wkb(self.geometries, byte_order=1)
        for grid, wkb in zip(self.grids, written, strict=True):
            fields = (grid.code, grid.name, grid.level.value, grid.parent or "")
            digest.update("\x1f".join(fields).encode())
            digest.update(wkb)
        return digest.hexdigest()


def _place_of(grid: Grid) -> tuple[int, str]:
    return grid.level.rank, grid.code


def _find(grids: Sequence[Grid], place: tuple[int, str]) -> int:
    return bisect_left(grids, place, key=_place_of)


@dataclass(frozen=True, slots=True)
class Revision:
    """A published, immutable plan with its half-open validity ``[effective_from, effective_to)``.

    ``None`` means without bound on that side: the first revision of a series may be valid
    "since ever", the last one "until further notice".
    """

    id: int
    series: str
    effective_from: datetime | None
    effective_to: datetime | None
    plan: Plan = field(repr=False)

    def in_force(self, at: datetime) -> bool:
        """Tell whether the revision is in force at an aware date and time."""
        after = self.effective_from is None or self.effective_from <= at
        return after and (self.effective_to is None or at < self.effective_to)
