"""How is an area cut along a line, with everything below it?"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import shapely

from gis.errors import Refused
from gis.plan.chains import Chain, add, area_of, border_of
from gis.plan.edits.applied import Applied
from gis.plan.edits.codes import check_issued, codes_for_parts, name_part
from gis.plan.edits.corners import border_with
from gis.plan.edits.cutting import Sides, cut_areas, divide, keep_corners
from gis.plan.edits.distances import tell_ends
from gis.plan.edits.ground import NO_AREA, Change, Piece, make_change
from gis.plan.edits.model import Split
from gis.plan.edits.neighbourhood import all_below, leaves_below, require_sound
from gis.plan.edits.noding import Cuts, node
from gis.plan.edits.segments import edges_of, missing_from
from gis.plan.model import Grid, Plan
from gis.plan.numbering import reading_order

KEEPER = 0
"""The side that keeps the code of the area."""


def split(plan: Plan, edit: Split, used: Collection[str]) -> Applied:
    """Cut an area along a line.

    The largest part that was cut keeps the code, with the parts that the line does not touch. An
    area below that comes to lie on several sides is cut as well; its largest part keeps the code.
    Names of new parts: :func:`gis.plan.edits.codes.name_part`.
    """
    grid = plan[edit.code]
    leaves = leaves_below(plan, grid.code)
    require_sound(plan, [leaf.code for leaf in leaves])
    borders = np.concatenate([border_of(leaf.geometry) for leaf in leaves])
    noded = node([edit.line], borders)
    regions, lines, cuts = _divide_in_regions(grid, noded.chain, noded.cuts, edit)
    cut = cut_areas(leaves, lines, cuts, Sides(regions))
    change = Change(cuts=cut.cuts)
    naming = _Naming(plan, edit, used, change)
    naming.name(grid, dict(enumerate(regions)), KEEPER)
    ground = _ground_by_side(plan, grid, cut.parts)
    for area in all_below(plan, grid.code):
        naming.name(area, ground[area.code])
    for leaf in leaves:
        for side, border in cut.parts[leaf.code].items():
            change.pieces.append(Piece(border, leaf.code, naming.codes[leaf.code, side]))
    return Applied(
        make_change(plan, change),
        edit.model_copy(update={"issued": naming.issued}),
        frozenset(naming.changed),
    )


def _divide_in_regions(
    grid: Grid, lines: Chain, cuts: Cuts, edit: Split
) -> tuple[list[Chain], Chain, Cuts]:
    """Return the borders of all sides, that of the keeper first, and the lines and corners used."""
    parts, _ = _parts_of(grid, lines, cuts)
    if not parts:
        why, place = tell_ends(edit.line, grid.geometry)
        raise Refused(f"the line does not divide {grid.code}{why}", codes=[grid.code], **place)
    border = border_with(grid, cuts)
    parting = edges_of(missing_from(border, border_of(np.array(parts, dtype=object))))
    needed = keep_corners(cuts, parting)
    parts, whole = _parts_of(grid, parting, needed)
    largest = max(reading_order(parts), key=lambda index: parts[index].area)
    keeper = border_of(np.array([parts.pop(largest), *whole], dtype=object))
    ordered = [parts[index] for index in reading_order(parts)]
    return [keeper, *(border_of(part) for part in ordered)], parting, needed


def _parts_of(
    grid: Grid, lines: Chain, cuts: Cuts
) -> tuple[list[shapely.Polygon], list[shapely.Polygon]]:
    """Return what the lines make of an area: parts that were cut, and parts that stay whole."""
    cut: list[shapely.Polygon] = []
    whole: list[shapely.Polygon] = []
    for part in shapely.get_parts(grid.geometry).tolist():
        faces = divide(border_with(replace(grid, geometry=part), cuts), lines, grid.code)
        (cut if len(faces) > 1 else whole).extend(faces)
    return cut, whole


def _ground_by_side(
    plan: Plan, grid: Grid, parts: Mapping[str, Mapping[int, Chain]]
) -> dict[str, dict[int, Chain]]:
    """Return for an area and all below it the ground on each side."""
    ground = {code: dict(sides) for code, sides in parts.items()}
    for area in [*reversed(all_below(plan, grid.code)), grid]:
        gathered: dict[int, list[Chain]] = {}
        for child in plan.children(area.code):
            for side, border in ground[child.code].items():
                gathered.setdefault(side, []).append(border)
        if gathered:
            ground[area.code] = {side: add(gathered[side]) for side in sorted(gathered)}
    return ground


@dataclass
class _Naming:
    """Gives codes, names and parents to the parts of areas, from above to below."""

    plan: Plan
    edit: Split
    used: Collection[str]
    change: Change
    codes: dict[tuple[str, int], str] = field(default_factory=dict)
    issued: dict[str, tuple[str, ...]] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)

    def name(self, area: Grid, ground: Mapping[int, Chain], keeper: int | None = None) -> None:
        if len(ground) == 1:
            keeper = next(iter(ground))
        cut = len(ground) > 1
        shapes = {side: area_of(border) for side, border in ground.items()} if cut else {}
        if keeper is None:
            keeper = max(sorted(shapes), key=lambda side: shapes[side].area)
        new = [side for side in sorted(shapes) if side != keeper]
        codes = self._issue(area, [(shapes[side], self._parent(area, side)) for side in new])
        self.codes |= {(area.code, keeper): area.code}
        self.codes |= {(area.code, side): code for side, code in zip(new, codes, strict=True)}
        parent = self._parent(area, keeper)
        if parent != area.parent:
            self.change.come[area.code] = replace(area, parent=parent)
        for side, code in zip(new, codes, strict=True):
            self.change.come[code] = Grid(
                code, name_part(area, code), area.level, NO_AREA, self._parent(area, side)
            )
        if new or parent != area.parent:
            self.changed |= {area.code, *codes}

    def _parent(self, area: Grid, side: int) -> str | None:
        return self.codes.get((area.parent or "", side), area.parent)

    def _issue(
        self, area: Grid, parts: list[tuple[shapely.Polygon | shapely.MultiPolygon, str | None]]
    ) -> list[str]:
        if not parts:
            return []
        if self.edit.issued:
            codes = check_issued(
                self.plan, self.edit.issued.get(area.code, ()), len(parts), area.code, self.used
            )
        else:
            codes = self._issue_new(area, parts)
        self.issued[area.code] = tuple(codes)
        return codes

    def _issue_new(
        self, area: Grid, parts: list[tuple[shapely.Polygon | shapely.MultiPolygon, str | None]]
    ) -> list[str]:
        found: dict[int, str] = {}
        for parent in dict.fromkeys(parent for _, parent in parts):
            here = [index for index, (_, above) in enumerate(parts) if above == parent]
            taken = {
                *self.used,
                *found.values(),
                *(c for known in self.issued.values() for c in known),
            }
            shapes = [parts[index][0] for index in here]
            codes = codes_for_parts(self.plan, area, shapes, parent=parent, used=taken)
            found |= dict(zip(here, codes, strict=True))
        return [found[index] for index in range(len(parts))]
