"""Into which parts do drawn lines divide an area?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.errors import Refused
from gis.plan.chains import EMPTY, Chain, add, area_of, border_of, is_same, reverse
from gis.plan.edits.corners import border_with
from gis.plan.edits.noding import Cuts
from gis.plan.edits.segments import edges_of, lines_of, meets_box, missing_from
from gis.plan.model import Grid

OUTSIDE = -1
"""The side of ground that lies in none of the regions that were asked for."""


class Sides:
    """Tells in which of several regions a part lies.

    Told by the regions' own segments where the part has one of them on its border, so that no part
    is too narrow; only a part that has none is asked for a place within it.

    Parameters
    ----------
    borders
        The border of each region, noded with what is asked for.
    """

    def __init__(self, borders: Sequence[Chain]) -> None:
        self._borders = borders
        self._side: dict[tuple[float, ...], int] = {}
        for border in borders:
            self._side |= {tuple(s): OUTSIDE for s in reverse(border).tolist()}
        for number, border in enumerate(borders):
            self._side |= {tuple(s): number for s in border.tolist()}

    def of(self, part: shapely.Polygon) -> int:
        """Return the number of the region that a part lies in, or ``OUTSIDE``."""
        for segment in border_of(part).tolist():
            side = self._side.get(tuple(segment))
            if side is not None:
                return side
        place = shapely.point_on_surface(part)
        holds = np.flatnonzero(shapely.covers(self._regions, place))
        return int(holds[0]) if len(holds) else OUTSIDE

    @cached_property
    def _regions(self) -> NDArray[np.object_]:
        regions = np.array([area_of(border) for border in self._borders], dtype=object)
        shapely.prepare(regions)
        return regions


@dataclass(frozen=True)
class Cut:
    """Areas that were cut.

    Parameters
    ----------
    parts
        For each code the ground on each side, as borders.
    cuts
        The corners that existing edges need for it.
    """

    parts: dict[str, dict[int, Chain]]
    cuts: Cuts


def divide(border: Chain, lines: Chain, name: str) -> list[shapely.Polygon]:
    """Return the parts into which noded lines divide the area within a border.

    What does not divide (a line that ends inside, or runs outside) is passed over.

    Raises
    ------
    Refused
        Lines and border cross away from their corners.

    Examples
    --------
    >>> border = border_of(shapely.Polygon([(0, 0), (1, 0), (2, 0), (2, 1), (1, 1), (0, 1)]))
    >>> [part.area for part in divide(border, np.array([[1.0, 0, 1, 1]]), "a")]
    [1.0, 1.0]
    """
    linework = lines_of(edges_of(np.concatenate([border, lines])))
    faces = shapely.get_parts(shapely.polygonize(linework.tolist()))
    sides = Sides([border])
    inside = [face for face in faces.tolist() if sides.of(face) != OUTSIDE]
    if not inside or not is_same(add([border_of(inside)]), border):
        lon, lat = border[0, :2].tolist()
        raise Refused(
            f"{name} cannot be cut here: the drawing runs too close along its border; "
            "draw it on the border or further away from it",
            codes=[name],
            lon=lon,
            lat=lat,
        )
    return inside


def cut_areas(
    leaves: Sequence[Grid], lines: Chain, cuts: Cuts, sides: Sides, *, beside: Chain = EMPTY
) -> Cut:
    """Cut areas along drawn lines, where these part ground of different sides.

    Parameters
    ----------
    leaves
        Areas without children, with whose borders the lines were noded.
    lines, cuts
        The noded drawing. Where it parts nothing it is passed over, and makes no corner.
    sides
        Tells on which side a part lies.
    beside
        Further segments whose corners are kept.
    """
    first = {leaf.code: _cut(leaf, lines, cuts, sides) for leaf in leaves}
    parting = [
        missing_from(border_with(leaf, cuts), border)
        for leaf in leaves
        for border in first[leaf.code].values()
        if len(first[leaf.code]) > 1
    ]
    lines = edges_of(np.concatenate([EMPTY, *parting]))
    needed = keep_corners(cuts, np.concatenate([lines, beside]))
    if needed == cuts:
        return Cut(first, cuts)
    return Cut({leaf.code: _cut(leaf, lines, needed, sides) for leaf in leaves}, needed)


def keep_corners(cuts: Cuts, lines: Chain) -> Cuts:
    """Return only those corners on edges at which a line ends."""
    used = {(x, y) for x, y in lines.reshape(-1, 2).tolist()}
    kept = {edge: tuple(p for p in places if p in used) for edge, places in cuts.items()}
    return {edge: places for edge, places in kept.items() if places}


def _cut(leaf: Grid, lines: Chain, cuts: Cuts, sides: Sides) -> dict[int, Chain]:
    border = border_with(leaf, cuts)
    near = lines[meets_box(lines, leaf.geometry.bounds)]
    found: dict[int, list[Chain]] = {}
    for part in divide(border, near, leaf.code):
        found.setdefault(sides.of(part), []).append(border_of(part))
    return {side: add(found[side]) for side in sorted(found)}
