"""Which area below the receiving one gets the ground that moves?"""

from __future__ import annotations

from dataclasses import replace

import shapely

from gis.plan.chains import EMPTY, Chain, add, area_of, border_of
from gis.plan.edits.corners import border_with
from gis.plan.edits.cutting import Cut
from gis.plan.edits.distances import shared_length_m
from gis.plan.edits.ground import Change, Piece
from gis.plan.edits.neighbourhood import all_below, leaves_below
from gis.plan.model import Grid, Plan

MOVED = 0
"""The side of the ground that moves."""


class Moving:
    """Gathers the change that moves cut ground from one area to another, level by level.

    Parameters
    ----------
    plan
        The plan before.
    cut
        The lowest areas that were cut; what lies on side ``MOVED`` moves.
    """

    def __init__(self, plan: Plan, cut: Cut) -> None:
        self.plan = plan
        self.cut = cut
        self.change = Change(cuts=cut.cuts)
        self.changed: set[str] = set()

    def ground_of(self, area: Grid) -> Chain:
        """Return the border of the ground of an area that moves."""
        return add([EMPTY, *(self._moved(leaf) for leaf in leaves_below(self.plan, area.code))])

    def stays(self, area: Grid) -> bool:
        """Tell whether some ground of an area stays."""
        return any(
            set(self.cut.parts.get(leaf.code, {})) != {MOVED}
            for leaf in leaves_below(self.plan, area.code)
        )

    def move(self, source: Grid, target: Grid) -> None:
        """Move what is to move of one area to another of its level."""
        self.changed |= {source.code, target.code}
        if not self._below(target):
            self._melt(source, target)
        elif not self.plan.children(source.code):
            self._hand_out(source, target)
        else:
            self._move_below(source, target)

    def give(self, border: Chain, before: str | None, target: Grid) -> None:
        """Give ground to the areas below another, each part by its longest common border."""
        for part in shapely.get_parts(area_of(border)).tolist():
            leaf = self._lowest(border_of(part), target)
            self.change.pieces.append(Piece(border_of(part), before, leaf.code))
            self.changed.add(leaf.code)

    def _melt(self, source: Grid, target: Grid) -> None:
        for leaf in leaves_below(self.plan, source.code):
            if len(self._moved(leaf)):
                self.change.pieces.append(Piece(self._moved(leaf), leaf.code, target.code))
                self.changed.add(leaf.code)
        lost = {area.code for area in all_below(self.plan, source.code) if not self.stays(area)}
        self.change.gone |= lost
        self.changed |= lost

    def _hand_out(self, source: Grid, target: Grid) -> None:
        self.give(self._moved(source), source.code, target)

    def _move_below(self, source: Grid, target: Grid) -> None:
        children = self.plan.children(source.code)
        whole = [child for child in children if not self.stays(child)]
        for child in whole:
            self.change.come[child.code] = replace(child, parent=target.code)
            self.changed.add(child.code)
            for leaf in leaves_below(self.plan, child.code):
                self.change.pieces.append(Piece(self._moved(leaf), leaf.code, leaf.code))
        for child in children:
            ground = EMPTY if child in whole else self.ground_of(child)
            if not len(ground):
                continue
            self.changed.add(child.code)
            if self.plan.children(child.code):
                self.move(child, self._nearest(ground, target))
            else:
                self._hand_out(child, target)

    def _moved(self, leaf: Grid) -> Chain:
        return self.cut.parts.get(leaf.code, {}).get(MOVED, EMPTY)

    def _below(self, area: Grid) -> list[Grid]:
        """Return the areas below another, with what was hung under it."""
        come = self.change.come
        stay = [grid for grid in self.plan.children(area.code) if grid.code not in come]
        return stay + [grid for grid in come.values() if grid.parent == area.code]

    def _lowest(self, border: Chain, area: Grid) -> Grid:
        while self._below(area):
            area = self._nearest(border, area)
        return area

    def _nearest(self, border: Chain, area: Grid) -> Grid:
        """Return the area below another with the longest common border, else the nearest."""
        ground = area_of(border)

        def rank(grid: Grid) -> tuple[float, float, str]:
            common = shared_length_m(border, border_with(grid, self.change.cuts))
            return -common, ground.distance(grid.geometry), grid.code

        return min(self._below(area), key=rank)
