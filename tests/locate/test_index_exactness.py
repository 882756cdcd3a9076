"""Does the index agree with rational arithmetic and with GEOS, for all plans and points?"""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import Delaunay

from benchmarks.lattices import Lattice
from tests.locate.plans import (
    hard_points,
    index_of,
    locate_by_geos,
    locate_exactly,
    points_beside_edges,
    three_by_three,
    turned,
)

sizes = st.sampled_from([1, 9, 100, 5000, 1 << 17])
seeds = st.integers(0, 2**32 - 1)
origins = st.sampled_from([(117.6, 26.2), (0.0, 0.0), (-87.6, 41.8), (-180.0, -90.0), (5e5, 2.9e6)])


def jittered(seed: int, origin: tuple[float, float], scale: float = 0.01) -> np.ndarray:
    """Nine quadrilaterals whose shared corners are shaken.

    ::

        +--+---+--+
        | 6 \\ 7|8 |
        +----+-+--+
        | 3 / 4 \\5|
        +--+----+-+
        | 0|  1 /2|
        +--+---+--+
    """
    random = np.random.default_rng(seed)
    corners = np.stack(np.meshgrid(np.arange(4.0), np.arange(4.0)), axis=-1)
    corners = (corners + random.uniform(-0.3, 0.3, corners.shape)) * scale + origin
    return three_by_three(np.round(corners, 7) + 0.0)


def triangles(seed: int, origin: tuple[float, float]) -> np.ndarray:
    """Triangles that tile the hull of scattered points, in random order."""
    random = np.random.default_rng(seed)
    points = random.uniform(0, 0.1, (14, 2)) + origin
    corners = Delaunay(points).simplices
    grids = shapely.polygons(points[random.permutation(corners)])
    return grids[shapely.is_valid(grids)]


def assert_exact(grids: Any, points: np.ndarray, cells: int, sample: int = 60) -> None:
    index = index_of(grids, cells)
    found = index.locate(points[:, 0], points[:, 1])
    np.testing.assert_array_equal(found, locate_by_geos(grids, points))
    assert [index.find(lon=x, lat=y) for x, y in points.tolist()] == found.tolist()
    some = np.random.default_rng(0).permutation(len(points))[:sample]
    np.testing.assert_array_equal(found[some], locate_exactly(grids, points[some]))


@settings(max_examples=25, deadline=None)
@given(seeds, origins, sizes)
def test_jittered_three_by_three(seed: int, origin: tuple[float, float], cells: int) -> None:
    grids = jittered(seed, origin)
    random = np.random.default_rng(seed)
    anywhere = random.uniform(-0.005, 0.035, (300, 2)) + origin
    assert_exact(grids, np.vstack([hard_points(grids), anywhere]), cells)


@settings(max_examples=25, deadline=None)
@given(seeds, origins, sizes)
def test_triangulation(seed: int, origin: tuple[float, float], cells: int) -> None:
    grids = triangles(seed, origin)
    anywhere = np.random.default_rng(seed).uniform(-0.01, 0.11, (300, 2)) + origin
    assert_exact(grids, np.vstack([hard_points(grids), anywhere]), cells)


@settings(max_examples=20, deadline=None)
@given(seeds, sizes)
def test_holes_enclaves_exclaves_and_overlaps(seed: int, cells: int) -> None:
    """A shaken plan in which 4 is swapped into a hole of 0 ∪ 8, under a triangle over it all."""
    grids = list(jittered(seed, (117.6, 26.2)))
    hole = shapely.transform(grids[0].buffer(-0.003), lambda xy: np.round(xy, 7))
    grids[8] = shapely.MultiPolygon([grids[8], hole])
    grids[0] = shapely.Polygon(grids[0].exterior, [hole.exterior.coords])
    triangle = shapely.Polygon([(117.605, 26.205), (117.63, 26.21), (117.61, 26.235)])
    grids.insert(4, triangle)
    grids = [grid for grid in grids if grid.is_valid]
    assert_exact(np.array(grids), hard_points(grids), cells)


@settings(max_examples=20, deadline=None)
@given(seeds, sizes)
def test_lattice_with_many_points_in_line(seed: int, cells: int) -> None:
    """Right angles, T-junctions and points that share coordinates with vertices everywhere."""
    random = np.random.default_rng(seed)
    cuts = np.sort(random.choice(np.arange(1, 12), 3, replace=False))
    lines = [0, *cuts.tolist(), 12]
    grids = np.array(
        [
            shapely.box(west, south, east, north)
            for k, (west, east) in enumerate(pairwise(lines))
            for south, north in ([(0, 12)] if k % 2 else [(0, 5), (5, 12)])
        ]
    )
    grids = random.permutation(grids)
    x, y = np.meshgrid(np.arange(-1, 14) / 1.0, np.arange(-1, 14) / 1.0)
    points = np.vstack([np.column_stack([x.ravel(), y.ravel()]), hard_points(grids)])
    beside_zero = (points != 0).all(axis=1) & (np.abs(points) < 1e-300).any(axis=1)
    assert_exact(grids, points[~beside_zero], cells)


@pytest.mark.parametrize("cells", [1, 50, 1 << 16])
def test_any_start_vertex_and_direction_gives_one_answer(cells: int) -> None:
    grids = jittered(7, (117.6, 26.2))
    points = hard_points(grids)
    expected = index_of(grids, cells).locate(points[:, 0], points[:, 1])
    for turn in range(4):
        for step in (1, -1):
            found = index_of(turned(grids, turn, step), cells).locate(points[:, 0], points[:, 1])
            np.testing.assert_array_equal(found, expected)


@settings(max_examples=15, deadline=None)
@given(seeds, sizes)
def test_order_of_grids_decides_shared_borders_only(seed: int, cells: int) -> None:
    grids = jittered(seed, (117.6, 26.2))
    points = hard_points(grids)
    order = np.random.default_rng(seed).permutation(9)
    assert_exact(grids[order], points, cells)
    given_order = index_of(grids, cells).locate(points[:, 0], points[:, 1])
    other_order = index_of(grids[order], cells).locate(points[:, 0], points[:, 1])
    shared = np.bincount(shapely.STRtree(grids).query(shapely.points(points), "intersects")[0]) > 1
    alone = (given_order >= 0) & ~np.pad(shared, (0, len(points) - len(shared)))
    np.testing.assert_array_equal(order[other_order[alone]], given_order[alone])
    assert 0 < alone.sum() < len(points)


@settings(max_examples=20, deadline=None)
@given(seeds, st.lists(st.integers(0, 8), min_size=1, max_size=20), sizes)
def test_grids_that_are_given_several_times(seed: int, chosen: list[int], cells: int) -> None:
    """Copies of grids: an edge is listed two, four, six times and yet there may be a gap."""
    grids = jittered(seed, (117.6, 26.2))
    assert_exact(grids[chosen], hard_points(grids), cells)


@settings(max_examples=10, deadline=None)
@given(seeds, st.integers(1, 4), sizes)
def test_wiggly_lattice(seed: int, columns: int, cells: int) -> None:
    """Sides of nine edges, and many vertices in one cell or many cells on one edge."""
    lattice = Lattice(columns, 3, (117.6, 26.2, 117.61, 26.21))
    grids = np.random.default_rng(seed).permutation(np.array(list(lattice)))
    points = hard_points(grids)
    some = np.random.default_rng(seed).permutation(len(points))[:3000]
    assert_exact(grids, points[some], cells)


def test_multipolygon_equals_its_parts() -> None:
    grids = jittered(9, (117.6, 26.2))
    points = hard_points(grids)
    together = [shapely.MultiPolygon([grids[0], grids[8]]), *grids[1:8]]
    apart = index_of(grids, 999).locate(points[:, 0], points[:, 1])
    found = index_of(together, 999).locate(points[:, 0], points[:, 1])
    covered_by_last = np.array([grids[8].covers(point) for point in shapely.points(points)])
    np.testing.assert_array_equal(found, np.where(covered_by_last, 0, apart))


@pytest.mark.parametrize("seed", range(5))
def test_points_nearer_to_an_edge_than_doubles_can_tell(seed: int) -> None:
    """Points less than 1e-20 degrees beside an edge: plain doubles compute "in line"."""
    grids = jittered(seed, (117.6, 26.2))
    points = points_beside_edges(grids)
    assert len(points) > 30
    assert_exact(grids, points, 1 << 12, sample=100)
    index = index_of(grids, 100)
    assert not any(index.on_border(k, lon=x, lat=y) for k in range(9) for x, y in points.tolist())
