"""What does the base map show: water, green, railway, streets and places?"""

from __future__ import annotations

import math
from dataclasses import dataclass

import shapely

from gis.demo import names
from gis.demo.buildings import Filled
from gis.demo.grain import HALF_WIDTH_M
from gis.demo.layout import Layout
from gis.demo.network import ground_polygon
from gis.demo.roads import Roads
from gis.demo.terrain import (
    BANK_M,
    EDGE_M,
    FOOT_M,
    ISLAND_V_M,
    LENGTH_M,
    RIVERSIDE_M,
    bend,
    bend_path,
    geometry_to_degrees,
)
from gis.plan import BaseFeature, BaseLayer

_STEP_M = 25
_RAIL_M = 30
_ISLAND_HALF_M = 250
_STREAMS = (
    ("台溪", -1, -2030.0),
    ("后洋溪", 1, 1830.0),
    ("高岩溪", 1, -2520.0),
    ("龙岗溪", -1, 400.0),
)


@dataclass(frozen=True)
class Place:
    """A named place in metres; ``pull`` is how strongly it draws people, and so reports."""

    name: str
    kind: str
    point: shapely.Point
    key: bool = False
    pull: float = 0.0


def draw_base(
    layout: Layout, filled: tuple[Filled, ...], roads: Roads, places: tuple[Place, ...]
) -> tuple[BaseFeature, ...]:
    """Draw all features of the base map, in degrees."""
    found: list[tuple[BaseLayer, str, shapely.Geometry, int, bool]] = []
    islands = [_island(v) for v in ISLAND_V_M]
    found.append((BaseLayer.WATER, "沙溪", _river(islands), 0, False))
    found += [(BaseLayer.WATER, name, stream, 1, False) for name, stream in _streams()]
    found += [(BaseLayer.GREEN, name, area, 0, False) for name, area in _hills(layout)]
    found += [(BaseLayer.GREEN, "江心洲", island, 1, False) for island in islands]
    found += [(BaseLayer.GREEN, "沿江绿廊", strip, 1, False) for strip in _promenades()]
    for block in filled:
        if block.use == "park" and block.block.zone == "built" and not block.ground.is_empty:
            found.append((BaseLayer.GREEN, "", block.ground, 2, False))
    found.append((BaseLayer.RAIL, "鹰厦铁路", _railway(), 0, False))
    for road in (*roads.streets, *roads.bridges):
        key = road.rank == 0 or road in roads.bridges
        found.append((BaseLayer.ROAD, road.name, road.path, road.rank, key))
    for place in places:
        found.append((BaseLayer.PLACE, place.name, place.point, 0 if place.key else 1, place.key))
    return tuple(
        BaseFeature(f"{layer}-{i:04d}", layer, name, geometry_to_degrees(shape), rank, key)
        for i, (layer, name, shape, rank, key) in enumerate(found, start=1)
    )


def _along(u: float) -> list[tuple[float, float]]:
    return [(u, float(v)) for v in range(-LENGTH_M, LENGTH_M + 1, _STEP_M)]


def _river(islands: list[shapely.Polygon]) -> shapely.Polygon:
    shore = [*_along(BANK_M), *_along(-BANK_M)[::-1]]
    holes = [shapely.get_coordinates(island).tolist() for island in islands]
    return shapely.Polygon([bend(u, v) for u, v in shore], holes)


def _island(middle_v: float) -> shapely.Polygon:
    steps = [k / 16.0 for k in range(-16, 17)]
    east = [(30.0 + 17.0 * (1.0 - t * t), middle_v + _ISLAND_HALF_M * t) for t in steps]
    west = [(30.0 - 17.0 * (1.0 - t * t), middle_v + _ISLAND_HALF_M * t) for t in steps]
    return shapely.Polygon([bend(u, v) for u, v in [*east, *west[::-1][1:-1]]])


def _streams() -> list[tuple[str, shapely.Polygon]]:
    """Brooks that come down from the hills and vanish in culverts under the city."""
    found = []
    for name, side, v in _STREAMS:
        outline = []
        for bank in (3.0, -3.0):
            us = range(FOOT_M + 60, EDGE_M - 90, 20)
            path = [(side * float(u), v + bank + 9.0 * math.sin(u / 31.0)) for u in us]
            outline.append(path)
        found.append(
            (name, shapely.Polygon([bend(u, w) for u, w in outline[0] + outline[1][::-1]]))
        )
    return found


def _hills(layout: Layout) -> list[tuple[str, shapely.Geometry]]:
    """Join the hill parts of the grids of each bank."""
    found: list[tuple[str, shapely.Geometry]] = []
    for name, side in (("东山", 1), ("西山", -1)):
        areas = [
            ground_polygon(layout.network.ring(block.piece))
            for block in layout.blocks
            if block.zone == "hill" and block.piece.corners[0][0] * side > 0
        ]
        found.append((name, shapely.normalize(shapely.coverage_union_all(areas))))
    return found


def _promenades() -> list[shapely.Polygon]:
    road_edge = RIVERSIDE_M - HALF_WIDTH_M[1]
    strips = []
    for side in (1, -1):
        outline = [*_along(side * BANK_M), *_along(side * road_edge)[::-1]]
        strips.append(shapely.Polygon([bend(u, v) for u, v in outline]))
    return strips


def _railway() -> shapely.LineString:
    return bend_path(_along(-(FOOT_M + _RAIL_M)))


def name_places(filled: tuple[Filled, ...]) -> tuple[Place, ...]:
    """Name the schools, markets, offices, parks and other places of every community."""
    found: list[Place] = []
    for community in names.COMMUNITIES:
        blocks = [b for b in filled if b.block.community.code == community.code]
        found += _community_places(community, blocks)
    return (*found, *_district_places(filled))


def _community_places(community: names.Community, blocks: list[Filled]) -> list[Place]:
    found = []
    turn = int(community.code[-1])
    schools = [f"{community.stem}小学", f"{community.stem}幼儿园"]
    if turn % 3 == 0:
        schools.insert(0, f"{community.stem}中学")
    for name, block in zip(schools, _of_use(blocks, "school"), strict=False):
        key = not name.endswith("幼儿园")
        found.append(Place(name, "school", _point(block), key=key, pull=3.0 if key else 1.0))
    shops = _of_use(blocks, "shop")
    for name, block in zip((f"{community.stem}农贸市场",), shops, strict=False):
        found.append(Place(name, "market", _point(block), key=turn % 2 == 1, pull=6.0))
    for block in (shops[1:] or _of_use(blocks, "slab") or blocks)[:1]:
        found.append(Place(f"{community.name}居民委员会", "office", _point(block)))
    parks = [b for b in _of_use(blocks, "park") if b.ground.area > 5000.0]
    for name, block in zip((f"{community.stem}公园", f"{community.stem}广场"), parks, strict=False):
        found.append(Place(name, "park", _point(block), pull=1.0))
    return found


def _district_places(filled: tuple[Filled, ...]) -> list[Place]:
    wanted = (
        ("350402001005", "梅列区人民政府", "government", 1.0),
        ("350402001003", "列东医院", "hospital", 4.0),
        ("350402003001", "徐碧医院", "hospital", 3.0),
        ("350402001001", "江滨体育场", "stadium", 2.0),
        ("350402002001", "列西火车站", "station", 7.0),
    )
    found = []
    for code, name, kind, pull in wanted:
        blocks = [b for b in filled if b.block.community.code == code]
        offices = _of_use(blocks, "office") or _of_use(blocks, "shop")[2:]
        if kind == "station":
            spot = shapely.Point(bend(-(FOOT_M - 22.0), 1040.0))
        else:
            spot = _point(offices[0])
        found.append(Place(name, kind, spot, key=True, pull=pull))
    return found


def _of_use(blocks: list[Filled], use: str) -> list[Filled]:
    """Built blocks of a use, the largest first."""
    found = [b for b in blocks if b.use == use and b.block.zone == "built"]
    return sorted(found, key=lambda b: -round(b.ground.area, 1))


def _point(block: Filled) -> shapely.Point:
    point = block.ground.representative_point()
    return shapely.Point(round(point.x, 1), round(point.y, 1))
