"""How does ground fall into blocks between streets, and a block to its buildings?

Everything is noded on the 1e-7° lattice in one go, so pieces that touch share their corners.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import Voronoi

from gis import coords
from gis.plan.work import Array

Geometries = NDArray[Any]
Block = tuple[Any, int]
"""An area, and the position of the grid that it lies in."""
Piece = tuple[Any, int, tuple[int, ...]]
"""An area, the position of its block, and those of the buildings on it."""

# Walls are sampled this closely, and drawn in a little, so that two houses wall to wall have
# samples of their own on each side.
_STEP_M = 3.0
_INSET_M = 0.3
_THIN_DEG = 2e-5
"""Ground that is narrower than this (2 m) between a street and a border is no block."""


def cut_blocks(areas: Geometries, streets: Geometries) -> list[Block]:
    """Cut areas along lines.

    Parameters
    ----------
    areas
        Areas of one level, EPSG:4490, shape (k,).
    streets
        Lines, EPSG:4490.
    """
    borders = shapely.boundary(areas)
    inside = []
    if len(streets):
        ground = shapely.union_all(areas)
        inside = shapely.get_parts(shapely.intersection(streets, ground)).tolist()
    lines = [line for line in [*borders, *inside] if shapely.length(line) > 0.0]
    faces = _faces(lines)
    owner = _owners(faces, areas)
    kept = owner >= 0
    return _swallow_thin([(f, int(o)) for f, o in zip(faces[kept], owner[kept], strict=True)])


def settle_buildings(footprints: Geometries, blocks: Sequence[Block]) -> NDArray[np.int64]:
    """Return for each building the block with most of its footprint, -1 outside all."""
    if not len(footprints):
        return np.empty(0, np.int64)
    return _owners(footprints, np.array([ground for ground, _ in blocks], dtype=object))


def tessellate(
    blocks: Sequence[Block],
    footprints: Geometries,
    block_of: NDArray[np.int64],
    *,
    metric_srid: int,
) -> list[Piece]:
    """Give every place of a block to the building whose wall is nearest.

    Parameters
    ----------
    blocks
        From :func:`cut_blocks`.
    footprints
        Buildings, EPSG:4490, shape (n,).
    block_of
        From :func:`settle_buildings`.
    metric_srid
        The projected CRS in which nearness is measured.
    """
    walls = _sample_walls(footprints, metric_srid)
    held = [np.flatnonzero(block_of == block) for block in range(len(blocks))]
    lines = [shapely.boundary(ground) for ground, _ in blocks]
    for (ground, _), inside in zip(blocks, held, strict=True):
        if len(inside) > 1:
            lines += _separate(ground, [walls[i] for i in inside], metric_srid)
    faces = _faces(lines)
    block = _owners(faces, np.array([ground for ground, _ in blocks], dtype=object))
    parts: dict[tuple[int, int], list[Any]] = {}
    for number in range(len(blocks)):
        mine = faces[block == number]
        nearest = _nearest(mine, held[number], walls, metric_srid)
        for face, building in zip(mine, nearest, strict=True):
            parts.setdefault((number, building), []).append(face)
    pieces: list[Piece] = []
    for (number, building), found in sorted(parts.items(), key=lambda item: item[0]):
        union = shapely.normalize(shapely.coverage_union_all(np.array(found, dtype=object)))
        pieces.append((union, number, () if building < 0 else (building,)))
    return _keep_all(pieces, held)


def _faces(lines: Sequence[Any]) -> Geometries:
    noded = shapely.union_all(np.array(lines, dtype=object), grid_size=coords.SNAP_DEG)
    flat = shapely.transform(noded, coords.snap)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(flat).tolist()))
    return np.asarray(shapely.normalize(faces))


def _owners(pieces: Geometries, areas: Geometries) -> NDArray[np.int64]:
    """Return for each piece the area with most of it, -1 for none."""
    piece, area = shapely.STRtree(areas).query(pieces, predicate="intersects")
    shared = np.ones(len(piece))
    counts = np.bincount(piece, minlength=len(pieces))
    several = counts[piece] > 1
    shared[several] = shapely.area(
        shapely.intersection(pieces[piece[several]], areas[area[several]])
    )
    inside = shapely.area(pieces[piece]) / 2.0 if len(piece) else shared
    owner = np.full(len(pieces), -1, dtype=np.int64)
    order = np.lexsort((-area, shared, piece))  # the largest share is written last
    owner[piece[order]] = area[order]
    alone = counts == 1
    if alone.any():
        single = np.isin(piece, np.flatnonzero(alone))
        part = shapely.area(shapely.intersection(pieces[piece[single]], areas[area[single]]))
        owner[piece[single][part < inside[single]]] = -1
    return owner


def _swallow_thin(blocks: list[Block]) -> list[Block]:
    """Join blocks too thin to be one with the neighbour of the same grid they touch most."""
    ground = np.array([area for area, _ in blocks], dtype=object)
    width = 2.0 * shapely.area(ground) / shapely.length(ground)
    thin = np.flatnonzero(width < _THIN_DEG)
    if not len(thin):
        return blocks
    joins: dict[int, list[int]] = {}
    tree = shapely.STRtree(ground)
    for i in thin.tolist():
        near = [
            j
            for j in tree.query(ground[i], predicate="touches").tolist()
            if blocks[j][1] == blocks[i][1] and width[j] >= _THIN_DEG
        ]
        if not near:
            continue
        shared = shapely.length(shapely.intersection(ground[i], ground[near]))
        if shared.max() > 0.0:
            joins.setdefault(near[int(np.argmax(shared))], []).append(i)
    gone = {i for joined in joins.values() for i in joined}
    return [
        (shapely.coverage_union_all(ground[[i, *joins.get(i, ())]]), grid)
        for i, (_, grid) in enumerate(blocks)
        if i not in gone
    ]


def _sample_walls(footprints: Geometries, srid: int) -> list[Array]:
    if not len(footprints):
        return []
    metric = coords.to_metric(footprints, srid=srid)
    inner = shapely.buffer(metric, -_INSET_M, join_style="mitre")
    inner = np.where(shapely.is_empty(inner), shapely.centroid(metric), inner)
    dense = shapely.segmentize(inner, _STEP_M)
    return [np.unique(shapely.get_coordinates(geometry), axis=0) for geometry in dense]


def _separate(ground: Any, walls: Sequence[Array], srid: int) -> list[Any]:
    """Return the lines that are as near to one building as to another, within the ground."""
    metric = coords.to_metric(ground, srid=srid)
    points = np.concatenate(walls)
    label = np.repeat(np.arange(len(walls)), [len(wall) for wall in walls])
    west, south, east, north = shapely.bounds(shapely.MultiPoint([*points, *_corners(metric)]))
    middle, reach = (
        np.array([(west + east) / 2, (south + north) / 2]),
        20.0 * (east - west + north - south),
    )
    far = middle + reach * np.array([[-1, 0], [1, 0], [0, -1], [0, 1]])
    diagram = Voronoi(np.concatenate([points, far]) - middle)
    ridge = diagram.ridge_points
    label = np.append(label, [-1] * 4)
    one, other = label[ridge[:, 0]], label[ridge[:, 1]]
    ends = np.array(diagram.ridge_vertices)
    apart = (one != other) & (one >= 0) & (other >= 0) & np.all(ends >= 0, axis=1)
    edges = shapely.linestrings(diagram.vertices[ends[apart]] + middle)
    inside = shapely.intersection(shapely.line_merge(shapely.multilinestrings(edges)), metric)
    back = coords.from_metric(inside, srid=srid)
    return [line for line in shapely.get_parts(back).tolist() if line.length > 0.0]


def _corners(area: Any) -> Array:
    return np.asarray(shapely.get_coordinates(area))


def _nearest(faces: Geometries, held: Any, walls: Sequence[Array], srid: int) -> list[int]:
    if not len(held):
        return [-1] * len(faces)
    groups = [shapely.MultiPoint(walls[i]) for i in held]
    inside = coords.to_metric(shapely.point_on_surface(faces), srid=srid)
    return [int(held[k]) for k in shapely.STRtree(groups).nearest(inside)]


def _keep_all(pieces: list[Piece], held: Sequence[Any]) -> list[Piece]:
    """Put buildings whose ground was too small to be drawn on a neighbour's."""
    settled = {building for *_, inside in pieces for building in inside}
    lost = {
        number: [b for b in inside.tolist() if b not in settled]
        for number, inside in enumerate(held)
    }
    kept = []
    for ground, number, inside in pieces:
        kept.append((ground, number, (*inside, *lost.pop(number, ()))))
    return kept
