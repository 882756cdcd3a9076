"""How is one layer made to tile its ground exactly?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis import coords
from gis.plan import chains
from gis.plan.coverage import find_holes
from gis.plan.repair.cuts import find_cuts
from gis.plan.repair.distance import is_near, measure_moved
from gis.plan.repair.faces import Faces, cut_faces
from gis.plan.repair.holders import Holders, choose_holders, settle_rest
from gis.plan.repair.model import Move, Piece, Repair, RepairChoice

_ROUNDS = 5


def repair_coverage(
    geometries: NDArray[Any],
    codes: Sequence[str],
    parents: Sequence[str],
    *,
    metric_srid: int,
    choice: RepairChoice | None = None,
) -> Repair:
    """Close the slivers between the areas of one layer, so that borders are shared exactly.

    Parameters
    ----------
    geometries
        Valid polygons or multipolygons, EPSG:4490 snapped, shape (n,).
    codes, parents
        The code of each, and that of its parent ("" for none).
    metric_srid
        The projected CRS in which distances and areas are measured.
    choice
        What is agreed to; :class:`RepairChoice` with its defaults when None.

    Returns
    -------
    Repair
        Where all faults are within the bound, the sum of the areas' borders
        (:func:`gis.plan.chains.add`) is the border of one valid region. A layer for which it is
        already comes back unchanged. What would need a larger move stays as it was: wide gaps
        (lakes, enclaves) as holes, wide overlaps in both areas. Besides, corners are rounded to
        1e-7° and borders led through corners that they pass within 1 cm; that is counted in
        ``moved_m``.

    Examples
    --------
    Between two squares there is a gap of 0.1 m::

        +-----+|+-----+
        |  a  |||  b  |
        +-----+|+-----+     (closed above and below by a corner of both)

    >>> west = shapely.Polygon([(0, 0), (1e-3, 0), (9.99e-4, 5e-4), (1e-3, 1e-3), (0, 1e-3)])
    >>> east = shapely.box(1e-3, 0, 2e-3, 1e-3)
    >>> done = repair_coverage(
    ...     np.array([west, east]), ["a", "b"], ["", ""], metric_srid=32631)
    >>> [(piece.givers, piece.taker, round(piece.size_m2)) for piece in done.pieces]
    [((), 'a', 6)]
    >>> bool(shapely.coverage_is_valid(done.geometries)), done.moved_m < 0.12
    (True, True)
    """
    choice = choice or RepairChoice()
    if _is_sound(geometries, metric_srid, choice):
        return _unchanged(geometries, codes, metric_srid)
    faces = cut_faces(geometries, metric_srid=metric_srid)
    borders = shapely.boundary(coords.to_metric(geometries, srid=metric_srid))
    held = choose_holders(faces, borders, parents, choice)
    if cuts := find_cuts(faces, held, metric_srid=metric_srid, reach_m=choice.max_move_m):
        faces = cut_faces(geometries, metric_srid=metric_srid, cuts=cuts)
        held = choose_holders(faces, borders, parents, choice)
    areas = _assemble_checked(faces, held, len(geometries), metric_srid, choice)
    if choice.fill_gaps or choice.settle_overlaps:
        held = settle_rest(faces, borders, parents, choice, held)
        _give_back_lost(faces, held, len(geometries))
        areas = _assemble(faces, held, len(geometries))
    return _tell(geometries, areas, codes, faces, held, metric_srid)


def is_exact(geometries: NDArray[Any]) -> bool:
    """Tell whether areas tile their ground exactly: their borders add up to that of one region."""
    return chains.tiled_region(geometries) is not None


def _is_sound(geometries: NDArray[Any], metric_srid: int, choice: RepairChoice) -> bool:
    """Tell whether areas tile their ground exactly and leave no gap that was to be closed."""
    region = chains.tiled_region(geometries)
    if region is None:
        return False
    gaps = find_holes(region)
    if choice.fill_gaps:
        return not len(gaps)
    metric = coords.to_metric(gaps, srid=metric_srid)
    return not any(is_near(gap, shapely.boundary(gap), choice.max_move_m) for gap in metric)


def _assemble_checked(
    faces: Faces, held: Holders, count: int, metric_srid: int, choice: RepairChoice
) -> NDArray[Any]:
    """Put the areas together; pieces whose loss tore a border too far go back to their owners."""
    for _ in range(_ROUNDS):
        _give_back_lost(faces, held, count)
        areas = _assemble(faces, held, count)
        torn = _find_torn(faces, held, areas, metric_srid, choice.max_move_m)
        if not torn:
            break
        for face in torn:
            held[face] = faces.owners[face]
    return _assemble(faces, held, count)


def _find_torn(
    faces: Faces, held: Holders, areas: NDArray[Any], metric_srid: int, reach_m: float
) -> list[int]:
    borders = shapely.boundary(coords.to_metric(areas, srid=metric_srid))
    return [
        face
        for face, owners in enumerate(faces.owners)
        for loser in set(owners) - set(held[face])
        if not is_near(faces.metric[face], borders[loser], reach_m)
    ]


def _give_back_lost(faces: Faces, held: Holders, count: int) -> None:
    lost = set(range(count)) - {area for each in held for area in each}
    for face, owners in enumerate(faces.owners):
        if lost.intersection(owners):
            held[face] = owners


def _assemble(faces: Faces, held: Holders, count: int) -> NDArray[Any]:
    mine: list[list[int]] = [[] for _ in range(count)]
    for face, each in enumerate(held):
        for area in each:
            mine[area].append(face)
    made = [
        chains.area_of(chains.add([chains.border_of(faces.polygons[pieces])])) for pieces in mine
    ]
    return np.array(made, dtype=object)


def _tell(
    before: NDArray[Any],
    after: NDArray[Any],
    codes: Sequence[str],
    faces: Faces,
    held: Holders,
    metric_srid: int,
) -> Repair:
    pieces = [
        Piece(
            faces.polygons[face],
            tuple(codes[owner] for owner in faces.owners[face] if owner != each[0]),
            codes[each[0]],
            float(faces.size_m2[face]),
        )
        for face, each in enumerate(held)
        if len(each) == 1 and each != faces.owners[face]
    ]
    left = [(len(each), float(faces.size_m2[face])) for face, each in enumerate(held)]
    overlaps = sum(len(owners) > 1 for owners in faces.owners)
    left_overlaps = sorted((size for count, size in left if count > 1), reverse=True)
    return Repair(
        geometries=after,
        pieces=pieces,
        moves=_measure_moves(before, after, codes, faces, held, metric_srid),
        closed_gaps=sum(piece.is_gap for piece in pieces),
        closed_overlaps=overlaps - len(left_overlaps),
        left_gaps=tuple(sorted((size for count, size in left if not count), reverse=True)),
        left_overlaps=tuple(left_overlaps),
    )


def _measure_moves(
    before: NDArray[Any],
    after: NDArray[Any],
    codes: Sequence[str],
    faces: Faces,
    held: Holders,
    metric_srid: int,
) -> list[Move]:
    taken, given = np.zeros(len(codes)), np.zeros(len(codes))
    for face, each in enumerate(held):
        for area in set(each) - set(faces.owners[face]):
            taken[area] += faces.size_m2[face]
        for area in set(faces.owners[face]) - set(each):
            given[area] += faces.size_m2[face]
    old, new = (coords.to_metric(areas, srid=metric_srid) for areas in (before, after))
    columns = zip(
        shapely.area(old).tolist(),
        shapely.area(new).tolist(),
        taken.tolist(),
        given.tolist(),
        measure_moved(old, new).tolist(),
        strict=True,
    )
    return [Move(code, *figures) for code, figures in zip(codes, columns, strict=True)]


def _unchanged(geometries: NDArray[Any], codes: Sequence[str], metric_srid: int) -> Repair:
    sizes = shapely.area(coords.to_metric(geometries, srid=metric_srid)).tolist()
    stayed = [Move(code, m2, m2, 0.0, 0.0, 0.0) for code, m2 in zip(codes, sizes, strict=True)]
    return Repair(geometries, [], stayed)
