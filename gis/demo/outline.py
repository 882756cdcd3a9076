"""What are the grids of the district, and how do they nest?

A wider area is its parts with their common border segments taken away: all vertices stay, so a
border has the same vertices on both sides and on every level.
"""

from __future__ import annotations

from collections.abc import Iterable

import shapely

from gis.demo import names
from gis.demo.layout import Layout
from gis.demo.network import ground
from gis.demo.terrain import Point, to_degrees
from gis.plan import Grid, Level, Plan
from gis.plan.numbering import issue_codes

LeafKey = tuple[str, int, int]


def outline_plan(layout: Layout) -> Plan:
    """Draw the plan of all five levels; only 翁墩 has subgrids."""
    rings: dict[LeafKey, list[Point]] = {}
    for community, i, j, piece in layout.leaves:
        nodes = layout.network.ring(piece)
        rings[community.code, i, j] = [to_degrees(x, y) for x, y in ground(nodes)]
    plan: list[Grid] = []
    for community in names.COMMUNITIES:
        keys = [key for key in rings if key[0] == community.code]
        groups = [[rings[key] for key in keys if key[1] == i] for i in range(community.grids)]
        areas = [dissolve(group) for group in groups]
        codes = issue_codes(areas, level=Level.GRID, parent=community.code)
        for group, area, code in zip(groups, areas, codes, strict=True):
            name = f"{community.stem}第{names.chinese_number(int(code[12:]))}网格"
            plan.append(Grid(code, name, Level.GRID, area, community.code))
            if len(group) > 1:
                plan += _subgrids(group, code, name)
    return Plan([*plan, *_wider_levels(plan)])


def _subgrids(rings: list[list[Point]], parent: str, name: str) -> list[Grid]:
    areas = [shapely.Polygon(ring) for ring in rings]
    codes = issue_codes(areas, level=Level.SUBGRID, parent=parent)
    return [
        Grid(
            code,
            f"{name}第{names.chinese_number(int(code[15:]))}小网格",
            Level.SUBGRID,
            area,
            parent,
        )
        for code, area in zip(codes, areas, strict=True)
    ]


def _wider_levels(plan: list[Grid]) -> list[Grid]:
    grids = [grid for grid in plan if grid.level is Level.GRID]
    found = []
    for community in names.COMMUNITIES:
        area = _union(grids, community.code)
        parent = community.code[:9]
        found.append(Grid(community.code, community.name, Level.COMMUNITY, area, parent))
    for code, name in names.SUBDISTRICTS.items():
        area = _union(found, code)
        found.append(Grid(code, name, Level.SUBDISTRICT, area, names.DISTRICT[0]))
    area = _union(found, names.DISTRICT[0])
    return [*found, Grid(names.DISTRICT[0], names.DISTRICT[1], Level.DISTRICT, area)]


def _union(grids: list[Grid], parent: str) -> shapely.Polygon | shapely.MultiPolygon:
    children = [grid.geometry for grid in grids if grid.parent == parent]
    return dissolve(shapely.get_coordinates(child).tolist()[:-1] for child in children)


def dissolve(rings: Iterable[Iterable[Iterable[float]]]) -> shapely.Polygon:
    """Join rings that share whole segments, keeping every vertex of the outline.

    Parameters
    ----------
    rings
        Counter-clockwise rings of (x, y), the first vertex not repeated; together they are
        connected and enclose no hole.

    Examples
    --------
    >>> west = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]
    >>> east = [(1.0, 0.0), (2.0, 0.0), (2.0, 1.0), (1.0, 1.0)]
    >>> print(dissolve([west, east]))
    POLYGON ((0 0, 1 0, 2 0, 2 1, 1 1, 0 1, 0 0))
    """
    following: dict[tuple[Point, Point], None] = {}
    for ring in rings:
        vertices: list[Point] = [(x, y) for x, y in ring]
        for i, start in enumerate(vertices):
            segment = (start, vertices[(i + 1) % len(vertices)])
            if following.pop((segment[1], segment[0]), 0) is not None:
                following[segment] = None
    after = dict(following.keys())
    start = min(after)
    outline = [start]
    while (end := after[outline[-1]]) != start:
        outline.append(end)
    if len(outline) != len(after):
        raise AssertionError("the parts of an area are not connected, or enclose a hole")
    return shapely.Polygon(outline)
