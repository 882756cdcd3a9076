"""How well does an entry of the address book agree with the words?

Each part of the words gets a verdict and a sentence. The confidence is the product of a weight for
each verdict: it is no probability, but it orders candidates, and 1 is only reached when all parts
that are said agree and one of them names an area.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from gis.locate.address import Address
from gis.locate.book.address_book import UPPER, AddressBook
from gis.locate.book.mending import Mended
from gis.locate.book.names import Names, Reading
from gis.locate.book.reasons import Reason
from gis.locate.words.remarks import tell_doubt

WEIGHTS = {
    "matched": 1.0,
    "alias": 0.98,
    "typo": 0.88,
    "contradicted": 0.3,
    "unchecked": 0.97,
    "missing": 1.0,
    "ignored": 1.0,
}
NOT_IN_BOOK = 0.6
WITHOUT_AREA = 0.95
SEVERAL_NAMES = 0.9
ABOUT_AS_GOOD = 0.75
"""Candidates with at least this share of the best confidence are not told apart."""

_AS_IN_BOOK = "as in the address book"


class Words:
    """The parts of a written address, with the known names that each may mean."""

    __slots__ = ("_mended", "_names", "_readings", "at", "lost", "parts")

    def __init__(
        self,
        parts: Address,
        names: Mapping[str, Names],
        at: date | None,
        mended: Sequence[Mended] = (),
    ) -> None:
        self._mended = mended
        self.parts = parts
        self.at = at
        self.lost = ""  # the part that says which building, where the book has no such one
        self._names = names
        self._readings: dict[str, tuple[Reading, ...]] = {}

    def read(self, part: str) -> tuple[Reading, ...]:
        """Return what the words of one part may mean."""
        readings = self._readings.get(part)
        if readings is None:
            given = getattr(self.parts, part)
            readings = self._names[part].read(given, self.at)
            for mended in self._mended:
                if mended.part == part and mended.name == given:
                    readings = tuple(
                        Reading(r.number, mended.verdict, mended.note) for r in readings
                    )
            self._readings[part] = readings
        return readings

    def weigh_area(self, book: AddressBook, context: int) -> tuple[float, list[Reason]]:
        """Compare the areas that are said with those of an entry."""
        weight, reasons, said = 1.0, [], False
        for part, given, known in zip(UPPER, self.parts, book.known_areas[context], strict=False):
            if not (given or known):
                continue
            if known and given == book.tables[part].labels[known[0]] and not self._mended:
                said = True
                reasons.append(Reason(part, "matched", given, given, _AS_IN_BOOK))
                continue
            reason = self._compare_area(book, part, given, known)
            reasons.append(reason)
            weight *= WEIGHTS[reason.verdict]
            said = said or (bool(given) and reason.verdict != "unchecked")
        return (weight if said else weight * WITHOUT_AREA), reasons

    def _compare_area(
        self, book: AddressBook, part: str, given: str, known: tuple[int, ...]
    ) -> Reason:
        labels = book.tables[part].labels
        if not known:
            return Reason(part, "unchecked", given, "", f"the address book names no {part}")
        if not given:
            return Reason(part, "missing", "", labels[known[0]], "not said")
        for number, verdict, note in self.read(part):
            if number in known:
                return Reason(part, verdict, given, labels[number], note)
        return Reason(part, "contradicted", given, labels[known[0]], "")

    def weigh_entry(self, book: AddressBook, row: int) -> tuple[float, tuple[Reason, ...]]:
        """Compare all that is said with an entry."""
        weight, reasons = self.weigh_area(book, book.context[row])
        fine = self._compare_fine(book, row)
        for reason in fine:
            weight *= WEIGHTS[reason.verdict]
            if not is_sure([reason]) and reason.verdict != "contradicted":
                weight *= NOT_IN_BOOK
        reasons += fine
        for part in ("road", "estate", "place"):
            if len(self._readings.get(part, ())) > 1:
                weight *= SEVERAL_NAMES
        for mended in self._mended:
            reasons = [
                r._replace(given=mended.given)
                if r.given == mended.name and r.note == mended.note
                else r
                for r in reasons
            ]
        for k, reason in enumerate(reasons):
            if reason.verdict == "contradicted" and not reason.note:
                reasons[k] = _explain(book, row, reason)
        return weight, tuple(reasons)

    def _compare_fine(self, book: AddressBook, row: int) -> list[Reason]:
        parts, numerals = self.parts, book.numerals.labels
        found = []
        road, estate, place = book.road[row], book.estate[row], book.place[row]
        if parts.road or road:
            found.append(self._compare_name(book, "road", parts.road, road))
        lane, number, building = book.lane[row], book.number[row], book.building[row]
        if parts.lane and number and not lane:
            found.append(Reason("lane", "contradicted", parts.lane, "", ""))
        elif parts.lane or lane:
            found.append(_compare_number("lane", parts.lane, numerals[lane]))
        as_building = parts.number and not (parts.road or parts.building) and estate
        if (parts.number or number) and not as_building:
            found.append(_compare_number("number", parts.number, numerals[number]))
        if parts.estate or estate:
            found.append(self._compare_name(book, "estate", parts.estate, estate))
        if self.lost:
            found.append(_say_lost(self.lost, getattr(parts, self.lost)))
        elif as_building:
            found.append(_compare_as_building(parts.number, numerals[building or number]))
        elif parts.building or building:
            found.append(_compare_number("building", parts.building, numerals[building]))
        if parts.place:
            found.append(self._compare_place(book, place))
        found += _compare_inside(book, row, parts)
        if parts.noise or parts.place:
            found += self._compare_remarks(book, row)
        return found

    def _compare_remarks(self, book: AddressBook, row: int) -> list[Reason]:
        noise, place = self.parts.noise, self.parts.place
        found = []
        for part in (*UPPER, "road", "estate"):
            for piece in (*noise.split(), place):
                reason = self._compare_second(book, row, part, piece)
                if reason is not None:
                    found.append(reason)
        doubt = tell_doubt(noise) or (tell_doubt(place) if not self.read("place") else "")
        if doubt:
            given = noise or place
            found.append(Reason("noise", "unchecked", given, "", f"the words say: {doubt}"))
        elif noise:
            found.append(Reason("noise", "ignored", noise, "", "not part of an address"))
        return found

    def _compare_second(self, book: AddressBook, row: int, part: str, given: str) -> Reason | None:
        """Compare a name that was left out since the words name another one too."""
        number = self._names[part].find(given.lstrip("至到与和及或"))
        known: tuple[int, ...]
        if part in ("road", "estate"):
            own = (book.road if part == "road" else book.estate)[row]
            known = (own,) if own else ()
        else:
            known = book.known_areas[book.context[row]][UPPER.index(part)]
        if not number or not known or number in known:
            return None
        return Reason(part, "contradicted", given, book.tables[part].labels[known[0]], "")

    def _compare_name(self, book: AddressBook, part: str, given: str, known: int) -> Reason:
        labels = book.tables[part].labels
        if not given:
            return Reason(part, "missing", "", labels[known], "not said")
        if given == labels[known] and not self._mended:
            return Reason(part, "matched", given, given, _AS_IN_BOOK)
        readings = self.read(part)
        if not known:
            if readings and part == "estate":
                return Reason(part, "contradicted", given, "", "")
            return Reason(part, "unchecked", given, "", f"the entry names no {part}")
        for number, verdict, note in readings:
            if number == known:
                return Reason(part, verdict, given, labels[known], note)
        return Reason(part, "contradicted", given, labels[known], "")

    def _compare_place(self, book: AddressBook, place: int) -> Reason:
        given = self.parts.place
        label = book.tables["place"].labels[place]
        readings = self.read("place")
        for number, verdict, note in readings:
            if number == place:
                return Reason("place", verdict, given, label, note)
        if readings and readings[0].verdict != "typo":
            return Reason("place", "contradicted", given, label, "")
        note = "another name than the entry's" if place else "the entry names no place"
        return Reason("place", "unchecked", given, label, note)


def _say_lost(part: str, given: str) -> Reason:
    return Reason(part, "missing", given, "", f"the address book has no {part} {given} there")


def _compare_number(part: str, given: str, known: str) -> Reason:
    if given == known:
        return Reason(part, "matched", given, known, _AS_IN_BOOK)
    if not given:
        return Reason(part, "missing", "", known, "not said")
    if not known:
        return Reason(part, "unchecked", given, "", f"the entry has no {part}")
    if part == "number" and known in given.split("-"):
        return Reason(
            part, "unchecked", given, known, "the address book has no parts of this number"
        )
    return Reason(part, "contradicted", given, known, "")


def _compare_as_building(given: str, known: str) -> Reason:
    if given == known:
        return Reason("number", "alias", given, known, f"taken for building {known} of the estate")
    return Reason("number", "contradicted", given, known, "")


def _compare_inside(book: AddressBook, row: int, parts: Address) -> list[Reason]:
    unit, floor, room = parts.unit, parts.floor, parts.room
    if not (unit or floor or room):
        return []
    found = []
    knows = book.knows_inside(row)
    if unit:
        has = knows and book.has_inside(row, unit, "")
        found.append(_say_inside("unit", unit, knows, has))
    if floor:
        found.append(Reason("floor", "unchecked", floor, "", "the address book lists no floors"))
    if room:
        has = knows and book.has_inside(row, unit, room)
        found.append(_say_inside("room", room, knows, has))
    return found


def _say_inside(part: str, given: str, knows: bool, has: bool) -> Reason:
    if has:
        return Reason(part, "matched", given, given, _AS_IN_BOOK)
    if knows and part == "unit":
        return Reason(part, "unchecked", given, "", "the address book lists other units here")
    return Reason(part, "unchecked", given, "", f"the address book lists no such {part} here")


def _explain(book: AddressBook, row: int, reason: Reason) -> Reason:
    entry = book.parts(row)
    thing = entry.estate or f"{entry.road}{entry.lane and f'{entry.lane}巷'}" or book.text(row)
    given, standard, part = reason.given, reason.standard, reason.part
    if part in UPPER:
        if not entry.estate:
            thing = book.text(row)
        note = f"{thing} lies in {standard}, not in {given}"
    elif part == "road":
        note = f"{thing} stands on {standard}, not on {given}"
    elif part in ("estate", "place"):
        note = f"{book.text(row)} is no part of {given}"
    elif not standard:
        note = f"{book.text(row)} has no {part}, not {given}"
    else:
        note = f"{book.text(row)} has {part} {standard}, not {given}"
    return reason._replace(note=note)


def is_sure(reasons: Iterable[Reason]) -> bool:
    """Tell whether nothing that was said contradicts the book, lacks in it, or is in doubt."""
    return not any(
        r.verdict == "contradicted"
        or (r.verdict == "missing" and r.given)
        or (r.part == "noise" and r.verdict != "ignored")
        for r in reasons
    )
