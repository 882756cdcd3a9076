"""Which grid does a written address lie in, and how sure is that?

An address takes the grid of its building or entrance. It is ``inside`` only when nothing that was
said contradicts the address book, and when all entries that the words may mean lie in one grid of
the narrowest level; a road or an area alone never is. Otherwise the answer is ``ambiguous``, with
the candidates and the grids of each, or ``unknown``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gis.locate.book.reasons import MOST_CANDIDATES
from gis.locate.book.weighing import is_sure
from gis.locate.gazetteer import AddressMatch, Candidate, Gazetteer, Reason
from gis.locate.locator import BorderHit, GridHit, GridMatch, PlanIndex, RevisionInfo

_PLACED = ("building", "estate", "place")


@dataclass(frozen=True, slots=True)
class PlacedCandidate:
    """A candidate with the grids that cover it, from the widest level to the narrowest."""

    candidate: Candidate
    grids: tuple[GridHit, ...]


@dataclass(frozen=True, slots=True)
class AddressAnswer:
    """The answer for one address.

    ``standard``, ``lon`` and ``lat`` (EPSG:4490) are those of the one entry that is meant; where
    several in one grid are, only the grids are told. ``provider`` says who knew the address.
    """

    status: Literal["inside", "ambiguous", "outside", "unknown"]
    confidence: float
    standard: str | None
    lon: float | None
    lat: float | None
    grids: tuple[GridHit, ...]
    revision: RevisionInfo
    border: BorderHit | None
    reasons: tuple[Reason, ...]
    candidates: tuple[PlacedCandidate, ...]
    provider: str = "gazetteer"


def locate_address(
    gazetteer: Gazetteer,
    index: PlanIndex,
    text: str,
    *,
    at: date | None = None,
    with_border: bool = True,
) -> AddressAnswer:
    """Return the grid of a written address.

    Parameters
    ----------
    gazetteer
        The address book of the plan.
    index
        The revision in force on the date that is asked for.
    text
        An address as people write it.
    at
        The date on which names are meant.
    with_border
        Whether to measure the way to the nearest border.

    Raises
    ------
    InputError
        The text is longer than any address.
    """
    match = gazetteer.match(text, at=at)
    if match.status == "unknown":
        return _answer(index, match, "unknown")
    if match.status == "found":
        return _place(index, match, with_border)
    return _place_several(gazetteer, index, match, with_border)


def _place(index: PlanIndex, match: AddressMatch, with_border: bool) -> AddressAnswer:
    entry = match.candidates[0].address
    place = index.locate(lon=entry.lon, lat=entry.lat, with_border=with_border)
    return _answer(index, match, "inside" if place.grids else "outside", place=place)


def _place_several(
    gazetteer: Gazetteer, index: PlanIndex, match: AddressMatch, with_border: bool
) -> AddressAnswer:
    members = match.members
    found = _number_narrowest(index, gazetteer.lon[members], gazetteer.lat[members])
    if is_sure(match.reasons) and match.scope not in _PLACED:
        return _answer(index, _one_for_each_grid(gazetteer, match, found), "ambiguous")
    if not is_sure(match.reasons):
        return _answer(index, match, "ambiguous")
    if found[0] < 0 or np.any(found != found[0]):
        outside = bool(np.all(found < 0))
        return _answer(index, match, "outside" if outside else "ambiguous")
    entry = match.candidates[0].address
    place = index.locate(lon=entry.lon, lat=entry.lat, with_border=with_border)
    note = f"all {len(members)} entries that are meant lie in {place.grids[-1].name}"
    reason = Reason(_narrowest_part(match), "matched", match.given, "", note)
    return _answer(index, match, "inside", place=place, reason=reason)


def _number_narrowest(
    index: PlanIndex, lon: NDArray[np.float64], lat: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Return a number for the narrowest area that covers each place; -1 where none does.

    The narrowest level need not be everywhere: only some grids have subgrids.
    """
    found = np.full(len(lon), -1, dtype=np.int64)
    before = 0
    for level, positions in index.locate_levels(lon, lat).items():
        found = np.where(positions >= 0, before + positions, found)
        before += len(index.codes(level))
    return found


def _one_for_each_grid(
    gazetteer: Gazetteer, match: AddressMatch, found: NDArray[np.int64]
) -> AddressMatch:
    """Tell of a road or an area its grids, most entries first, instead of its first entries.

    The confidence of each is the share of the entries that lie in its grid.
    """
    _, first, counts = np.unique(found, return_index=True, return_counts=True)
    order = np.lexsort((first, -counts))[:MOST_CANDIDATES]
    return replace(
        match,
        candidates=tuple(
            Candidate(
                gazetteer.entry(int(match.members[first[k]])),
                match.confidence * float(counts[k]) / len(found),
                match.reasons,
            )
            for k in order
        ),
    )


def _narrowest_part(match: AddressMatch) -> str:
    return next(
        part for part in ("building", "estate", "number", "place") if getattr(match.parts, part)
    )


def _answer(
    index: PlanIndex,
    match: AddressMatch,
    status: Literal["inside", "ambiguous", "outside", "unknown"],
    *,
    place: GridMatch | None = None,
    reason: Reason | None = None,
) -> AddressAnswer:
    one = match.candidates[0].address if place is not None and reason is None else None
    return AddressAnswer(
        status=status,
        confidence=match.confidence,
        standard=None if one is None else one.text,
        lon=None if one is None else one.lon,
        lat=None if one is None else one.lat,
        grids=place.grids if place is not None else (),
        revision=index.revision,
        border=place.border if place is not None and one is not None else None,
        reasons=match.reasons if reason is None else (*match.reasons, reason),
        candidates=tuple(_place_candidate(index, candidate) for candidate in match.candidates),
    )


def _place_candidate(index: PlanIndex, candidate: Candidate) -> PlacedCandidate:
    entry = candidate.address
    grids = index.locate(lon=entry.lon, lat=entry.lat, with_border=False).grids
    return PlacedCandidate(candidate, grids)
