"""How do people write the addresses of the demonstration district, rightly and wrongly?

Every sample is a standard address written in one other way, with the building that it still means.
The draws are seeded. A wording that means several buildings by itself (a prefix dropped too far, a
mistake that makes or nears another known name) is set apart as ``several``: this is told by the
fields of the address book, without any code of the lookup.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from opencc import OpenCC
from rapidfuzz.distance import OSA

from gis.demo.addresses import StandardAddress as DemoAddress
from gis.demo.names import chinese_number
from gis.locate.address import Address
from gis.locate.standard_address import Alias, StandardAddress

COUNTY, RETIRED = "三元区", "梅列区"
ALIASES = (Alias("county", RETIRED, COUNTY, None, date(2021, 3, 1)),)
_UPPER = ("province", "city", "county", "subdistrict", "community")
_FINE = ("road", "lane", "number", "estate", "building")
_KEYS = ("subdistrict", "community", *_FINE)
_NAMED = ("county", "subdistrict", "community", "road", "estate")
_NUMERALS = "零一二三四五六七八九十百0123456789"
_STRAY = "的大小天地人和江河海山水石木林田土火金玉文武英明华丽新旧高低长短方圆红黄蓝白黑春夏秋冬"
_TRADITIONAL = OpenCC("s2t")


Spelt = tuple[Address, str]
"""The parts that are written, as in the address book, and the text."""


class Sample(NamedTuple):
    """One wording: its kind, the text, the part that was changed and the building that is meant.

    ``building_id`` is empty where the words mean several buildings.
    """

    kind: str
    text: str
    part: str
    building_id: str


def make_book(addresses: Iterable[DemoAddress]) -> list[StandardAddress]:
    """Return the address book as of today: the county has its new name."""
    return [_as_standard(k, address) for k, address in enumerate(addresses)]


def _as_standard(k: int, a: DemoAddress) -> StandardAddress:
    road, lane = re.fullmatch(r"(.*?)(?:(\d+)巷)?", a.road).groups(default="")  # type: ignore[union-attr]
    number, building, unit, room = (
        re.sub(r"\D", "", value) for value in (a.number, a.building, a.unit, a.room)
    )
    parts = Address(
        "福建省", "三明市", COUNTY, a.subdistrict, a.community, road, lane, number, a.estate,
        building, unit, "", room,
    )  # fmt: skip
    text = a.text.replace(RETIRED, COUNTY)
    return StandardAddress(f"A{k:05d}", text, parts, a.lon, a.lat, a.building_id)


class Ambiguity:
    """Which buildings does the address book have for the fields that were written?"""

    def __init__(self, book: Sequence[StandardAddress]) -> None:
        self._book = book
        self._by_fields: dict[tuple[str, ...], dict[tuple[str, ...], set[str]]] = {}
        self.names = {part: {getattr(e.parts, part) for e in book} - {""} for part in _NAMED}

    def buildings(self, parts: Address) -> set[str]:
        """Return the buildings that have all the fields that are written.

        A street number without a lane is one on the street itself.
        """
        fields = tuple(p for p in _KEYS if getattr(parts, p) or (p == "lane" and parts.road))
        if fields not in self._by_fields:
            found: dict[tuple[str, ...], set[str]] = defaultdict(set)
            for entry in self._book:
                found[_pick(entry.parts, fields)].add(entry.building_id)
            self._by_fields[fields] = found
        return self._by_fields[fields].get(_pick(parts, fields), set())

    def near_buildings(self, parts: Address, part: str, wrong: str) -> set[str]:
        """Return the buildings that remain if one field may be any name near to the wrong one."""
        names = (n for n in self.names[part] if OSA.distance(n, wrong, score_cutoff=1) <= 1)
        return set().union(*(self.buildings(parts._replace(**{part: name})) for name in names))


def _pick(parts: Address, fields: Sequence[str]) -> tuple[str, ...]:
    return tuple(getattr(parts, part) for part in fields)


class Form(NamedTuple):
    """The words around the numbers."""

    building: str = "幢"
    unit: str = "单元"
    room: str = "室"
    number: Callable[[str], str] = str


def write(p: Address, form: Form = Form()) -> str:  # noqa: B008 (a Form never changes)
    """Write the parts down, widest first."""
    of = form.number
    return "".join((
        *p[:5], p.road, p.lane and f"{of(p.lane)}巷", p.number and f"{of(p.number)}号", p.estate,
        p.building and f"{of(p.building)}{form.building}", p.unit and f"{of(p.unit)}{form.unit}",
        p.room and f"{of(p.room)}{form.room}",
    ))  # fmt: skip


def _chinese(number: str) -> str:
    value = int(number)
    return (
        chinese_number(value)
        if value < 100
        else "".join("〇一二三四五六七八九"[int(d)] for d in number)
    )


def _full_width(text: str) -> str:
    return text.translate({ord(str(d)): chr(0xFF10 + d) for d in range(10)})


def drop_prefix(p: Address, chance: random.Random) -> Address:
    """Drop areas from the widest inwards, or the street of an estate too."""
    if p.estate and chance.random() < 0.4:
        p = p._replace(road="", lane="", number="")
    return p._replace(**dict.fromkeys(_UPPER[: chance.randint(1, 5)], ""))


def _keep(p: Address, _chance: random.Random) -> Spelt:
    return p, write(p)


def _shorten(p: Address, chance: random.Random) -> Spelt:
    written = drop_prefix(p, chance)
    return written, write(written)


def _make_holes(p: Address, chance: random.Random) -> Spelt:
    written = p._replace(**dict.fromkeys(chance.sample(_UPPER, chance.randint(1, 4)), ""))
    return written, write(written)


def _retire(p: Address, chance: random.Random) -> Spelt:
    return p, write(p._replace(county=RETIRED, province=chance.choice(("", "福建省"))))


def _say_building(p: Address, chance: random.Random) -> Spelt:
    written = drop_prefix(p, chance)
    return written, write(written, Form(chance.choice(("栋", "座", "号楼", "#", "棟"))))


def _widen(p: Address, chance: random.Random) -> Spelt:
    written, text = _shorten(p, chance)
    return written, _full_width(text)


def _use_chinese(p: Address, chance: random.Random) -> Spelt:
    written = drop_prefix(p, chance)
    return written, write(written, Form(number=_chinese))


def _use_traditional(p: Address, chance: random.Random) -> Spelt:
    written, text = _shorten(p, chance)
    return written, _TRADITIONAL.convert(text)


def _reorder(p: Address, chance: random.Random) -> Spelt:
    areas = "".join(p[:5])
    street = write(Address(road=p.road, lane=p.lane, number=p.number))
    home = write(Address(estate=p.estate, building=p.building, unit=p.unit, room=p.room))
    forms = [f"{street}{home}，{areas}", f"{street}{home}({areas})", f"{street}{home} {areas}"]
    if home:
        forms += [
            f"{home}（{areas}{street}）",
            f"{areas}{home}，{street}",
            f"{home}，{areas}{street}",
        ]
    return p, chance.choice(forms)


def _use_dashes(p: Address, chance: random.Random) -> Spelt:
    written = drop_prefix(p, chance)
    if not p.unit:
        return written, write(written).replace("号", "號")
    head = write(written._replace(unit="", room=""))
    if p.room and chance.random() < 0.5:
        return written, f"{head.removesuffix('幢')}-{p.unit}-{p.room}"
    return written, f"{head}{p.unit}-{p.room}" if p.room else f"{head}{p.unit}门"


def _change_endings(p: Address, chance: random.Random) -> Spelt:
    other = {
        "subdistrict": p.subdistrict + chance.choice(("办事处", "办")),
        "community": p.community.removesuffix("社区") + chance.choice(("社区居委会", "村")),
        "county": COUNTY.removesuffix("区"),
    }
    chosen = chance.sample(sorted(other), chance.randint(1, 3))
    return p, write(p._replace(**{part: other[part] for part in chosen}))


def _add_noise(p: Address, chance: random.Random) -> Spelt:
    written = drop_prefix(p, chance) if chance.random() < 0.5 else p
    text = write(written)
    phone = f"1{chance.choice('35789')}{chance.randrange(10**9):09d}"
    landline = f"0598-{chance.randrange(8_000_000, 8_999_999)}"
    return written, chance.choice((
        f"{text} {phone}", f"{text}（电话{phone}）", f"地址：{text}", f"{text}门口", f"{text}楼下",
        f"{text}(请放门口)", f"{text}, 联系电话：{landline}", f"{phone} {text}", f"{text}【急】",
        f"住址:{text}。",
    ))  # fmt: skip


def _mix(p: Address, chance: random.Random) -> Spelt:
    numbers = _chinese if chance.random() < 0.3 else str
    building = chance.choice(("栋", "座", "号楼"))
    written = drop_prefix(p, chance)
    text = write(written, Form(building, "单元", chance.choice(("室", "房", "")), numbers))
    if chance.random() < 0.3:
        text = _TRADITIONAL.convert(text)
    if chance.random() < 0.3:
        text = f"{text} 1{chance.choice('35789')}{chance.randrange(10**9):09d}"
    return written, _full_width(text) if chance.random() < 0.3 else text


PLAIN: dict[str, Callable[[Address, random.Random], Spelt]] = {
    "as in the book": _keep,
    "prefix dropped": _shorten,
    "parts left out": _make_holes,
    "retired district": _retire,
    "栋 座 号楼": _say_building,
    "full width": _widen,
    "Chinese numerals": _use_chinese,
    "traditional": _use_traditional,
    "reordered": _reorder,
    "dashes": _use_dashes,
    "offices and endings": _change_endings,
    "noise": _add_noise,
    "several of these": _mix,
}


def draw_plain(
    book: Sequence[StandardAddress], kind: str, count: int, chance: random.Random
) -> Iterator[Sample]:
    """Draw addresses without mistakes; each text comes once."""
    ambiguity, seen = Ambiguity(book), set()
    for _ in range(20 * count):
        entry = chance.choice(book)
        written, text = PLAIN[kind](entry.parts, chance)
        if text in seen:
            continue
        seen.add(text)
        one = len(ambiguity.buildings(written)) == 1
        yield Sample(kind, text, "", entry.building_id if one else "")
        if len(seen) == count:
            return


MISTAKES = ("replaced", "left out", "doubled", "swapped")


def draw_mistakes(
    book: Sequence[StandardAddress], kind: str, count: int, chance: random.Random
) -> Iterator[Sample]:
    """Draw addresses with one wrong character in one name; each text comes once."""
    ambiguity, seen = Ambiguity(book), set()
    while len(seen) < count:
        entry = chance.choice(book)
        written = drop_prefix(entry.parts, chance) if chance.random() < 0.5 else entry.parts
        part = chance.choice([part for part in _NAMED if getattr(written, part)] or ["road"])
        name = getattr(written, part)
        wrong = _misspell(name, kind, chance) if name else ""
        if not wrong or wrong in ambiguity.names[part]:
            continue
        text = write(written._replace(**{part: wrong}))
        if text in seen:
            continue
        seen.add(text)
        one = len(ambiguity.near_buildings(written, part, wrong)) == 1
        yield Sample(kind, text, part, entry.building_id if one else "")


def _misspell(name: str, kind: str, chance: random.Random) -> str:
    at = chance.choice([i for i, c in enumerate(name) if c not in _NUMERALS])
    if kind == "replaced":
        wrong = name[:at] + chance.choice(_STRAY) + name[at + 1 :]
    elif kind == "left out":
        wrong = name[:at] + name[at + 1 :]
    elif kind == "doubled":
        wrong = name[:at] + name[at] + name[at:]
    elif at + 1 == len(name):
        return ""
    else:
        wrong = name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    return wrong if wrong != name else ""


CONTRADICTIONS = ("subdistrict", "community", "county", "city", "road")


def draw_contradictions(
    book: Sequence[StandardAddress], kind: str, count: int, chance: random.Random
) -> Iterator[Sample]:
    """Draw addresses of which one part is another known or real name."""
    ambiguity, seen = Ambiguity(book), set()
    others = {
        **{part: sorted(names) for part, names in ambiguity.names.items()},
        "county": ["沙县区", "将乐县", "永安市", "朝阳区", "鼓楼区"],
        "city": ["福州市", "厦门市", "泉州市", "龙岩市"],
    }
    while len(seen) < count:
        entry = chance.choice(book)
        p = entry.parts
        if kind == "road" and not p.estate:
            continue
        other = chance.choice(others[kind])
        text = write(_contradict(p, kind, other, chance))
        if other != getattr(p, kind) and text not in seen:
            seen.add(text)
            yield Sample(kind, text, kind, entry.building_id)


def _contradict(p: Address, kind: str, other: str, chance: random.Random) -> Address:
    if kind == "road":
        return drop_prefix(p, chance)._replace(road=other, lane="", number=p.number)
    level = _UPPER.index(kind)
    short = p._replace(**dict.fromkeys(_UPPER[: chance.randint(0, level)], ""))
    if chance.random() < 0.5:
        short = short._replace(**dict.fromkeys(_UPPER[level + 1 :], ""))
    return short._replace(**{kind: other})
