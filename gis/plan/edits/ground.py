"""What do borders look like after ground has moved?

The new border of an area, at whatever level, is its old border, plus the borders of the ground that
comes to it, minus the borders of the ground that leaves it. What one loses another gains, so the
sum over all areas of a level stays the same: with every single area valid there can be neither a
gap nor an overlap (see ``gis.plan.chains``). That each is valid is tested here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import shapely

from gis.errors import InputError, Refused
from gis.plan.chains import EMPTY, Area, Chain, add, area_of, border_of, reverse
from gis.plan.edits.corners import put_corners
from gis.plan.edits.noding import Cuts
from gis.plan.edits.segments import lines_of
from gis.plan.findings import format_place
from gis.plan.model import Grid, Plan

NO_AREA = shapely.Polygon()


@dataclass(frozen=True)
class Piece:
    """Ground with one border that lies in one lowest area before, and in one after.

    ``before`` or ``after`` is None for ground that comes into the plan or leaves it.
    """

    border: Chain
    before: str | None
    after: str | None


@dataclass
class Change:
    """What an edit does to a plan.

    Parameters
    ----------
    pieces
        Ground that moves, or whose areas above change.
    cuts
        Corners put on existing edges; the pieces have them already.
    come
        New values of areas by code: new ones, renamed ones, ones with another parent. Their
        geometry is not looked at: it follows from the pieces.
    gone
        Codes that no longer exist.
    """

    pieces: list[Piece] = field(default_factory=list)
    cuts: Cuts = field(default_factory=dict)
    come: dict[str, Grid] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)


def make_change(plan: Plan, change: Change) -> Plan:
    """Return the plan in which ground has moved and every border has followed.

    Raises
    ------
    Refused
        An area would lose all its ground, or its border would be no proper one.
    """
    shapes = put_corners(plan, change.cuts)
    for code, moved in _balance(plan, change).items():
        difference = EMPTY if code in change.gone else add(moved)
        if not len(difference):
            continue
        old = shapes.get(code) or (plan[code].geometry if code in plan else None)
        before = EMPTY if old is None else border_of(old)
        shapes[code] = enclose(add([before, difference]), code)
    values = {code: plan[code] for code in shapes if code in plan} | change.come
    come = [
        replace(grid, geometry=shapes.get(code) or plan[code].geometry)
        for code, grid in values.items()
        if code not in change.gone
    ]
    return plan.replacing({*change.gone, *values}, come)


def enclose(border: Chain, code: str) -> Area:
    """Return the area within a border, or refuse with the code of the area and a place."""
    if not len(border):
        raise Refused(f"{code} would lose all its ground; merge it instead", codes=[code])
    try:
        return area_of(border)
    except InputError:
        what, (lon, lat) = find_fault(border)
        raise Refused(
            f"the border of {code} would {what} at {format_place(lon, lat)}; draw further away "
            "from existing borders, or on them",
            codes=[code],
            lon=lon,
            lat=lat,
        ) from None


def find_fault(border: Chain) -> tuple[str, tuple[float, float]]:
    """Tell why segments enclose no area, and where."""
    corners, number = np.unique(border.reshape(-1, 2), axis=0, return_inverse=True)
    ends = number.reshape(-1, 2)
    balance = np.bincount(ends[:, 0], minlength=len(corners)) - np.bincount(
        ends[:, 1], minlength=len(corners)
    )
    if balance.any():
        lon, lat = corners[np.argmax(balance != 0)].tolist()
        return "be open (other borders end at that corner, move them as well)", (lon, lat)
    lines = lines_of(border)
    one, other = shapely.STRtree(lines).query(lines, predicate="intersects")
    common = (ends[one][:, :, None] == ends[other][:, None, :]).any(axis=(1, 2))
    one, other = one[(one < other) & ~common], other[(one < other) & ~common]
    if len(one):
        lon, lat = shapely.get_coordinates(lines[one[0]].intersection(lines[other[0]]))[0].tolist()
        return "cross or touch another border", (lon, lat)
    lon, lat = border[0, :2].tolist()
    return "run over itself", (lon, lat)


def lineage_of(plan: Plan, code: str | None, come: Mapping[str, Grid]) -> list[str]:
    """Return a code and those of the areas above it, nearest first, with changes in force."""
    found: list[str] = []
    while code is not None:
        found.append(code)
        code = (come.get(code) or plan[code]).parent
    return found


def whole_pieces(leaves: Iterable[Grid]) -> list[Piece]:
    """Return areas that stay as they are, for when the areas above them change."""
    return [Piece(border_of(leaf.geometry), leaf.code, leaf.code) for leaf in leaves]


def _balance(plan: Plan, change: Change) -> dict[str, list[Chain]]:
    """Gather what each area gains and loses."""
    moved: dict[str, list[Chain]] = {}
    for piece in change.pieces:
        before = lineage_of(plan, piece.before, {})
        after = lineage_of(plan, piece.after, change.come)
        for code in _without(before, after):
            moved.setdefault(code, []).append(reverse(piece.border))
        for code in _without(after, before):
            moved.setdefault(code, []).append(piece.border)
    return moved


def _without(codes: Iterable[str], others: Collection[str]) -> list[str]:
    return [code for code in codes if code not in others]
