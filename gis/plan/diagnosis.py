"""Where was one border drawn twice, though no overlap and no gap tells of it?

Two neighbours drawn apart have each its own corners. Where one has a corner on the other's edge
(a T-junction) or beside it (near edges), the ground between them mostly shows as an overlap or a
gap. It does not where it is open to the outside, or too thin to be measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis import coords
from gis.plan import chains
from gis.plan.findings import format_place
from gis.plan.model import Finding, Severity

NEAR_M = 1.0
"""Borders that run closer than this are taken for one border drawn twice."""
_ON_M = 0.01
_REMEDY = "draw that border once for both; --repair does so where it encloses what lies between"


def find_loose_corners(
    geometries: NDArray[Any],
    codes: Sequence[str],
    *,
    metric_srid: int,
    known: Sequence[Finding] = (),
) -> list[Finding]:
    """Find corners of an area that lie on a neighbour's border, or close to it, as no corner of it.

    Parameters
    ----------
    geometries
        Valid polygons or multipolygons, EPSG:4490, shape (n,), all of one level.
    codes
        Their codes, in the same order.
    metric_srid
        The projected CRS in which distances are measured.
    known
        Overlaps and gaps found already; two areas that one of them names are not told of again.

    Returns
    -------
    list of Finding
        One warning for each two areas: ``t-junctions`` below 1 cm, ``near-edges`` below
        ``NEAR_M``; the widest apart first.

    Examples
    --------
    Only the upper area has a corner where the lower two meet::

        +---------+
        |    a    |      a lacks the corner in the middle of its lower border
        +----+----+
        | b  | c  |
        +----+----+

    >>> a = shapely.box(0, 1e-3, 2e-3, 2e-3)
    >>> b, c = shapely.box(0, 0, 1e-3, 1e-3), shapely.box(1e-3, 0, 2e-3, 1e-3)
    >>> found = find_loose_corners(np.array([a, b, c]), ["a", "b", "c"], metric_srid=32631)
    >>> [(finding.check, finding.codes) for finding in found]
    [('t-junctions', ('b', 'a')), ('t-junctions', ('c', 'a'))]
    """
    segments, owner = _find_unmatched(geometries)
    corners, holder = _corners_of(segments, owner)
    # Looked up among all corners: one that the other has as well is shared, however it is joined.
    shared = _all_corners(geometries)
    told = _pairs_named(known, codes)
    lines = np.atleast_1d(np.asarray(shapely.linestrings(_project(segments, metric_srid))))
    x, y = coords.points_to_metric(corners[:, 0], corners[:, 1], srid=metric_srid)
    points = np.atleast_1d(np.asarray(shapely.points(x, y)))
    corner, segment = shapely.STRtree(lines).query(points, predicate="dwithin", distance=NEAR_M)
    other = owner[segment]
    places = _nearest_ends(points[corner], lines[segment], segments[segment])
    loose = [
        held != beside
        and (held, beside) not in told
        and (beside, *corners[index].tolist()) not in shared
        # Two borders part at a corner that both have; beside it they are near, as they must be.
        and (held, *place) not in shared
        for index, held, beside, place in zip(
            corner.tolist(), holder[corner].tolist(), other.tolist(), places, strict=True
        )
    ]
    corner, segment, other = corner[loose], segment[loose], other[loose]
    apart_m = np.asarray(shapely.distance(points[corner], lines[segment]))
    nearest = _nearest(corner, other, apart_m)
    return _tell(
        holder[corner[nearest]], other[nearest], apart_m[nearest], corners[corner[nearest]], codes
    )


def _nearest_ends(
    points: NDArray[Any], lines: NDArray[Any], segments: chains.Chain
) -> list[tuple[float, ...]]:
    """Return the end of each segment that is its nearest place to a point; () if none is."""
    share = np.asarray(shapely.line_locate_point(lines, points, normalized=True))
    ends = segments.reshape(-1, 2, 2).tolist()
    return [
        tuple(end[int(at)]) if at in (0.0, 1.0) else ()
        for at, end in zip(share.tolist(), ends, strict=True)
    ]


def _find_unmatched(geometries: NDArray[Any]) -> tuple[chains.Chain, NDArray[np.int64]]:
    """Return the segments that only one area has, and whose they are."""
    segments, owner = chains.border_with_owner(geometries)
    group, _, count = chains.group_segments(segments)
    alone = np.bincount(group, minlength=count)[group] == 1
    return segments[alone], owner[alone]


def _corners_of(
    segments: chains.Chain, owner: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    ends = np.vstack([segments[:, :2], segments[:, 2:]])
    rows = np.unique(np.column_stack([np.tile(owner, 2), ends]), axis=0)
    return rows[:, 1:], rows[:, 0].astype(np.int64)


def _all_corners(geometries: NDArray[Any]) -> set[tuple[float, ...]]:
    xy, area = shapely.get_coordinates(geometries, return_index=True)
    return set(zip(area.tolist(), xy[:, 0].tolist(), xy[:, 1].tolist(), strict=True))


def _pairs_named(known: Sequence[Finding], codes: Sequence[str]) -> set[tuple[int, int]]:
    position = {code: index for index, code in enumerate(codes)}
    named = ([position[code] for code in finding.codes if code in position] for finding in known)
    return {pair for several in named for pair in permutations(several, 2)}


def _project(segments: chains.Chain, metric_srid: int) -> NDArray[np.float64]:
    x, y = coords.points_to_metric(segments[:, 0::2], segments[:, 1::2], srid=metric_srid)
    return np.stack([x, y], axis=2)


def _nearest(
    corner: NDArray[np.int64], other: NDArray[np.int64], apart_m: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Keep of each corner and area the segment that is nearest."""
    order = np.lexsort([apart_m, other, corner])
    pairs = np.column_stack([corner, other])[order]
    first = np.concatenate([[True], np.any(pairs[1:] != pairs[:-1], axis=1)])[: len(order)]
    return np.asarray(order[first])


def _tell(
    holder: NDArray[np.int64],
    other: NDArray[np.int64],
    apart_m: NDArray[np.float64],
    places: NDArray[np.float64],
    codes: Sequence[str],
) -> list[Finding]:
    grouped: dict[tuple[bool, int, int], list[int]] = {}
    for index, (one, two) in enumerate(zip(holder.tolist(), other.tolist(), strict=True)):
        grouped.setdefault((bool(apart_m[index] < _ON_M), one, two), []).append(index)
    found = []
    for (touching, one, two), members in grouped.items():
        worst = max(members, key=lambda index: apart_m[index])
        lon, lat = places[worst].tolist()
        number = "a corner" if len(members) == 1 else f"{len(members)} corners"
        what = "on" if touching else f"up to {apart_m[worst]:.2f} m beside"
        found.append(
            (
                -float(apart_m[worst]),
                Finding(
                    "t-junctions" if touching else "near-edges",
                    Severity.WARNING,
                    f"{number} of {codes[one]} {what} the border of {codes[two]}, which has none "
                    f"there, at {format_place(lon, lat)}",
                    _REMEDY,
                    lon,
                    lat,
                    (codes[one], codes[two]),
                ),
            )
        )
    return [finding for _, finding in sorted(found, key=lambda each: each[0])]
