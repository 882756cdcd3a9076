"""Which buildings does a file of footprints hold?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely

from gis.files.boundaries import read_features
from gis.files.columns import choose_columns
from gis.files.layer import bring_to_storage, choose_crs
from gis.files.osm import is_osm, read_osm
from gis.files.records import Rejected
from gis.files.rings import tidy
from gis.plan.features import Cell, clean_name, settle
from gis.plan.model import Building
from gis.plan.numbering import clean_code

STOREY_M = 3.0
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "external_id": ("id", "osmid", "externalid", "buildingid", "编号", "楼栋编号", "fid"),
    "height": ("height", "heightm", "高度", "建筑高度", "楼高"),
    "levels": ("buildinglevels", "levels", "floors", "storeys", "层数", "楼层", "楼层数"),
    "households": ("households", "户数", "住户数"),
    "name": ("name", "名称", "楼栋名称"),
    "address": ("address", "地址", "addrfull"),
}
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_LARGEST = 1e6
_AREAS = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)


@dataclass(frozen=True, slots=True)
class BuildingList:
    """The buildings of one file; ``rejected`` are rows that are no areas."""

    buildings: list[Building]
    rejected: list[Rejected]
    notes: list[str]
    columns_used: Mapping[str, str]


def read_buildings(
    path: Path | str,
    *,
    columns: Mapping[str, str | None] | None = None,
    crs: str | None = None,
    encoding: str | None = None,
    layer: str | None = None,
) -> BuildingList:
    """Read footprints with their heights and households from any boundary format, or from OSM.

    Parameters
    ----------
    columns
        From ``external_id``, ``height``, ``levels``, ``households``, ``name`` or ``address`` to
        the heading; the usual ones are known.
    crs
        For files that name none.

    Returns
    -------
    BuildingList
        ``height_m`` is the height column, or three metres a storey, or None. A footprint that is
        not valid is put right; a building without an id is called by a place inside it.
    """
    source = Path(path)
    raw = (
        read_osm(source, keys=["building"])
        if is_osm(source)
        else read_features(source, crs=crs, encoding=encoding, layer=layer)
    )
    headings = list(dict.fromkeys(name for row in raw.rows for name in row))
    used = choose_columns(headings, columns or {}, file=source.name, usual=HEADINGS)
    chosen = choose_crs(raw, crs, file=source.name)
    shapes = bring_to_storage(tidy(raw.geometries), crs=chosen, file=source.name)
    is_area = np.isin(shapely.get_type_id(shapes), _AREAS)
    found = BuildingList([], [], list(raw.notes), used)
    for number, (cells, shape, area) in enumerate(zip(raw.rows, shapes, is_area, strict=True), 1):
        settled = settle(shape) if area else None
        if settled is None or settled.is_empty:
            told = [str(value or "") for value in cells.values()]
            found.rejected.append(Rejected(number, "is no area", told))
            continue
        picked = {part: cells.get(name) for part, name in used.items()}
        found.buildings.append(_building(picked, settled))
    return found


def _building(cells: Mapping[str, Cell], shape: shapely.Polygon) -> Building:
    inside = shape.representative_point()
    storeys = _number(cells.get("levels"))
    return Building(
        external_id=clean_code(cells.get("external_id")) or f"{inside.x:.7f},{inside.y:.7f}",
        geometry=shape,
        height_m=_number(cells.get("height")) or (storeys * STOREY_M if storeys else None),
        households=int(_number(cells.get("households")) or 0),
        name=clean_name(cells.get("name")),
        address=clean_name(cells.get("address")),
    )


def _number(cell: Cell) -> float | None:
    """Read metres, storeys or households; what no building can have counts as not said."""
    found = _NUMBER.search(str(cell)) if cell is not None else None
    number = float(found[0]) if found else None
    return number if number is not None and 0.0 <= number <= _LARGEST else None
