"""Which cameras does a table hold?"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from gis import coords
from gis.cameras.model import Camera
from gis.files.columns import USUAL_HEADINGS, choose_columns
from gis.files.directions import FULL_CIRCLE_DEG, Sector, read_directions
from gis.files.layer import RawLayer, choose_crs
from gis.files.records import Chunk, Record, Rejected, Table
from gis.files.sources import locate_cells, open_table, read_numbers

HEADINGS: Mapping[str, tuple[str, ...]] = {
    "lon": USUAL_HEADINGS["lon"],
    "lat": USUAL_HEADINGS["lat"],
    "external_id": ("id", "externalid", "cameraid", "ref", "编号", "设备编号", "国标编号"),
    "name": ("name", "名称", "设备名称", "点位名称", "点位"),
    "heading": ("cameradirection", "direction", "heading", "azimuth", "朝向", "方向", "方位角"),
    "angle": ("cameraangle", "angle", "fov", "视角", "视场角", "水平视角"),
    "range": ("range", "rangem", "distance", "距离", "可视距离", "监控距离"),
    "type": ("cameratype", "type", "类型", "摄像机类型", "设备类型"),
}
_ROUND = ("dome", "panning", "ptz", "360", "球机", "全景", "云台")

_NUMBER = re.compile(r"\d{1,6}(?!\d)(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class CameraList:
    """The cameras of one file; ``rejected`` are rows without a usable position."""

    cameras: list[Camera]
    rejected: list[Rejected]
    notes: list[str]
    columns_used: Mapping[str, str]


def read_cameras(
    path: Path | str,
    *,
    columns: Mapping[str, str | None] | None = None,
    crs: str | None = None,
    encoding: str | None = None,
    layer: str | None = None,
    default_angle_deg: float = 90.0,
    default_range_m: float = 50.0,
) -> CameraList:
    """Read cameras from CSV, XLSX, GeoJSON or GeoPackage.

    Parameters
    ----------
    columns
        From ``lon``, ``lat``, ``external_id``, ``name``, ``heading``, ``angle``, ``range`` or
        ``type`` to the heading; the usual ones are known.
    crs
        Of the positions; needed for CSV and XLSX.
    default_angle_deg, default_range_m
        Where the file does not say; a dome always sees 360°.

    Returns
    -------
    CameraList
        A row with several directions gives several cameras, numbered ``id/1``, ``id/2``…; a camera
        without an id is called by its position.
    """
    source = Path(path)
    table = open_table(source, encoding=encoding, layer=layer)
    required = () if table.has_geometry else ("lon", "lat")
    used = choose_columns(
        table.headings, columns or {}, file=source.name, usual=HEADINGS, required=required
    )
    empty = RawLayer([], np.array([], dtype=object), table.crs, table.crs_by_format)
    chosen = choose_crs(empty, crs, file=source.name)
    made = CameraList([], [], list(table.notes), used)
    pick = _Picker(table, used)
    odd: list[str] = []
    for chunk in table.chunks:
        made.rejected.extend(chunk.bad)
        lon, lat = _positions(chunk, pick, chosen, source.name)
        for index, record in enumerate(chunk.records):
            number = chunk.numbers[index]
            if np.isnan(lon[index]):
                made.rejected.append(Rejected(number, "has no usable position", record))
                continue
            place = (float(lon[index]), float(lat[index]))
            text = pick(record, "heading")
            sectors = read_directions(text) or [Sector(None)]
            odd += [f"row {number}: {text!r}"] * (
                bool(text) and any(sector.heading_deg is None for sector in sectors)
            )
            made.cameras.extend(
                _cameras(record, pick, place, sectors, (default_angle_deg, default_range_m))
            )
    if odd:
        made.notes.append(f"{len(odd)} directions were not understood, first {odd[0]}")
    return made


class _Picker:
    """Takes the cell of a part from a record; the direction may stand under several headings."""

    def __init__(self, table: Table, used: Mapping[str, str]) -> None:
        headings = list(table.headings)
        self._places = {part: [headings.index(name)] for part, name in used.items()}
        plain = ["".join(mark for mark in name.casefold() if mark.isalnum()) for name in headings]
        more = [plain.index(name) for name in HEADINGS["heading"] if name in plain]
        self._places["heading"] = list(dict.fromkeys([*self._places.get("heading", ()), *more]))

    def __call__(self, record: Record, part: str) -> str:
        for place in self._places.get(part, ()):
            if record[place].strip():
                return record[place].strip()
        return ""


def _positions(
    chunk: Chunk, pick: _Picker, crs: str, file: str
) -> tuple[coords.Array, coords.Array]:
    x, y = chunk.x, chunk.y
    if x is None or y is None:
        x, y = (
            read_numbers(pd.Series([pick(record, part) for record in chunk.records], dtype=object))
            for part in ("lon", "lat")
        )
    return locate_cells(x, y, crs=crs, file=file)


def _cameras(
    record: Record,
    pick: _Picker,
    place: tuple[float, float],
    sectors: Sequence[Sector],
    defaults: tuple[float, float],
) -> list[Camera]:
    external_id = pick(record, "external_id") or f"{place[0]:.7f},{place[1]:.7f}"
    kind = pick(record, "type").lower()
    round_deg = FULL_CIRCLE_DEG if any(word in kind for word in _ROUND) else None
    typed_deg = _positive(pick(record, "angle"))
    range_m = _positive(pick(record, "range")) or defaults[1]
    return [
        Camera(
            external_id if len(sectors) == 1 else f"{external_id}/{number}",
            pick(record, "name"),
            *place,
            sector.heading_deg,
            min(sector.angle_deg or typed_deg or round_deg or defaults[0], FULL_CIRCLE_DEG),
            range_m,
        )
        for number, sector in enumerate(sectors, 1)
    ]


def _positive(text: str) -> float | None:
    found = _NUMBER.match(text)
    return float(found[0]) or None if found else None
