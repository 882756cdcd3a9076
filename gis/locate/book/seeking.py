"""Which entries of the address book may the words mean?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from gis.locate.book.address_book import UPPER, AddressBook
from gis.locate.book.folding import Rows
from gis.locate.book.names import Names
from gis.locate.book.reasons import Scope
from gis.locate.book.weighing import ABOUT_AS_GOOD, Words

NO_ROWS: Rows = np.zeros(0, dtype=np.int32)


class Sought(NamedTuple):
    """Entries to be weighed, and what the words that led to them name."""

    rows: Sequence[int] | Rows
    scope: Scope


NOTHING = Sought((), "nothing")


def seek(book: AddressBook, streets: Names, words: Words) -> Sought:
    """Return the entries to which a street number, an estate, a place or an area leads.

    Where a street number and a building of an estate lead to different entries, both are returned:
    weighing finds the contradiction.
    """
    if "," in words.parts.number and not words.parts.building:
        _take_as_building(book, streets, words)
    parts = words.parts
    doors = _seek_doors(book, streets, words) if parts.number else []
    homes = _seek_homes(book, words) if parts.estate else []
    if doors and homes:
        at_home = set(homes)
        return Sought([row for row in doors if row in at_home] or [*homes, *doors], "building")
    if homes:
        return Sought(homes, "building")
    if doors:
        return Sought(_pick_building(book, doors, parts.building), "building")
    return _seek_wider(book, streets, words)


def _take_as_building(book: AddressBook, streets: Names, words: Words) -> None:
    """Take the second of two numbers for a building, if the book has it at the first one."""
    parts = words.parts
    number, _, second = parts.number.partition(",")
    words.parts = parts._replace(number=number, building=second)
    building = book.numerals.get(second)
    if all(book.building[row] != building for row in _seek_doors(book, streets, words)):
        words.parts = parts


def _seek_doors(book: AddressBook, streets: Names, words: Words) -> list[int]:
    parts = words.parts
    if not parts.road and parts.estate:
        return []
    lane = book.numerals.get(parts.lane)
    if lane is None:
        return []
    named = streets.read(parts.road or parts.community, words.at)

    def at_door(given: str) -> list[int]:
        number = book.numerals.get(given)
        if number is None:
            return []
        return [row for street, *_ in named for row in book.at_door(street, lane, number)]

    if "," in parts.number:
        return [row for given in parts.number.split(",") for row in at_door(given)]
    first, _, last = parts.number.partition("-")
    rows = at_door(parts.number) or at_door(first)
    if not last or not rows or rows == at_door(parts.number):
        return rows
    # 12-14 may be part 14 of number 12, or the houses from 12 to 14.
    is_range = first.isdecimal() and last.isdecimal() and int(last) > int(first)
    return [*rows, *at_door(last)] if is_range else rows


def _seek_homes(book: AddressBook, words: Words) -> list[int]:
    parts = words.parts
    given = parts.building or ("" if parts.road else parts.number)
    building = book.numerals.get(given) if given else None
    if building is None:
        return []
    return [row for estate, *_ in words.read("estate") for row in book.at_home(estate, building)]


def _pick_building(book: AddressBook, rows: list[int], building: str) -> list[int]:
    number = book.numerals.get(building) if building else None
    return [row for row in rows if book.building[row] == number] or rows


def _seek_wider(book: AddressBook, streets: Names, words: Words) -> Sought:
    parts = words.parts
    if parts.estate and (estates := words.read("estate")):
        rows = _join(book.of_estate(number) for number, *_ in estates)
        words.lost = "building" if parts.building else "number" if parts.number else ""
        return Sought(keep_best_areas(book, words, rows), "estate")
    if parts.place and (places := words.read("place")):
        rows = _join(np.array(book.at_place(number), dtype=np.int32) for number, *_ in places)
        return Sought(keep_best_areas(book, words, rows), "place")
    if parts.number or parts.estate or parts.place:
        return NOTHING
    if parts.road:
        return _seek_street(book, streets, words)
    if any(parts[: len(UPPER)]) and not parts.building:
        return _seek_area(book, words)
    return NOTHING


def _seek_street(book: AddressBook, streets: Names, words: Words) -> Sought:
    lane = book.numerals.get(words.parts.lane)
    if lane is None:
        return NOTHING
    named = streets.read(words.parts.road, words.at)
    of_street = (
        book.of_lane(street, lane) if lane else book.of_street(street) for street, *_ in named
    )
    rows = keep_best_areas(book, words, _join(of_street))
    return Sought(rows, "road") if len(rows) else NOTHING


def _seek_area(book: AddressBook, words: Words) -> Sought:
    fitting = [
        context
        for context in range(len(book.contexts))
        if all(
            reason.verdict not in ("contradicted", "unchecked")
            for reason in words.weigh_area(book, context)[1]
        )
    ]
    return Sought(book.in_contexts(fitting), "area") if fitting else NOTHING


def keep_best_areas(book: AddressBook, words: Words, rows: Rows) -> Rows:
    """Keep the entries whose areas agree about as well as the best."""
    contexts = np.frombuffer(book.context, dtype=np.int32)[rows]
    weights: Mapping[int, float] = {
        context: words.weigh_area(book, context)[0] for context in np.unique(contexts).tolist()
    }
    if len(weights) < 2:
        return rows
    least = max(weights.values()) * ABOUT_AS_GOOD
    good = [context for context, weight in weights.items() if weight >= least]
    return rows[np.isin(contexts, good)]


def _join(groups: Iterable[Rows]) -> Rows:
    found = [np.asarray(group, dtype=np.int32) for group in groups]
    return np.unique(np.concatenate(found)) if found else NO_ROWS
