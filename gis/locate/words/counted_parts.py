"""Which part does a number become?

The word that it counts tells (12幢), and where there is none, what was read before: 12-305 after an
estate is building and room, after a building unit and room, after a street its number and a room.
"""

from __future__ import annotations

from collections.abc import Callable

from gis.locate.words.named_parts import add_zone, read_county, read_estate, read_road
from gis.locate.words.numerals import number_in_figures, write_numeral
from gis.locate.words.reading import LITTLE, Reading
from gis.locate.words.suffixes import COUNTED, Part

_LONGEST_DOOR = 6
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz甲乙丙丁戊己庚辛临")
_JOINS = frozenset({"附", "之"})
_SIDE_NAMES = frozenset("东西南北中前后上下")
_LONG_ROOM = 3


def read_counted(reading: Reading, stem: str, raw: str, word: str) -> None:
    """Read a number and the word that it counts, after a name without its own word.

    Parameters
    ----------
    reading
        What has been read before.
    stem
        The name before the number, often empty.
    raw
        The number as it is written.
    word
        What it counts, empty for a number alone.
    """
    if stem:
        stem, raw = _move_letter(stem, raw)
    if word in _WITH_WORDS:
        _WITH_WORDS[word](reading, stem, raw, word)
        return
    if not word and _is_no_door(raw):
        _drop_contact(reading, stem, raw)
        return
    number = raw if raw.isdecimal() and raw[0] != "0" else number_in_figures(raw)
    if word:
        _WITH_FIGURES[word](reading, stem, number, word)
    else:
        _read_row(reading, stem, number)


def _move_letter(stem: str, raw: str) -> tuple[str, str]:
    # The letter of a number stands before it in 甲22号 and a12幢, but not in soho12.
    stem = stem.removesuffix("第")
    if stem[-1:] == "-" and stem[-2:-1] in _LETTERS and not ("a" <= stem[-3:-2] <= "z"):
        stem = stem[:-1]  # a-1 is a1
    if stem[-1:] in _LETTERS and not ("a" <= stem[-2:-1] <= "z"):
        return stem[:-1], stem[-1] + raw
    return stem, raw


def _read_number(reading: Reading, stem: str, number: str, word: str) -> None:
    parts = reading.parts
    if stem in _JOINS and parts[Part.NUMBER]:
        parts[Part.NUMBER] += f"-{number}"
        return
    if stem:
        reading.put_bare_name(stem, Part.ROAD)
    if reading.last == Part.ESTATE and parts[Part.ESTATE].endswith("里") and not parts[Part.ROAD]:
        parts[Part.ROAD], parts[Part.ESTATE] = parts[Part.ESTATE], ""
    if reading.last == Part.NUMBER and parts[Part.NUMBER] != number:
        parts[Part.NUMBER] += f",{number}"
    elif reading.last in {Part.ROAD, Part.LANE}:
        reading.put(Part.NUMBER, number)
    elif parts[Part.BUILDING] and Part.BUILDING <= reading.last <= Part.FLOOR:
        reading.put(Part.ROOM, number)
    elif parts[Part.NUMBER] and not parts[Part.BUILDING]:
        reading.put(Part.BUILDING, number)
    else:
        reading.put(Part.NUMBER, number)
    if word == "号院":
        reading.last = Part.ESTATE  # a number that follows counts the buildings of the yard


def _read_building(reading: Reading, stem: str, number: str, _: str) -> None:
    if stem:
        reading.put_bare_name(stem, Part.ESTATE)
    before = reading.parts[Part.BUILDING]
    is_unit = reading.last == Part.BUILDING and number.isdecimal() != before.isdecimal()
    reading.put(Part.UNIT if is_unit else Part.BUILDING, number)


def _read_unit(reading: Reading, stem: str, number: str, suffix: str) -> None:
    if suffix != "单元" and reading.last < Part.NUMBER and not stem:
        reading.pending = number + suffix
        return
    if stem:
        reading.put_bare_name(stem, Part.ESTATE)
    building, dash, unit = number.rpartition("-")
    if dash and not reading.parts[Part.BUILDING]:
        reading.put(Part.BUILDING, building)
        number = unit
    reading.put(Part.UNIT, number)


def _read_floor(reading: Reading, stem: str, number: str, suffix: str) -> None:
    if stem:
        reading.put_bare_name(stem, Part.ESTATE)
    is_building = suffix == "楼" and reading.last == Part.ESTATE
    is_building = is_building and not reading.parts[Part.BUILDING]
    reading.put(Part.BUILDING if is_building else Part.FLOOR, number)


def _read_room(reading: Reading, stem: str, number: str, _: str) -> None:
    if "-" in number:
        _read_row(reading, stem, number)
        return
    if stem:
        reading.put_bare_name(stem, Part.ESTATE)
    reading.put(Part.ROOM, number)


def _read_lane(reading: Reading, stem: str, raw: str, suffix: str) -> None:
    number = number_in_figures(raw)
    if stem.strip(LITTLE):
        read_road(reading, stem + _in_words(raw), suffix)
    elif reading.parts[Part.LANE]:
        reading.parts[Part.LANE] += f"-{number}"
        reading.last = Part.LANE
    else:
        reading.put(Part.LANE, number)


def _read_counted_road(reading: Reading, stem: str, raw: str, suffix: str) -> None:
    if suffix != "段":
        read_road(reading, stem + _in_words(raw), suffix)
    elif stem or raw in _SIDE_NAMES:
        reading.drop(stem + raw + suffix)
    elif reading.last == Part.ROAD:
        reading.parts[Part.ROAD] += _in_words(raw) + suffix
    else:
        reading.pending = _in_words(raw) + suffix


def _read_zone(reading: Reading, stem: str, raw: str, suffix: str) -> None:
    words = _in_words(raw)
    if suffix in {"村", "里"}:
        read_estate(reading, stem + words, suffix)
    elif not stem and (reading.parts[Part.ESTATE] or reading.last == Part.PLACE):
        add_zone(reading, words + suffix)
    elif suffix == "区" and not raw.isascii():
        read_county(reading, stem + words, suffix)
    else:
        reading.put(Part.ESTATE, stem + words + suffix)


def _read_noise(reading: Reading, stem: str, number: str, suffix: str) -> None:
    reading.drop(stem + number + suffix)
    if suffix != "邻":
        return
    if reading.last == Part.ESTATE and not reading.parts[Part.COMMUNITY]:
        reading.parts[Part.COMMUNITY] = reading.parts[Part.ESTATE]
        reading.parts[Part.ESTATE] = ""
    reading.last = Part.COMMUNITY


def _read_row(reading: Reading, stem: str, row: str) -> None:
    parts = reading.parts
    is_short = stem == "-" and len(row) < _LONG_ROOM
    if reading.last == Part.NUMBER and (stem in _JOINS or is_short):
        parts[Part.NUMBER] += f"-{row}"
        return
    if stem.strip(LITTLE):
        reading.put_bare_name(stem, Part.ESTATE)
    elif reading.last < Part.ROAD and not parts[Part.ESTATE] and _may_name(row):
        reading.pending = row
        return
    if row[-1] == "f" and row[:-1].isdecimal():
        reading.put(Part.FLOOR, row[:-1])
        return
    numbers = row.split("-")
    for part, number in zip(_parts_of_row(reading, numbers), numbers, strict=False):
        reading.put(part, number)


def _is_no_door(row: str) -> bool:
    # Postcodes have six figures, telephone numbers seven and more.
    return len(row) >= _LONGEST_DOOR and (
        row.isdecimal() or sum(map(str.isdecimal, row)) > _LONGEST_DOOR + 2 or _has_long(row)
    )


def _may_name(row: str) -> bool:
    # A number that begins a text may begin a name (g319国道), a row of two may not.
    return "-" not in row and row[-1] != "f"


def _has_long(row: str) -> bool:
    return any(len(number) >= _LONGEST_DOOR for number in row.replace("/", "-").split("-"))


def _drop_contact(reading: Reading, stem: str, row: str) -> None:
    # A short name before a telephone number is a person's, unless it may be the name of a place.
    name = stem.strip(LITTLE)
    if Part.SUBDISTRICT <= reading.last <= Part.ESTATE and len(name) > 1:
        reading.pending = name
        reading.drop(row)
    else:
        reading.drop(f"{name} {row}".lstrip())


def _parts_of_row(reading: Reading, numbers: list[str]) -> tuple[Part, ...]:
    parts, count = reading.parts, len(numbers)
    if reading.last in {Part.ROAD, Part.LANE}:
        if count == 2 and len(numbers[1]) < _LONG_ROOM:
            numbers[:] = ["-".join(numbers)]
        return (Part.NUMBER, Part.ROOM) if count == 2 else (Part.NUMBER, Part.UNIT, Part.ROOM)
    if parts[Part.UNIT]:
        return (Part.ROOM,) if count == 1 else (Part.FLOOR, Part.ROOM)
    if parts[Part.BUILDING] or (parts[Part.NUMBER] and not parts[Part.ESTATE]):
        return _ROWS_OF_BUILDING[min(count, 3) - 1]
    if count == 1:
        return (Part.ROOM if len(numbers[0]) >= _LONG_ROOM else Part.BUILDING,)
    if count == 2:
        return (Part.BUILDING, Part.ROOM if len(numbers[1]) >= _LONG_ROOM else Part.UNIT)
    return (Part.BUILDING, Part.UNIT, Part.ROOM) if count == 3 else _WHOLE_ROW


_WHOLE_ROW = (Part.BUILDING, Part.UNIT, Part.FLOOR, Part.ROOM)
_ROWS_OF_BUILDING = ((Part.ROOM,), (Part.UNIT, Part.ROOM), (Part.UNIT, Part.FLOOR, Part.ROOM))


def _in_words(raw: str) -> str:
    # Numbers in names keep their words (五四路); figures become words (东新3路 is 东新三路).
    return write_numeral(int(raw)) if raw.isdecimal() and len(raw) < 4 else raw


_FIGURE_READERS: dict[Part, Callable[[Reading, str, str, str], None]] = {
    Part.NUMBER: _read_number,
    Part.BUILDING: _read_building,
    Part.UNIT: _read_unit,
    Part.FLOOR: _read_floor,
    Part.ROOM: _read_room,
    Part.NOISE: _read_noise,
}
_WORD_READERS: dict[Part, Callable[[Reading, str, str, str], None]] = {
    Part.LANE: _read_lane,
    Part.ROAD: _read_counted_road,
    Part.ESTATE: _read_zone,
}
_WITH_FIGURES = {
    word: _FIGURE_READERS[part] for word, part in COUNTED.items() if part in _FIGURE_READERS
}
_WITH_WORDS = {word: _WORD_READERS[part] for word, part in COUNTED.items() if part in _WORD_READERS}
