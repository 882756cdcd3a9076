"""Which text was meant, where a mistake in a name misled the parser?

A wrong character may hide where a name ends (列东街到 for 列东街道). So the text is covered with
names that the address book knows, cheapest first: a known name costs little, one with a single
mistake more, and a character that belongs to no name most. Only names with a mistake are replaced;
all else stays as it is: what the book does not know may contradict it, and must be seen.

The cover is a shortest path over the positions of the text; where one piece may be several names,
each gives a text of its own, and the entries decide.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from gis.locate.book.address_book import UPPER
from gis.locate.book.names import (
    ENDINGS,
    ENDS,
    Names,
    cut_ending,
    name_mistake,
    say_left_out,
    shorten,
)
from gis.locate.book.reasons import Verdict

_LONGEST_TEXT = 80
_MOST_TEXTS = 8
_LONGEST_NAME = 12
_KNOWN, _MISTAKEN, _STRAY = 0.1, 0.9, 1.0
_PER_CHARACTER = 0.005  # of two covers, the one with the longer known names

# Figures, signs and the words that count belong to no name; they cost nothing.
_FREE = re.compile(
    r"[0-9a-z()#,./\- ]+"
    r"|[零〇一二三四五六七八九十百]+(?=[巷弄号幢栋座楼层室单门])"
    r"|号楼|单元|[巷弄号幢栋座楼层室房门附之]"
)


class Mended(NamedTuple):
    """A part whose name was replaced: what the text says, what is meant, and the mistake."""

    part: str
    given: str
    name: str
    note: str
    verdict: Verdict = "typo"


class _Piece(NamedTuple):
    start: int
    end: int
    cost: float
    meant: tuple[Mended, ...]


class Lexicon:
    """All names that the address book knows, of whatever part."""

    def __init__(self, names: Mapping[str, Names]) -> None:
        self._names = names
        self._known = {form for part in names.values() for form in part.list_known()}
        self._forms = {form for part in names.values() for form in part.list_forms()}
        self._longest = min(_LONGEST_NAME, max(map(len, self._known), default=0)) + 1

    def mend(self, text: str) -> Iterator[tuple[str, tuple[Mended, ...]]]:
        """Yield the texts that may be meant, each with the names that were replaced.

        Parameters
        ----------
        text
            An address in the normal form of characters.
        """
        if len(text) > _LONGEST_TEXT:
            return
        pieces = list(self._find_known(text))
        covered = bytearray(len(text))
        for piece in pieces:
            covered[piece.start : piece.end] = b"\1" * (piece.end - piece.start)
        if all(covered):
            return
        path = _cheapest_path(text, [*pieces, *self._find_mistaken(text, covered)])
        mistaken = [piece for piece in path if piece.meant]
        if not mistaken:
            return
        chosen = itertools.product(*(piece.meant for piece in mistaken))
        for meant in itertools.islice(chosen, _MOST_TEXTS):
            yield _replace(text, mistaken, meant), meant

    def _find_known(self, text: str) -> Iterator[_Piece]:
        for free in _FREE.finditer(text):
            yield _Piece(free.start(), free.end(), 0.0, ())
        known, longest = self._known, self._longest
        for start in range(len(text)):
            for end in range(start + 2, min(len(text), start + longest) + 1):
                if text[start:end] in known:
                    yield _Piece(start, end, _KNOWN - _PER_CHARACTER * (end - start), ())

    def _find_mistaken(self, text: str, covered: bytearray) -> Iterator[_Piece]:
        for start in range(len(text)):
            for end in range(start + 2, min(len(text), start + self._longest) + 1):
                if all(covered[start:end]):
                    continue
                # 和平 + 路 is not 和平里 + 路, and 江滨东 + 路 not 江滨路 + 路.
                goes_on = text[end : end + 1] in ENDS
                meant = tuple(
                    mended
                    for mended in self._find_meant(text[start:end])
                    if not (goes_on and mended.name[-1] in ENDS)
                )
                if meant:
                    yield _Piece(start, end, _MISTAKEN, meant)

    def _find_meant(self, given: str) -> Iterator[Mended]:
        forms = (given, *shorten(given))
        if self._forms.isdisjoint(forms):
            return
        for part, names in self._names.items():
            for name in names.find_near(forms):
                note = name_mistake(given, name)
                if part in UPPER and given == cut_ending(name, ENDINGS[part]):
                    yield Mended(part, given, name, say_left_out(name), "matched")
                elif note:
                    yield Mended(part, given, name, f"{note}, taken for {name}")


def _cheapest_path(text: str, pieces: list[_Piece]) -> list[_Piece]:
    by_start: dict[int, list[_Piece]] = {}
    for piece in pieces:
        by_start.setdefault(piece.start, []).append(piece)
    cost = [0.0] + [float("inf")] * len(text)
    came: list[_Piece | None] = [None] * (len(text) + 1)
    for start in range(len(text)):
        stray = _Piece(start, start + 1, _STRAY, ())
        for piece in (stray, *by_start.get(start, ())):
            total = cost[start] + piece.cost
            if total < cost[piece.end]:
                cost[piece.end], came[piece.end] = total, piece
    path, at = [], len(text)
    while (last := came[at]) is not None:
        path.append(last)
        at = last.start
    return path[::-1]


def _replace(text: str, pieces: list[_Piece], meant: tuple[Mended, ...]) -> str:
    written, at = [], 0
    for piece, name in zip(pieces, meant, strict=True):
        written += [text[at : piece.start], name.name]
        at = piece.end
    return "".join((*written, text[at:]))
