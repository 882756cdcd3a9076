"""Which parts does a written address consist of?"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from gis.errors import InputError
from gis.locate.words.characters import normal_form
from gis.locate.words.counted_parts import read_counted
from gis.locate.words.named_parts import NAME_READERS
from gis.locate.words.reading import LITTLE, Reading, State
from gis.locate.words.remarks import split_remarks
from gis.locate.words.suffixes import Part
from gis.locate.words.tokens import LONGEST_REMEMBERED, REMEMBERED, ROWS, Run, cut_run
from gis.locate.words.western import read_western

_WESTERN_WORD = re.compile(r"[a-z]{3}")

LONGEST_ADDRESS = 500
"""More characters are no address."""


class Address(NamedTuple):
    """The parts of an address in normal form; a part that is not said is empty.

    Names are in simplified characters with their suffix as it is official (``列东街道``,
    ``翁墩社区``, ``崇宁路``, ``翁墩新村``); numbered parts are their number alone: ``lane`` "45" of
    列东街45巷, and "3-5" of 3巷5弄; ``number`` "12", "12-3" for 12号附3 and 12之3,
    and "12,18" for 12号18号, of which only an address book can tell whether 18 is a building;
    ``building`` "48" for 四十八幢 and "a" for A座; ``unit`` "2", ``floor`` "3", ``room`` "601".
    ``place`` is a point of interest, or a name without a word that tells what it is (翁墩 alone);
    ``noise`` is what was left out: telephone numbers, names of persons, remarks, and the words of
    :data:`gis.locate.words.remarks.NEARNESS`, which say that the address is only near.

    What only an address book can decide stays as it is written: a name before a number without its
    word (翁墩12幢 has the estate 翁墩, 列东12号 the road 列东), the short name of an area before
    another name (列西翁墩新村 is one estate), 翁墩新村12号 (a number, though often a building is
    meant), and 江滨路12号3-501 (unit 3, though it may be building 3 of an estate at number 12).
    """

    province: str = ""
    city: str = ""
    county: str = ""
    subdistrict: str = ""
    community: str = ""
    road: str = ""
    lane: str = ""
    number: str = ""
    estate: str = ""
    building: str = ""
    unit: str = ""
    floor: str = ""
    room: str = ""
    place: str = ""
    noise: str = ""


def parse_address(text: str) -> Address:
    """Return the parts of a written address.

    Parameters
    ----------
    text
        An address in Chinese or in Latin letters, at most ``LONGEST_ADDRESS`` characters.

    Returns
    -------
    Address
        Names in the normal form of :mod:`gis.locate.words.characters`. Every text has some
        reading; what has none is noise.

    Raises
    ------
    InputError
        The text is too long to be an address.

    Examples
    --------
    >>> address = parse_address("臺北市中山路二段3巷5弄10號2樓之1")
    >>> address.city, address.road, address.lane, address.number, address.floor, address.room
    ('台北市', '中山路二段', '3-5', '10', '2', '1')
    >>> parse_address("翁墩新村四十八幢601室附近").noise
    '附近'
    """
    if len(text) > LONGEST_ADDRESS:
        raise InputError(
            f"an address has at most {LONGEST_ADDRESS} characters, this one has {len(text)}; "
            "send the address alone",
            length=len(text),
        )
    plain = normal_form(text)
    if plain.isascii() and _WESTERN_WORD.search(plain):
        return Address(**read_western(plain))
    address, noise = split_remarks(plain)
    parts = _read_parts(address)
    if noise:
        parts[Part.NOISE] = f"{parts[Part.NOISE]} {noise}".lstrip()
    return Address._make(parts)


def _read_parts(text: str) -> list[str]:
    pieces = ROWS.split(text)
    head = pieces[0]
    read_head = _read_head if len(head) <= LONGEST_REMEMBERED else _read_head.__wrapped__
    reading = Reading.resume(read_head(head))
    for k in range(1, len(pieces), 2):
        run = cut_run(pieces[k + 1], after_row=True)
        stem, reading.pending = reading.pending, ""
        read_counted(reading, stem, pieces[k], run[0])
        _read_run(reading, run)
    if reading.pending:
        reading.finish(reading.pending.strip(LITTLE))
    return reading.parts


@lru_cache(maxsize=REMEMBERED)
def _read_head(head: str) -> State:
    reading = Reading()
    _read_run(reading, cut_run(head, after_row=False))
    return reading.keep()


def _read_run(reading: Reading, run: Run) -> None:
    _, tokens, rest = run
    for stem, number, word in tokens:
        name = reading.pending + stem
        reading.pending = ""
        if number:
            read_counted(reading, name, number, word)
        else:
            NAME_READERS[word](reading, name, word)
    reading.pending += rest
