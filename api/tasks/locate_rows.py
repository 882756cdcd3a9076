"""In which grids do many points and addresses lie?

The one way that files, requests and the workers of a cluster share. A block of rows goes in as
arrays, and comes out as arrays of numbers that count in one catalogue of all grids of all
revisions: texts are made only when they are written. What is wrong with a row is told in that row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gis.coords import Array
from gis.errors import InputError, NotFound
from gis.locate import Locator, PlanIndex
from gis.locate.match import RevisionInfo
from gis.locate.nearby import check_metres

if TYPE_CHECKING:
    from gis.locate.address_lookup import AddressAnswer
    from gis.locate.gazetteer import Gazetteer

Places = NDArray[np.int32]
Instants = NDArray[np.datetime64]

STATUSES = ("inside", "near", "outside", "ambiguous", "unknown")
NO_ANSWER = -1
_CODE_OF = {status: code for code, status in enumerate(STATUSES)}
_INSIDE, _NEAR, _OUTSIDE = _CODE_OF["inside"], _CODE_OF["near"], _CODE_OF["outside"]
NO_ADDRESS_BOOK = (
    "an address, and there is no address book here; import addresses, or give lon and lat"
)
NO_POSITION = "has no position and no address; give lon and lat, or address"
SWAPPED = "lies outside, but would lie in the plan with lon and lat swapped; write longitude first"


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows that are to be located.

    ``lon`` and ``lat`` are float64 arrays of shape (n,), EPSG:4490 degrees, NaN where a row has no
    position; ``addresses`` holds by row the texts that are looked up instead. ``at`` (n,) are UTC
    instants, NaT for the common date; None if all rows have that. ``faults`` tells by row why it
    cannot be located.
    """

    lon: Array
    lat: Array
    addresses: Mapping[int, str] = field(default_factory=dict)
    at: Instants | None = None
    faults: Mapping[int, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.lon)


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What was found for each of n rows.

    ``status`` (n,) counts in :data:`STATUSES`, ``revision`` (n,) in the revisions of the locator,
    and ``places[level]`` (n,) in its catalogue; -1 is none. ``answers`` has the answers to
    addresses, ``errors`` what is wrong, by row.
    """

    status: NDArray[np.int8]
    revision: Places
    places: Mapping[str, Places]
    answers: dict[int, AddressAnswer]
    errors: dict[int, str]

    def __len__(self) -> int:
        return len(self.status)


class RowLocator:
    """Locates blocks of rows on the revisions of one plan; can be sent to other processes.

    Parameters
    ----------
    indexes
        The published revisions.
    gazetteer
        The address book; None where there is none.
    at
        The date of rows that name none; now if None.
    near_m
        How far from the plan an outside point may be to get the nearest area: more than 0, at most
        50,000.
    zone
        Time zone of the day on which the names of addresses are understood.
    """

    def __init__(
        self,
        indexes: Sequence[PlanIndex],
        gazetteer: Gazetteer | None = None,
        *,
        at: datetime | None = None,
        near_m: float | None = None,
        zone: tzinfo = UTC,
    ) -> None:
        if near_m is not None:
            check_metres("near_m", near_m)
        self._indexes = Locator(indexes).indexes
        self._gazetteer = gazetteer
        self._zone = zone
        self._at = at or datetime.now(UTC)
        self._near_m = near_m
        self.levels = _order_levels(self._indexes)
        self._starts = {level: _starts(self._indexes, level) for level in self.levels}
        self._positions: dict[tuple[int, str], dict[str, int]] = {}
        self.codes = {level: _catalogue(self._indexes, level, "codes") for level in self.levels}
        self.names = {level: _catalogue(self._indexes, level, "names") for level in self.levels}

    @property
    def revisions(self) -> tuple[RevisionInfo, ...]:
        """The revisions, from the earliest to the latest."""
        return tuple(index.revision for index in self._indexes)

    def check_date(self) -> None:
        """Raise NotFound when no revision is in force at the common date."""
        Locator(self._indexes).find(self._at)

    def locate(self, rows: Rows) -> Outcomes:
        """Find the grids of each row, at every level.

        Parameters
        ----------
        rows
            Of any number; a point costs tens of nanoseconds a level, an address about 50 µs.
        """
        count = len(rows)
        found = Outcomes(
            status=np.full(count, NO_ANSWER, dtype=np.int8),
            revision=np.full(count, -1, dtype=np.int32),
            places={level: np.full(count, -1, dtype=np.int32) for level in self.levels},
            answers={},
            errors=dict(rows.faults),
        )
        for number, chosen in self._by_revision(rows, found.errors):
            self._locate_points(number, rows, chosen, found)
        self._locate_addresses(rows, found)
        self._explain_missing(found)
        return found

    def _by_revision(
        self, rows: Rows, errors: dict[int, str]
    ) -> list[tuple[int, slice | NDArray[np.intp]]]:
        """Return which rows each revision answers, and note who has none."""
        if rows.at is None:
            numbers = [k for k, index in enumerate(self._indexes) if index.in_force(self._at)]
            if numbers:
                return [(numbers[-1], slice(None))]
            self._explain_absence(range(len(rows)), rows, errors)
            return []
        moments = np.where(np.isnat(rows.at), _instant(self._at), rows.at)
        left = np.ones(len(rows), dtype=bool)
        chosen = []
        for number, index in enumerate(self._indexes):
            here = left & _within(moments, index.revision)
            left &= ~here
            if here.any():
                chosen.append((number, np.flatnonzero(here)))
        self._explain_absence(np.flatnonzero(left).tolist(), rows, errors)
        return chosen

    def _explain_absence(self, where: Sequence[int], rows: Rows, errors: dict[int, str]) -> None:
        said: dict[datetime, str] = {}
        for row in where:
            at = self._at if rows.at is None else _moment(rows.at[row], self._at)
            if at not in said:
                try:
                    Locator(self._indexes).find(at)
                except NotFound as error:
                    said[at] = error.message
            errors.setdefault(row, said.get(at, ""))

    def _locate_points(
        self, number: int, rows: Rows, chosen: slice | NDArray[np.intp], found: Outcomes
    ) -> None:
        lon, lat = rows.lon[chosen], rows.lat[chosen]
        covered = np.zeros(len(lon), dtype=bool)
        for level, positions in self._indexes[number].locate_levels(lon, lat).items():
            inside = positions >= 0
            covered |= inside
            found.places[level][chosen] = np.where(
                inside, positions + np.int32(self._starts[level][number]), np.int32(-1)
            )
        status = np.where(covered, _INSIDE, _OUTSIDE).astype(np.int8)
        lost = np.isnan(lon)
        status[lost] = NO_ANSWER
        found.status[chosen] = status
        found.revision[chosen] = np.int32(number)
        beyond = np.flatnonzero(~covered & ~lost)
        if len(beyond):
            numbers = np.arange(len(rows), dtype=np.intp)[chosen][beyond]
            self._look_around(number, rows, numbers, found)

    def _look_around(
        self, number: int, rows: Rows, outside: NDArray[np.intp], found: Outcomes
    ) -> None:
        """Tell swapped coordinates, and what lies near, for points outside the plan."""
        index, lon, lat = self._indexes[number], rows.lon[outside], rows.lat[outside]
        turned = np.full(len(outside), -1, dtype=np.int32)
        fits = np.flatnonzero(np.abs(lon) <= 90.0)
        turned[fits] = index.locate_many(lat[fits], lon[fits], level=index.levels[0])
        for row in outside[turned >= 0].tolist():
            found.errors.setdefault(row, f"({rows.lon[row]:.7g}, {rows.lat[row]:.7g}) {SWAPPED}")
        if self._near_m is None:
            return
        for row in outside[turned < 0].tolist():
            match = index.locate(
                lon=float(rows.lon[row]), lat=float(rows.lat[row]), near_m=self._near_m
            )
            if match.status == "near":
                found.status[row] = _NEAR
                self._note_grids(number, row, match.grids, found)

    def _locate_addresses(self, rows: Rows, found: Outcomes) -> None:
        if not rows.addresses:
            return
        from gis.locate.address_lookup import locate_address

        for row, text in rows.addresses.items():
            number = int(found.revision[row])
            if number < 0 or row in found.errors:
                continue
            if self._gazetteer is None:
                found.errors[row] = NO_ADDRESS_BOOK
                continue
            at = self._at if rows.at is None else _moment(rows.at[row], self._at)
            day = at.astimezone(self._zone).date()
            try:
                answer = locate_address(
                    self._gazetteer, self._indexes[number], text, at=day, with_border=False
                )
            except InputError as error:
                found.errors[row] = error.message
                continue
            found.status[row] = _CODE_OF[answer.status]
            found.answers[row] = answer
            self._note_grids(number, row, answer.grids, found)

    def _note_grids(self, number: int, row: int, grids: Sequence[Any], found: Outcomes) -> None:
        for hit in grids:
            known = self._positions.get((number, hit.level))
            if known is None:
                codes = self._indexes[number].codes(hit.level)
                start = int(self._starts[hit.level][number])
                known = {code: start + place for place, code in enumerate(codes)}
                self._positions[number, hit.level] = known
            found.places[hit.level][row] = known[hit.code]

    def _explain_missing(self, found: Outcomes) -> None:
        for row in np.flatnonzero(found.status == NO_ANSWER).tolist():
            found.errors.setdefault(row, NO_POSITION)
        for row in found.errors:
            found.status[row] = NO_ANSWER
            found.revision[row] = -1
            for places in found.places.values():
                places[row] = -1


def _order_levels(indexes: Sequence[PlanIndex]) -> tuple[str, ...]:
    """Return every level of the revisions, the widest first; revisions may lack some."""
    ordered: list[str] = []
    for index in indexes:
        place = 0
        for level in index.levels:
            if level in ordered:
                place = ordered.index(level) + 1
            else:
                ordered.insert(place, level)
                place += 1
    return tuple(ordered)


def _starts(indexes: Sequence[PlanIndex], level: str) -> list[int]:
    sizes = [len(index.codes(level)) if level in index.levels else 0 for index in indexes]
    return list(accumulate(sizes, initial=0))


def _catalogue(indexes: Sequence[PlanIndex], level: str, what: str) -> NDArray[np.object_]:
    """Return the codes or names of a level in all revisions; the last is None, for -1."""
    texts = [
        text for index in indexes if level in index.levels for text in getattr(index, what)(level)
    ]
    return np.array([*texts, None], dtype=object)


def _instant(moment: datetime) -> np.datetime64:
    return np.datetime64(moment.astimezone(UTC).replace(tzinfo=None), "us")


def _moment(instant: np.datetime64, common: datetime) -> datetime:
    if np.isnat(instant):
        return common
    try:
        return instant.astype("datetime64[us]").item().replace(tzinfo=UTC)  # type: ignore[no-any-return]
    except (AttributeError, OverflowError):
        return common


def _within(moments: Instants, revision: RevisionInfo) -> NDArray[np.bool_]:
    chosen = np.ones(len(moments), dtype=bool)
    if revision.effective_from is not None:
        chosen &= moments >= _instant(revision.effective_from)
    if revision.effective_to is not None:
        chosen &= moments < _instant(revision.effective_to)
    return chosen
