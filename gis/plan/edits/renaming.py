"""How do areas get other names and codes?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace

from gis.errors import InputError, Refused
from gis.plan.edits.applied import Applied
from gis.plan.edits.codes import require_code
from gis.plan.edits.model import Rename, Renumber
from gis.plan.model import Plan
from gis.plan.numbering import issue_codes


def rename(plan: Plan, edit: Rename, used: Collection[str]) -> Applied:  # noqa: ARG001
    """Give an area another name."""
    grid = plan[edit.code]
    after = plan.replacing({grid.code}, [replace(grid, name=edit.name)])
    return Applied(after, edit, frozenset({grid.code}))


def renumber(plan: Plan, edit: Renumber, used: Collection[str]) -> Applied:
    """Give areas new codes; areas below follow in naming their parent, not in their own codes."""
    codes = edit.codes or _by_rule(plan, edit.parent, used)
    codes = {old: new for old, new in codes.items() if old != new}
    if not codes:
        raise Refused("no code would change", codes=[edit.parent] if edit.parent else [])
    _check(plan, codes, used if edit.codes else ())
    renamed = {old: replace(plan[old], code=new) for old, new in codes.items()}
    for old in codes:
        for child in plan.children(old):
            value = renamed.get(child.code, child)
            renamed[child.code] = replace(value, parent=codes[old])
    after = plan.replacing(renamed, renamed.values())
    changed = frozenset({*codes, *codes.values()})
    return Applied(after, edit.model_copy(update={"codes": codes}), changed)


def _by_rule(plan: Plan, parent: str | None, used: Collection[str]) -> dict[str, str]:
    if parent is None:
        raise Refused("name the areas with their new codes, or the parent of all", codes=[])
    children = plan.children(plan[parent].code)
    if not children:
        raise Refused(f"nothing lies below {parent} that could be renumbered", codes=[parent])
    level = children[0].level
    children = tuple(child for child in children if child.level is level)
    taken = {grid.code for grid in plan}.union(used)
    shapes = [child.geometry for child in children]
    try:
        codes = issue_codes(shapes, level=level, parent=parent, used=taken)
    except InputError as error:
        raise Refused(error.message, codes=[parent]) from None
    return {child.code: code for child, code in zip(children, codes, strict=True)}


def _check(plan: Plan, codes: Mapping[str, str], used: Collection[str]) -> None:
    twice = sorted(code for code, times in Counter(codes.values()).items() if times > 1)
    if twice:
        raise Refused(f"two areas would get the code {twice[0]}", codes=twice)
    for old, new in codes.items():
        grid = plan[old]
        require_code(new, old)
        if new in codes:
            continue
        if new in plan:
            raise Refused(
                f"the code {new} is that of {plan[new].name or new}; give that another code in "
                "the same edit, or choose a free one",
                codes=[grid.code, new],
            )
        if new in used:
            raise Refused(
                f"the code {new} was in use before and is not given again; choose a free one",
                codes=[grid.code, new],
            )
