"""What ground, and what work, do the grids of two plans have in common?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis import coords
from gis.plan.model import Grid
from gis.plan.work import Points, place_points

Pair = tuple[str | None, str | None]
"""An old and a new code; None where the one or the other plan has no grid."""

_PROJECTION_NOISE = 1e-6
"""Part of an area: what is cut at other corners is projected a little differently."""


@dataclass(frozen=True, slots=True)
class Shared:
    """Ground that two grids have in common; ``geometry`` in EPSG:4490 degrees."""

    area_m2: float
    geometry: Any = field(repr=False)


def common_ground(
    old: Sequence[Grid], new: Sequence[Grid], *, metric_srid: int, least_share: float = 0.0
) -> dict[Pair, Shared]:
    """Return the ground that each old grid has in common with each new one.

    Parameters
    ----------
    old, new
        Grids of one level that do not overlap, in EPSG:4490.
    metric_srid
        Projected CRS in which areas are measured.
    least_share
        Ground without a counterpart is left out where it is less than this part of its grid.

    Returns
    -------
    dict
        By (old code, new code). Cut are only the grids whose geometry changed: a pair of one and
        the same geometry takes no overlay, so few changes in a large plan take little.

    Examples
    --------
    >>> from gis.plan.model import Level
    >>> a = Grid("a", "a", Level.GRID, shapely.box(117.6, 26.2, 117.62, 26.21))
    >>> b = Grid("b", "b", Level.GRID, shapely.box(117.6, 26.2, 117.61, 26.21))
    >>> ground = common_ground([a], [b], metric_srid=4548)
    >>> {pair: round(shared.area_m2 / 1e6, 2) for pair, shared in ground.items()}
    {('a', 'b'): 1.11, ('a', None): 1.11}
    """
    twins, old, new = match_identical(old, new)
    shapes = np.array([grid.geometry for grid, _ in twins], dtype=object)
    sizes_m2 = shapely.area(coords.to_metric(shapes, srid=metric_srid)).tolist()
    found: dict[Pair, Shared] = {
        (was.code, now.code): Shared(size_m2, now.geometry)
        for (was, now), size_m2 in zip(twins, sizes_m2, strict=True)
    }
    left, right, pieces = overlay(old, new)
    areas_m2 = shapely.area(coords.to_metric(pieces, srid=metric_srid))
    for k in np.flatnonzero(areas_m2 > 0.0).tolist():
        pair = old[left[k]].code, new[right[k]].code
        found[pair] = Shared(float(areas_m2[k]), _areal(pieces[k]))
    taken = np.bincount(left, weights=areas_m2, minlength=len(old))
    for code, bare in _find_bare(old, new, taken, metric_srid, least_share):
        found[code, None] = bare
    taken = np.bincount(right, weights=areas_m2, minlength=len(new))
    for code, bare in _find_bare(new, old, taken, metric_srid, least_share):
        found[None, code] = bare
    return found


def common_work(old: Sequence[Grid], new: Sequence[Grid], points: Points) -> dict[Pair, float]:
    """Return the weight of the points that lie in an old and in a new grid, by their codes.

    Points in neither are left out.

    Examples
    --------
    >>> from gis.plan.model import Level
    >>> a = Grid("a", "a", Level.GRID, shapely.box(0, 0, 1, 1))
    >>> b = Grid("b", "b", Level.GRID, shapely.box(0, 0, 2, 1))
    >>> points = Points(np.array([0.5, 1.5]), np.array([0.5, 0.5]), np.array([2.0, 3.0]))
    >>> common_work([a], [b], points)
    {(None, 'b'): 3.0, ('a', 'b'): 2.0}
    """
    was = place_points([grid.geometry for grid in old], points)
    now = _follow(old, new, points, was)
    width = len(new) + 1
    keys, number = np.unique((was + 1) * width + now + 1, return_inverse=True)
    sums = np.bincount(number, weights=points.weight, minlength=len(keys))
    firsts, seconds = keys // width - 1, keys % width - 1
    return {
        (old[i].code if i >= 0 else None, new[j].code if j >= 0 else None): total
        for i, j, total in zip(firsts.tolist(), seconds.tolist(), sums.tolist(), strict=True)
        if total > 0.0 and max(i, j) >= 0
    }


def _follow(
    old: Sequence[Grid], new: Sequence[Grid], points: Points, was: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Place points on the new grids; asked anew only for those on ground that changed.

    A point that no changed grid covers, not even with its border, lies in the same grids as before,
    and the lowest code among them is the same.
    """
    twins, _, _ = match_identical(old, new)
    kept = {was.code for was, now in twins if was.code == now.code}
    position = {grid.code: i for i, grid in enumerate(new)}
    # The last entry stands for -1: in no grid.
    now = np.array([position.get(g.code, -1) if g.code in kept else -1 for g in old] + [-1])[was]
    changed = [grid.geometry for grid in (*old, *new) if grid.code not in kept]
    touched = place_points(changed, points) >= 0
    some = Points(points.lon[touched], points.lat[touched], points.weight[touched])
    now[touched] = place_points([grid.geometry for grid in new], some)
    return now


def match_identical(
    old: Sequence[Grid], new: Sequence[Grid]
) -> tuple[list[tuple[Grid, Grid]], list[Grid], list[Grid]]:
    """Pair the grids of one and the same geometry; return the pairs and what is left over."""
    at = dict(zip(_grounds(old), old, strict=True))
    twins, left = [], []
    for ground, grid in zip(_grounds(new), new, strict=True):
        twin = at.pop(ground, None)
        if twin is None:
            left.append(grid)
        else:
            twins.append((twin, grid))
    return twins, list(at.values()), left


def _grounds(grids: Sequence[Grid]) -> list[bytes]:
    shapes = np.array([grid.geometry for grid in grids], dtype=object)
    found: list[bytes] = shapely.to_wkb(shapely.normalize(shapes), byte_order=1).tolist()
    return found


def overlay(
    old: Sequence[Grid], new: Sequence[Grid]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[Any]]:
    """Cut two sets of grids with each other: positions in both, and their common ground (degrees).

    Neighbours that only touch are among them, with an empty area.
    """
    if not old or not new:
        none = np.empty(0, np.int64)
        return none, none, np.empty(0, object)
    first = np.array([grid.geometry for grid in old], dtype=object)
    second = np.array([grid.geometry for grid in new], dtype=object)
    left, right = shapely.STRtree(second).query(first, predicate="intersects")
    return left, right, np.asarray(shapely.intersection(first[left], second[right]))


def _find_bare(
    grids: Sequence[Grid],
    others: Sequence[Grid],
    taken_m2: NDArray[Any],
    metric_srid: int,
    least_share: float,
) -> Iterator[tuple[str, Shared]]:
    """Yield the ground of each grid that no other has, where that is enough to be told."""
    shapes = np.array([grid.geometry for grid in grids], dtype=object)
    whole_m2 = shapely.area(coords.to_metric(shapes, srid=metric_srid))
    least_m2 = max(least_share, _PROJECTION_NOISE) * whole_m2
    for at in np.flatnonzero(whole_m2 - taken_m2 >= least_m2).tolist():
        near = [other.geometry for other in others if other.geometry.intersects(shapes[at])]
        rest = _areal(shapely.difference(shapes[at], shapely.union_all(near)))
        yield grids[at].code, Shared(float(whole_m2[at] - taken_m2[at]), rest)


def _areal(geometry: Any) -> Any:
    """Return the areas of a mixed geometry: where borders touch, lines and points come along."""
    parts = shapely.get_parts(shapely.get_parts(geometry))
    areas = parts[shapely.get_dimensions(parts) == 2]
    return areas[0] if len(areas) == 1 else shapely.MultiPolygon(areas.tolist())
