"""Which standard addresses does a file hold?

An address is written in one column or in columns for its parts; its place stands in columns, in
the geometry, or is that of the building it names. Rows come in chunks, so that a million of them
need no more memory than a few; one that cannot be used is told with its number and the reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gis import coords
from gis.errors import InputError
from gis.files.address_parts import PARTS, read_parts, write_text
from gis.files.columns import USUAL_HEADINGS, choose_columns
from gis.files.layer import RawLayer, choose_crs
from gis.files.places import open_places
from gis.files.records import Chunk, Record, Rejected, Table
from gis.files.sources import locate_cells, read_numbers
from gis.locate.address import LONGEST_ADDRESS
from gis.locate.standard_address import StandardAddress

LONGEST_ID = 200
_MOST_TOLD = 1_000
_SAME_PLACE_DEG = 1e-5
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "lon": USUAL_HEADINGS["lon"],
    "lat": USUAL_HEADINGS["lat"],
    "external_id": (
        *("id", "externalid", "addressid", "地址编号", "地址编码", "标准地址编码", "地址代码"),
        "编号",
    ),
    "text": (
        *("address", "text", "fulladdress", "standardaddress", "标准地址", "详细地址", "地址全称"),
        *("门牌地址", "地址名称", "地址"),
    ),
    "building_id": ("buildingid", "楼栋编号", "楼栋编码", "楼栋id", "建筑物编号", "建筑编号"),
    "province": ("province", "省份", "省", "省级"),
    "city": ("city", "城市", "地级市", "设区市", "地市", "市"),
    "county": ("county", "district", "区县", "县区", "市辖区", "行政区", "县市区", "区", "县"),
    "subdistrict": (
        *("subdistrict", "township", "town", "街道乡镇", "乡镇街道", "镇街", "街镇", "乡镇"),
        "街道",
    ),
    "community": ("community", "village", "社区村", "村社区", "村居", "社区", "行政村", "村"),
    "road": ("road", "street", "街路巷", "道路名称", "道路", "路名", "街路", "路"),
    "lane": ("lane", "巷弄", "巷", "弄"),
    "number": ("number", "housenumber", "streetnumber", "门牌号码", "门牌号", "门牌", "号"),
    "estate": ("estate", "小区名称", "小区", "住宅小区", "院落"),
    "building": (
        "building",
        "buildingnumber",
        "楼栋号",
        "楼栋",
        "楼号",
        "幢号",
        "栋号",
        "幢",
        "栋",
    ),
    "unit": ("unit", "单元号", "单元"),
    "floor": ("floor", "楼层", "层"),
    "room": ("room", "flat", "apartment", "房间号", "房号", "室号", "户室", "房间", "室"),
    "place": ("place", "poi", "poiname", "兴趣点", "地名"),
    "postcode": ("postcode", "zip", "邮政编码", "邮编"),
}
# Tags of OpenStreetMap; `building` there is the kind of a building, and `place` that of a place.
OSM_HEADINGS: Mapping[str, tuple[str, ...]] = {
    "lon": HEADINGS["lon"],
    "lat": HEADINGS["lat"],
    "external_id": ("id", "osmid", "fid"),
    "text": ("addrfull",),
    "province": ("addrprovince", "addrstate"),
    "city": ("addrcity",),
    "county": ("addrdistrict", "addrcounty"),
    "subdistrict": ("addrsubdistrict", "addrsuburb"),
    "community": ("addrneighbourhood", "addrhamlet", "addrvillage"),
    "road": ("addrstreet",),
    "number": ("addrhousenumber",),
    "estate": ("addrplace",),
    "building": ("addrblock", "addrblocknumber", "addrbuilding"),
    "unit": ("addrunit",),
    "floor": ("addrfloor",),
    "room": ("addrdoor", "addrflats", "addrroom"),
    "place": ("addrhousename",),
    "name": ("name",),
    "postcode": ("addrpostcode",),
}
_OSM_TAGS = ("addr:", "addr_")
_SEVERAL = re.compile(r"[;；、]")

FindBuildings = Callable[[Collection[str]], Mapping[str, tuple[float, float]]]


@dataclass(slots=True)
class AddressTable:
    """The addresses of one file, to be read once.

    ``columns_used`` maps parts to headings; ``notes`` are decisions that a person should know.
    ``rows``, ``rejections`` and ``rejected`` (the first thousand of these rows) are complete after
    :meth:`chunks`.
    """

    columns_used: Mapping[str, str]
    notes: list[str]
    _table: Table = field(repr=False)
    _crs: str | None = field(repr=False)
    _file: str = field(repr=False)
    _find_buildings: FindBuildings = field(repr=False)
    rows: int = 0
    rejections: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    _places: dict[str, tuple[float, float]] = field(repr=False, default_factory=dict)

    def chunks(self) -> Iterator[list[StandardAddress]]:
        """Yield the addresses that can be used, some at a time; places in EPSG:4490."""
        headings = list(self._table.headings)
        columns = {part: headings.index(name) for part, name in self.columns_used.items()}
        for chunk in self._table.chunks:
            self.rows += len(chunk.records) + len(chunk.bad)
            for bad in chunk.bad:
                self._reject(bad.row, bad.reason, bad.cells)
            cells = {part: chunk.column(place) for part, place in columns.items()}
            yield list(self._read(chunk, cells))

    def _read(self, chunk: Chunk, cells: Mapping[str, list[str]]) -> Iterator[StandardAddress]:
        lon, lat, told = self._locate(chunk, cells)
        for index, number in enumerate(chunk.numbers):
            row = {part: column[index].strip() for part, column in cells.items()}
            place = (float(lon[index]), float(lat[index]))
            try:
                for each in _divide(row):
                    yield self._make(each, *place, told[index])
            except _Unusable as unusable:
                self._reject(number, str(unusable), chunk.records[index])

    def _make(self, row: Mapping[str, str], lon: float, lat: float, told: str) -> StandardAddress:
        text = row.get("text") or write_text(row)
        _check_text(text, row)
        parts = read_parts(row)
        if not any((parts.road, parts.number, parts.estate, parts.building, parts.place)):
            raise _Unusable("names no road, number, estate, building or place")
        if np.isnan(lon):
            raise _Unusable(told)
        lon, lat = round(lon, 7), round(lat, 7)
        external_id = row.get("external_id") or self._name(text, lon, lat)
        return StandardAddress(external_id, text, parts, lon, lat, row.get("building_id", ""))

    def _name(self, text: str, lon: float, lat: float) -> str:
        """Call an address without an id by its text, and others of that text by their place too."""
        x, y = self._places.setdefault(text, (lon, lat))
        if abs(x - lon) <= _SAME_PLACE_DEG and abs(y - lat) <= _SAME_PLACE_DEG:
            return text
        return f"{text} @ {lon:.7f},{lat:.7f}"

    def _locate(
        self, chunk: Chunk, cells: Mapping[str, list[str]]
    ) -> tuple[coords.Array, coords.Array, Sequence[str]]:
        """Return the places of the rows, and why those have none that are NaN."""
        x, y = chunk.x, chunk.y
        if x is None and "lon" in cells and "lat" in cells:
            x, y = (read_numbers(pd.Series(cells[part], dtype=object)) for part in ("lon", "lat"))
        if x is None or y is None or self._crs is None:
            lon = lat = np.full(len(chunk.numbers), np.nan)
        else:
            lon, lat = locate_cells(x, y, crs=self._crs, file=self._file)
        told = _say_why(cells, len(lon))
        return *self._use_buildings(cells, lon, lat, told), told

    def _use_buildings(
        self,
        cells: Mapping[str, list[str]],
        lon: coords.Array,
        lat: coords.Array,
        told: list[str],
    ) -> tuple[coords.Array, coords.Array]:
        lon, lat = lon.copy(), lat.copy()
        buildings = list(map(str.strip, cells.get("building_id", ())))
        missing = np.flatnonzero(np.isnan(lon)).tolist() if any(buildings) else []
        known = self._find_buildings({buildings[index] for index in missing} - {""})
        for index in missing:
            building = buildings[index]
            if building in known:
                lon[index], lat[index] = known[building]
            elif building:
                told[index] += f", and the building {building[:40]!r} is not known"
        return lon, lat

    def _reject(self, row: int, reason: str, cells: Record) -> None:
        self.rejections += 1
        if len(self.rejected) < _MOST_TOLD:
            self.rejected.append(Rejected(row, reason, cells))


class _Unusable(Exception):
    """Why a row is no address."""


def read_addresses(
    path: Path | str,
    *,
    columns: Mapping[str, str | None] | None = None,
    crs: str | None = None,
    encoding: str | None = None,
    layer: str | None = None,
    find_buildings: FindBuildings = lambda _ids: {},
    chunk_rows: int = 20_000,
) -> AddressTable:
    """Open a file of addresses and decide how it is read; the rows follow from ``chunks()``.

    Parameters
    ----------
    path
        CSV, XLSX, GeoJSON, GeoPackage, shapefile, KML, or an extract of OpenStreetMap.
    columns
        From a part of ``HEADINGS`` to the heading; the usual ones are known.
    crs
        Of the places; needed for CSV and XLSX that have them.
    encoding, layer
        Of a CSV or a shapefile; of a GeoPackage, archive or workbook.
    find_buildings
        Gives the places (EPSG:4490 lon, lat) of buildings by their ids, for rows that say only in
        which building they are.
    chunk_rows
        How many rows are read at a time.

    Raises
    ------
    InputError
        The file is damaged, says no address or no place, or the CRS is missing.
    """
    source = Path(path)
    table = open_places(source, crs=crs, encoding=encoding, layer=layer, chunk_rows=chunk_rows)
    from_osm = any(heading.casefold().startswith(_OSM_TAGS) for heading in table.headings)
    usual = OSM_HEADINGS if from_osm else HEADINGS
    used = choose_columns(table.headings, columns or {}, file=source.name, usual=usual)
    if table.has_geometry:
        used = {part: name for part, name in used.items() if part not in ("lon", "lat")}
    _check_columns(table, used, source.name)
    return AddressTable(
        columns_used=used,
        notes=list(table.notes),
        _table=table,
        _crs=_choose_crs(table, used, crs, source.name),
        _file=source.name,
        _find_buildings=find_buildings,
    )


def _check_columns(table: Table, used: Mapping[str, str], file: str) -> None:
    listed = ", ".join(table.headings)
    if "text" not in used and not any(part in used for part in PARTS):
        raise InputError(
            f"{file}: no column is known to hold an address or a part of one; name it with "
            f"--address, or the parts with --road, --number, --estate…; the columns are: {listed}",
            file=file,
        )
    has_columns = "lon" in used and "lat" in used
    if not (table.has_geometry or has_columns or "building_id" in used):
        raise InputError(
            f"{file}: no column is known to hold a place; name --lon and --lat, or the id of the "
            f"building with --building-id; the columns are: {listed}",
            file=file,
        )


def _choose_crs(table: Table, used: Mapping[str, str], crs: str | None, file: str) -> str | None:
    if not table.has_geometry and "lon" not in used:
        return None
    empty = RawLayer([], np.array([], dtype=object), table.crs, table.crs_by_format)
    return choose_crs(empty, crs, file=file)


def _check_text(text: str, row: Mapping[str, str]) -> None:
    if not text:
        raise _Unusable("says no address")
    longest = max((text, *row.values()), key=len)
    if len(longest) > LONGEST_ADDRESS:
        raise _Unusable(f"has an address of {len(longest):,} characters; at most {LONGEST_ADDRESS}")
    for part in ("external_id", "building_id"):
        if len(row.get(part, "")) > LONGEST_ID:
            raise _Unusable(f"has an id of {len(row[part]):,} characters; at most {LONGEST_ID}")
    if any("\x00" in cell for cell in row.values()):
        raise _Unusable("holds a NUL character")


def _say_why(cells: Mapping[str, list[Any]], count: int) -> list[str]:
    if "lon" not in cells or "lat" not in cells:
        return ["has no place"] * count
    pairs = (
        f"{x.strip()[:20]}, {y.strip()[:20]}"
        for x, y in zip(cells["lon"], cells["lat"], strict=True)
    )
    return ["has no place" if pair == ", " else f"has no usable place: {pair}" for pair in pairs]


def _divide(row: Mapping[str, str]) -> Sequence[Mapping[str, str]]:
    """Return a row for each number of one that has several, as 12;14; their ids are counted."""
    numbers = _SEVERAL.split(row.get("number", ""))
    if len(numbers) == 1 or row.get("text"):
        return (row,)
    numbers = [number.strip() for number in numbers if number.strip()]
    given = row.get("external_id")
    return [
        {**row, "number": number, "external_id": f"{given}/{count}" if given else ""}
        for count, number in enumerate(numbers, 1)
    ]
