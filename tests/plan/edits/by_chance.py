"""Edits as a careless planner would make them, drawn by a seeded hand, and what must hold after."""

from __future__ import annotations

import json
import math
from collections.abc import Callable

import numpy as np
import shapely

from gis.errors import Refused
from gis.plan.chains import add, border_of, is_same, tiled_region
from gis.plan.edits import (
    Applied,
    ChangeParent,
    Edit,
    Merge,
    Rename,
    Renumber,
    SetOuterLimit,
    Split,
    Transfer,
    apply_edit,
    move_corners,
    read_edit,
    redraw_border,
    write_edit,
)
from gis.plan.model import Grid, Plan

Random = np.random.Generator
GAP_DEG = 1e-5
RELATIVE = 1e-12
ULP_DEG = 2.0**-46
"""The step of doubles at 117° east: as far as a corner may lie off the edge it was put on."""


def choose_edit(plan: Plan, random: Random) -> Edit:
    """Draw an edit somewhere; it may well be one that is refused."""
    kinds: list[tuple[float, Callable[[Plan, Random], Edit]]] = [
        (0.25, _split),
        (0.15, _merge),
        (0.2, _transfer),
        (0.15, _move),
        (0.08, _redraw),
        (0.04, _limit),
        (0.03, _rename),
        (0.04, _renumber),
        (0.06, _change_parent),
    ]
    weights = np.array([weight for weight, _ in kinds])
    index = int(random.choice(len(kinds), p=weights / weights.sum()))
    return kinds[index][1](plan, random)


def check_applied(before: Plan, edit: Edit, applied: Applied) -> None:
    """Assert everything that an edit must leave as it was."""
    after = applied.plan
    for level in {*before.levels, *after.levels}:
        check_tiling([grid.geometry for grid in after.at(level)], f"{edit.kind} {level}")
    if not moves_the_limit(edit):
        old, new = total_ground(before), total_ground(after)
        assert abs(new - old) <= RELATIVE * old, (edit.kind, new / old - 1.0)
    check_nesting(after)
    _check_untouched(before, applied)
    again = apply_edit(before, read_edit(json.loads(json.dumps(write_edit(applied.edit)))))
    assert again.plan.fingerprint == after.fingerprint
    assert again.edit == applied.edit
    assert again.changed == applied.changed


def moves_the_limit(edit: Edit) -> bool:
    """Tell whether ground may come into the plan or leave it."""
    return edit.kind == "set_outer_limit" or (edit.kind == "reshape" and edit.outer)


def check_tiling(geometries: list[shapely.Geometry], what: str = "") -> None:
    """Assert that areas neither overlap nor leave a narrow gap, in two independent ways."""
    areas = np.array(geometries, dtype=object)
    region = tiled_region(areas)
    assert region is not None, what
    if not shapely.coverage_is_valid(areas, gap_width=GAP_DEG):
        # A narrow area at the outer limit looks like a gap to GEOS; a bare strip is a hole or bay.
        # Nor does it like an area that ends where another touches itself.
        edges = shapely.coverage_invalid_edges(areas)
        for index in np.flatnonzero(~shapely.is_empty(edges)).tolist():
            others = np.delete(areas, index)
            assert not shapely.relate_pattern(areas[index], others, "T********").any(), what
        assert _narrowest_bare(region) > GAP_DEG / 2.0, what


def check_nesting(plan: Plan) -> None:
    """Assert that the border of every parent is the sum of its children's."""
    for grid in plan:
        children = [child.geometry for child in plan.children(grid.code)]
        if children:
            inner = add([border_of(np.array(children, dtype=object))])
            assert is_same(inner, border_of(grid.geometry)), grid.code


def total_ground(plan: Plan) -> float:
    """Return the area of all lowest areas, in square degrees."""
    return math.fsum(grid.geometry.area for grid in plan if not plan.children(grid.code))


def _narrowest_bare(region: shapely.Geometry) -> float:
    holes = [hole for part in shapely.get_parts(region) for hole in part.interiors]
    widths = [2.0 * shapely.Polygon(hole).area / hole.length for hole in holes]
    return min(widths, default=np.inf)


def _check_untouched(before: Plan, applied: Applied) -> None:
    """Assert that what is not named as changed has its name, code, parent and ground."""
    after = applied.plan
    for grid in before:
        if grid.code in applied.changed:
            continue
        now = after[grid.code]
        assert (now.name, now.level) == (grid.name, grid.level)
        assert now.parent == grid.parent or applied.edit.kind == "renumber"
        if not before.children(grid.code) and now.geometry is not grid.geometry:
            bent = abs(now.geometry.area - grid.geometry.area)
            assert bent <= ULP_DEG * grid.geometry.length
            # Corners that it had it still has, in the same order.
            old = shapely.get_coordinates(grid.geometry).tolist()
            new = iter(shapely.get_coordinates(now.geometry).tolist())
            assert all(corner in new for corner in old)
    for code in {grid.code for grid in after} - {grid.code for grid in before}:
        assert code in applied.changed


def _any(plan: Plan, random: Random) -> Grid:
    """Choose an area of any level, mostly a low one."""
    leaves = [grid for grid in plan if not plan.children(grid.code)]
    pool = leaves if random.random() < 0.75 else list(plan.grids)
    return pool[int(random.integers(len(pool)))]


def _leaf(plan: Plan, random: Random) -> Grid:
    leaves = [grid for grid in plan if not plan.children(grid.code)]
    return leaves[int(random.integers(len(leaves)))]


def _size(grid: Grid) -> float:
    west, south, east, north = grid.geometry.bounds
    return max(east - west, north - south)


def _corner(grid: Grid, random: Random) -> tuple[float, float]:
    corners = shapely.get_coordinates(grid.geometry)
    x, y = corners[int(random.integers(len(corners)))].tolist()
    return x, y


def _point(grid: Grid, random: Random, spread: float = 0.5) -> tuple[float, float]:
    """Choose a place on, very near, or around the border of an area."""
    x, y = _corner(grid, random)
    kind = random.random()
    if kind < 0.2:
        return x, y
    if kind < 0.35:
        along = grid.geometry.boundary.interpolate(random.random(), normalized=True)
        dx, dy = random.uniform(-3e-7, 3e-7, 2)
        return along.x + dx, along.y + dy
    dx, dy = random.uniform(-spread, spread, 2) * _size(grid)
    return x + dx, y + dy


def _neighbours(plan: Plan, grid: Grid) -> list[Grid]:
    peers = [peer for peer in plan.at(grid.level) if peer.code != grid.code]
    return [peer for peer in peers if peer.geometry.intersects(grid.geometry)]


def _split(plan: Plan, random: Random) -> Edit:
    grid = _any(plan, random)
    middle = grid.geometry.representative_point()
    size, turn = _size(grid), random.uniform(0.0, np.pi)
    reach = np.array([np.cos(turn), np.sin(turn)]) * size * random.uniform(0.3, 1.2)
    ends = [(middle.x - reach[0], middle.y - reach[1]), (middle.x + reach[0], middle.y + reach[1])]
    if random.random() < 0.3:
        ends = [_point(grid, random), _point(grid, random)]
    between = [_point(grid, random, 0.3) for _ in range(int(random.integers(0, 4)))]
    line = [ends[0], *between, ends[1]]
    return Split(code=grid.code, line=tuple(line))


def _merge(plan: Plan, random: Random) -> Edit:
    grid = _any(plan, random)
    near = _neighbours(plan, grid) or [grid]
    chosen = random.permutation(len(near))[: int(random.integers(1, 3))]
    codes = (grid.code, *(near[int(index)].code for index in chosen))
    return Merge(codes=codes, across=bool(random.random() < 0.4))


def _blob(x: float, y: float, radius: float, random: Random) -> list[tuple[float, float]]:
    turns = np.sort(random.uniform(0.0, 2.0 * np.pi, int(random.integers(3, 12))))
    reach = radius * random.uniform(0.3, 1.0, len(turns))
    ring = [(x + r * np.cos(t), y + r * np.sin(t)) for t, r in zip(turns, reach, strict=True)]
    return [*ring, ring[0]]


def _transfer(plan: Plan, random: Random) -> Edit:
    grid = _any(plan, random)
    x, y = _corner(grid, random)
    ring = _blob(x, y, _size(grid) * random.uniform(0.05, 0.9), random)
    if random.random() < 0.3:
        ring[1] = _corner(grid, random)
    across = bool(random.random() < 0.5)
    return Transfer(area=((tuple(ring),),), to=grid.code, across=across)


def _move(plan: Plan, random: Random) -> Edit:
    grid = _leaf(plan, random)
    corners = sorted({_corner(grid, random) for _ in range(int(random.integers(1, 4)))})
    far = _size(grid) * random.choice([0.01, 0.05, 0.3])
    moves = [
        ((x, y), (round(x + dx, 7), round(y + dy, 7)))
        for (x, y), (dx, dy) in zip(corners, random.uniform(-far, far, (3, 2)), strict=False)
    ]
    return move_corners(
        plan, moves, across=bool(random.random() < 0.7), outer=bool(random.random() < 0.5)
    )


def _redraw(plan: Plan, random: Random) -> Edit:
    grid = _any(plan, random)
    near = _neighbours(plan, grid)
    if not near:
        return _rename(plan, random)
    other = near[int(random.integers(len(near)))]
    common = grid.geometry.intersection(other.geometry)
    places = shapely.get_coordinates(common)
    first, last = (places[int(random.integers(len(places)))] for _ in range(2))
    size = min(_size(grid), _size(other))
    middle = (first + last) / 2.0 + random.uniform(-0.2, 0.2, 2) * size
    off = random.uniform(-0.02, 0.02, 2) * size
    line = [tuple((first + off).tolist()), tuple(middle.tolist()), tuple((last - off).tolist())]
    return redraw_border(plan, grid.code, other.code, line, across=bool(random.random() < 0.7))


def _limit(plan: Plan, random: Random) -> Edit:
    leaves = [grid.geometry for grid in plan if not plan.children(grid.code)]
    region = tiled_region(np.array(leaves, dtype=object))
    assert region is not None
    if random.random() < 0.3:
        region = shapely.union_all(
            [shapely.Polygon(part.exterior) for part in shapely.get_parts(region)]
        )
    corners = shapely.get_coordinates(region)
    x, y = corners[int(random.integers(len(corners)))]
    west, _, east, _ = region.bounds
    blob = shapely.Polygon(_blob(x, y, (east - west) * random.uniform(0.02, 0.2), random)).buffer(0)
    drawn = region.union(blob) if random.random() < 0.5 else region.difference(blob)
    parts = [part for part in shapely.get_parts(drawn) if part.geom_type == "Polygon"]
    return SetOuterLimit(
        area=tuple(
            tuple(tuple(map(tuple, ring.coords)) for ring in (part.exterior, *part.interiors))
            for part in parts
        )
    )


def _rename(plan: Plan, random: Random) -> Edit:
    return Rename(code=_any(plan, random).code, name=f"网格{int(random.integers(1000))}")


def _renumber(plan: Plan, random: Random) -> Edit:
    grid = _any(plan, random)
    if grid.parent is not None and random.random() < 0.5:
        return Renumber(parent=grid.parent)
    near = _neighbours(plan, grid) or [grid]
    return Renumber(codes={grid.code: near[0].code, near[0].code: grid.code})


def _change_parent(plan: Plan, random: Random) -> Edit:
    grid = _any(plan, random)
    near = [peer for peer in _neighbours(plan, grid) if peer.parent not in (None, grid.parent)]
    parent = near[0].parent if near else grid.parent
    return ChangeParent(code=grid.code, parent=parent or grid.code)


def step(plan: Plan, random: Random) -> tuple[Applied | None, str, str]:
    """Draw one edit, apply it, check it; return it with its kind and why it was refused."""
    kind = "?"
    try:
        edit = choose_edit(plan, random)
        kind = edit.kind
        applied = apply_edit(plan, edit)
    except Refused as refused:
        return None, kind, refused.message
    check_applied(plan, edit, applied)
    return applied, kind, ""
