"""Which part does a name with its word become?

A name that is too short for its part belongs to what was read just before (三路 + 社区 is the
community 三路社区) or to what comes next (新市 + 北路 is the road 新市北路).
"""

from __future__ import annotations

from collections.abc import Callable

from gis.locate.words.divisions import CITIES, MUNICIPALITIES, PROVINCES, TAIWAN, split_known
from gis.locate.words.numerals import number_in_figures, read_numeral
from gis.locate.words.reading import LITTLE, NOTHING, Reading, is_side
from gis.locate.words.remarks import is_person
from gis.locate.words.suffixes import NAMED, OFFICIAL, Part

_ZONES = frozenset("东西南北中")
_LANES = frozenset({"巷", "弄", "胡同", "支路", "支弄"})


def read_province(reading: Reading, stem: str, word: str) -> None:
    if len(stem) < 2:
        reading.pending = stem + word
        return
    known, rest = split_known(stem)
    reading.put(Part.PROVINCE, PROVINCES.get(known, stem + word) if not rest else stem + word)


def read_city(reading: Reading, stem: str, word: str) -> None:
    if stem in CITIES and word == "市":
        reading.put(Part.CITY, f"{stem}市")
        return
    head, rest = split_known(stem)
    if head in MUNICIPALITIES and not rest:
        reading.put(Part.PROVINCE, f"{head}市")
    elif head and len(rest) > 1:
        reading.put_known(head)
        read_city(reading, rest, word)
    elif word != "市" and len(stem) > 1 and (word != "盟" or "内蒙" in reading.parts[0]):
        reading.put(Part.CITY, stem + word)
    elif _is_county_city(reading, stem):
        reading.put(Part.COUNTY, stem + word)
    else:
        reading.pending = stem + word


def _is_county_city(reading: Reading, stem: str) -> bool:
    if len(stem) < 2 or (len(stem) > 2 and stem[-1] in "城都门夜花菜超闹股"):
        return False
    return not reading.parts[Part.COUNTY] and reading.last <= Part.COUNTY


def read_county(reading: Reading, stem: str, word: str) -> None:
    parts = reading.parts
    if len(stem) < 2 and not _is_short_county(reading, stem, word):
        if stem in _ZONES and (parts[Part.ESTATE] or reading.last == Part.PLACE):
            add_zone(reading, stem + word)
            return
        before = "" if stem else reading.take_last(area=True)
        if not before:
            reading.pending = stem + word
            return
        stem = before
    if word == "旗" and "内蒙" not in parts[Part.PROVINCE]:
        reading.pending = stem + word
        return
    if not parts[Part.CITY]:
        stem = reading.without_city(stem)
        if parts[Part.COUNTY].endswith("市"):
            parts[Part.CITY], parts[Part.COUNTY] = parts[Part.COUNTY], ""
    if parts[Part.COUNTY] and parts[Part.COUNTY] != stem + word:
        reading.pending = stem + word
        return
    reading.put(Part.COUNTY, stem + word)


def _is_short_county(reading: Reading, stem: str, word: str) -> bool:
    if word == "县":
        return bool(stem)
    upper = reading.parts[Part.CITY] and not reading.parts[Part.COUNTY]
    return bool(upper) and bool(stem) and stem in "城郊矿东西南北中" and reading.last <= Part.COUNTY


def read_subdistrict(reading: Reading, stem: str, word: str) -> None:
    if len(stem) < 2:
        before = reading.take_last(area=True)
        if not before:
            reading.pending = stem + word
            return
        stem = before + stem
    else:
        stem = reading.without_city(stem)
    reading.put(Part.SUBDISTRICT, stem + OFFICIAL.get(word, word))


def read_community(reading: Reading, stem: str, word: str) -> None:
    if len(stem) < 2:
        before = reading.take_last(area=True)
        if not before and (not stem or word != "村"):
            reading.pending = stem + word
            return
        stem = before + stem
    name = reading.without_city(stem) + OFFICIAL.get(word, word)
    if stem.endswith(("村", "社区")) and word in {"村委会", "居委会", "居委", "村委"}:
        name = stem
    second = reading.parts[Part.COMMUNITY] and word.endswith("村")
    reading.put(Part.ESTATE if second else Part.COMMUNITY, name)


def read_road(reading: Reading, stem: str, word: str) -> None:
    if len(stem) < 2 and is_side(stem):
        stem = reading.take_last() + stem
        if not stem:
            reading.pending = word
            return
    if word == "道" and len(stem) < 2:
        reading.pending = stem + word
        return
    stem = _without_village(reading, reading.without_city(stem))
    if not reading.parts[Part.ROAD]:
        reading.put(Part.ROAD, stem + word)
    elif word in {"巷", "弄", "胡同", "支路", "支弄"}:
        reading.put(Part.LANE, stem + word)
    elif reading.parts[Part.ROAD] == stem + word:
        reading.last = Part.ROAD
    else:
        reading.pending = stem + word


def _without_village(reading: Reading, name: str) -> str:
    # In Taiwan 里 is the area below a district: 大安里和平东路.
    end = name.find("里", 1) + 1 if reading.parts[Part.CITY] in TAIWAN else 0
    if end and len(name) - end > 1:
        reading.put(Part.COMMUNITY, name[:end])
        return name[end:]
    return name


def read_estate(reading: Reading, stem: str, word: str) -> None:
    if not stem:
        stem = reading.take_last()
        if not stem:
            reading.pending = word
            return
    name = reading.without_city(stem) + word
    if not reading.parts[Part.ESTATE]:
        reading.put(Part.ESTATE, name)
    elif reading.last == Part.ESTATE and not reading.parts[Part.PLACE]:
        reading.parts[Part.PLACE], reading.parts[Part.ESTATE] = reading.parts[Part.ESTATE], name
    else:
        reading.put(Part.PLACE, name)


def read_place(reading: Reading, stem: str, word: str) -> None:
    if reading.last == Part.PLACE or not stem:
        stem = reading.take_last() + stem
    reading.put(Part.PLACE, reading.without_city(stem) + word)


def read_separator(reading: Reading, stem: str, _: str) -> None:
    """Close a name that ends at a separator and has no word of its own."""
    name = stem.strip(LITTLE)
    if name and reading.last == NOTHING and is_person(name):
        reading.drop(name)
    elif reading.last in {Part.ESTATE, Part.BUILDING} and read_numeral(name) is not None:
        reading.put(Part.BUILDING, number_in_figures(name))
    elif name:
        reading.finish(name)


def add_zone(reading: Reading, zone: str) -> None:
    """Add a zone or a phase to the estate (翁墩新村 + 二期), or to the place read just before."""
    if reading.last != Part.PLACE:
        reading.last = Part.ESTATE
    reading.parts[reading.last] += zone


_READERS: dict[Part, Callable[[Reading, str, str], None]] = {
    Part.PROVINCE: read_province,
    Part.CITY: read_city,
    Part.COUNTY: read_county,
    Part.SUBDISTRICT: read_subdistrict,
    Part.COMMUNITY: read_community,
    Part.ROAD: read_road,
    Part.ESTATE: read_estate,
    Part.PLACE: read_place,
}
NAME_READERS = {word: _READERS[part] for word, part in NAMED.items()} | {",": read_separator}
"""What reads a name that a word closes."""
