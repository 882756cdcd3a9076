"""How do the areas on both sides of a border follow when its corners move?

A path takes a run of segments out of every border that has it, in either direction and at every
level, and puts another run in its place. What one side loses the other gains; so, with every area
valid afterwards, no border can have crossed another (see ``gis.plan.chains``). Only along the outer
limit is there no other side; there it is looked whether an area came to lie over another.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely

from gis.errors import Refused
from gis.plan.chains import Chain, add, border_of, border_with_owner, group_segments, reverse
from gis.plan.edits.applied import Applied
from gis.plan.edits.ground import enclose
from gis.plan.edits.model import MovedPath, Reshape
from gis.plan.edits.neighbourhood import areas_meeting, require_sound
from gis.plan.edits.segments import chain_of
from gis.plan.findings import format_place
from gis.plan.model import Grid, Plan

Segment = tuple[float, ...]
Owners = Mapping[Segment, frozenset[str]]
"""The areas that have a segment on their border with their ground on its left."""


def reshape(plan: Plan, edit: Reshape, used: Collection[str]) -> Applied:  # noqa: ARG001
    """Move, add or remove corners of shared borders; all areas that have them follow."""
    chains = [_Path.of(path) for path in edit.paths]
    owners = find_owners(plan, np.concatenate([path.old for path in chains]))
    moved: dict[str, list[Chain]] = {}
    for path in chains:
        left, right = _sides(path, owners)
        _check_right_to_move(plan, path, left, right, edit)
        for code in left:
            moved.setdefault(code, []).extend([reverse(path.old), path.new])
        for code in right:
            moved.setdefault(code, []).extend([path.old, reverse(path.new)])
    leaves = {code for code in moved if not plan.children(code)}
    require_sound(plan, leaves)
    come = [
        replace(plan[code], geometry=enclose(add([border_of(plan[code].geometry), *parts]), code))
        for code, parts in moved.items()
        if len(add(parts))
    ]
    if not come:
        raise Refused("no border would move", codes=sorted(moved))
    after = plan.replacing({grid.code for grid in come}, come)
    if edit.outer:
        _check_apart(after, come)
    return Applied(after, edit, frozenset(leaves))


def find_owners(plan: Plan, chain: Chain) -> Owners:
    """Return which areas have segments on their border, for both directions of each segment."""
    ends = chain.reshape(-1, 2)
    around = areas_meeting(plan, [*ends.min(axis=0), *ends.max(axis=0)])
    if not around:
        return {}
    areas = np.array([grid.geometry for grid in around], dtype=object)
    borders, owner = border_with_owner(areas)
    group, _, count = group_segments(np.concatenate([chain, borders]))
    asked = np.zeros(count, dtype=bool)
    asked[group[: len(chain)]] = True
    rows = np.flatnonzero(asked[group[len(chain) :]])
    found: dict[Segment, set[str]] = {}
    for segment, index in zip(borders[rows].tolist(), owner[rows].tolist(), strict=True):
        found.setdefault(tuple(segment), set()).add(around[index].code)
    return {segment: frozenset(codes) for segment, codes in found.items()}


@dataclass(frozen=True)
class _Path:
    old: Chain
    new: Chain

    @classmethod
    def of(cls, path: MovedPath) -> _Path:
        old, new = chain_of(path.old), chain_of(path.new)
        return cls(old, new[np.any(new[:, :2] != new[:, 2:], axis=1)])


def _sides(path: _Path, owners: Owners) -> tuple[list[str], list[str]]:
    """Return the areas to the left and to the right of the whole of a path."""
    none: frozenset[str] = frozenset()
    ahead = [owners.get(tuple(segment), none) for segment in path.old.tolist()]
    back = [owners.get(tuple(segment), none) for segment in reverse(path.old).tolist()]
    for index, (left, right) in enumerate(zip(ahead, back, strict=True)):
        lon, lat = path.old[index, :2].tolist()
        if not left and not right:
            raise Refused(
                f"there is no border any more at {format_place(lon, lat)}: somebody changed it "
                "meanwhile; load the plan again and redraw",
                codes=[],
                lon=lon,
                lat=lat,
            )
        if (left, right) != (ahead[0], back[0]):
            raise Refused(
                f"at {format_place(lon, lat)} other borders meet the one that is to move; "
                "send one path for each border between two areas",
                codes=sorted((left | right) ^ (ahead[0] | back[0])),
                lon=lon,
                lat=lat,
            )
    return sorted(ahead[0]), sorted(back[0])


def _check_right_to_move(
    plan: Plan, path: _Path, left: Sequence[str], right: Sequence[str], edit: Reshape
) -> None:
    lon, lat = path.old[0, :2].tolist()
    place = format_place(lon, lat)
    one_sided = not (_lowest(plan, left) and _lowest(plan, right))
    if one_sided and not edit.outer:
        raise Refused(
            f"the border at {place} is the outer limit of the plan; allow the outer limit to "
            "move, or leave it",
            codes=sorted([*left, *right]),
            lon=lon,
            lat=lat,
        )
    above = sorted(code for code in [*left, *right] if plan.children(code))
    if above and not (edit.across or one_sided):
        raise Refused(
            f"the border at {place} is also that of {', '.join(above)}; allow the borders of the "
            "levels above to move, or leave it",
            codes=above,
            lon=lon,
            lat=lat,
        )


def _lowest(plan: Plan, codes: Iterable[str]) -> list[str]:
    return [code for code in codes if not plan.children(code)]


def _check_apart(plan: Plan, changed: Sequence[Grid]) -> None:
    """Refuse when a changed area lies over another one of its level."""
    for grid in changed:
        around = areas_meeting(plan, grid.geometry.bounds)
        peers = [peer for peer in around if peer.level is grid.level and peer.code != grid.code]
        over = shapely.relate_pattern(
            grid.geometry, np.array([peer.geometry for peer in peers], dtype=object), "T********"
        )
        for index in np.flatnonzero(over).tolist():
            shared = grid.geometry.intersection(peers[index].geometry)
            lon, lat = shapely.get_coordinates(shared)[0].tolist()
            raise Refused(
                f"{grid.code} would lie over {peers[index].code} at {format_place(lon, lat)}; "
                "draw the border so that it does not cross others",
                codes=[grid.code, peers[index].code],
                lon=lon,
                lat=lat,
            )
