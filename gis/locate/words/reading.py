"""What is known of an address while its tokens are read?

The tokens are read from left to right, and parts may come in any order. A word that closes a part
takes the name before it. A name that no word has closed yet is pending: the next token takes it, or
it stays as the name of a place at the end.
"""

from __future__ import annotations

from typing import Self, TypeAlias

from gis.locate.words.divisions import CITIES, PROVINCES, split_known
from gis.locate.words.suffixes import NAMED, Part

NOTHING = -1
LITTLE = "的第在于是之附-/,. ()#"
"""What may stand between parts and means nothing."""

_UNNUMBERED = (Part.COMMUNITY, Part.ROAD, Part.ESTATE, Part.PLACE)
_SIDES = frozenset("东西南北中前后上下内外新老大小一二三四五六七八九十")
_LETTERS = frozenset("甲乙丙丁戊己庚辛abcdefgh")
_HEADS = frozenset(name[:2] for name in PROVINCES.keys() | CITIES)


State: TypeAlias = tuple[tuple[str, ...], int, str]
"""A reading that was put aside: its parts, the last one, and what is pending."""


class Reading:
    """What has been read so far.

    ``parts`` are in the order of ``Part``; ``last`` is the part that the latest token closed;
    ``pending`` is the beginning of a name that no token has closed yet.
    """

    __slots__ = ("last", "parts", "pending")

    def __init__(self) -> None:
        self.parts = [""] * len(Part)
        self.last = NOTHING
        self.pending = ""

    @classmethod
    def resume(cls, state: State) -> Self:
        reading = cls.__new__(cls)
        parts, reading.last, reading.pending = state
        reading.parts = list(parts)
        return reading

    def keep(self) -> State:
        return tuple(self.parts), int(self.last), self.pending

    def put(self, part: int, value: str) -> None:
        if self.parts[part] and self.parts[part] != value:
            self._put_second(part, value)
        else:
            self.parts[part] = value
            self.last = part

    def _put_second(self, part: int, value: str) -> None:
        # Two buildings are neither of them: the book has none of that name, and says so.
        # Two numbers are read as a range.
        if part in {Part.NUMBER, Part.BUILDING}:
            self.parts[part] += f"-{value}"
            self.last = part
        else:
            self.drop(value)
            self.last = Part.NOISE

    def drop(self, text: str) -> None:
        noise = self.parts[Part.NOISE]
        self.parts[Part.NOISE] = f"{noise} {text}" if noise else text

    def take_last(self, *, area: bool = False) -> str:
        """Take back the name read just before: it is the beginning of a longer one.

        ``area`` says that the longer one is an area: only that may begin with a community's name.
        """
        last = self.last
        if last not in _UNNUMBERED:
            return ""
        if last == Part.COMMUNITY and not area and self.parts[last].endswith("社区"):
            return ""
        name, self.parts[last] = self.parts[last], ""
        return name

    def without_city(self, name: str) -> str:
        """Put the province and city with which a name begins, and return the rest of it."""
        while len(name) > 3 and name[:2] in _HEADS and self.last < Part.CITY:
            head, rest = split_known(name)
            if not head or len(rest) < 2 or _SIDES.issuperset(rest):
                break
            self.put_known(head)
            name = rest
        return name

    def put_known(self, head: str) -> None:
        if head in PROVINCES and (head != "吉林" or not self.parts[Part.PROVINCE]):
            self.put(Part.PROVINCE, PROVINCES[head])
        else:
            self.put(Part.CITY, f"{head}市")

    def put_bare_name(self, stem: str, part: Part) -> None:
        """Put a name without its word that stands before a number: 翁墩12幢, 列东12号."""
        parts = self.parts
        name = self.without_city(stem.strip(LITTLE))
        if len(name) < 2:
            if name:
                self.drop(name)
            return
        if part == Part.ROAD and NAMED.get(name[-1]) == Part.ROAD and not parts[Part.NUMBER]:
            self._replace_road(name)
            return
        if part == Part.ROAD and (parts[Part.ROAD] or parts[Part.COMMUNITY].endswith("村")):
            part = Part.ESTATE
        if parts[part]:
            part = Part.PLACE
        self.put(part, name)

    def _replace_road(self, name: str) -> None:
        # The street that has the number counts: 一路梅园新村1幢列东街81号. A name like 一路
        # is short for the area around and belongs to the estate.
        parts = self.parts
        if len(parts[Part.ROAD]) == 2 and parts[Part.ESTATE]:
            parts[Part.ESTATE] = parts[Part.ROAD] + parts[Part.ESTATE]
        elif parts[Part.ROAD]:
            self.drop(parts[Part.ROAD])
        parts[Part.ROAD] = name
        self.last = Part.ROAD

    def finish(self, rest: str) -> None:
        """Put a name that has no word of its own."""
        if rest.isdecimal():
            self.put(Part.ROOM if len(rest) > 2 else Part.NUMBER, rest)
            return
        if self.last == Part.NUMBER and rest and rest in _LETTERS:
            self.parts[Part.NUMBER] += rest
            return
        is_second_road = self.parts[Part.ROAD] and NAMED.get(rest[-1:]) == Part.ROAD
        if len(rest) > 1 and self.last <= Part.ESTATE and not is_second_road:
            self._put_rest(self.without_city(rest))
        elif rest:
            self.drop(rest)

    def _put_rest(self, rest: str) -> None:
        head, beyond = split_known(rest)
        if head and not beyond and self.last <= Part.CITY:
            self.put_known(head)
        else:
            self.put(Part.PLACE, rest)


def is_side(name: str) -> bool:
    """Whether a name only tells sides or sizes or counts: 东, 一, 东二."""
    return _SIDES.issuperset(name)
