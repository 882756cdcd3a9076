"""Under which parent does every area hang, and which code does it get there?"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import shapely

from gis.plan.features import Area, find_inside, settle
from gis.plan.model import Finding, Grid, Level, Plan, Severity
from gis.plan.nesting import choose_parents
from gis.plan.numbering import issue_codes


def hang(
    areas: Sequence[Area], kept: Sequence[Grid], used: Collection[str]
) -> tuple[Plan, list[Finding]]:
    """Make a plan of areas and of the grids that are kept beside them.

    Parameters
    ----------
    areas
        Valid, each code once.
    kept
        Grids of other levels.
    used
        Codes that were ever in use; none of them is issued.

    Returns
    -------
    plan, findings
        Areas without a parent, parents that were made, and grids that changed theirs.
    """
    made, findings = _make_parents(areas, kept)
    placed: list[Grid] = [*kept, *made]
    taken = {*used, *(grid.code for grid in placed), *(area.code for area in areas)}
    for level in Level:
        group = [area for area in areas if area.level is level]
        if group:
            wider = _next_wider(placed, level)
            parents, lost = _find_parents(group, placed, wider)
            findings += lost
            placed += _name(group, parents, taken)
    placed, moved = _rehang(placed, {area.level for area in areas})
    return Plan(placed), findings + moved


def _next_wider(placed: Iterable[Grid], level: Level) -> list[Grid]:
    wider = [grid for grid in placed if grid.level.rank < level.rank]
    nearest = max((grid.level.rank for grid in wider), default=-1)
    return [grid for grid in wider if grid.level.rank == nearest]


def _make_parents(areas: Sequence[Area], kept: Sequence[Grid]) -> tuple[list[Grid], list[Finding]]:
    widest = min((area.level for area in areas), key=lambda level: level.rank)
    known = {area.code for area in areas} | {grid.code for grid in kept}
    missing: dict[str, list[Area]] = {}
    for area in areas:
        if area.level is widest and area.parent and area.parent not in known:
            missing.setdefault(area.parent, []).append(area)
    if not missing or widest is Level.DISTRICT or _next_wider(kept, widest):
        return [], []
    level = list(Level)[widest.rank - 1]
    made = [
        Grid(code, code, level, settle(_unite(parts))) for code, parts in sorted(missing.items())
    ]
    told = Finding(
        "nesting",
        Severity.WARNING,
        f"{len(made)} areas of the level {level} were made from the areas that name them as parent",
        "import that level from its own file if its borders differ",
        codes=tuple(grid.code for grid in made),
    )
    return made, [told]


def _unite(parts: Sequence[Area]) -> shapely.Geometry:
    return shapely.union_all(np.array([part.geometry for part in parts], dtype=object))


def _find_parents(
    group: Sequence[Area], placed: Sequence[Grid], wider: Sequence[Grid]
) -> tuple[list[str], list[Finding]]:
    above = [grid for grid in placed if grid.level.rank < group[0].level.rank]
    named = {grid.name: grid.code for grid in above} | {grid.code: grid.code for grid in above}
    holders = choose_parents([area.geometry for area in group], wider)
    parents, lost = [], []
    for area, holder in zip(group, holders, strict=True):
        parent = named.get(area.parent, "") if area.parent else holder
        parents.append(parent)
        if not parent and (wider or area.parent):
            lost.append(_orphan(area))
    return parents, lost


def _orphan(area: Area) -> Finding:
    why = (
        f"names the parent {area.parent}, which is not there" if area.parent else "lies in no area"
    )
    return Finding(
        "nesting",
        Severity.ERROR,
        f"{area.label} {why} of a wider level",
        "give it a parent, or take it with --accept nesting",
        *find_inside(area.geometry),
        (area.code,) if area.code else (),
    )


def _name(group: Sequence[Area], parents: Sequence[str], taken: set[str]) -> list[Grid]:
    codes = [area.code for area in group]
    for parent in sorted(set(parents)):
        new = [i for i, code in enumerate(codes) if not code and parents[i] == parent]
        issued = issue_codes(
            [group[i].geometry for i in new], level=group[0].level, parent=parent, used=taken
        )
        taken.update(issued)
        for index, code in zip(new, issued, strict=True):
            codes[index] = code
    return [
        Grid(code, area.name or code, area.level, area.geometry, parent or None)
        for area, code, parent in zip(group, codes, parents, strict=True)
    ]


def _rehang(placed: Sequence[Grid], arrived: Collection[Level]) -> tuple[list[Grid], list[Finding]]:
    """Give a parent to the grids whose own is gone, and to those above which a level arrived."""
    ranks = {grid.code: grid.level.rank for grid in placed}
    hung, told = [], []
    for level in Level:
        wider = _next_wider(placed, level)
        group = [grid for grid in placed if grid.level is level]
        loose = [grid for grid in group if _is_loose(grid, ranks, wider, arrived)]
        holders = choose_parents([grid.geometry for grid in loose], wider) if loose else []
        parents = dict(zip((grid.code for grid in loose), holders, strict=True))
        hung += [
            replace(grid, parent=parents[grid.code] or None) if grid.code in parents else grid
            for grid in group
        ]
        told += [
            _moved(grid, parents[grid.code])
            for grid in loose
            if grid.parent is not None or not parents[grid.code]
        ]
    return hung, told


def _is_loose(
    grid: Grid, ranks: Mapping[str, int], wider: Sequence[Grid], arrived: Collection[Level]
) -> bool:
    if grid.parent is not None and ranks.get(grid.parent, grid.level.rank) >= grid.level.rank:
        return True
    nearest = wider[0].level if wider else None
    parent_rank = ranks[grid.parent] if grid.parent is not None else -1
    return nearest in arrived and nearest is not None and parent_rank < nearest.rank


def _moved(grid: Grid, holder: str) -> Finding:
    was = f"lost its parent {grid.parent} and now " if grid.parent else ""
    now = f"belongs to {holder}" if holder else "lies in no area of a wider level"
    return Finding(
        "nesting",
        Severity.WARNING if holder else Severity.ERROR,
        f"{grid.level} {grid.code} {was}{now}",
        "import that level anew if this is wrong",
        *find_inside(grid.geometry),
        (grid.code,),
    )
