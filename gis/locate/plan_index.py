"""Which grids of one revision cover a place, which are near it, and where is their border?"""

from __future__ import annotations

import copy
from collections.abc import Hashable, Iterable, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any, Literal, NamedTuple

import shapely

from gis.coords import SANMING_METRIC_SRID
from gis.errors import InputError, NotFound
from gis.locate.border import Borders
from gis.locate.index import GridIndex
from gis.locate.match import (
    Accuracy,
    AccuracyShare,
    BorderHit,
    GridHit,
    GridMatch,
    RevisionInfo,
)
from gis.locate.metres.outlines import Outlines
from gis.locate.nearby import Way, find_near, find_way, share_circle
from gis.locate.table.layout import Positions

BORDER_LEVEL = "grid"
_TOUCHING_M = 1e-3


class Entry(NamedTuple):
    """A grid as the locator needs it; ``geometry`` in EPSG:4490 degrees."""

    code: str
    name: str
    geometry: Any


class PlanIndex:
    """The point indexes of one revision, one for each level.

    Parameters
    ----------
    revision_id
        The number under which the revision is stored.
    effective_from, effective_to
        Aware dates and times of the half-open validity; None is without bound.
    levels
        The grids of each level as (code, name, geometry), in any order; levels from the widest
        to the narrowest. Each level is located on its own: exactly one grid of each, or none.
    metric_srid
        The projected CRS in which border distances are measured.
    indexes
        Ready-made indexes by level, each over the geometries of its level in ascending code order;
        a level without one gets its index built here.

    ``prepared`` keeps what others make from this index and nothing else, so that it goes with it;
    it does not travel to other processes.

    Examples
    --------
    >>> import shapely
    >>> plan = PlanIndex(7, None, None, {"grid": [("002", "二", shapely.box(1, 0, 2, 1)),
    ...     ("001", "一", shapely.box(0, 0, 1, 1))]}, metric_srid=32631)
    >>> plan.locate(lon=1.0, lat=0.5).grids
    (GridHit(level='grid', code='001', name='一'),)
    >>> plan.codes("grid"), plan.locate_many([0.5, 1.5, 9.0], [0.5, 0.5, 0.5]).tolist()
    (('001', '002'), [0, 1, -1])
    """

    def __init__(
        self,
        revision_id: int,
        effective_from: datetime | None,
        effective_to: datetime | None,
        levels: Mapping[str, Iterable[tuple[str, str, Any]]],
        *,
        metric_srid: int,
        indexes: Mapping[str, GridIndex] | None = None,
    ) -> None:
        if not levels:
            raise InputError(f"revision {revision_id} has no level to locate points in")
        for date in (effective_from, effective_to):
            if date is not None:
                check_aware(date)
        self.revision = RevisionInfo(revision_id, effective_from, effective_to)
        self._entries: Mapping[str, tuple[Entry, ...]] = {
            str(level): tuple(sorted((Entry(*entry) for entry in entries), key=_code))
            for level, entries in levels.items()
        }
        self._indexes = {
            level: _use_or_build(level, entries, indexes or {})
            for level, entries in self._entries.items()
        }
        self.prepared: dict[Hashable, Any] = {}
        self._border_level = BORDER_LEVEL if BORDER_LEVEL in self._entries else self.levels[-1]
        self._border_rank = self.levels.index(self._border_level)
        self._metric_srid = metric_srid
        self._borders = self._borders_of(self._border_level)

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"prepared": {}}

    @staticmethod
    def warm() -> None:
        """Compile everything, or load it from the cache on disk, before someone waits for it."""
        GridIndex.warm()
        squares = [shapely.box(lon, 26.2, lon + 0.01, 26.21) for lon in (117.6, 117.61)]
        entries = [(str(number), "", square) for number, square in enumerate(squares)]
        plan = PlanIndex(0, None, None, {"": entries}, metric_srid=SANMING_METRIC_SRID)
        plan.locate(lon=117.605, lat=26.205)
        plan.locate(lon=117.5999, lat=26.205, near_m=100.0)
        plan.find_way(lon=117.5, lat=26.205)

    def with_validity(
        self, effective_from: datetime | None, effective_to: datetime | None
    ) -> PlanIndex:
        """Return the same indexes with another validity: a later revision has ended this one."""
        other = copy.copy(self)
        other.revision = RevisionInfo(self.revision.id, effective_from, effective_to)
        other.prepared = {}
        return other

    @property
    def levels(self) -> tuple[str, ...]:
        """The levels, from the widest to the narrowest."""
        return tuple(self._entries)

    def codes(self, level: str) -> tuple[str, ...]:
        """Return the codes of a level; a position of that level counts in this tuple."""
        return tuple(entry.code for entry in self._at(level))

    def names(self, level: str) -> tuple[str, ...]:
        """Return the names of a level, in the order of its codes."""
        return tuple(entry.name for entry in self._at(level))

    def locate_many(self, lon: Any, lat: Any, *, level: str | None = None) -> Positions:
        """Return the position of the grid that covers each point, in one level.

        Parameters
        ----------
        lon, lat
            Arrays of shape (n,), EPSG:4490 degrees.
        level
            The narrowest level if not given.

        Returns
        -------
        positions
            int32 array of shape (n,) that counts in ``codes(level)``; -1 outside.
        """
        chosen = self.levels[-1] if level is None else level
        self._at(chosen)
        return self._indexes[chosen].locate(lon, lat)

    def locate_levels(self, lon: Any, lat: Any) -> dict[str, Positions]:
        """Return the positions of each point in every level, from the widest to the narrowest."""
        return {level: index.locate(lon, lat) for level, index in self._indexes.items()}

    def locate(
        self,
        *,
        lon: float,
        lat: float,
        with_border: bool = True,
        near_m: float | None = None,
        accuracy_m: float | None = None,
    ) -> GridMatch:
        """Return the grids that cover one point, with the nearest border of its grid.

        Parameters
        ----------
        lon, lat
            EPSG:4490 degrees.
        with_border
            Whether to measure the way to the nearest border.
        near_m
            How far a grid may be from a point that none covers; at most 50,000 metres.
        accuracy_m
            The uncertainty of the position: the radius of a circle, at most 50,000 metres.

        Raises
        ------
        InputError
            A distance is out of range, or the circle meets more than 5,000 grids.
        """
        positions = self.find_positions(lon=lon, lat=lat)
        status: Literal["inside", "near", "outside"] = "inside"
        border = None
        if max(positions) >= 0:
            border = self.find_border(positions, lon=lon, lat=lat) if with_border else None
        else:
            near = self._find_near(lon, lat, near_m) if near_m is not None else None
            status = "outside" if near is None else "near"
            positions, border = near or (positions, None)
        accuracy = None if accuracy_m is None else self.share_circle(lon, lat, accuracy_m)
        return GridMatch(status, self.hits(positions), self.revision, border, accuracy)

    def find_positions(self, *, lon: float, lat: float) -> tuple[int, ...]:
        """Return the position of the grid that covers a point in every level, -1 for none."""
        return tuple([index.find(lon=lon, lat=lat) for index in self._in_order])

    def hits(self, positions: tuple[int, ...]) -> tuple[GridHit, ...]:
        """Return the grids at one position for each level; -1 is none."""
        return tuple(
            self._hit(level, position)
            for level, position in zip(self.levels, positions, strict=True)
            if position >= 0
        )

    def find_border(
        self, positions: tuple[int, ...], *, lon: float, lat: float
    ) -> BorderHit | None:
        """Return the nearest border of the grid among ``positions`` that has one of its own."""
        found = self.measure_border(positions, lon, lat)
        return None if found is None else BorderHit(*found)

    def measure_border(
        self, positions: tuple[int, ...], lon: float, lat: float
    ) -> tuple[float, str | None, bool] | None:
        """Return the fields of ``find_border`` as plain values, for those who write many."""
        position = positions[self._border_rank]
        if position < 0:
            return None
        distance_m, neighbour, on_border = self._borders.measure(position, lon, lat)
        code = None if neighbour < 0 else self._entries[self._border_level][neighbour].code
        return distance_m, code, on_border

    def share_circle(self, lon: float, lat: float, radius_m: float) -> Accuracy:
        """Return the grids within a circle around a point, with their shares of its area."""
        found = share_circle(self._borders, lon=lon, lat=lat, radius_m=radius_m)
        entries = self._entries[self._border_level]
        grids = tuple(
            AccuracyShare(self._border_level, entries[k].code, entries[k].name, share)
            for k, share in zip(found.positions.tolist(), found.shares.tolist(), strict=True)
        )
        return Accuracy(radius_m, grids, found.outside)

    def find_way(self, *, lon: float, lat: float) -> Way | None:
        """Return about how far and in which direction a point lies from the plan."""
        return find_way(self._widest, lon=lon, lat=lat)

    @cached_property
    def extent(self) -> tuple[float, float, float, float]:
        """West, south, east and north of the widest level, EPSG:4490 degrees."""
        return self._widest.extent

    def in_force(self, at: datetime) -> bool:
        """Tell whether the revision is in force at an aware date and time."""
        start, end = self.revision.effective_from, self.revision.effective_to
        return (start is None or start <= at) and (end is None or at < end)

    def _at(self, level: str) -> tuple[Entry, ...]:
        try:
            return self._entries[level]
        except KeyError:
            raise NotFound(
                f"revision {self.revision.id} has no level {str(level)!r}; "
                f"it has {', '.join(self.levels)}",
                level=str(level),
            ) from None

    def _hit(self, level: str, position: int) -> GridHit:
        entry = self._entries[level][position]
        return GridHit(level, entry.code, entry.name)

    @cached_property
    def _in_order(self) -> tuple[GridIndex, ...]:
        return tuple(self._indexes[level] for level in self.levels)

    @cached_property
    def _widest(self) -> Outlines:
        return Outlines(self._in_order[0])

    def _borders_of(self, level: str) -> Borders:
        geometries = [entry.geometry for entry in self._entries[level]]
        return Borders(geometries, self._indexes[level], metric_srid=self._metric_srid)

    def _find_near(
        self, lon: float, lat: float, near_m: float
    ) -> tuple[tuple[int, ...], BorderHit] | None:
        """Find the nearest area of the border level, and what lies above and below it."""
        near = find_near(self._borders, lon=lon, lat=lat, near_m=near_m)
        if near is None:
            return None
        area = self._entries[self._border_level][near.position].geometry
        inner = shapely.point_on_surface(area)
        above = self.find_positions(lon=inner.x, lat=inner.y)[: self._border_rank]
        below = []
        for level in self.levels[self._border_rank + 1 :]:
            # A narrower area counts only if it is as near: not every grid is divided.
            reach_m = near.distance_m + _TOUCHING_M
            narrower = find_near(self._borders_of(level), lon=lon, lat=lat, near_m=reach_m)
            below.append(-1 if narrower is None else narrower.position)
        way = BorderHit(near.distance_m, None, on_border=False)
        return (*above, near.position, *below), way


def check_aware(date: datetime) -> datetime:
    """Refuse a date and time without an offset from UTC."""
    if date.utcoffset() is None:
        raise InputError(
            f"{date.isoformat()} has no offset from UTC; write it as in 2026-01-01T00:00:00+08:00",
            at=date.isoformat(),
        )
    return date


def _use_or_build(
    level: str, entries: tuple[Entry, ...], ready: Mapping[str, GridIndex]
) -> GridIndex:
    index = ready.get(level)
    if index is None:
        return GridIndex([entry.geometry for entry in entries])
    if len(index) != len(entries):
        raise InputError(
            f"the index of level {level!r} is over {len(index)} grids, and there are "
            f"{len(entries)}; build it anew",
            level=level,
        )
    return index


def _code(entry: Entry) -> str:
    return entry.code
