"""How does drawn ground go from its owners to a neighbour?

Where the receiving area is not divided further, all ground melts into it, and so do areas below
the owner that move whole. Where it is divided, an area below the owner that moves whole keeps its
code and is hung under it; any other ground joins the area below with the longest common border.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NoReturn

import shapely

from gis.errors import Refused
from gis.plan.edits.applied import Applied
from gis.plan.edits.cutting import Sides, cut_areas
from gis.plan.edits.drawing import node_area, read_area
from gis.plan.edits.ground import make_change
from gis.plan.edits.model import Transfer
from gis.plan.edits.moving import Moving
from gis.plan.edits.neighbourhood import areas_meeting, leaves_below, require_sound
from gis.plan.findings import format_place
from gis.plan.model import Grid, Plan


def transfer(plan: Plan, edit: Transfer, used: Collection[str]) -> Applied:  # noqa: ARG001
    """Cut the ground of a drawn area out of its owners and give it to a neighbour."""
    target = plan[edit.to]
    area = read_area(edit.area)
    owners = _owners(plan, edit, area)
    leaves = [leaf for owner in owners for leaf in leaves_below(plan, owner.code)]
    met = [leaf for leaf in leaves if leaf.geometry.intersects(area)]
    if not met:
        _refuse_empty(edit, area)
    near = [leaf for leaf in leaves_below(plan, target.code) if leaf.geometry.intersects(area)]
    require_sound(plan, [leaf.code for leaf in [*met, *near]])
    noded, region = node_area(met, area)
    moving = Moving(plan, cut_areas(met, region, noded.cuts, Sides([region])))
    taken = [owner for owner in owners if len(moving.ground_of(owner))]
    if not taken:
        _refuse_empty(edit, area)
    for owner in taken:
        _check_owner(plan[owner.code], target, moving, across=edit.across)
        moving.move(owner, target)
    return Applied(make_change(plan, moving.change), edit, frozenset(moving.changed))


def _owners(plan: Plan, edit: Transfer, area: shapely.MultiPolygon) -> list[Grid]:
    level = plan[edit.to].level
    if not edit.owners:
        around = areas_meeting(plan, area.bounds)
        return [grid for grid in around if grid.level is level and grid.code != edit.to]
    owners = [plan[code] for code in sorted(set(edit.owners))]
    for owner in owners:
        if owner.level is not level or owner.code == edit.to:
            raise Refused(
                f"{owner.code} cannot give ground to {edit.to}: name other areas that are a "
                f"{level} as well",
                codes=[owner.code, edit.to],
            )
    return owners


def _refuse_empty(edit: Transfer, area: shapely.MultiPolygon) -> NoReturn:
    place = shapely.point_on_surface(area)
    whose = f"of {', '.join(edit.owners)}" if edit.owners else f"that is not already of {edit.to}"
    raise Refused(
        f"the drawn area at {format_place(place.x, place.y)} holds no ground {whose}; "
        "draw it over the ground that is to move",
        codes=[edit.to, *edit.owners],
        lon=place.x,
        lat=place.y,
    )


def _check_owner(owner: Grid, target: Grid, moving: Moving, *, across: bool) -> None:
    if not moving.stays(owner):
        raise Refused(
            f"all of {owner.code} would move and nothing be left of it; merge it with "
            f"{target.code} instead",
            codes=[owner.code, target.code],
        )
    if owner.parent != target.parent and not across:
        lon, lat = moving.ground_of(owner)[0, :2].tolist()
        raise Refused(
            f"{owner.code} belongs to {owner.parent or 'nothing above'} and {target.code} to "
            f"{target.parent or 'nothing above'}, whose border would move at "
            f"{format_place(lon, lat)}; allow that, or draw less",
            codes=[owner.code, target.code],
            lon=lon,
            lat=lat,
        )
