"""What is looked at by a check?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Generic, TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray

from gis import coords
from gis.plan.checks.limits import Limits
from gis.plan.model import BaseFeature, Building, Grid, Level, Plan
from gis.plan.work import Points, Work

Item = TypeVar("Item", Building, BaseFeature)


class Placed(Generic[Item]):
    """Things on the ground with a tree to find them by; built once, asked after every edit.

    Examples
    --------
    >>> house = Building("1", shapely.box(117.6, 26.2, 117.61, 26.21))
    >>> [found.external_id for found in Placed([house]).near((117.6, 26.2, 117.7, 26.3))]
    ['1']
    """

    def __init__(self, items: Iterable[Item] = ()) -> None:
        self.items: tuple[Item, ...] = tuple(items)

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree([item.geometry for item in self.items])

    def near(self, bounds: Sequence[float]) -> list[Item]:
        """Return what reaches into a box of EPSG:4490 degrees, in the order given."""
        west, south, east, north = bounds
        found = np.sort(self._tree.query(shapely.box(west, south, east, north)))
        return [self.items[index] for index in found.tolist()]


@dataclass(frozen=True, slots=True)
class Subject:
    """A plan and what is known of its ground. A check whose data is absent says nothing.

    Parameters
    ----------
    plan
        The plan as it would be published.
    metric_srid
        The projected CRS in which is measured.
    work
        Points by kind: households, addresses, staff and so on.
    buildings, base
        Buildings, and the layers of the base map.
    limits
        What the district asks of its grids.
    previous
        The plan that this one would replace.
    used
        Every code that was ever in use in the series.
    touched
        Codes to look at; the whole plan when None.
    """

    plan: Plan
    metric_srid: int
    work: Work = field(default_factory=dict)
    buildings: Placed[Building] = field(default_factory=Placed)
    base: Placed[BaseFeature] = field(default_factory=Placed)
    limits: Limits = field(default_factory=Limits)
    previous: Plan | None = None
    used: frozenset[str] = frozenset()
    touched: frozenset[str] | None = None

    def look_at(self, level: Level | None = None) -> tuple[Grid, ...]:
        """Return the areas that are looked at, of one level or of all, in ascending order."""
        if self.touched is None:
            return self.plan.grids if level is None else self.plan.at(level)
        grids = sorted(
            (self.plan[code] for code in self.touched if code in self.plan),
            key=lambda grid: (grid.level.rank, grid.code),
        )
        return tuple(grid for grid in grids if level in (None, grid.level))

    @property
    def staffed_level(self) -> Level | None:
        """The level whose areas have staff; None for an empty plan."""
        levels = self.plan.levels
        if self.limits.level is not None:
            return self.limits.level
        return Level.GRID if Level.GRID in levels else levels[-1] if levels else None

    def staffed_areas(self) -> tuple[Grid, ...]:
        """Return the areas with staff of their own that are looked at."""
        level = self.staffed_level
        return () if level is None else self.look_at(level)

    def neighbourhood(self, level: Level) -> tuple[Grid, ...]:
        """Return the areas of a level that are looked at, and those whose boxes meet theirs."""
        if self.touched is None:
            return self.plan.at(level)
        return self.meeting(level, self.look_at(level))

    def meeting(self, level: Level, others: Sequence[Grid]) -> tuple[Grid, ...]:
        """Return the areas of a level whose boxes meet those of some areas."""
        near = meet(level_bounds(self.plan, level), boxes_of(others))
        grids = self.plan.at(level)
        return tuple(grids[index] for index in np.flatnonzero(near).tolist())


def level_bounds(plan: Plan, level: Level) -> NDArray[np.float64]:
    """Return the bounds of the areas of one level, in the order of ``plan.at``, shape (n, 4)."""
    start = sum(len(plan.at(wider)) for wider in plan.levels if wider.rank < level.rank)
    return plan.bounds[start : start + len(plan.at(level))]


def boxes_of(grids: Sequence[Grid]) -> NDArray[np.float64]:
    """Return west, south, east, north of each area, shape (n, 4)."""
    return np.array([grid.geometry.bounds for grid in grids]).reshape(-1, 4)


def meet(bounds: NDArray[np.float64], boxes: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell which bounds touch any of some boxes, shape (n,)."""
    found = np.zeros(len(bounds), dtype=bool)
    for west, south, east, north in boxes.tolist():
        found |= (
            (bounds[:, 0] <= east)
            & (bounds[:, 2] >= west)
            & (bounds[:, 1] <= north)
            & (bounds[:, 3] >= south)
        )
    return found


def points_within(points: Points, boxes: NDArray[np.float64]) -> Points:
    """Keep the points that lie in any of some boxes."""
    places = np.column_stack([points.lon, points.lat, points.lon, points.lat])
    near = meet(places, boxes)
    return Points(points.lon[near], points.lat[near], points.weight[near])


def choose_metric_srid(geometries: Sequence[Any] | NDArray[Any]) -> int:
    """Choose the UTM zone of the middle of some areas in EPSG:4490."""
    west, south, east, north = shapely.total_bounds(np.asarray(geometries, dtype=object)).tolist()
    return coords.estimate_metric_srid((west + east) / 2.0, (south + north) / 2.0)


def as_placed(items: Placed[Item] | Iterable[Item]) -> Placed[Item]:
    """Take a collection as it is, or make one."""
    return items if isinstance(items, Placed) else Placed(items)


def middle_of(area: shapely.Geometry) -> tuple[float, float]:
    """Return longitude and latitude of a place inside an area."""
    place = shapely.point_on_surface(area)
    return float(shapely.get_x(place)), float(shapely.get_y(place))
