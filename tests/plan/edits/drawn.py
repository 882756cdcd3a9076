"""Plans and drawings for the tests of edits, some drawn by hand, some by a seeded hand."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import shapely

from gis import coords
from gis.plan.model import Grid, Level, Plan

WEST, SOUTH, STEP = 117.6, 26.2, 0.001
COMMUNITY = "350402002003"


def place(x: float, y: float) -> tuple[float, float]:
    """Return the place so many squares east and north of the south-west corner."""
    lon, lat = coords.snap([WEST + STEP * x, SOUTH + STEP * y]).tolist()
    return lon, lat


def line(*corners: tuple[float, float]) -> tuple[tuple[float, float], ...]:
    """Return a drawn line, in squares."""
    return tuple(place(x, y) for x, y in corners)


def area(*corners: tuple[float, float]) -> tuple[tuple[tuple[tuple[float, float], ...], ...], ...]:
    """Return a drawn area of one ring, in squares."""
    return ((line(*corners, corners[0]),),)


def square(x: float, y: float, x1: float | None = None, y1: float | None = None) -> shapely.Polygon:
    """Return a square or rectangle, with a corner at every whole step of its border."""
    x1, y1 = x + 1 if x1 is None else x1, y + 1 if y1 is None else y1
    ring = [(i, y) for i in np.arange(x, x1)]
    ring += [(x1, j) for j in np.arange(y, y1)]
    ring += [(i, y1) for i in np.arange(x1, x, -1)]
    ring += [(x, j) for j in np.arange(y1, y, -1)]
    return shapely.Polygon(line(*ring))


def board() -> Plan:
    """
    +---+---+---+
    | 1 | 2 | 3 |   grids 350402002003001 …
    +---+---+---+
    | 4 | 5 | 6 |   of one community
    +---+---+---+
    | 7 | 8 | 9 |
    +---+---+---+
    """
    grids = [Grid(COMMUNITY, "翁墩社区", Level.COMMUNITY, square(0, 0, 3, 3))]
    for number in range(9):
        column, row = number % 3, 2 - number // 3
        code = f"{COMMUNITY}{number + 1:03d}"
        shape = square(column, row)
        grids.append(Grid(code, f"第{number + 1}网格", Level.GRID, shape, COMMUNITY))
    return Plan(grids)


def grid(number: int) -> str:
    """Return the code of a grid of the board."""
    return f"{COMMUNITY}{number:03d}"


def wiggly_plan(
    seed: int,
    *,
    columns: int = 4,
    rows: int = 4,
    wiggles: int = 3,
    levels: int = 3,
    holes: bool = True,
    foreign: bool = False,
    jitter: float = 0.3,
) -> Plan:
    """Draw a plan of jittered squares with wiggly shared borders.

    With ``holes`` some areas have an enclave that is an area of its own, some of these enclaves are
    second parts of an area elsewhere, and one square is left bare, as a lake. Two by two squares
    are a community, and all communities are a subdistrict.
    """
    random = np.random.default_rng(seed)
    shift = random.uniform(-jitter, jitter, (columns + 1, rows + 1, 2))
    corner = {
        (i, j): place(i + shift[i, j, 0], j + shift[i, j, 1])
        for i in range(columns + 1)
        for j in range(rows + 1)
    }

    def border(one: tuple[int, int], other: tuple[int, int]) -> list[tuple[float, float]]:
        low, high = min(one, other), max(one, other)
        edge = np.random.default_rng([seed, *low, *high])
        (x0, y0), (x1, y1) = corner[low], corner[high]
        at = np.sort(edge.uniform(0.1, 0.9, wiggles))
        off = edge.uniform(-0.2, 0.2, wiggles) * jitter
        x = x0 + at * (x1 - x0) - off * (y1 - y0)
        y = y0 + at * (y1 - y0) + off * (x1 - x0)
        inner = coords.snap(np.column_stack([x, y])).tolist()
        run = [corner[low], *((x, y) for x, y in inner), corner[high]]
        return run if one == low else run[::-1]

    def cell(i: int, j: int) -> shapely.Polygon:
        round_ = [(i, j), (i + 1, j), (i + 1, j + 1), (i, j + 1), (i, j)]
        ring = [p for a, b in pairwise(round_) for p in border(a, b)[:-1]]
        return shapely.Polygon(ring)

    cells = {(i, j): cell(i, j) for i in range(columns) for j in range(rows)}
    if not all(shape.is_valid for shape in cells.values()):
        return wiggly_plan(
            seed + 1_000_003,
            columns=columns,
            rows=rows,
            wiggles=max(0, wiggles - 1),
            jitter=jitter,
            levels=levels,
            holes=holes,
            foreign=foreign,
        )
    enclaves: dict[tuple[int, int], shapely.Polygon] = {}
    if holes:
        for key in list(cells):
            if random.random() < 0.2:
                middle = cells[key].representative_point()
                ring = [
                    coords.snap([middle.x + dx * STEP, middle.y + dy * STEP]).tolist()
                    for dx, dy in ((-0.05, -0.05), (0.06, -0.04), (0.05, 0.05), (-0.04, 0.06))
                ]
                enclave = shapely.Polygon(ring)
                if cells[key].contains_properly(enclave):
                    cells[key] = shapely.Polygon(cells[key].exterior, [ring])
                    enclaves[key] = enclave
        if columns > 2 and rows > 2 and random.random() < 0.5:
            lake = (int(random.integers(1, columns - 1)), int(random.integers(1, rows - 1)))
            del cells[lake]
            enclaves.pop(lake, None)
    return _assemble(cells, enclaves, random, levels=levels, foreign=foreign)


def _assemble(
    cells: dict[tuple[int, int], shapely.Polygon],
    enclaves: dict[tuple[int, int], shapely.Polygon],
    random: np.random.Generator,
    *,
    levels: int,
    foreign: bool,
) -> Plan:
    top = "S" if foreign else "350402002"
    leaf = {1: Level.GRID, 2: Level.GRID, 3: Level.GRID}[levels]
    blocks: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for key in cells:
        blocks.setdefault((key[0] // 2, key[1] // 2), []).append(key)
    grids: list[Grid] = []
    for number, block in enumerate(sorted(blocks), 1):
        community = f"C{number}" if foreign else f"{top}{number:03d}"
        members = [cells[key] for key in blocks[block]]
        extra = [enclaves[key] for key in blocks[block] if key in enclaves]
        # An enclave is an area of its own, or a second part of one of the same community.
        for enclave in extra:
            if random.random() < 0.5:
                members.append(enclave)
            else:
                index = int(random.integers(len(members)))
                joined = shapely.union(members[index], enclave)
                members[index] = (
                    joined if _same_corners(joined, members[index], enclave) else members[index]
                )
                if members[index] is not joined:
                    members.append(enclave)
        for index, shape in enumerate(members, 1):
            code = f"{community}g{index}" if foreign else f"{community}{index:03d}"
            grids.append(Grid(code, code[-3:], leaf, shape, community if levels > 1 else None))
        if levels > 1:
            whole = shapely.coverage_union_all(np.array(members, dtype=object))
            parent = top if levels > 2 else None
            grids.append(Grid(community, community, Level.COMMUNITY, whole, parent))
    if levels > 2:
        whole = shapely.coverage_union_all(
            np.array([g.geometry for g in grids if g.level is Level.COMMUNITY], dtype=object)
        )
        grids.append(Grid(top, "街道", Level.SUBDISTRICT, whole))
    return Plan(grids)


def _same_corners(joined: shapely.Geometry, *parts: shapely.Geometry) -> bool:
    return isinstance(joined, shapely.MultiPolygon) and (
        len(shapely.get_coordinates(joined)) == sum(len(shapely.get_coordinates(p)) for p in parts)
    )
