"""Which estate and which street number does a building belong to?"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

import shapely

from gis.demo import names
from gis.demo.buildings import Filled
from gis.demo.layout import Layout
from gis.demo.network import ground
from gis.demo.roads import Roads


@dataclass(frozen=True)
class _Door:
    """Something that gets one street number: an estate or a single building."""

    road: str
    left: bool
    along: float
    items: tuple[tuple[int, int], ...]
    estate: str


def name_estates(filled: tuple[Filled, ...], chance: random.Random) -> dict[int, str]:
    """Name the estates; a block may belong to the estate before it in the same grid."""
    found: dict[int, str] = {}
    used: dict[str, None] = {}
    last: tuple[tuple[str, int, str], str] | None = None
    for i, block in enumerate(filled):
        if block.use not in ("slab", "tower") or not block.footprints:
            continue
        place = (block.block.community.code, block.block.grid, block.use)
        if last is not None and last[0] == place and chance.random() < 0.35:
            found[i] = last[1]
            continue
        name = _estate_name(block, used, chance)
        used[name] = None
        found[i] = name
        last = (place, name)
    return found


def _estate_name(block: Filled, used: dict[str, None], chance: random.Random) -> str:
    suffixes = names.SLAB_SUFFIXES if block.use == "slab" else names.TOWER_SUFFIXES
    stem = block.block.community.stem
    own = [f"{stem}{suffix}" for suffix in suffixes]
    free = [name for name in own if name not in used]
    if free:
        return free[0]
    while True:
        name = f"{chance.choice(names.ESTATE_WORDS)}{chance.choice(suffixes)}"
        if name in used:
            name = f"{stem}{name}"
        if name not in used:
            return name


def _doors(
    layout: Layout, filled: tuple[Filled, ...], roads: Roads, estates: dict[int, str]
) -> list[_Door]:
    doors: list[_Door] = []
    of_estate: dict[str, int] = {}
    for i, block in enumerate(filled):
        edges = list(_edges(layout, block, roads))
        estate = estates.get(i, "")
        items = tuple((i, j) for j in range(len(block.footprints)))
        if not items:
            continue
        if estate in of_estate:
            known = doors[of_estate[estate]]
            doors[of_estate[estate]] = _Door(
                known.road, known.left, known.along, known.items + items, estate
            )
        elif estate:
            of_estate[estate] = len(doors)
            best = min(edges, key=lambda edge: edge.rank)
            along = best.along(best.path.interpolate(0.5, normalized=True))
            doors.append(_Door(best.road, best.left, along, items, estate))
        else:
            for item in items:
                middle = block.footprints[item[1]].outline.centroid
                best = min(edges, key=lambda edge: edge.path.distance(middle))
                doors.append(_Door(best.road, best.left, best.along(middle), (item,), ""))
    return doors


@dataclass(frozen=True)
class _Edge:
    """One street side of a block."""

    road: str
    rank: int
    left: bool
    path: shapely.LineString
    start: float
    end: float

    def along(self, point: shapely.Point) -> float:
        """How far along its road a point lies, in valley coordinates."""
        share = self.path.project(point, normalized=True)
        return self.start + (self.end - self.start) * float(share)


def _edges(layout: Layout, block: Filled, roads: Roads) -> Iterator[_Edge]:
    piece = block.block.piece
    for i, number in enumerate(piece.lines):
        if number not in roads.name_of_line:
            continue
        line = layout.network.lines[number]
        start, end = piece.corners[i], piece.corners[(i + 1) % len(piece.corners)]
        path = shapely.LineString(ground(layout.network.edge(number, start, end)))
        lengthwise = abs(line.b[1] - line.a[1]) > abs(line.b[0] - line.a[0])
        a, b = (start[1], end[1]) if lengthwise else (abs(start[0]), abs(end[0]))
        yield _Edge(roads.name_of_line[number], line.rank, b > a, path, float(a), float(b))


def number_doors(
    layout: Layout, filled: tuple[Filled, ...], roads: Roads, estates: dict[int, str]
) -> dict[tuple[int, int], tuple[str, str]]:
    """Give odd numbers to the left side of a road and even ones to the right side.

    Returns
    -------
    dict
        (road, number) by the positions of the block and of the building in it.
    """
    doors = _doors(layout, filled, roads, estates)
    sides: dict[tuple[str, bool], list[_Door]] = {}
    for door in doors:
        sides.setdefault((door.road, door.left), []).append(door)
    found = {}
    for (road, left), along in sides.items():
        along.sort(key=lambda door: (door.along, door.items))
        for k, door in enumerate(along):
            number = str(2 * k + (1 if left else 2))
            found.update(dict.fromkeys(door.items, (road, number)))
    return found
