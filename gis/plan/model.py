"""What is a plan made of?

A plan is a value: a full set of grids with their hierarchy. Nothing here changes in place.
All geometry is in EPSG:4490 (CGCS2000) longitude/latitude, snapped to 1e-7°.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType

import shapely

from gis.errors import InputError, NotFound


class Level(StrEnum):
    """A storey of the hierarchy, from the widest to the narrowest."""

    DISTRICT = "district"
    SUBDISTRICT = "subdistrict"
    COMMUNITY = "community"
    GRID = "grid"
    SUBGRID = "subgrid"

    @property
    def rank(self) -> int:
        """0 for the widest level, growing towards the narrowest."""
        return list(Level).index(self)


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
        self.grids = tuple(sorted(grids, key=lambda grid: (grid.level.rank, grid.code)))
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
        return tuple(sorted(self._by_level, key=lambda level: level.rank))

    @cached_property
    def _by_level(self) -> Mapping[Level, tuple[Grid, ...]]:
        found: dict[Level, list[Grid]] = {}
        for grid in self.grids:
            found.setdefault(grid.level, []).append(grid)
        return {level: tuple(grids) for level, grids in found.items()}

    @cached_property
    def _children(self) -> Mapping[str, tuple[Grid, ...]]:
        found: dict[str, list[Grid]] = {}
        for grid in self.grids:
            if grid.parent is not None:
                found.setdefault(grid.parent, []).append(grid)
        return MappingProxyType({code: tuple(grids) for code, grids in found.items()})

    def replacing(self, gone: Iterable[str], come: Iterable[Grid]) -> Plan:
        """Return the plan without some grids and with others; the rest is shared, not copied."""
        away = set(gone)
        return Plan([*(grid for grid in self.grids if grid.code not in away), *come])

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
        for grid in self.grids:
            fields = (grid.code, grid.name, grid.level.value, grid.parent or "")
            digest.update("\x1f".join(fields).encode())
            digest.update(shapely.to_wkb(grid.geometry, byte_order=1))
        return digest.hexdigest()


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
