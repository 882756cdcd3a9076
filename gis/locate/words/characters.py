"""What is the one normal form of the characters of an address?

Full-width and other compatible forms become plain (NFKC), traditional characters simplified,
letters lower case without accents (``ß`` is ``ss``), dashes ``-``, brackets ``()``, separators
``,``; invisible characters and pictures vanish, and a space stays only between letters or figures
of the West. The table of characters is computed once per process from Unicode's data and OpenCC's
``t2s``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain

from opencc import OpenCC

_IDEOGRAPHS = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0x20000, 0x2EBF0), (0x30000, 0x323B0))
_OTHERS = (
    (0x00, 0x3400), (0xA000, 0xAC00), (0xF900, 0x10000), (0x1D400, 0x1D800), (0x1F100, 0x1F300),
    (0x1F300, 0x1FB00), (0x2F800, 0x2FA20), (0xE0000, 0xE0200),
)  # fmt: skip

# Writings that neither Unicode nor OpenCC takes for one: 邨 is 村 in names of estates, a circle is
# written for 〇, and signs stand for the plain ones.
_OWN = {
    **dict.fromkeys("【〔[{〈《「『〖", "("),
    **dict.fromkeys("】〕]}〉》」』〗", ")"),
    **dict.fromkeys("、。;:!?|\"`“”", ","),
    **dict.fromkeys("−~∼〜﹘ー―", "-"),
    **dict.fromkeys("○◯", "〇"),
    **dict.fromkeys("·•・‧'‘’ʼ", ""),
    "\\": "/", "_": "-", "邨": "村", "衖": "弄", "臺": "台", "ł": "l", "ø": "o", "đ": "d",
}  # fmt: skip

_SPACES = re.compile(r" +")
_DASH_SPACES = re.compile(r" ?- ?")
_LOOSE_SPACES = re.compile(r"(?<![!-~]) | (?![!-~])")


def normal_form(text: str) -> str:
    """Return a text in the normal form of characters; twice is once.

    Parameters
    ----------
    text
        Any text.

    Examples
    --------
    >>> normal_form("臺北市　中山路二段３巷５弄１０號２樓之１")
    '台北市中山路二段3巷5弄10号2楼之1'
    >>> normal_form("翁墩新村 １２ 幢—３０５")
    '翁墩新村12幢-305'
    >>> normal_form("Haupt­straße  5,  9490 Vaduz")
    'hauptstrasse 5, 9490 vaduz'
    """
    table, changed = _characters()
    if changed.search(text) is None:
        return text
    text = text.translate(table)
    if " " in text:
        text = _DASH_SPACES.sub("-", _SPACES.sub(" ", text))
        text = _LOOSE_SPACES.sub("", text)
    return text


@lru_cache(maxsize=1)
def _characters() -> tuple[dict[int, str], re.Pattern[str]]:
    table = dict(_simplify(_IDEOGRAPHS))
    table = {code: plain.translate(table) for code, plain in table.items()}
    for code in _codes(_OTHERS):
        plain = _make_plain(chr(code)).translate(table)
        if plain != chr(code):
            table[code] = plain
    table.update({ord(character): plain for character, plain in _OWN.items()})
    same = (code for code in range(0x4E00, 0xA000) if code not in table)
    kept = "".join(f"{chr(first)}-{chr(last)}" for first, last in _runs(same))
    return table, re.compile(rf"[^0-9a-z#,()\-{kept}]")


def _simplify(ranges: Iterable[tuple[int, int]]) -> Iterator[tuple[int, str]]:
    # A character of GB 2312 is simplified already: 乾 of 乾龙 is not 干.
    characters = [chr(code) for code in _codes(ranges)]
    simplified = OpenCC("t2s").convert("\n".join(characters)).split("\n")
    for character, simple in zip(characters, simplified, strict=True):
        if simple != character and not _in_gb2312(character):
            yield ord(character), simple


def _in_gb2312(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def _make_plain(character: str) -> str:
    plain = character
    for _ in range(3):
        folded = unicodedata.normalize("NFKC", plain).casefold()
        bare = "".join(_own_sign(sign) for sign in unicodedata.normalize("NFKD", folded))
        if bare == plain:
            break
        plain = bare
    return plain


def _own_sign(character: str) -> str:
    if character in _OWN:
        return _OWN[character]
    category = unicodedata.category(character)
    if category in {"Zs", "Zl", "Zp"} or character in "\t\n\r\v\f":
        return " "
    if category == "Pd":
        return "-"
    return "" if category in {"Mn", "Me", "Cf", "Cc", "So"} else character


def _codes(ranges: Iterable[tuple[int, int]]) -> Iterator[int]:
    return chain.from_iterable(range(first, end) for first, end in ranges)


def _runs(codes: Iterator[int]) -> Iterator[tuple[int, int]]:
    first = last = next(codes)
    for code in codes:
        if code != last + 1:
            yield first, last
            first = code
        last = code
    yield first, last
