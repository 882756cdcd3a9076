"""What lies around the areas that an edit touches, and is the plan sound there?

An edit adds and takes away borders, so what was exact stays exact. What was not exact would stay
as it is, or come out as nonsense; so it is looked for first, among the touched areas, their
neighbours, and the areas above and below them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.errors import Refused
from gis.plan.chains import Chain, add, border_of
from gis.plan.edits.noding import NEAR_DEG
from gis.plan.edits.segments import edges_of, lines_of, meets_box, missing_from
from gis.plan.findings import format_place
from gis.plan.model import Grid, Plan

Box = tuple[float, float, float, float]
"""West, south, east and north."""
GAP_DEG = 1e-5
"""A bare strip between two areas that is narrower than this (1 m) is taken for a fault."""
_REPAIR = (
    "the plan must be repaired there before it is edited (wangge import boundaries FILE --repair)"
)


def leaves_below(plan: Plan, code: str) -> list[Grid]:
    """Return the areas without children that make up an area, itself if it has none."""
    children = plan.children(code)
    if not children:
        return [plan[code]]
    return [leaf for child in children for leaf in leaves_below(plan, child.code)]


def all_below(plan: Plan, code: str) -> list[Grid]:
    """Return every area below an area, the nearest levels first."""
    found = list(plan.children(code))
    for grid in found:
        found.extend(plan.children(grid.code))
    return found


def areas_meeting(plan: Plan, bounds: Iterable[float], *, margin: float = NEAR_DEG) -> list[Grid]:
    """Return the areas of every level whose bounding box meets ``(west, south, east, north)``."""
    west, south, east, north = bounds
    box = plan.bounds
    meets = (box[:, 0] <= east + margin) & (box[:, 2] >= west - margin)
    meets &= (box[:, 1] <= north + margin) & (box[:, 3] >= south - margin)
    return [plan.grids[index] for index in np.flatnonzero(meets).tolist()]


def bounds_of(geometries: Sequence[shapely.Geometry]) -> Box:
    """Return the bounding box of several areas."""
    west, south, east, north = shapely.total_bounds(np.array(geometries, dtype=object)).tolist()
    return west, south, east, north


def require_sound(plan: Plan, codes: Collection[str]) -> None:
    """Refuse unless areas fit their neighbours and the levels above exactly.

    Parameters
    ----------
    plan
        The plan before an edit.
    codes
        The areas without children that the edit touches.

    Raises
    ------
    Refused
        An area is not valid, overlaps another or leaves a gap beside it, or does not fit the area
        above; the message says where.
    """
    touched = [plan[code] for code in sorted(codes)]
    if not touched:
        return
    box = bounds_of([grid.geometry for grid in touched])
    around = areas_meeting(plan, box, margin=GAP_DEG)
    for level in sorted({grid.level for grid in touched}, key=lambda level: level.rank):
        peers = [grid for grid in around if grid.level is level]
        _require_valid([grid for grid in touched if grid.level is level])
        _require_matching(peers, codes)
    below = set(codes)
    while below:
        above = {parent for code in below if (parent := plan[code].parent) is not None}
        for parent in sorted(above):
            _require_nested(plan[parent], below, around, box)
        below = above


def _require_valid(grids: Sequence[Grid]) -> None:
    for grid in grids:
        if not shapely.is_valid(grid.geometry):
            reason = shapely.is_valid_reason(grid.geometry)
            raise Refused(
                f"the border of {grid.code} is not a proper ring ({reason}); {_REPAIR}",
                codes=[grid.code],
            )


def _require_matching(peers: Sequence[Grid], codes: Collection[str]) -> None:
    areas = np.array([grid.geometry for grid in peers], dtype=object)
    edges = shapely.coverage_invalid_edges(areas, gap_width=GAP_DEG)
    for index in np.flatnonzero(~shapely.is_empty(edges)).tolist():
        if peers[index].code not in codes:
            continue
        suspect = _segments_of(np.atleast_1d(edges)[index])
        unfit, gap = _unfit(suspect, index, areas), _facing_a_gap(suspect, areas)
        if len(unfit) or len(gap):
            lon, lat = [*unfit, *gap][0][:2].tolist()
            what = "overlaps its neighbour or has other corners" if len(unfit) else "leaves a gap"
            raise Refused(
                f"{peers[index].code} {what} at {format_place(lon, lat)}; {_REPAIR}",
                codes=[peers[index].code],
                lon=lon,
                lat=lat,
            )


def _segments_of(lines: shapely.Geometry) -> Chain:
    points, line = shapely.get_coordinates(shapely.get_parts(lines), return_index=True)
    return np.asarray(np.hstack([points[:-1], points[1:]])[line[:-1] == line[1:]])


def _unfit(suspect: Chain, index: int, areas: NDArray[np.object_]) -> Chain:
    """Return the segments of an area that run into or along another save from corner to corner.

    GEOS also suspects sound segments that end where another area touches itself.
    """
    lines = lines_of(suspect)
    segment, area = shapely.STRtree(areas).query(lines, predicate="intersects")
    segment, area = segment[area != index], area[area != index]
    runs = shapely.relate_pattern(lines[segment], areas[area], "T********")
    runs |= shapely.relate_pattern(lines[segment], areas[area], "*T*******")
    wrong = [
        number
        for number, other in zip(segment[runs].tolist(), area[runs].tolist(), strict=True)
        if len(missing_from(edges_of(border_of(areas[other])), edges_of(suspect[[number]])))
    ]
    return np.asarray(suspect[wrong])


def _facing_a_gap(suspect: Chain, areas: NDArray[np.object_]) -> Chain:
    """Return the segments that face another bare border over less than the gap width.

    GEOS also suspects the outer edge of a narrow area at the outer limit, near its inner edge.
    """
    bare = lines_of(add([border_of(areas)]))
    lines = lines_of(suspect)
    middle = shapely.line_interpolate_point(lines, 0.5, normalized=True)
    one, other = shapely.STRtree(bare).query(middle, predicate="dwithin", distance=GAP_DEG)
    return np.asarray(suspect[np.unique(one[shapely.disjoint(lines[one], bare[other])])])


def _require_nested(parent: Grid, below: Collection[str], around: Sequence[Grid], box: Box) -> None:
    """Refuse unless in a box the bare border of some children is the parent's."""
    children = [grid for grid in around if grid.parent == parent.code]
    mine = [grid.geometry for grid in children if grid.code in below]
    if not mine:
        return
    bare = add([border_of(np.array([grid.geometry for grid in children], dtype=object))])
    own = border_of(np.array(mine, dtype=object))
    own = own[meets_box(own, box)]
    outer = border_of(parent.geometry)
    stray = missing_from(missing_from(bare, own), missing_from(outer, own))
    if not len(stray):
        return
    lon, lat = ((stray[0, :2] + stray[0, 2:]) / 2.0).tolist()
    raise Refused(
        f"the areas below {parent.code} do not fit its border at {format_place(lon, lat)}; "
        f"{_REPAIR}",
        codes=[parent.code],
        lon=lon,
        lat=lat,
    )
