"""Which grids cover a place on a date?

A :class:`PlanIndex` answers for one revision, a :class:`Locator` for all revisions of a series.
A locator is never changed in place: ``replace`` swaps one tuple for another, so that a reader
sees either all of the old revisions or all of the new ones, and needs no lock.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import pairwise

from gis.errors import InputError, NotFound
from gis.locate.match import BorderHit, GridHit, GridMatch, RevisionInfo
from gis.locate.plan_index import PlanIndex, check_aware

__all__ = ["BorderHit", "GridHit", "GridMatch", "Locator", "PlanIndex", "RevisionInfo"]


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
        moment = datetime.now(UTC) if at is None else check_aware(at)
        indexes = self._indexes
        for index in reversed(indexes):
            if index.in_force(moment):
                return index
        raise NotFound(_explain_absence(indexes, moment), at=moment.isoformat())

    def locate(
        self,
        *,
        lon: float,
        lat: float,
        at: datetime | None = None,
        with_border: bool = True,
        near_m: float | None = None,
        accuracy_m: float | None = None,
    ) -> GridMatch:
        """Return the grids that cover a point at an aware date and time, now if not given.

        Parameters
        ----------
        lon, lat
            EPSG:4490 degrees.
        at
            Picks the revision with ``effective_from <= at < effective_to``.
        with_border, near_m, accuracy_m
            As for :meth:`PlanIndex.locate`.

        Raises
        ------
        InputError, NotFound
            As :meth:`find` and :meth:`PlanIndex.locate`.
        """
        return self.find(at).locate(
            lon=lon, lat=lat, with_border=with_border, near_m=near_m, accuracy_m=accuracy_m
        )


def _start(index: PlanIndex) -> datetime:
    return index.revision.effective_from or datetime.min.replace(tzinfo=UTC)


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
