"""Which entry of the address book do the words of an address mean?

The words are parsed; street and number, estate and building, or a place lead to entries, and every
entry is weighed against all that the words say (``docs/addresses.md`` tells the rules). What
contradicts is told and never mended: 列东街道翁墩新村12幢 finds 翁墩新村12幢 with a reason which
says that 翁墩新村 lies in 列西街道, and its status is not ``found``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from gis.locate.address import Address, parse_address
from gis.locate.book.address_book import AREA_PARTS, UPPER, AddressBook
from gis.locate.book.mending import Lexicon
from gis.locate.book.names import Names
from gis.locate.book.reasons import (
    MOST_CANDIDATES,
    AddressMatch,
    Candidate,
    Reason,
    Scope,
    Verdict,
)
from gis.locate.book.seeking import NO_ROWS, NOTHING, seek
from gis.locate.book.weighing import ABOUT_AS_GOOD, Words, is_sure
from gis.locate.standard_address import Alias, StandardAddress
from gis.locate.words.characters import normal_form
from gis.locate.words.reading import is_side

__all__ = ["AddressMatch", "Candidate", "Gazetteer", "Reason", "Scope", "Verdict"]

_MOST_WEIGHED = 256
_NAMED = (*UPPER, "road", "estate", "place")
_PLACED = ("building", "place")
_DIVIDED = ("community", "road", "estate", "place")
_SHORTEST_REST = 3


class Gazetteer:
    """The standard addresses of one plan, ready to be asked from any thread.

    Parameters
    ----------
    entries
        The address book. Rooms fold into their entrance, entrances into their building.
    aliases
        Other names of places, with their dates.
    areas
        For each entry the names of the plan's areas that cover it, by part (``county``,
        ``subdistrict``, ``community``); they count beside what the entry's own text says.

    Examples
    --------
    >>> entry = StandardAddress("1", "列西街道翁墩新村12幢", Address(subdistrict="列西街道",
    ...     estate="翁墩新村", building="12"), 117.63, 26.27)
    >>> book = Gazetteer([entry])
    >>> match = book.match_parts(Address(estate="翁墩新村", building="12"), given="翁墩新村12幢")
    >>> match.status, match.candidates[0].address.text
    ('found', '列西街道翁墩新村12幢')
    """

    def __init__(
        self,
        entries: Iterable[StandardAddress],
        *,
        aliases: Iterable[Alias] = (),
        areas: Sequence[Mapping[str, str]] | None = None,
    ) -> None:
        self._book = AddressBook(entries, areas)
        aliases = tuple(aliases)
        self._names = {
            part: Names(part, self._book.tables[part], (a for a in aliases if a.part == part))
            for part in _NAMED
        }
        of_streets = (a for a in aliases if a.part in ("road", "community"))
        self._streets = Names("road", self._book.streets, of_streets)
        self._lexicon = Lexicon(self._names)

    def __len__(self) -> int:
        return len(self._book)

    @property
    def lon(self) -> NDArray[np.float64]:
        """The longitudes of the entries, EPSG:4490 degrees."""
        return self._book.lon

    @property
    def lat(self) -> NDArray[np.float64]:
        """The latitudes of the entries, EPSG:4490 degrees."""
        return self._book.lat

    def entry(self, position: int) -> StandardAddress:
        """Return an entry by its position, which counts in ``lon`` and ``lat``."""
        return self._book.entry(position)

    def match(self, text: str, *, at: date | None = None) -> AddressMatch:
        """Find the entries that a written address means.

        Parameters
        ----------
        text
            An address as people write it.
        at
            The date on which names are meant; without it, every alias counts.

        Raises
        ------
        InputError
            The text is longer than any address.
        """
        parts = self._read_parts(text)
        match = self.match_parts(parts, given=text, at=at)
        if match.status == "found":
            return match
        divided = self._try_divided(match, at)
        return self._try_mended(match, at) if divided is match else divided

    def match_parts(self, parts: Address, *, given: str, at: date | None = None) -> AddressMatch:
        """Find the entries that the parts of an address mean; mistakes in parts alone are seen."""
        return self._look_up(Words(parts, self._names, at), given)

    def _read_parts(self, text: str) -> Address:
        """Parse a text, and join or divide what only the known names tell."""
        parts = parse_address(text)
        if parts.road and parts.estate and not parts.number:
            joined = parts.road + parts.estate
            if self._names["estate"].find(joined):
                return parts._replace(road="", estate=joined)
        if parts.road and parts.city and parts.road.isascii():
            joined = f"{parts.road} {parts.city}"
            if self._streets.find(joined):
                return parts._replace(road=joined, city="")
        known_place = self._names["place"].find(parts.place)
        if not (parts.city or known_place) and self._names["city"].find(parts.place):
            return parts._replace(city=parts.place, place="")
        if parts.subdistrict and not parts.county:
            return self._split_county(parts)
        if parts.lane and not parts.lane[0].isdigit() and not parts.subdistrict:
            return self._split_lane(parts)
        return parts

    def _split_lane(self, parts: Address) -> Address:
        """Take the first of two streets for a subdistrict of which 道 is left out."""
        street = parse_address(parts.lane)
        if self._streets.find(street.road) and self._names["subdistrict"].read(parts.road):
            return parts._replace(subdistrict=parts.road, road=street.road, lane=street.lane)
        return parts

    def _split_county(self, parts: Address) -> Address:
        given, subdistricts = parts.subdistrict, self._names["subdistrict"]
        if subdistricts.find(given):
            return parts
        for end in range(2, len(given) - 2):
            if subdistricts.find(given[end:]) and self._names["county"].is_stem(given[:end]):
                return parts._replace(county=given[:end], subdistrict=given[end:])
        return parts

    def _try_divided(self, match: AddressMatch, at: date | None) -> AddressMatch:
        """Take areas without their endings off the front of a name that the book does not know."""
        for part in _DIVIDED:
            if self._is_known(part, getattr(match.parts, part), at):
                continue
            divided = [
                self.match_parts(parts, given=match.given, at=at)
                for parts in self._divide(match.parts, part)
            ]
            if divided:
                return _choose(match, divided)
        return match

    def _is_known(self, part: str, name: str, at: date | None) -> bool:
        names = self._streets if part == "road" else self._names[part]
        return not name or bool(names.read(name, at))

    def _divide(self, parts: Address, part: str) -> Iterator[Address]:
        given = getattr(parts, part)
        for end in range(2, len(given) - _SHORTEST_REST + 1):
            head, rest = given[:end], given[end:]
            for area in AREA_PARTS:
                if getattr(parts, area) or not self._names[area].is_stem(head):
                    continue
                divided = parts._replace(**{area: head, part: rest})
                if self._names[part].find(rest) and not _goes_on(rest):
                    yield divided
                else:
                    yield from self._divide(divided, part)

    def _try_mended(self, match: AddressMatch, at: date | None) -> AddressMatch:
        others = [
            self._look_up(Words(self._read_parts(text), self._names, at, mended), match.given)
            for text, mended in self._lexicon.mend(normal_form(match.given))
        ]
        return _choose(match, others)

    def _look_up(self, words: Words, given: str) -> AddressMatch:
        sought = seek(self._book, self._streets, words)
        return self._weigh(words, given, sought.rows, sought.scope)

    def _weigh(
        self, words: Words, given: str, rows: Sequence[int] | NDArray[np.int32], scope: Scope
    ) -> AddressMatch:
        if not len(rows):
            return self._give_up(words, given)
        book = self._book
        if len(rows) == 1:
            confidence, reasons = words.weigh_entry(book, int(rows[0]))
            best = Candidate(book.entry(int(rows[0])), confidence, reasons)
            sure = scope in _PLACED and is_sure(reasons)
            return AddressMatch(
                given, words.parts, "found" if sure else "several", confidence, (best,),
                np.array(rows, dtype=np.int32), reasons, scope,
            )  # fmt: skip
        return self._weigh_many(words, given, rows, scope)

    def _weigh_many(
        self, words: Words, given: str, rows: Sequence[int] | NDArray[np.int32], scope: Scope
    ) -> AddressMatch:
        book = self._book
        weighed = [(*words.weigh_entry(book, int(row)), int(row)) for row in rows[:_MOST_WEIGHED]]
        weighed.sort(key=lambda found: (-found[0], found[2]))
        best = weighed[0][0]
        good = [row for weight, _, row in weighed if weight >= best * ABOUT_AS_GOOD]
        shown = len(good) if is_sure(weighed[0][1]) else len(weighed)
        members = np.array([*good, *rows[_MOST_WEIGHED:]], dtype=np.int32)
        reasons = weighed[0][1]
        sure = len(members) == 1 and scope in _PLACED and is_sure(reasons)
        candidates = tuple(
            Candidate(book.entry(row), weight if len(members) == 1 else weight / len(members), why)
            for weight, why, row in weighed[: min(shown, MOST_CANDIDATES)]
        )
        return AddressMatch(
            given, words.parts, "found" if sure else "several", best, candidates, members,
            reasons, scope,
        )  # fmt: skip

    def _give_up(self, words: Words, given: str) -> AddressMatch:
        reasons = []
        for part, value in zip(Address._fields, words.parts, strict=True):
            if not value:
                continue
            if part == "noise":
                reasons.append(Reason(part, "ignored", value, "", "not part of an address"))
            elif part in _NAMED and (readings := words.read(part)):
                number, verdict, note = readings[0]
                label = self._book.tables[part].labels[number]
                reasons.append(Reason(part, verdict, value, label, note))
            elif part in ("unit", "floor", "room"):
                reasons.append(Reason(part, "unchecked", value, "", "the building is not found"))
            else:
                note = f"the address book has no such {part} there"
                reasons.append(Reason(part, "missing", value, "", note))
        return AddressMatch(
            given, words.parts, "unknown", 0.0, (), NO_ROWS, tuple(reasons), NOTHING.scope
        )


def _goes_on(rest: str) -> bool:
    # 列东新三路 is no 新三路 in 列东街道: a side or a size may belong to the name before it.
    return len(rest) == _SHORTEST_REST and is_side(rest[:-1])


def _choose(match: AddressMatch, others: list[AddressMatch]) -> AddressMatch:
    """Return the best of other readings, joined with those about as good, if it is no worse."""
    best = max((other.confidence for other in others), default=0.0)
    if best < match.confidence or best == 0.0:
        return match
    good = [other for other in others if other.confidence >= best * ABOUT_AS_GOOD]
    return good[0] if len(good) == 1 else _join(good)


def _join(matches: list[AddressMatch]) -> AddressMatch:
    """Join the matches of several texts that may be meant into one that leaves it open."""
    matches = sorted(matches, key=lambda match: -match.confidence)
    members = np.unique(np.concatenate([match.members for match in matches])).astype(np.int32)
    candidates = {c.address.external_id: c for match in matches for c in match.candidates}
    return replace(
        matches[0],
        status=matches[0].status if len(members) == 1 else "several",
        candidates=tuple(candidates.values())[:MOST_CANDIDATES],
        members=members,
    )
