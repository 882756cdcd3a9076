"""Small plans, the points that are hard in them, and an answer in rational numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from itertools import pairwise
from typing import Any
from unittest.mock import patch

import numpy as np
import shapely

from gis.locate import GridIndex, index


@contextmanager
def about_cells(count: int) -> Iterator[None]:
    """Build tables of about this many cells, in several bands: edges crowd in them, or spread."""
    with (
        patch.object(index, "FEWEST_CELLS", count),
        patch.object(index, "MOST_CELLS", count),
        patch.object(index, "LISTED_PER_EDGE", 1 << 30),
        patch.object(index, "CELLS_PER_BAND", 1 + count // 5),
    ):
        yield


def index_of(geometries: Iterable[Any], cells: int) -> GridIndex:
    """Build an index with about this many cells."""
    with about_cells(cells):
        return GridIndex(geometries)


def turned(geometries: Iterable[Any], turn: int, step: int) -> list[Any]:
    """Begin the rings of polygons at another vertex, and run them backwards if ``step`` is -1."""
    return [
        shapely.Polygon(
            _turn_ring(grid.exterior, turn, step),
            [_turn_ring(hole, turn, step) for hole in grid.interiors],
        )
        if isinstance(grid, shapely.Polygon)
        else shapely.MultiPolygon(turned(grid.geoms, turn, step))
        for grid in geometries
    ]


def _turn_ring(ring: Any, turn: int, step: int) -> np.ndarray:
    return np.roll(shapely.get_coordinates(ring)[:-1], turn, axis=0)[::step]


def three_by_three(corners: np.ndarray) -> np.ndarray:
    """Make nine quadrilaterals from 4 x 4 corners, positions 0 to 8 from the lower left."""
    return np.array(
        [
            shapely.Polygon(
                [
                    corners[row, column],
                    corners[row, column + 1],
                    corners[row + 1, column + 1],
                    corners[row + 1, column],
                ]
            )
            for row in range(3)
            for column in range(3)
        ]
    )


def hard_points(geometries: Iterable[Any]) -> np.ndarray:
    """All vertices and edge midpoints, and their eight neighbours one ulp away: (n, 2)."""
    rings = shapely.get_rings(shapely.get_parts(np.array(list(geometries), dtype=object)))
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    kept = np.diff(ring) == 0
    places = np.unique(np.vstack([xy, (xy[:-1][kept] + xy[1:][kept]) / 2]), axis=0)
    found = []
    for east in (-1, 0, 1):
        for north in (-1, 0, 1):
            x = np.nextafter(places[:, 0], east * np.inf) if east else places[:, 0]
            y = np.nextafter(places[:, 1], north * np.inf) if north else places[:, 1]
            found.append(np.column_stack([x, y]))
    return np.vstack(found)


def points_beside_edges(geometries: Iterable[Any]) -> np.ndarray:
    """Points between the ends of edges, as near to them as doubles can be without lying on them.

    With the ends on a lattice of ulps, dx v - dy u = ±gcd(dx, dy) has solutions (u, v) by Euclid:
    points whose determinant is the smallest that is not zero.
    """
    found = []
    for ring in shapely.get_rings(shapely.get_parts(np.array(list(geometries), dtype=object))):
        for a, b in pairwise(shapely.get_coordinates(ring).tolist()):
            units = [math.ulp(min(abs(a[k]), abs(b[k]))) for k in (0, 1)]
            dx, dy = (int((Fraction(b[k]) - Fraction(a[k])) / Fraction(units[k])) for k in (0, 1))
            common = math.gcd(dx, dy)
            if dx == 0 or abs(dy) <= common:
                continue
            turns = abs(dy) // common
            v = pow(dx // common, -1, turns) - (turns if dy < 0 else 0)
            u = (dx * v - common) // dy
            found.append((a[0] + u * units[0], a[1] + v * units[1]))
    return np.unique(np.array(found), axis=0)


def covers_exactly(geometry: Any, x: float, y: float) -> bool:
    """Decide OGC covers in rational numbers."""
    return any(_part_covers(part, Fraction(x), Fraction(y)) for part in shapely.get_parts(geometry))


def _part_covers(part: Any, x: Fraction, y: Fraction) -> bool:
    inside = False
    for ring in shapely.get_rings(part):
        vertices = [(Fraction(a), Fraction(b)) for a, b in shapely.get_coordinates(ring).tolist()]
        for (ax, ay), (bx, by) in pairwise(vertices):
            turn = (bx - ax) * (y - ay) - (by - ay) * (x - ax)
            in_box = min(ax, bx) <= x <= max(ax, bx) and min(ay, by) <= y <= max(ay, by)
            if turn == 0 and in_box:
                return True
            if (ay <= y) != (by <= y) and (turn > 0) == (by > ay):
                inside = not inside
    return inside


def locate_exactly(geometries: Iterable[Any], points: np.ndarray) -> np.ndarray:
    """Find the lowest covering position of each point in rational numbers."""
    listed = list(geometries)
    return np.array(
        [
            next((k for k, grid in enumerate(listed) if covers_exactly(grid, x, y)), -1)
            for x, y in points.tolist()
        ],
        dtype=np.int32,
    )


def locate_by_geos(geometries: Any, points: np.ndarray) -> np.ndarray:
    """Find the lowest covering position of each point with GEOS."""
    tree = shapely.STRtree(geometries)
    point, grid = tree.query(shapely.points(points), predicate="covered_by")
    found = np.full(len(points), len(geometries), dtype=np.int32)
    np.minimum.at(found, point, grid.astype(np.int32))
    found[found == len(geometries)] = -1
    return found
