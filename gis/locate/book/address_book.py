"""How are a million standard addresses kept, so that they are small and found at once?

Names and numbers are numbered once, and an entry is a row of 32-bit numbers. Two sorted tables of
64-bit keys lead to the entries: street, lane and street number (``doors``), and estate and building
(``homes``). What belongs under one key stands together, so a key with an open end finds all entries
of a street or of an estate. An address of a village without streets has its community as street.

Rooms and entrances are folded (:mod:`gis.locate.book.folding`); which units and rooms there are is
kept.
"""

from __future__ import annotations

import itertools
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gis.errors import InputTooLarge
from gis.locate.address import Address
from gis.locate.book.folding import Rows, fold_rooms
from gis.locate.book.names import Numbered
from gis.locate.standard_address import StandardAddress

UPPER = ("province", "city", "county", "subdistrict", "community")
AREA_PARTS = ("county", "subdistrict", "community")
_FINE = ("road", "lane", "number", "estate", "building", "unit", "place")
_CHUNK = 20_000
_STREET_BITS, _LANE_BITS, _NUMBER_BITS = 22, 18, 22


class Context(NamedTuple):
    """The areas of an entry: as its own text says, and as the plan says, by number of the name."""

    own: tuple[int, ...]
    areas: tuple[int, ...]


class AddressBook:
    """The entries in columns.

    Attributes
    ----------
    tables
        For each named part its numbered names; lanes, numbers, buildings and units share one.
    contexts
        The distinct combinations of areas; ``context`` numbers them for each entry.
    road, lane, number, estate, building, unit, place
        Arrays of 32-bit numbers; 0 is none.
    lon, lat
        EPSG:4490 degrees.
    """

    def __init__(
        self, entries: Iterable[StandardAddress], areas: Sequence[Mapping[str, str]] | None
    ) -> None:
        self.tables = {part: Numbered() for part in (*UPPER, "road", "estate", "place")}
        self.numerals = Numbered()
        self.streets = Numbered()
        self.inner_names = Numbered()
        self.contexts: list[Context] = []
        raw = _read(self, entries, areas)
        _check_size(self)
        kept, becomes = fold_rooms(raw)
        self._keep(raw, kept, becomes)

    def __len__(self) -> int:
        return len(self.lon)

    def _keep(self, raw: dict[str, Any], kept: Rows, becomes: Rows) -> None:
        self.context = _to_array(raw["context"][kept])
        self.street = _to_array(raw["street"][kept])
        columns = {part: _to_array(raw[part][kept]) for part in _FINE}
        self.road, self.lane, self.number = columns["road"], columns["lane"], columns["number"]
        self.estate, self.building = columns["estate"], columns["building"]
        self.unit, self.place = columns["unit"], columns["place"]
        self.lon = np.ascontiguousarray(raw["lon"][kept])
        self.lat = np.ascontiguousarray(raw["lat"][kept])
        self._area_labels = [
            tuple(self.tables[part].labels[k] for part, k in zip(UPPER, own, strict=True))
            for own, _ in self.contexts
        ]
        self._texts, self._text_ends = _pack(_write_texts(self, raw, kept))
        self._ids, self._id_ends = _pack(map(raw["id"].__getitem__, kept.tolist()))
        self._houses, self._house_ends = _pack(map(raw["house"].__getitem__, kept.tolist()))
        self._index(raw, becomes)

    def _index(self, raw: dict[str, Any], becomes: Rows) -> None:
        street, lane, number, estate, building, place = (
            np.frombuffer(column, dtype=np.int32).astype(np.int64)
            for column in (
                self.street, self.lane, self.number, self.estate, self.building, self.place,
            )
        )  # fmt: skip
        door = (street << (_LANE_BITS + _NUMBER_BITS)) | (lane << _NUMBER_BITS) | number
        self._door_keys, self._door_rows = _sort(door, street > 0)
        at_home = np.where((building == 0) & (street == 0), number, building)
        self._home_keys, self._home_rows = _sort((estate << 32) | at_home, estate > 0)
        self._place_keys, self._place_rows = _sort(place, place > 0)
        inner = raw["inner"].astype(np.int64)
        known = np.unique((becomes.astype(np.int64) << 32 | inner)[inner > 0])
        self._inner = array("q", known.tobytes())
        self.known_areas = [_merge(context) for context in self.contexts]
        self._has_inner = array("b", bytes(len(self)))
        np.frombuffer(self._has_inner, dtype=np.int8)[known >> 32] = 1

    def at_door(self, street: int, lane: int, number: int) -> list[int]:
        """Return the entries at a street number; ``number`` 0 is the street itself."""
        key = (street << (_LANE_BITS + _NUMBER_BITS)) | (lane << _NUMBER_BITS) | number
        return _equal(self._door_keys, self._door_rows, key)

    def of_lane(self, street: int, lane: int) -> Rows:
        """Return all entries of a lane, or with lane 0 those on the street itself."""
        key = (street << (_LANE_BITS + _NUMBER_BITS)) | (lane << _NUMBER_BITS)
        return _between(self._door_keys, self._door_rows, key, key + (1 << _NUMBER_BITS))

    def of_street(self, street: int) -> Rows:
        """Return all entries of a street with its lanes."""
        bits = _LANE_BITS + _NUMBER_BITS
        return _between(self._door_keys, self._door_rows, street << bits, (street + 1) << bits)

    def at_home(self, estate: int, building: int) -> list[int]:
        """Return the entries of a building of an estate."""
        return _equal(self._home_keys, self._home_rows, (estate << 32) | building)

    def of_estate(self, estate: int) -> Rows:
        """Return all entries of an estate."""
        return _between(self._home_keys, self._home_rows, estate << 32, (estate + 1) << 32)

    def at_place(self, place: int) -> list[int]:
        """Return the entries of a named place."""
        return _equal(self._place_keys, self._place_rows, place)

    def in_contexts(self, contexts: Sequence[int]) -> Rows:
        """Return all entries of some combinations of areas."""
        column = np.frombuffer(self.context, dtype=np.int32)
        return np.flatnonzero(np.isin(column, contexts)).astype(np.int32)

    def knows_inside(self, row: int) -> bool:
        """Tell whether the book lists units or rooms of an entry."""
        return bool(self._has_inner[row])

    def has_inside(self, row: int, unit: str, room: str) -> bool:
        """Tell whether the book has this unit, or this room of it, in an entry."""
        inner = self.inner_names.get(f"{unit}/{room}")
        if inner is None:
            return False
        key = (row << 32) | inner
        i = bisect_left(self._inner, key)
        return i < len(self._inner) and self._inner[i] == key

    def text(self, row: int) -> str:
        """Return the standard text of an entry."""
        return _unpack(self._texts, self._text_ends, row)

    def entry(self, row: int) -> StandardAddress:
        """Return an entry as a value."""
        return StandardAddress(
            external_id=_unpack(self._ids, self._id_ends, row),
            text=_unpack(self._texts, self._text_ends, row),
            parts=self.parts(row),
            lon=float(self.lon[row]),
            lat=float(self.lat[row]),
            building_id=_unpack(self._houses, self._house_ends, row),
        )

    def parts(self, row: int) -> Address:
        """Return the parts of an entry."""
        numerals, tables = self.numerals.labels, self.tables
        return Address._make((
            *self._area_labels[self.context[row]],
            tables["road"].labels[self.road[row]],
            numerals[self.lane[row]],
            numerals[self.number[row]],
            tables["estate"].labels[self.estate[row]],
            numerals[self.building[row]],
            numerals[self.unit[row]],
            "",
            "",
            tables["place"].labels[self.place[row]],
            "",
        ))  # fmt: skip

    @property
    def nbytes(self) -> int:
        """The bytes of the columns and tables, without the names."""
        return sum(_count_bytes(value) for value in vars(self).values())


def _merge(context: Context) -> tuple[tuple[int, ...], ...]:
    """Return the numbers of all names by which each part of the areas is known."""
    widest = len(UPPER) - len(AREA_PARTS)
    own, areas = context.own, (0,) * widest + context.areas
    return tuple(
        tuple(dict.fromkeys(k for k in names if k)) for names in zip(own, areas, strict=True)
    )


def write_address(parts: Address) -> str:
    """Write the parts of an address down to the unit, widest first.

    Examples
    --------
    >>> write_address(Address(county="三元区", road="列东街", lane="45", number="4-1"))
    '三元区列东街45巷4号附1'
    >>> write_address(Address(road="Landstrasse", number="12", city="Vaduz"))
    'Landstrasse 12, Vaduz'
    """
    if parts.road.isascii() and parts.road:
        head = f"{parts.road} {parts.number}".strip()
        return ", ".join(filter(None, (head, parts.city or parts.community)))
    main, _, sub = parts.number.partition("-")
    number = f"{main}号附{sub}" if sub else f"{main}号" if main else ""
    return "".join((
        *parts[:5], parts.road, parts.lane and f"{parts.lane}巷", number, parts.estate,
        parts.building and f"{parts.building}幢", parts.unit and f"{parts.unit}单元", parts.place,
    ))  # fmt: skip


def _read(
    book: AddressBook,
    entries: Iterable[StandardAddress],
    areas: Sequence[Mapping[str, str]] | None,
) -> dict[str, Any]:
    found: dict[str, list[Any]] = {}
    contexts: dict[Context, int] = {}
    rest = iter(entries)
    start = 0
    while chunk := list(itertools.islice(rest, _CHUNK)):
        of_chunk = None if areas is None else areas[start : start + len(chunk)]
        for name, column in _read_chunk(book, chunk, of_chunk, contexts).items():
            found.setdefault(name, []).append(column)
        start += len(chunk)
    book.contexts = list(contexts)
    if not found:
        empty = dict.fromkeys(("context", "street", "inner", "home", *_FINE), np.zeros(0, np.int32))
        return empty | {"lon": np.zeros(0), "lat": np.zeros(0), "text": [], "id": [], "house": []}
    return {
        name: np.concatenate(parts)
        if isinstance(parts[0], np.ndarray)
        else list(itertools.chain.from_iterable(parts))
        for name, parts in found.items()
    }


def _read_chunk(
    book: AddressBook,
    chunk: list[StandardAddress],
    areas: Sequence[Mapping[str, str]] | None,
    contexts: dict[Context, int],
) -> dict[str, Any]:
    columns = dict(zip(Address._fields, zip(*(e.parts for e in chunk), strict=True), strict=True))
    own = zip(*(_number(book.tables[part], columns[part]) for part in UPPER), strict=True)
    within = _number_areas(book, areas, len(chunk))
    pairs = map(Context, own, within)
    found: dict[str, Any] = {
        "context": _int32([contexts.setdefault(pair, len(contexts)) for pair in pairs]),
        "text": [e.text for e in chunk],
        "id": [e.external_id for e in chunk],
        "house": [e.building_id for e in chunk],
        "lon": np.array([e.lon for e in chunk], dtype=np.float64),
        "lat": np.array([e.lat for e in chunk], dtype=np.float64),
    }
    for part in ("road", "estate", "place"):
        found[part] = _int32(_number(book.tables[part], columns[part]))
    for part in ("lane", "number", "building", "unit"):
        found[part] = _int32(_number(book.numerals, columns[part]))
    streets = [
        road or ("" if estate else community)
        for road, estate, community in zip(
            columns["road"], columns["estate"], columns["community"], strict=True
        )
    ]
    found["street"] = _int32(_number(book.streets, streets))
    inner = [
        f"{unit}/{room}" if unit or room else ""
        for unit, room in zip(columns["unit"], columns["room"], strict=True)
    ]
    found["inner"] = _int32(_number(book.inner_names, inner))
    return found


def _number(table: Numbered, names: Iterable[str]) -> list[int]:
    return list(map(table.__getitem__, names))


def _number_areas(
    book: AddressBook, areas: Sequence[Mapping[str, str]] | None, count: int
) -> Iterator[tuple[int, ...]]:
    if areas is None:
        return itertools.repeat((0,) * len(AREA_PARTS), count)
    tables = [(part, book.tables[part]) for part in AREA_PARTS]
    return (tuple(table[area.get(part, "")] for part, table in tables) for area in areas)


def _check_size(book: AddressBook) -> None:
    if (
        len(book.numerals.labels) >= 1 << _LANE_BITS
        or len(book.streets.labels) >= 1 << _STREET_BITS
    ):
        raise InputTooLarge(
            f"the address book has {len(book.numerals.labels)} distinct numbers and "
            f"{len(book.streets.labels)} streets; at most {1 << _LANE_BITS} and "
            f"{1 << _STREET_BITS} are possible: split it by city"
        )


def _write_texts(book: AddressBook, raw: dict[str, Any], kept: Rows) -> Iterator[str]:
    # The text of an entry that stands for its rooms must not name one of them.
    named_room = (raw["inner"] != 0)[kept]
    labels = book.inner_names.labels
    for row, (k, rooms) in enumerate(zip(kept.tolist(), named_room.tolist(), strict=True)):
        with_room = rooms and not labels[raw["inner"][k]].endswith("/")
        yield write_address(book.parts(row)) if with_room else raw["text"][k]


def _sort(keys: NDArray[np.int64], used: NDArray[np.bool_]) -> tuple[array[int], array[int]]:
    rows = np.flatnonzero(used)
    rows = rows[np.argsort(keys[rows], kind="stable")]
    return array("q", keys[rows].tobytes()), array("i", rows.astype(np.int32).tobytes())


def _equal(keys: array[int], rows: array[int], key: int) -> list[int]:
    start = end = bisect_left(keys, key)
    while end < len(keys) and keys[end] == key:
        end += 1
    return list(rows[start:end])


def _between(keys: array[int], rows: array[int], low: int, high: int) -> Rows:
    start, end = bisect_left(keys, low), bisect_left(keys, high)
    return np.sort(np.frombuffer(rows, dtype=np.int32)[start:end])


def _int32(numbers: list[int]) -> Rows:
    return np.array(numbers, dtype=np.int32)


def _to_array(column: Rows) -> array[int]:
    return array("i", column.astype(np.int32).tobytes())


def _pack(texts: Iterable[str]) -> tuple[bytes, array[int]]:
    parts = [text.encode(errors="replace") for text in texts]
    ends = np.cumsum([0, *map(len, parts)], dtype=np.int64)
    return b"".join(parts), array("q", ends.tobytes())


def _unpack(blob: bytes, ends: array[int], row: int) -> str:
    return blob[ends[row] : ends[row + 1]].decode()


def _count_bytes(value: Any) -> int:
    if isinstance(value, array):
        return len(value) * value.itemsize
    if isinstance(value, np.ndarray):
        return int(value.nbytes)
    return len(value) if isinstance(value, bytes) else 0
