"""Do the areas of one level tile the ground, without an overlap and without a gap?

Measured on projected vertices. Neighbours whose shared border has the same corners on both sides
project to the same line, so a sound tiling stays sound in metres; a corner that only one of them
has (a T-junction) shows as the sliver that it is.

A level whose borders cancel down to those of a valid region tiles it exactly (see ``chains``). Then
there is nothing to measure but the holes of that region, and that is known eight times sooner.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis import coords
from gis.plan.chains import Area, tiled_region
from gis.plan.findings import format_m2, format_place
from gis.plan.model import Finding, Severity

Geometries = NDArray[Any]

_TOUCH_M = 0.01
_TOUCH_DEG = 1e-6
# Two files that mean the same border may compute its corners apart by a few units in the last place
# of a double, which is 2 nm on the ground. That stops nothing; what a person can have drawn does.
NOISE_M = 1e-8
_OVERLAP_REMEDY = "redraw the border so that both areas share it, or take it with --accept overlaps"
_GAP_REMEDY = "close it, or, if no area is meant to be there, take it with --accept gaps"
_NAMED = 4


def find_in_layer(
    geometries: Geometries,
    codes: Sequence[str],
    *,
    metric_srid: int,
    region: Area | None = None,
) -> list[Finding]:
    """Find overlaps, gaps and unmatched borders among the areas of one level.

    Parameters
    ----------
    geometries, codes, metric_srid
        As in :func:`find_overlaps`.
    region
        The ground that they tile exactly, where that is known.
    """
    region = region or tiled_region(geometries)
    if region is not None:
        return find_gaps_in(region, geometries, codes, metric_srid=metric_srid)
    overlaps = find_overlaps(geometries, codes, metric_srid=metric_srid)
    gaps = find_gaps(geometries, codes, metric_srid=metric_srid)
    known = [*overlaps, *gaps]
    return known + find_unmatched_edges(geometries, codes, known=known)


def find_gaps_in(
    region: Area, geometries: Geometries, codes: Sequence[str], *, metric_srid: int
) -> list[Finding]:
    """Find the gaps of areas that tile a region exactly: they are its holes."""
    if isinstance(region, shapely.Polygon) and not region.interiors:
        return []
    holes = find_holes(coords.to_metric(region, srid=metric_srid))
    return tell_gaps(holes, geometries, codes, metric_srid=metric_srid)


def find_overlaps(
    geometries: Geometries, codes: Sequence[str], *, metric_srid: int
) -> list[Finding]:
    """Find every pair of areas that share ground.

    Parameters
    ----------
    geometries
        Valid polygons or multipolygons, EPSG:4490, shape (n,), all of one level.
    codes
        Their codes, in the same order.
    metric_srid
        The projected CRS in which areas are measured.

    Returns
    -------
    list of Finding
        Check ``overlaps``, the largest first.
    """
    metric = coords.to_metric(geometries, srid=metric_srid)
    # Areas whose every edge is matched cannot overlap another; in most layers that is nearly all.
    suspect = np.flatnonzero(~shapely.is_empty(shapely.coverage_invalid_edges(metric)))
    one, other = shapely.STRtree(metric).query(metric[suspect], predicate="intersects")
    pairs = np.sort(np.column_stack([suspect[one], other]), axis=1)
    first, second = np.unique(pairs[pairs[:, 0] < pairs[:, 1]], axis=0).T
    shared = _intersect(metric[first], metric[second])
    sizes = shapely.area(shared)
    order = [index for index in np.argsort(-sizes, kind="stable") if sizes[index] > 0.0]
    places = _places(shared[order], metric_srid)
    severities = _severities(shared)
    return [
        _overlap(
            codes[first[index]], codes[second[index]], float(sizes[index]), place, severities[index]
        )
        for index, place in zip(order, places, strict=True)
    ]


def find_gaps(geometries: Geometries, codes: Sequence[str], *, metric_srid: int) -> list[Finding]:
    """Find every hole in the union of the areas of one level.

    A lake or an enclave that belongs to nobody is a gap as well: only the planner knows that it
    is meant. Parameters are those of :func:`find_overlaps`.

    Returns
    -------
    list of Finding
        Check ``gaps``, the largest first.
    """
    metric = coords.to_metric(geometries, srid=metric_srid)
    return tell_gaps(find_holes(unite(metric)), geometries, codes, metric_srid=metric_srid)


def find_holes(union: shapely.Geometry) -> Geometries:
    """Return what a united area encloses and does not hold, in the coordinates of the area."""
    parts = shapely.get_parts(union)
    rings, which = shapely.get_rings(parts, return_index=True)
    inner = np.ones(len(rings), dtype=bool)
    inner[np.unique(which, return_index=True)[1]] = False
    within = shapely.polygons(rings[inner])
    return np.concatenate([within, _enclosed_between(parts)])


def tell_gaps(
    holes: Geometries, geometries: Geometries, codes: Sequence[str], *, metric_srid: int
) -> list[Finding]:
    """Tell of every hole, the largest first, with the areas that lie around it.

    ``holes`` are in metres, the areas in EPSG:4490.
    """
    if not len(holes):
        return []
    sizes = shapely.area(holes)
    order = np.argsort(-sizes, kind="stable")
    holes, sizes = holes[order], sizes[order]
    around = _name_around(holes, geometries, codes, metric_srid)
    places = _places(holes, metric_srid)
    return [
        _gap(names, float(size), place, severity)
        for names, size, place, severity in zip(
            around, sizes, places, _severities(holes), strict=True
        )
    ]


def _name_around(
    holes: Geometries, geometries: Geometries, codes: Sequence[str], metric_srid: int
) -> list[list[str]]:
    west, south, east, north = shapely.bounds(coords.from_metric(holes, srid=metric_srid)).T
    wider = _TOUCH_DEG
    boxes = shapely.box(west - wider, south - wider, east + wider, north + wider)
    near = np.unique(shapely.STRtree(geometries).query(boxes)[1])
    metric = coords.to_metric(geometries[near], srid=metric_srid)
    hole, area = shapely.STRtree(metric).query(holes, predicate="dwithin", distance=_TOUCH_M)
    around: list[set[str]] = [set() for _ in holes]
    for index, position in zip(hole.tolist(), near[area].tolist(), strict=True):
        around[index].add(codes[position])
    return [sorted(names) for names in around]


def find_unmatched_edges(
    geometries: Geometries, codes: Sequence[str], *, known: Sequence[Finding] = ()
) -> list[Finding]:
    """Find areas whose border has other corners than their neighbour's, though no sliver shows.

    Parameters
    ----------
    geometries, codes
        As in :func:`find_overlaps`.
    known
        Overlaps and gaps found already; areas that they name are not told of again.
    """
    named = {code for finding in known for code in finding.codes}
    edges = shapely.coverage_invalid_edges(geometries)
    found = []
    for code, edge in zip(codes, edges, strict=True):
        if edge.is_empty or code in named:
            continue
        lon, lat = shapely.get_coordinates(edge)[0].tolist()
        found.append(
            Finding(
                "gaps",
                Severity.ERROR,
                f"{code} and its neighbour do not share the corners of their border "
                f"at {format_place(lon, lat)}",
                "give both the same corners, or take it with --accept gaps",
                lon,
                lat,
                (code,),
                0.0,
            )
        )
    return found


def _intersect(left: Geometries, right: Geometries) -> Geometries:
    try:
        return np.asarray(shapely.intersection(left, right))
    except shapely.errors.GEOSException:
        return np.asarray(shapely.intersection(left, right, grid_size=1e-6))


def unite(metric: Geometries) -> shapely.Geometry:
    """Unite areas in metres, on a grid of a micrometre where doubles fail."""
    try:
        return shapely.union_all(metric)
    except shapely.errors.GEOSException:
        return shapely.union_all(metric, grid_size=1e-6)


def _enclosed_between(parts: Geometries) -> Geometries:
    # Areas that touch at single corners enclose ground that is no inner ring of either.
    if len(parts) < 2:
        return np.array([], dtype=object)
    shells = shapely.get_exterior_ring(parts)
    noded = shapely.get_parts(shapely.union_all(shells))
    faces = shapely.get_parts(shapely.polygonize(noded))
    filled = shapely.union_all(shapely.polygons(shells))
    bare = shapely.area(shapely.difference(faces, filled)) > shapely.area(faces) / 2.0
    return np.asarray(faces[bare])


def _severities(metric: Geometries) -> list[Severity]:
    """Call a fault a warning where it is no wider than the noise of doubles."""
    lengths = np.maximum(shapely.length(metric), np.finfo(float).tiny)
    thin = 2.0 * shapely.area(metric) / lengths < NOISE_M
    return [Severity.WARNING if noise else Severity.ERROR for noise in thin]


def _places(metric: Geometries, srid: int) -> list[tuple[float, float]]:
    inside = shapely.point_on_surface(metric)
    lon, lat = coords.points_from_metric(shapely.get_x(inside), shapely.get_y(inside), srid=srid)
    return list(zip(lon.tolist(), lat.tolist(), strict=True))


def _overlap(
    first: str, second: str, size_m2: float, place: tuple[float, float], severity: Severity
) -> Finding:
    return Finding(
        "overlaps",
        severity,
        f"{first} and {second} overlap by {format_m2(size_m2)} at {format_place(*place)}",
        _OVERLAP_REMEDY,
        *place,
        (first, second),
        size_m2,
    )


def _gap(
    around: list[str], size_m2: float, place: tuple[float, float], severity: Severity
) -> Finding:
    named = ", ".join(around[:_NAMED]) + (" …" if len(around) > _NAMED else "")
    return Finding(
        "gaps",
        severity,
        f"a gap of {format_m2(size_m2)} between {named or 'the areas'} at {format_place(*place)}",
        _GAP_REMEDY,
        *place,
        tuple(around),
        size_m2,
    )
