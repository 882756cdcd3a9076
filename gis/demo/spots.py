"""Where can something come up that people report?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import shapely

from gis.demo.addresses import House
from gis.demo.base import Place
from gis.demo.grain import HALF_WIDTH_M
from gis.demo.layout import Layout
from gis.demo.network import ground
from gis.demo.roads import Roads

_HOT_M = 190.0


@dataclass(frozen=True)
class Spot:
    """A house where matters come up: its middle, its corners and pavements near it, in metres.

    ``heat`` tells how near markets, schools and the station are.
    """

    address: str
    label: str
    road: str
    middle: tuple[float, float]
    corners: tuple[tuple[float, float], ...]
    kerbs: tuple[tuple[float, float], ...]
    homes: float
    heat: float


def find_spots(
    layout: Layout,
    houses: tuple[House, ...],
    roads: Roads,
    places: tuple[Place, ...],
) -> list[tuple[Spot, str]]:
    """Find all spots, each with the code of its community."""
    kerbs: dict[int, tuple[tuple[float, float], ...]] = {}
    hot = [(p.point.x, p.point.y, p.pull) for p in places if p.pull > 0.0]
    found = []
    for house in houses:
        block = house.filled.block
        if id(block) not in kerbs:
            kerbs[id(block)] = _kerbs(layout, house, roads)
        middle = house.footprint.outline.representative_point()
        x, y = middle.x, middle.y
        address = house.address
        label = address.estate + address.building or f"{address.road}{address.number}"
        text = address.text.partition("梅列区")[2]
        homes = house.footprint.households + 0.6 + (1.0 if house.filled.use == "old" else 0.0)
        heat = _heat(x, y, hot)
        corners = tuple(
            (a, b) for a, b in shapely.get_coordinates(house.footprint.outline).tolist()
        )
        near = _nearest(kerbs[id(block)], x, y)
        spot = Spot(text, label, address.road, (x, y), corners, near, homes, heat)
        found.append((spot, block.community.code))
    return found


def _heat(x: float, y: float, hot: list[tuple[float, float, float]]) -> float:
    total = 0.0
    for hot_x, hot_y, pull in hot:
        near = 1.0 - ((x - hot_x) ** 2 + (y - hot_y) ** 2) / (_HOT_M * _HOT_M)
        total += pull * near * near if near > 0.0 else 0.0
    return total


def _kerbs(layout: Layout, house: House, roads: Roads) -> tuple[tuple[float, float], ...]:
    """Points on the pavements around a block, well inside it."""
    piece = house.filled.block.piece
    found = []
    for i, number in enumerate(piece.lines):
        if number not in roads.name_of_line:
            continue
        end = piece.corners[(i + 1) % len(piece.corners)]
        path = ground(layout.network.edge(number, piece.corners[i], end))
        inwards = min(HALF_WIDTH_M[layout.network.lines[number].rank] * 0.7, 6.0) + 1.0
        for (ax, ay), (bx, by) in pairwise(path):
            length = math.sqrt((bx - ax) ** 2 + (by - ay) ** 2)
            for share in (0.3, 0.45, 0.6, 0.7):
                x, y = ax + (bx - ax) * share, ay + (by - ay) * share
                x, y = x - (by - ay) / length * inwards, y + (bx - ax) / length * inwards
                found.append((x, y))
    return tuple(found)


def _nearest(
    kerbs: tuple[tuple[float, float], ...], x: float, y: float
) -> tuple[tuple[float, float], ...]:
    order = sorted(kerbs, key=lambda kerb: (kerb[0] - x) ** 2 + (kerb[1] - y) ** 2)
    return tuple(order[:8])
