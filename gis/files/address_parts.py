"""Which parts does a row say its address has, in columns of their own or in its text?

What stands in a column is trusted over what a text is taken to say, and brought to the same normal
form: 四十八幢, 48栋 and 48 are building 48.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from gis.locate.address import Address, parse_address
from gis.locate.words.characters import normal_form

PARTS = Address._fields[:-1]
"""The parts that a column may hold; the noise is none."""
_COUNTED = {
    "lane": "巷",
    "number": "号",
    "building": "幢",
    "unit": "单元",
    "floor": "层",
    "room": "室",
}
_DIVISIONS = ("province", "city", "county", "subdistrict", "community")
_LONGEST_CELL = 100
_HAN = re.compile(r"[\u3400-\u9fff]")
_NOTHING = Address()


def read_parts(row: Mapping[str, str]) -> Address:
    """Return the parts of the address of a row.

    Parameters
    ----------
    row
        The cells by part, under ``text`` the address as a whole, and under ``name`` what people
        call the thing there: a place, or an estate with its building.

    Returns
    -------
    Address
        From the columns; what they leave empty is taken from the text, save for names that another
        column says.

    Examples
    --------
    >>> read_parts({"text": "崇宁路12号附3", "estate": "翁墩新村", "building": "四十八栋"})[5:10]
    ('崇宁路', '', '12-3', '翁墩新村', '48')
    """
    said: dict[str, str] = {}
    more: dict[str, str] = {}
    for part in PARTS:
        if cell := row.get(part):
            read = read_cell(part, cell)
            said[part] = getattr(read, part)
            more |= {name: each for name, each in _spoken(read) if name != part}
    text = parse_address(row["text"]) if row.get("text") else _NOTHING
    thing = _read_name(row["name"]) if row.get("name") else _NOTHING
    for name, each in (*more.items(), *_spoken(text), *_spoken(thing)):
        if name not in said and (name in _COUNTED or not _is_said(each, said)):
            said[name] = each
    return Address(**said)


def _read_name(name: str) -> Address:
    long = len(name) > _LONGEST_CELL
    return (
        Address(place=normal_form(name)) if long or not _HAN.search(name) else parse_address(name)
    )


@lru_cache(maxsize=100_000)
def read_cell(part: str, cell: str) -> Address:
    """Return what a cell says of its part, and of others beside it.

    Examples
    --------
    >>> read_cell("number", "１２号之３").number, read_cell("county", "梅列").county
    ('12-3', '梅列')
    >>> read_cell("road", "列东街45巷")[5:7]
    ('列东街', '45')
    """
    counted = _COUNTED.get(part, "")
    plain = "".join(cell.split()) if counted else cell
    if len(plain) <= _LONGEST_CELL and _HAN.search(plain + counted):
        for written in dict.fromkeys((plain, plain + counted)):
            read = parse_address(written)
            if getattr(read, part) and _is_plain(read, part, normal_form(plain)):
                return read
    return Address(**{part: normal_form(plain)})


def _is_plain(read: Address, part: str, cell: str) -> bool:
    """Tell whether a cell says besides its part only numbers, and areas with their full names.

    Otherwise a name was taken apart: the estate 一路梅园新村 is none on the road 一路.
    """
    others = [(name, each) for name, each in _spoken(read) if name != part]
    return not read.noise and all(
        part in _COUNTED or name in _COUNTED or (name in _DIVISIONS and each in cell)
        for name, each in others
    )


def write_text(row: Mapping[str, str]) -> str:
    """Write the address of a row whose parts stand in columns, as people write it there.

    Examples
    --------
    >>> write_text({"county": "梅列区", "road": "崇宁路", "number": "12", "building": "3栋"})
    '梅列区崇宁路12号3栋'
    >>> write_text({"road": "Landstrasse", "number": "19", "postcode": "9494", "city": "Schaan"})
    'Landstrasse 19, 9494 Schaan'
    """
    cells = {part: row[part] for part in (*PARTS, "name") if row.get(part)}
    if not _HAN.search("".join(cells.values())):
        return _write_western(row)
    return "".join(
        f"{cell}{_COUNTED[part]}" if part in _COUNTED and not _HAN.search(cell) else cell
        for part, cell in cells.items()
    )


def _write_western(row: Mapping[str, str]) -> str:
    def join(*parts: str) -> str:
        return " ".join(row[part] for part in parts if row.get(part))

    lines = (
        join("place") or join("name"),
        join("road", "lane", "number") if row.get("road") else join("estate", "number"),
        join("building", "unit", "floor", "room"),
        join("community"),
        join("subdistrict"),
        join("postcode", "city"),
        join("county"),
        join("province"),
    )
    return ", ".join(line for line in lines if line)


def _spoken(parts: Address) -> list[tuple[str, str]]:
    return [(name, each) for name, each in zip(PARTS, parts, strict=False) if each]


def _is_said(name: str, said: Mapping[str, str]) -> bool:
    return any(name in each for each in said.values())
