"""Into which tokens does an address fall?

A text is cut twice: first into rows of figures (12, 3-601) and the runs of characters between them;
then each run into words of the tables and the names before them. The runs of a town repeat from
address to address, so the tokens of a run are remembered. Every repetition in the patterns is
bounded or cannot fail, so the time is linear in the length.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import TypeAlias

from gis.locate.words.numerals import CHINESE_NUMERALS
from gis.locate.words.suffixes import AT_AN_END, COUNTED, COUNTED_CHARACTERS, NAMED, NOT_BEFORE

REMEMBERED = 16_384
LONGEST_REMEMBERED = 60

LETTERS = "甲乙丙丁戊己庚辛"
_FIGURES = rf"[0-9][0-9]*(?:[a-z{LETTERS}](?![a-z]))?"
_END = rf"(?=$|[-,()#/ {CHINESE_NUMERALS}]|[a-z{LETTERS}东西南北][座栋幢区])"
_COUNT = rf"[{CHINESE_NUMERALS}]{{1,9}}"


# Plain tuples of strings: the garbage collector leaves them alone, however many are remembered.
Token: TypeAlias = tuple[str, str, str]
"""A name, a number or "", and the word that closes the name or that the number counts."""

Run: TypeAlias = tuple[str, tuple[Token, ...], str]
"""What the row of figures before counts, the tokens, and the name after the last one."""


def _any_word(words: Iterable[str]) -> str:
    # Words by their first character, the longest first: most are passed over at one glance.
    by_first: dict[str, list[str]] = {}
    for word in sorted(set(words), key=lambda word: (-len(word), word)):
        by_first.setdefault(word[0], []).append(word[1:] + _condition(word))
    return "|".join(f"{first}(?:{'|'.join(rests)})" for first, rests in by_first.items())


def _condition(word: str) -> str:
    forbidden = NOT_BEFORE.get(word, "")
    return (f"(?!{forbidden})" if forbidden else "") + (_END if word in AT_AN_END else "")


ROWS = re.compile(rf"({_FIGURES}(?:[-/之附]{_FIGURES}){{0,3}})")
"""Cuts a text in normal form: runs at even places, rows of figures at odd ones."""

_COUNTED_WORD = re.compile(_any_word(COUNTED))
_NUMBERS = (
    f"第?{_COUNT}(?:[-之附]{_COUNT}){{0,3}}(?:{_any_word(COUNTED)})",
    "[〇零一二三四五六七八九]{3,5}(?=$|[-,()/ ])",
    f"(?<=[-之附]){_COUNT}(?=$|[-,()/ ])",
    f"{_COUNT}(?=-)",
    f"(?<![a-z])[a-z{LETTERS}](?:座|栋|幢|号楼|单元|区|室|梯|号)",
    f"[东西南北中主副](?:座|栋|幢|楼|户|段){_END}",
)
_FIRST = "".join(sorted({word[0] for word in NAMED}))
_TOKEN = re.compile(
    # The glance at the first character keeps the search off characters that begin no token.
    rf"((?=[-,第东西南北中主副a-z{LETTERS}{CHINESE_NUMERALS}{_FIRST}])"
    rf"(?:{'|'.join(_NUMBERS)}|,|-(?=[一-鿿])|{_any_word(NAMED)}))"
)


def cut_run(run: str, *, after_row: bool) -> Run:
    """Return the tokens of the characters between two rows of figures.

    Parameters
    ----------
    run
        Characters in normal form without figures.
    after_row
        Whether a row of figures stands before it.

    Examples
    --------
    >>> cut_run("号翁墩新村", after_row=True)
    ('号', (('翁墩', '', '新村'),), '')
    """
    cut = _cut_remembered if len(run) <= LONGEST_REMEMBERED else _cut
    return cut(run, after_row)


def _cut(run: str, after_row: bool) -> Run:
    counted = _COUNTED_WORD.match(run) if after_row else None
    word = counted[0] if counted else ""
    pieces = _TOKEN.split(run[len(word) :])
    tokens = tuple(map(_as_token, pieces[::2], pieces[1::2]))
    return word, tokens, pieces[-1]


_cut_remembered = lru_cache(maxsize=REMEMBERED)(_cut)


def _as_token(stem: str, text: str) -> Token:
    if text in NAMED:
        return stem, "", text
    if text in {",", "-"}:
        return stem, "", ","
    number = text.rstrip(COUNTED_CHARACTERS)
    return stem, number, text[len(number) :]
