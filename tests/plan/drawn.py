"""Small plans that several tests draw."""

from __future__ import annotations

import numpy as np
import shapely

from gis.plan.chains import add, area_of, border_of
from gis.plan.model import Grid, Level, Plan

SRID = 4548
STEP = 0.001
WEST, SOUTH = 117.6, 26.2


def place(x: float, y: float) -> tuple[float, float]:
    """Return the corner x steps east and y steps north of the board's corner."""
    return round(WEST + STEP * x, 7), round(SOUTH + STEP * y, 7)


def patch(*corners: tuple[float, float]) -> shapely.Polygon:
    """Draw a polygon in steps of the board."""
    return shapely.Polygon([place(x, y) for x, y in corners])


def square(x: int, y: int) -> shapely.Polygon:
    """Draw one square of the board."""
    return patch((x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1))


def unite(*areas: shapely.Geometry) -> shapely.Polygon | shapely.MultiPolygon:
    """Unite areas that share corners, and keep every corner."""
    return area_of(add([border_of(np.array(areas, dtype=object))]))


def nested(columns: int = 4, rows: int = 4) -> Plan:
    """
    +---+---+---+---+
    |   |   |   |   |     one community A of the two western columns, one B of the others;
    +---+---+---+---+     grid A00 is in the south-western corner
    |A00|   |B20|   |
    +---+---+---+---+
    """
    grids = [
        Grid(f"{owner}{x}{y}", "", Level.GRID, square(x, y), owner)
        for x in range(columns)
        for y in range(rows)
        for owner in ("A" if 2 * x < columns else "B")
    ]
    above = [
        Grid(code, "", Level.COMMUNITY, unite(*(g.geometry for g in grids if g.parent == code)))
        for code in sorted({grid.parent or "" for grid in grids})
    ]
    return Plan([*grids, *above])


def redraw(plan: Plan, code: str, geometry: shapely.Geometry) -> Plan:
    """Give an area other ground, and leave all others as they are."""
    old = plan[code]
    return plan.replacing([code], [Grid(code, old.name, old.level, geometry, old.parent)])
