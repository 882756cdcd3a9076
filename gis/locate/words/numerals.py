"""Which number do the numerals of an address mean?

Chinese addresses write a number in figures (48), in words (四十八), figure by figure (六〇一), or
in the capital characters of cheques (肆拾捌). Sub-numbers follow a dash, a stroke, 之 or 附.
"""

from __future__ import annotations

from functools import lru_cache

_DIGITS = "零一二三四五六七八九"
_VALUES = {
    **{character: value for value, character in enumerate(_DIGITS)},
    **{character: value for value, character in enumerate("〇壹贰叁肆伍陆柒捌玖")},
    **{str(value): value for value in range(10)},
    "两": 2,
}
_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_TENS = {"廿": 20, "卅": 30}
_JOINS = str.maketrans("之附/", "---", "第")

CHINESE_NUMERALS = "零〇一二三四五六七八九十百千廿卅壹贰叁肆伍陆柒捌玖拾佰仟"
"""All characters of which Chinese numbers consist (两 only counts things, it numbers nothing)."""


def read_numeral(text: str) -> int | None:
    """Return the value of a number in figures or Chinese numerals, None if it is none.

    Parameters
    ----------
    text
        The numeral alone, in simplified characters.

    Examples
    --------
    >>> [read_numeral(word) for word in ("四十八", "六〇一", "一百零二", "廿三", "十", "甲")]
    [48, 601, 102, 23, 10, None]
    """
    if not text:
        return None
    if text.isascii():
        return int(text) if text.isdigit() else None
    if all(character in _VALUES for character in text):
        return int("".join(str(_VALUES[character]) for character in text))
    return _add_up(text)


def _add_up(text: str) -> int | None:
    total, digits = 0, 0
    for character in text:
        if character in _VALUES:
            digits = digits * 10 + _VALUES[character]
        elif character in _UNITS:
            total += (digits or 1) * _UNITS[character]
            digits = 0
        elif character in _TENS:
            total, digits = total + _TENS[character], 0
        else:
            return None
    return total + digits


def write_numeral(value: int) -> str:
    """Return a whole number from 0 to 9999 in Chinese words.

    Examples
    --------
    >>> [write_numeral(value) for value in (0, 2, 10, 12, 48, 102, 110, 1010, 2026)]
    ['零', '二', '十', '十二', '四十八', '一百零二', '一百一十', '一千零一十', '二千零二十六']
    """
    if value < 10:
        return _DIGITS[value]
    words, gap = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, value = divmod(value, unit)
        if digit:
            words += ("零" if gap and words else "") + _DIGITS[digit] + name
        gap = digit == 0
    return words.removeprefix("一") if words.startswith("一十") else words


@lru_cache(maxsize=8192)
def number_in_figures(text: str) -> str:
    """Return a written number in its normal form: figures, letters in lower case, ``-`` between.

    Leading zeros go; what is no numeral stays (甲, a, 东).

    Examples
    --------
    >>> [number_in_figures(word) for word in ("四十八", "六〇一", "012", "十二之三", "a-01")]
    ['48', '601', '12', '12-3', 'a-1']
    >>> [number_in_figures(word) for word in ("甲十二", "12甲", "第三", "b12")]
    ['甲12', '12甲', '3', 'b12']
    """
    plain = text.translate(_JOINS).strip("-")
    return "-".join(_part_in_figures(part) for part in plain.split("-") if part)


def _part_in_figures(part: str) -> str:
    head = part.lstrip("abcdefghijklmnopqrstuvwxyz甲乙丙丁戊己庚辛临东西南北中")
    body = head.rstrip("abcdefghijklmnopqrstuvwxyz甲乙丙丁戊己庚辛")
    value = read_numeral(body) if len(body) <= 12 else None
    if value is None:
        return part
    return f"{part[: len(part) - len(head)]}{value}{head[len(body) :]}"
