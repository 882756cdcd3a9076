"""How do several areas become one?"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np

from gis.errors import Refused
from gis.plan.chains import border_with_owner, group_segments
from gis.plan.edits.applied import Applied
from gis.plan.edits.ground import Change, make_change, whole_pieces
from gis.plan.edits.model import Merge
from gis.plan.edits.neighbourhood import leaves_below, require_sound
from gis.plan.model import Grid, Plan


def merge(plan: Plan, edit: Merge, used: Collection[str]) -> Applied:  # noqa: ARG001
    """Make one area of several; the areas below them are hung under it."""
    codes = sorted(set(edit.codes))
    kept = plan[edit.into or codes[0]]
    grids = [plan[code] for code in codes]
    _check(plan, grids, kept, across=edit.across)
    others = [grid for grid in grids if grid.code != kept.code]
    leaves = [leaf for grid in grids for leaf in leaves_below(plan, grid.code)]
    require_sound(plan, [leaf.code for leaf in leaves])
    _check_touching(grids, kept)
    change = Change(gone={grid.code for grid in others})
    changed = set(codes)
    for grid in others:
        children = plan.children(grid.code)
        if children:
            change.come |= {child.code: replace(child, parent=kept.code) for child in children}
            changed |= {child.code for child in children}
            change.pieces += whole_pieces(leaves_below(plan, grid.code))
        else:
            change.pieces += [replace(piece, after=kept.code) for piece in whole_pieces([grid])]
    require_left(plan, change)
    return Applied(make_change(plan, change), edit, frozenset(changed))


def require_left(plan: Plan, change: Change) -> None:
    """Refuse when an area above would be left with nothing below it."""
    left = change.gone | change.come.keys()
    parents = {plan[code].parent for code in left if code in plan} - change.gone - {None}
    for parent in sorted(code for code in parents if code is not None):
        stay = any(child.code not in left for child in plan.children(parent))
        if not stay and all(grid.parent != parent for grid in change.come.values()):
            raise Refused(
                f"nothing would be left of {parent}; merge it with its neighbour instead",
                codes=[parent],
            )


def _check(plan: Plan, grids: Sequence[Grid], kept: Grid, *, across: bool) -> None:
    codes = [grid.code for grid in grids]
    if len(grids) < 2:
        raise Refused(f"{codes[0]} alone cannot be merged; name its neighbour too", codes=codes)
    if kept.code not in codes:
        raise Refused(
            f"{kept.code} is to stay and is not among the merged areas; name one of them",
            codes=[kept.code],
        )
    for grid in grids:
        if grid.level is not kept.level:
            raise Refused(
                f"{grid.code} is a {grid.level} and {kept.code} a {kept.level}; "
                "merge areas of one level",
                codes=[grid.code, kept.code],
            )
        if grid.parent != kept.parent and not across:
            raise Refused(
                f"{grid.code} belongs to {grid.parent} and {kept.code} to {kept.parent}; change "
                "the parent first, or allow merging across parents",
                codes=[grid.code, kept.code],
            )
        if bool(plan.children(grid.code)) != bool(plan.children(kept.code)):
            raise Refused(
                f"of {grid.code} and {kept.code} only one is divided further; divide the other "
                "first, or merge the areas below",
                codes=[grid.code, kept.code],
            )


def _check_touching(grids: Sequence[Grid], kept: Grid) -> None:
    """Refuse unless every area can be reached from the kept one over shared segments."""
    borders, owner = border_with_owner(np.array([grid.geometry for grid in grids], dtype=object))
    group, _, _ = group_segments(borders)
    order = np.argsort(group, kind="stable")
    same = group[order][1:] == group[order][:-1]
    pairs = np.column_stack([owner[order][:-1][same], owner[order][1:][same]]).tolist()
    reached = {next(i for i, grid in enumerate(grids) if grid.code == kept.code)}
    while more := {b for pair in pairs for a, b in (pair, pair[::-1]) if a in reached} - reached:
        reached |= more
    apart = [grid.code for i, grid in enumerate(grids) if i not in reached]
    if apart:
        raise Refused(
            f"{', '.join(apart)} has no border in common with the others (a corner is not "
            "enough); leave it out, or merge what lies between as well",
            codes=apart,
        )
