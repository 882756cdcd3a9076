"""Which grids cover a place on a date?

A :class:`PlanIndex` answers for one revision, a :class:`Locator` for all revisions of a series.
A locator is never changed in place: ``replace`` swaps one tuple for another, so that a reader
sees either all of the old revisions or all of the new ones, and needs no lock.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from gis.errors import InputError, NotFound
from gis.locate.border import Borders
from gis.locate.cells import Positions
from gis.locate.index import GridIndex

BORDER_LEVEL = "grid"


class Entry(NamedTuple):
    """A grid as the locator needs it; ``geometry`` in EPSG:4490 degrees."""

    code: str
    name: str
    geometry: Any


@dataclass(frozen=True, slots=True)
class GridHit:
    """A grid that covers the point."""

    level: str
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class BorderHit:
    """The nearest border of the grid that covers the point; ``neighbour`` is a code."""

    distance_m: float
    neighbour: str | None
    on_border: bool


@dataclass(frozen=True, slots=True)
class RevisionInfo:
    """The revision that gave the answer, with its half-open validity."""

    id: int
    effective_from: datetime | None
    effective_to: datetime | None


@dataclass(frozen=True, slots=True)
class GridMatch:
    """The answer for one point; ``grids`` runs from the widest level to the narrowest."""

    status: Literal["inside", "outside"]
    grids: tuple[GridHit, ...]
    revision: RevisionInfo
    border: BorderHit | None


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
    ) -> None:
        if not levels:
            raise InputError(f"revision {revision_id} has no level to locate points in")
        for date in (effective_from, effective_to):
            if date is not None:
                _check_aware(date)
        self.revision = RevisionInfo(revision_id, effective_from, effective_to)
        self._entries: Mapping[str, tuple[Entry, ...]] = MappingProxyType(
            {
                str(level): tuple(sorted((Entry(*entry) for entry in entries), key=_code))
                for level, entries in levels.items()
            }
        )
        self._indexes = {
            level: GridIndex([entry.geometry for entry in entries])
            for level, entries in self._entries.items()
        }
        self._border_level = BORDER_LEVEL if BORDER_LEVEL in self._entries else self.levels[-1]
        self._borders = Borders(
            [entry.geometry for entry in self._entries[self._border_level]],
            self._indexes[self._border_level],
            metric_srid=metric_srid,
        )

    def with_validity(
        self, effective_from: datetime | None, effective_to: datetime | None
    ) -> PlanIndex:
        """Return the same indexes with another validity: a later revision has ended this one."""
        other = copy.copy(self)
        other.revision = RevisionInfo(self.revision.id, effective_from, effective_to)
        return other

    @property
    def levels(self) -> tuple[str, ...]:
        """The levels, from the widest to the narrowest."""
        return tuple(self._entries)

    def codes(self, level: str) -> tuple[str, ...]:
        """Return the codes of a level; a position of that level counts in this tuple."""
        return tuple(entry.code for entry in self._at(level))

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

    def locate(self, *, lon: float, lat: float, with_border: bool = True) -> GridMatch:
        """Return the grids that cover one point, with the nearest border of its grid."""
        found = {
            level: position
            for level, index in self._indexes.items()
            if (position := index.locate_one(lon=lon, lat=lat)) >= 0
        }
        near = None
        if with_border and self._border_level in found:
            near = self._find_border(found[self._border_level], lon, lat)
        return GridMatch(
            status="inside" if found else "outside",
            grids=tuple(self._hit(level, position) for level, position in found.items()),
            revision=self.revision,
            border=near,
        )

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

    def _find_border(self, position: int, lon: float, lat: float) -> BorderHit:
        near = self._borders.find(position, lon=lon, lat=lat)
        entries = self._entries[self._border_level]
        neighbour = None if near.neighbour is None else entries[near.neighbour].code
        return BorderHit(near.distance_m, neighbour, near.on_border)


class Locator:
    """All revisions of one series, ready to be asked from any thread.

    Parameters
    ----------
    indexes
        The published revisions, in any order. Their validities must not overlap.

    Raises
    ------
    InputError
        Two revisions would be in force at once.
    """

    def __init__(self, indexes: Iterable[PlanIndex] = ()) -> None:
        self._indexes: tuple[PlanIndex, ...] = ()
        self.replace(indexes)

    @property
    def indexes(self) -> tuple[PlanIndex, ...]:
        """The revisions, from the earliest to the latest."""
        return self._indexes

    def replace(self, indexes: Iterable[PlanIndex]) -> None:
        """Swap all revisions at once; lookups under way finish on the old ones."""
        ordered = tuple(sorted(indexes, key=_start))
        for earlier, later in pairwise(ordered):
            _check_apart(earlier.revision, later.revision)
        self._indexes = ordered

    def find(self, at: datetime | None = None) -> PlanIndex:
        """Return the revision in force at an aware date and time, now if not given.

        Raises
        ------
        InputError
            The date and time has no offset from UTC.
        NotFound
            No revision is in force then.
        """
        moment = datetime.now(UTC) if at is None else _check_aware(at)
        indexes = self._indexes
        for index in reversed(indexes):
            if index.in_force(moment):
                return index
        raise NotFound(_explain_absence(indexes, moment), at=moment.isoformat())

    def locate(
        self, *, lon: float, lat: float, at: datetime | None = None, with_border: bool = True
    ) -> GridMatch:
        """Return the grids that cover a point at an aware date and time, now if not given.

        Parameters
        ----------
        lon, lat
            EPSG:4490 degrees.
        at
            Picks the revision with ``effective_from <= at < effective_to``.
        with_border
            Whether to measure the way to the nearest border.

        Raises
        ------
        InputError, NotFound
            As :meth:`find`.
        """
        return self.find(at).locate(lon=lon, lat=lat, with_border=with_border)


def _code(entry: Entry) -> str:
    return entry.code


def _start(index: PlanIndex) -> datetime:
    return index.revision.effective_from or datetime.min.replace(tzinfo=UTC)


def _check_aware(date: datetime) -> datetime:
    if date.utcoffset() is None:
        raise InputError(
            f"{date.isoformat()} has no offset from UTC; write it as in 2026-01-01T00:00:00+08:00",
            at=date.isoformat(),
        )
    return date


def _check_apart(earlier: RevisionInfo, later: RevisionInfo) -> None:
    ends, begins = earlier.effective_to, later.effective_from
    if ends is None or begins is None or begins < ends:
        raise InputError(
            f"revisions {earlier.id} and {later.id} would be in force at once; "
            "end the earlier one when the later one begins",
            revisions=(earlier.id, later.id),
        )


def _explain_absence(indexes: tuple[PlanIndex, ...], moment: datetime) -> str:
    if not indexes:
        return "no revision is published yet; publish one, or name another plan"
    first = indexes[0].revision
    if first.effective_from is not None and moment < first.effective_from:
        begins = f"revision {first.id}, is in force from {first.effective_from.isoformat()}"
        return f"no revision is in force at {moment.isoformat()}; the first, {begins}"
    known = "; ".join(
        f"revision {index.revision.id} from {_say(index.revision.effective_from)} "
        f"to {_say(index.revision.effective_to)}"
        for index in indexes[-3:]
    )
    return f"no revision is in force at {moment.isoformat()}; the latest are {known}"


def _say(date: datetime | None) -> str:
    return "open" if date is None else date.isoformat()
