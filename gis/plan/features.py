"""What do the rows of a boundary layer say: which code, name, level and parent has each area?"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely

from gis import coords
from gis.errors import InputError
from gis.plan.findings import format_place
from gis.plan.model import Finding, Level, Severity
from gis.plan.numbering import clean_code

Cell = str | float | None

LEVEL_NAMES: Mapping[str, Level] = {
    **{level.value: level for level in Level},
    **dict.fromkeys(("区", "县", "区县", "市辖区"), Level.DISTRICT),
    **dict.fromkeys(("街道", "镇", "乡", "街道/镇", "乡镇"), Level.SUBDISTRICT),
    **dict.fromkeys(("社区", "村", "社区/村", "居委会", "村委会"), Level.COMMUNITY),
    **dict.fromkeys(("网格",), Level.GRID),
    **dict.fromkeys(("小网格", "微网格", "子网格"), Level.SUBGRID),
}
_AREAS = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)


@dataclass(frozen=True, slots=True)
class Feature:
    """One row of a boundary layer.

    ``row`` counts from 1 as in the file; ``geometry`` is EPSG:4490 snapped to 1e-7°; ``exact`` is
    the same before snapping, on which the file's own slivers are measured (None: the same).
    """

    row: int
    properties: Mapping[str, Cell]
    geometry: Any
    exact: Any = None


@dataclass(frozen=True, slots=True)
class Area:
    """A row on its way to a grid; ``code`` and ``parent`` are "" while they are unknown."""

    row: int
    code: str
    name: str
    level: Level
    parent: str
    geometry: Any
    exact: Any

    @property
    def label(self) -> str:
        """What to call it in a message."""
        return self.code or f"row {self.row}"


@dataclass(frozen=True, slots=True)
class Fields:
    """Which columns hold what; None where no column does."""

    code: str | None = None
    name: str | None = None
    parent: str | None = None
    level: str | None = None
    fixed_level: Level | None = None


def parse_level(text: Cell) -> Level:
    """Read a level by its English or Chinese name.

    Examples
    --------
    >>> parse_level("社区"), parse_level(" Grid ")
    (<Level.COMMUNITY: 'community'>, <Level.GRID: 'grid'>)
    """
    level = LEVEL_NAMES.get(clean_name(text).lower())
    if level is None:
        raise InputError(
            f"{str(text)[:40]!r} is no level; use district, subdistrict, community, grid, subgrid, "
            "or 区, 街道, 社区, 网格, 小网格"
        )
    return level


def clean_name(value: Cell) -> str:
    """Write a cell of a name column as one line of text."""
    if isinstance(value, str):
        return " ".join(unicodedata.normalize("NFC", value).split())
    return clean_code(value)


def read_areas(
    features: Iterable[Feature], fields: Fields, *, accepted: Iterable[str] = ()
) -> tuple[list[Area], list[Finding]]:
    """Read code, name, level and parent of every row, and set aside what is not an area.

    Raises
    ------
    InputError
        A column does not exist, or a cell cannot be read; the row is named.
    """
    rows = list(features)
    _check_columns(rows, fields)
    areas, found = [], []
    for feature in rows:
        shape = feature.geometry
        if shape is None or shape.is_empty or shapely.get_type_id(shape) not in _AREAS:
            found.append(_not_an_area(feature))
            continue
        areas.append(_read_area(feature, fields))
    if fields.code is not None:
        found += [_without_code(area, fields.code) for area in areas if not area.code]
    unusable = not areas and (not rows or "not-an-area" in accepted)
    if unusable:
        raise InputError("there is no polygon in the file; a boundary layer needs polygons")
    return areas, found


def merge_duplicates(
    areas: Sequence[Area], *, dissolve: bool
) -> tuple[list[Area], list[Finding], bool]:
    """Find rows that share a code and, if asked, make one area of them.

    Returns
    -------
    areas, findings, unique
        One warning for a merge, one error for each code that stays several times.
    """
    grouped: dict[str, list[Area]] = {}
    for area in areas:
        grouped.setdefault(area.code or f"\0{area.row}", []).append(area)
    found = [_duplicate(parts, merged=dissolve) for parts in grouped.values() if len(parts) > 1]
    if not dissolve:
        return list(areas), found, not found
    return [_merge(parts) for parts in grouped.values()], found, True


def keep_polygons(geometry: shapely.Geometry) -> Any:
    """Make an area valid and drop the lines and points that are left over."""
    made = shapely.make_valid(geometry, method="structure", keep_collapsed=False)
    parts = [part for part in shapely.get_parts(made) if part.geom_type == "Polygon"]
    if made.geom_type == "MultiPolygon" or not parts:
        return made
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def only_touches_itself(geometry: Any) -> bool:
    """Tell a ring that touches itself at a corner, which encloses the same ground once put right.

    Many programs write the hole that such a ring cuts off as part of the ring. A ring that crosses
    itself is another matter: what it encloses is anyone's guess.

    Examples
    --------
    >>> pinched = shapely.Polygon([(0, 0), (4, 0), (2, 2), (4, 4), (0, 4), (2, 2)])
    >>> crossed = shapely.Polygon([(0, 0), (4, 4), (4, 0), (0, 4)])
    >>> only_touches_itself(pinched), only_touches_itself(crossed)
    (True, False)
    """
    if not shapely.is_valid_reason(geometry).startswith("Ring Self-intersection"):
        return False
    kept = shapely.area(keep_polygons(geometry))
    return bool(abs(kept - shapely.area(geometry)) <= 1e-9 * kept)


def settle(geometry: Any) -> Any:
    """Snap an area to the stored precision so that it stays valid."""
    snapped = shapely.transform(geometry, coords.snap)
    if shapely.is_valid(snapped):
        return snapped
    rounded = shapely.set_precision(keep_polygons(geometry), coords.SNAP_DEG)
    return shapely.transform(keep_polygons(rounded), coords.snap)


def _check_columns(rows: Sequence[Feature], fields: Fields) -> None:
    columns = {name for feature in rows for name in feature.properties}
    for name in (fields.code, fields.name, fields.parent, fields.level):
        if name is not None and name not in columns:
            listed = ", ".join(sorted(columns)) or "none"
            raise InputError(
                f"there is no column {name!r} in the file; its columns are: {listed}", column=name
            )


def _read_area(feature: Feature, fields: Fields) -> Area:
    cells = feature.properties
    try:
        code = clean_code(cells.get(fields.code)) if fields.code else ""
        level = parse_level(cells.get(fields.level)) if fields.level else fields.fixed_level
        return Area(
            row=feature.row,
            code=code,
            name=(clean_name(cells.get(fields.name)) if fields.name else "") or code,
            level=level or Level.GRID,
            parent=clean_code(cells.get(fields.parent)) if fields.parent else "",
            geometry=feature.geometry,
            exact=feature.geometry if feature.exact is None else feature.exact,
        )
    except InputError as error:
        raise InputError(f"row {feature.row}: {error.message}", row=feature.row) from None


def find_inside(geometry: Any) -> tuple[float, float]:
    """Find a place inside an area: longitude, latitude."""
    lon, lat = shapely.get_coordinates(shapely.point_on_surface(geometry))[0].tolist()
    return lon, lat


def _not_an_area(feature: Feature) -> Finding:
    shape = feature.geometry
    empty = shape is None or shape.is_empty
    lon, lat = (None, None) if empty else shapely.get_coordinates(shape)[0].tolist()
    vanished = empty and feature.exact is not None and not feature.exact.is_empty
    what = "has no geometry" if empty else f"is a {shape.geom_type}, not an area"
    if vanished:
        what = "is less than 1e-7° wide, as if in another CRS"
    return Finding(
        "not-an-area",
        Severity.ERROR,
        f"row {feature.row} {what}",
        "take it out of the file, or leave it out with --accept not-an-area",
        lon,
        lat,
    )


def _without_code(area: Area, column: str) -> Finding:
    return Finding(
        "missing-code",
        Severity.ERROR,
        f"row {area.row} ({area.name or 'without a name'}) has no code in {column!r}",
        "fill it in, or have one issued with --accept missing-code",
        *find_inside(area.geometry),
    )


def _duplicate(parts: Sequence[Area], *, merged: bool) -> Finding:
    places = "; ".join(
        f"row {part.row} at {format_place(*find_inside(part.geometry))}" for part in parts
    )
    return Finding(
        "duplicates",
        Severity.WARNING if merged else Severity.ERROR,
        f"{parts[0].code} occurs {len(parts)} times: {places}",
        "its parts were made one area" if merged else "make one area of them with --dissolve",
        *find_inside(parts[0].geometry),
        (parts[0].code,),
    )


def _merge(parts: Sequence[Area]) -> Area:
    if len(parts) == 1:
        return parts[0]
    return replace(
        parts[0],
        geometry=settle(_unite([part.geometry for part in parts])),
        exact=_unite([part.exact for part in parts]),
    )


def _unite(parts: Sequence[Any]) -> Any:
    return keep_polygons(shapely.union_all(np.array(parts, dtype=object)))
