"""Into which pieces do the borders of a layer cut the ground, and whose is each?

All rings are noded together on the grid of stored coordinates (snap rounding, in whole units of
1e-7°, so that nothing is rounded twice) and every face that they enclose is asked how many areas
lie on it:

    +-------+  +-------+
    |   a   |▒▒|   b   |      0: a gap   1: clear ground   2 and more: an overlap
    +-------+  +-------+

Snap rounding: Hobby, J. D. (1999), Practical segment intersection with finite precision output,
Computational Geometry 13(4); the noder is that of GEOS.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis import coords
from gis.plan import chains

_UNITS = round(1.0 / coords.SNAP_DEG)


@dataclass(frozen=True, slots=True)
class Faces:
    """The pieces of the ground.

    ``polygons`` are in EPSG:4490, ``metric`` in metres; ``owners`` are the positions of the areas
    that lie on each; ``parts`` the positions of their polygons; ``beside`` tells for each face the
    neighbouring faces (-1: outside) and along how many metres.
    """

    polygons: NDArray[Any]
    metric: NDArray[Any]
    owners: Sequence[tuple[int, ...]]
    parts: Sequence[tuple[int, ...]]
    area_of_part: NDArray[np.int64]
    beside: Sequence[Mapping[int, float]]
    size_m2: NDArray[np.float64]
    length_m: NDArray[np.float64]
    borders: Sequence[NDArray[np.float64]]
    across: Sequence[NDArray[np.int64]]

    def __len__(self) -> int:
        return len(self.polygons)

    def edge(self, face: int, others: Any) -> Any:
        """Return the part of a face's border behind which certain faces lie, in metres."""
        chosen = np.isin(self.across[face], others)
        return shapely.multilinestrings(self.borders[face][chosen].reshape(-1, 2, 2))


def cut_faces(geometries: NDArray[Any], *, metric_srid: int, cuts: Sequence[Any] = ()) -> Faces:
    """Cut the ground along the borders of areas.

    Parameters
    ----------
    geometries
        Valid polygons or multipolygons, EPSG:4490 snapped, shape (n,).
    metric_srid
        The projected CRS in which lengths and areas are measured.
    cuts
        Further lines to cut along, EPSG:4490.
    """
    parts, area_of_part = shapely.get_parts(_to_units(geometries), return_index=True)
    lines = [*shapely.get_rings(parts), *_to_units(np.array(cuts, dtype=object))]
    noded = shapely.union_all(lines, grid_size=1.0)
    pieces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded).tolist()))
    polygons = shapely.transform(pieces, lambda units: coords.snap(units / _UNITS))
    metric = coords.to_metric(polygons, srid=metric_srid)
    held = _find_parts(pieces, parts)
    segments, across = _find_across(polygons)
    starts = np.flatnonzero(np.concatenate([[True], segments[1][1:] != segments[1][:-1], [True]]))
    chain = _measure(segments[0], metric_srid)
    borders = np.split(chain, starts[1:-1])
    behind = np.split(across, starts[1:-1])
    return Faces(
        polygons=polygons,
        metric=metric,
        owners=[tuple(sorted({int(area_of_part[part]) for part in found})) for found in held],
        parts=held,
        area_of_part=area_of_part,
        beside=[_sum_lengths(border, other) for border, other in zip(borders, behind, strict=True)],
        size_m2=shapely.area(metric),
        length_m=shapely.length(metric),
        borders=borders,
        across=behind,
    )


def _to_units(geometries: NDArray[Any]) -> NDArray[Any]:
    units = shapely.transform(geometries, lambda degrees: np.round(degrees * _UNITS))
    return np.asarray(units)


def _find_parts(pieces: NDArray[Any], parts: NDArray[Any]) -> list[tuple[int, ...]]:
    # A face of one unit's width may be asked at a point that rounding moved across a border. It
    # is then given to a neighbour like any other sliver: wrong by less than 2 cm, never torn.
    inside = shapely.point_on_surface(pieces)
    found: list[list[int]] = [[] for _ in pieces]
    for face, part in shapely.STRtree(parts).query(inside, predicate="intersects").T.tolist():
        found[face].append(part)
    return [tuple(sorted(each)) for each in found]


def _find_across(
    polygons: NDArray[Any],
) -> tuple[tuple[chains.Chain, NDArray[np.int64]], NDArray[np.int64]]:
    """Return the segments of all faces, in their order, and the face behind each (-1: none)."""
    chain, face = chains.border_with_owner(polygons)
    group, sign, count = chains.group_segments(chain)
    sides = np.full((count, 2), -1, dtype=np.int64)
    sides[group, (sign > 0.0).astype(np.int64)] = face
    return (chain, face), sides[group, (sign < 0.0).astype(np.int64)]


def _measure(chain: chains.Chain, metric_srid: int) -> NDArray[np.float64]:
    x, y = coords.points_to_metric(chain[:, 0::2], chain[:, 1::2], srid=metric_srid)
    return np.stack([x, y], axis=2).reshape(-1, 4)


def _sum_lengths(border: NDArray[np.float64], other: NDArray[np.int64]) -> dict[int, float]:
    total: dict[int, float] = defaultdict(float)
    lengths = np.hypot(border[:, 2] - border[:, 0], border[:, 3] - border[:, 1])
    for face, length in zip(other.tolist(), lengths.tolist(), strict=True):
        total[face] += length
    return dict(total)
