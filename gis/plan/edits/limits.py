"""What becomes of the areas when the outer limit of a plan is drawn anew?"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import shapely

from gis.errors import Refused
from gis.plan.chains import EMPTY, Chain, add, area_of, border_of, region_of, reverse
from gis.plan.edits.applied import Applied
from gis.plan.edits.corners import border_with, cut_chain
from gis.plan.edits.cutting import OUTSIDE, Sides, cut_areas
from gis.plan.edits.distances import shared_length_m
from gis.plan.edits.drawing import node_area, read_area
from gis.plan.edits.ground import Change, Piece, make_change
from gis.plan.edits.model import SetOuterLimit
from gis.plan.edits.neighbourhood import require_sound
from gis.plan.edits.noding import NEAR_DEG, Cuts
from gis.plan.edits.segments import edges_of, lines_of, missing_from
from gis.plan.findings import format_place
from gis.plan.model import Grid, Level, Plan

_NAMED = 5


def set_outer_limit(plan: Plan, edit: SetOuterLimit, used: Collection[str]) -> Applied:  # noqa: ARG001
    """Cut off what lies outside a new outer limit; give what comes in to the lowest neighbours.

    New ground goes, each connected part of it, to the neighbour with the longest common border.
    """
    area = read_area(edit.area)
    leaves = [grid for grid in plan if not plan.children(grid.code)]
    met, outside = _sort_by_limit(leaves, area)
    noded, region = node_area(met, area)
    layers = _layers(plan, leaves)
    lines = [_lines_of_new_ground(limit, noded.cuts, region) for _, limit in layers]
    cut = cut_areas(met, region, noded.cuts, Sides([region]), beside=np.concatenate(lines))
    _refuse_vanished([*outside, *(leaf for leaf in met if set(cut.parts[leaf.code]) == {OUTSIDE})])
    change = Change(cuts=cut.cuts)
    for code, parts in cut.parts.items():
        if OUTSIDE in parts:
            change.pieces.append(Piece(parts[OUTSIDE], code, None))
    for (layer, limit), drawn in zip(layers, lines, strict=True):
        for part in _new_ground(cut_chain(limit, cut.cuts), drawn, region):
            owner = _neighbour_of(part, layer, cut.cuts)
            change.pieces.append(Piece(border_of(part), None, owner.code))
    if not change.pieces:
        raise Refused("the outer limit lies there already; nothing would change", codes=[])
    changed = {code for piece in change.pieces for code in (piece.before, piece.after) if code}
    require_sound(plan, changed)
    return Applied(make_change(plan, change), edit, frozenset(changed))


def _sort_by_limit(
    leaves: Sequence[Grid], area: shapely.MultiPolygon
) -> tuple[list[Grid], list[Grid]]:
    """Return the areas that the drawn border meets, and those that lie outside it."""
    shapes = np.array([leaf.geometry for leaf in leaves], dtype=object)
    shapely.prepare(area)
    drawn = lines_of(border_of(area))
    _, near = shapely.STRtree(shapes).query(drawn, predicate="dwithin", distance=2 * NEAR_DEG)
    meets = np.zeros(len(leaves), dtype=bool)
    meets[near] = True
    outside = ~meets & ~shapely.covers(area, shapely.point_on_surface(shapes))
    return (
        [leaves[index] for index in np.flatnonzero(meets).tolist()],
        [leaves[index] for index in np.flatnonzero(outside).tolist()],
    )


def _layers(plan: Plan, leaves: Sequence[Grid]) -> list[tuple[list[Grid], Chain]]:
    """Group the lowest areas so that no ground occurs twice, each group with its outer limit.

    That is one group, unless levels were imported side by side without parents.
    """
    limit = _limit_of(leaves)
    if region_of(limit) is not None:
        return [(list(leaves), limit)]
    groups: dict[Level, list[Grid]] = {}
    for leaf in leaves:
        top = next(iter(plan.ancestors(leaf.code)), leaf)
        groups.setdefault(top.level, []).append(leaf)
    return [(layer, _limit_of(layer)) for layer in groups.values()]


def _limit_of(leaves: Sequence[Grid]) -> Chain:
    return add([border_of(np.array([leaf.geometry for leaf in leaves], dtype=object))])


def _lines_of_new_ground(limit: Chain, cuts: Cuts, region: Chain) -> Chain:
    """Return the drawn segments that have new ground on one side."""
    whole = cut_chain(limit, cuts)
    parts = _new_ground(whole, region, region)
    border = border_of(np.array(parts, dtype=object)) if parts else EMPTY
    return edges_of(missing_from(reverse(whole), border))


def _new_ground(limit: Chain, drawn: Chain, region: Chain) -> list[shapely.Polygon]:
    """Return the connected parts of a drawn region that lie outside the present limit."""
    lines = lines_of(edges_of(np.concatenate([limit, drawn])))
    faces = shapely.get_parts(shapely.polygonize(lines.tolist())).tolist()
    old, new = Sides([limit]), Sides([region])
    fresh = [face for face in faces if new.of(face) != OUTSIDE and old.of(face) == OUTSIDE]
    if not fresh:
        return []
    whole = area_of(add([border_of(np.array(fresh, dtype=object))]))
    parts: list[shapely.Polygon] = shapely.get_parts(whole).tolist()
    return parts


def _neighbour_of(part: shapely.Polygon, leaves: Sequence[Grid], cuts: Cuts) -> Grid:
    near = [leaf for leaf in leaves if shapely.box(*leaf.geometry.bounds).intersects(part)]
    common = [(shared_length_m(border_of(part), border_with(leaf, cuts)), leaf) for leaf in near]
    longest, owner = max(common, key=lambda pair: pair[0], default=(0.0, None))
    if owner is None or longest == 0.0:
        place = shapely.point_on_surface(part)
        raise Refused(
            f"the new limit has ground at {format_place(place.x, place.y)} that borders on no "
            "area; draw it connected, or import that area",
            codes=[],
            lon=place.x,
            lat=place.y,
        )
    return owner


def _refuse_vanished(gone: Sequence[Grid]) -> None:
    if not gone:
        return
    codes = sorted(grid.code for grid in gone)
    named = ", ".join(codes[:_NAMED]) + (" …" if len(codes) > _NAMED else "")
    place = shapely.point_on_surface(gone[0].geometry)
    raise Refused(
        f"nothing would be left of {len(codes)} areas: {named}; merge each with one that stays "
        "before the limit is drawn, or draw the limit wider",
        codes=codes,
        lon=place.x,
        lat=place.y,
    )
