"""How does an area come under another parent?"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from gis.errors import Refused
from gis.plan.edits.applied import Applied
from gis.plan.edits.ground import Change, make_change, whole_pieces
from gis.plan.edits.merging import require_left
from gis.plan.edits.model import ChangeParent
from gis.plan.edits.neighbourhood import leaves_below, require_sound
from gis.plan.model import Plan


def change_parent(plan: Plan, edit: ChangeParent, used: Collection[str]) -> Applied:  # noqa: ARG001
    """Hang an area under another parent; the borders above follow up to the common ancestor."""
    grid, parent = plan[edit.code], plan[edit.parent]
    if grid.parent is None:
        raise Refused(
            f"{grid.code} has no parent that it could leave; the levels of a plan are set when "
            "it is imported",
            codes=[grid.code],
        )
    if grid.parent == parent.code:
        raise Refused(f"{grid.code} belongs to {parent.code} already", codes=[grid.code])
    old = plan[grid.parent]
    if parent.level is not old.level:
        raise Refused(
            f"{parent.code} is a {parent.level}; {grid.code} must belong to a {old.level}",
            codes=[grid.code, parent.code],
        )
    if not plan.children(parent.code):
        raise Refused(
            f"{parent.code} is not divided, so nothing can belong to it; transfer the ground "
            "instead, or divide it first",
            codes=[grid.code, parent.code],
        )
    leaves = leaves_below(plan, grid.code)
    require_sound(plan, [leaf.code for leaf in leaves])
    change = Change(
        pieces=whole_pieces(leaves), come={grid.code: replace(grid, parent=parent.code)}
    )
    require_left(plan, change)
    return Applied(make_change(plan, change), edit, frozenset({grid.code}))
