"""Which grid does an address lie in, and who knows it?

The address book of the plan is asked first. What it does not know at all is asked from the
geocoding service that the installation may have named; its answer counts only if it stands for a
house, and is never mixed with the book's.
"""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Any

from api.answers.places import name_grid
from api.live_plans import LivePlan
from gis.errors import InputError, Unavailable
from gis.locate import GridMatch, PlanIndex
from gis.locate.address_lookup import AddressAnswer, PlacedCandidate, locate_address
from gis.locate.book.reasons import Reason

if TYPE_CHECKING:
    from api.geocoders import GeocodedPlace
    from api.geocoders.asking import Geocoder

CONFIDENCE_DECIMALS = 4
NO_BOOK = "this plan has no addresses yet; import some, or give lon and lat"


def find_address(
    live: LivePlan, text: str, *, at: datetime | None, zone: tzinfo, geocoder: Geocoder | None
) -> dict[str, Any]:
    """Return the arguments of :func:`api.answers.places.answer_match` for an address.

    Parameters
    ----------
    text
        An address as people write it.
    at
        The date of the boundaries and of the names, now if None.
    zone
        The time zone of the installation, in which a date begins.
    geocoder
        Who is asked about what the address book does not know.

    Raises
    ------
    InputError
        The text is empty, or longer than any address.
    NotFound
        No revision is in force then.
    """
    if not text.strip():
        raise InputError("the address is empty; write one, or give lon and lat")
    index = live.locator.find(at)
    day = (at or datetime.now(UTC)).astimezone(zone).date()
    answer = locate_address(live.gazetteer, index, text, at=day)
    hint = None
    if answer.status == "unknown":
        hint = None if len(live.gazetteer) else NO_BOOK
        try:
            place = geocoder.geocode(text) if geocoder is not None else None
        except Unavailable as error:
            place, hint = None, error.message
        if place is not None:
            return _tell_place(index, text, place)
    return _tell_answer(text, answer, hint)


def _tell_answer(text: str, answer: AddressAnswer, hint: str | None) -> dict[str, Any]:
    return {
        "match": GridMatch("outside", answer.grids, answer.revision, answer.border),
        "status": answer.status,
        "lon": answer.lon,
        "lat": answer.lat,
        "hint": hint,
        "address": {
            "given": text,
            "standard": answer.standard,
            "confidence": round(answer.confidence, CONFIDENCE_DECIMALS),
            "provider": answer.provider,
            "reasons": _name_reasons(answer.reasons),
            "candidates": [_name_candidate(each) for each in answer.candidates],
        },
    }


def _tell_place(index: PlanIndex, text: str, place: GeocodedPlace) -> dict[str, Any]:
    """Tell what a provider knows; only a house has a grid, a road's middle has none."""
    match = index.locate(lon=place.lon, lat=place.lat)
    candidate = {
        "standard": place.standard,
        "confidence": round(place.confidence, CONFIDENCE_DECIMALS),
        "point": {"lon": place.lon, "lat": place.lat},
        "grids": [name_grid(hit) for hit in match.grids],
        "reasons": [],
    }
    address = {
        "given": text,
        "standard": place.standard if place.precise else None,
        "confidence": candidate["confidence"],
        "provider": place.provider,
        "reasons": [],
        "candidates": [candidate],
    }
    if place.precise:
        return {"match": match, "lon": place.lon, "lat": place.lat, "address": address}
    return {
        "match": GridMatch("outside", (), match.revision, None),
        "status": "ambiguous",
        "lon": None,
        "lat": None,
        "hint": "the provider knows a road or an area of that name, and no house; say more",
        "address": address,
    }


def _name_candidate(placed: PlacedCandidate) -> dict[str, Any]:
    entry = placed.candidate.address
    return {
        "standard": entry.text,
        "confidence": round(placed.candidate.confidence, CONFIDENCE_DECIMALS),
        "point": {"lon": entry.lon, "lat": entry.lat},
        "grids": [name_grid(hit) for hit in placed.grids],
        "reasons": _name_reasons(placed.candidate.reasons),
    }


def _name_reasons(reasons: tuple[Reason, ...]) -> list[dict[str, str]]:
    return [reason._asdict() for reason in reasons]
