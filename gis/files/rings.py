"""How do lists of positions become areas, and what is refused on the way?"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from gis.coords import Array
from gis.errors import InputError
from gis.plan.coverage import Geometries

_CLOSED_RING = 4


def read_positions(positions: Any, *, where: str) -> Array:
    """Return positions as an array of shape (n, 2); further ordinates are dropped.

    Raises
    ------
    InputError
        Something is not a position, or a coordinate is not a finite number.
    """
    try:
        rows = np.array([position[:2] for position in positions], dtype=np.float64)
    except (TypeError, ValueError, IndexError, KeyError, OverflowError):
        raise InputError(f"{where}: a position is not a pair of numbers") from None
    if rows.ndim != 2 or rows.shape[1] != 2:
        raise InputError(f"{where}: a position is not a pair of numbers")
    if not np.isfinite(rows).all():
        raise InputError(f"{where}: a coordinate is not a finite number")
    return rows


def make_polygon(rings: Any, *, where: str) -> shapely.Polygon:
    """Make a polygon of an outer ring and its holes.

    Raises
    ------
    InputError
        A ring has fewer than four positions, is not closed, or has no area.
    """
    if not isinstance(rings, list):
        raise InputError(f"{where}: a polygon is not a list of rings")
    if not rings:
        return shapely.Polygon()
    lines = [_make_ring(read_positions(ring, where=where), where) for ring in rings]
    return shapely.Polygon(lines[0], lines[1:])


def tidy(geometries: Geometries) -> Geometries:
    """Turn rings the usual way round, and drop repeated corners and repeated parts."""
    turned = np.asarray(shapely.orient_polygons(shapely.force_2d(geometries)))
    turned = np.asarray(shapely.remove_repeated_points(turned))
    doubtful = np.flatnonzero(~shapely.is_valid(turned))
    for index in doubtful.tolist():
        turned[index] = _drop_repeats(turned[index])
    return turned


def check_areas(geometries: Geometries, *, file: str) -> None:
    """Refuse polygons with a ring that encloses nothing; the row and place are named."""
    kinds = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
    areas = np.flatnonzero(np.isin(shapely.get_type_id(geometries), kinds))
    parts, row = shapely.get_parts(geometries[areas], return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    flat = np.flatnonzero(shapely.area(shapely.polygons(rings)) == 0.0)
    if len(flat):
        index = int(flat[0])
        where = f"{file}, row {int(areas[row[part[index]]]) + 1}"
        x, y = shapely.get_coordinates(rings[index])[0].tolist()
        raise InputError(f"{where}: a ring at {x:.6f}, {y:.6f} encloses no area; take it out")


def _make_ring(positions: Array, where: str) -> Any:
    x, y = positions[0].tolist() if len(positions) else (0.0, 0.0)
    if len(positions) < _CLOSED_RING:
        raise InputError(
            f"{where}: a ring at {x:.6f}, {y:.6f} has {len(positions)} positions; "
            "a closed one has at least four"
        )
    if not (positions[0] == positions[-1]).all():
        raise InputError(
            f"{where}: the ring that begins at {x:.6f}, {y:.6f} is not closed; "
            "its last position must be its first"
        )
    return shapely.linearrings(positions)


def _drop_repeats(geometry: Any) -> Any:
    parts: dict[bytes, Any] = {}
    for part in shapely.get_parts(geometry):
        if part.geom_type != "Polygon":
            return geometry
        holes = {shapely.normalize(hole).wkb: hole for hole in part.interiors}
        lone = shapely.Polygon(part.exterior, list(holes.values()))
        parts.setdefault(shapely.normalize(lone).wkb, lone)
    kept = list(parts.values())
    return kept[0] if len(kept) == 1 else shapely.MultiPolygon(kept)
