"""Where do cameras stand, and which way do they look?

Along the key road sections, at the crossings of main roads, at the gates of estates and at key
places. Some grids have none.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass

import shapely

from gis.cameras.model import Camera
from gis.demo.addresses import House
from gis.demo.base import Place
from gis.demo.roads import Road, Roads
from gis.demo.terrain import draw, to_degrees
from gis.plan import Level, Plan

WANTED = 300
_DARK_GRIDS = 14
_SPACING_M = 170.0
_MAST_OFFSETS_M = tuple(
    (float(dx), float(dy)) for dx in (0, 12, -12, 24) for dy in (0, 12, -12, 24)
)


@dataclass(frozen=True)
class _Post:
    """A place for a camera in metres; the heading is None for a dome."""

    name: str
    x: float
    y: float
    heading_deg: float | None
    angle_deg: float
    range_m: float


def place_cameras(
    plan: Plan, roads: Roads, houses: tuple[House, ...], places: tuple[Place, ...], seed: int
) -> tuple[Camera, ...]:
    """Place about 300 cameras."""
    chance = draw(seed, "cameras")
    dark = set(chance.sample([grid.code for grid in plan.at(Level.GRID)], _DARK_GRIDS))
    walls = shapely.STRtree([house.footprint.outline for house in houses])
    posts = [
        *_at_places(places, walls, chance),
        *_along_roads(roads, chance),
        *_at_crossings(roads, chance),
    ]
    gates = list(_at_gates(houses, chance))
    chance.shuffle(gates)
    outdoors = [post for post in posts + gates if not _indoors(post.x, post.y, walls)]
    posts = _in_light(plan, outdoors, dark)[:WANTED]
    return tuple(_camera(number, post) for number, post in enumerate(posts, start=1))


def _camera(number: int, post: _Post) -> Camera:
    lon, lat = to_degrees(post.x, post.y)
    return Camera(
        f"C{number:04d}", post.name, lon, lat, post.heading_deg, post.angle_deg, post.range_m
    )


def _in_light(plan: Plan, posts: list[_Post], dark: set[str]) -> list[_Post]:
    grids = plan.at(Level.GRID)
    tree = shapely.STRtree([grid.geometry for grid in grids])
    found = []
    for post in posts:
        point = shapely.Point(to_degrees(post.x, post.y))
        hits = tree.query(point, predicate="intersects").tolist()
        if hits and not any(grids[i].code in dark for i in hits):
            found.append(post)
    return found


def _sector(
    name: str, at: tuple[float, float], look: tuple[float, float], chance: random.Random
) -> _Post:
    heading = math.degrees(math.atan2(look[0], look[1])) % 360.0
    angle = chance.choice((60.0, 75.0, 75.0, 90.0, 110.0))
    reach = chance.choice((50.0, 60.0, 80.0, 80.0, 100.0, 120.0))
    return _Post(name, at[0], at[1], round(heading, 0) % 360.0, angle, reach)


def _dome(name: str, at: tuple[float, float], chance: random.Random) -> _Post:
    return _Post(name, at[0], at[1], None, 360.0, chance.choice((40.0, 50.0, 60.0)))


def _indoors(x: float, y: float, walls: shapely.STRtree) -> bool:
    return bool(walls.query(shapely.Point(x, y), predicate="intersects").size)


def _at_places(
    places: tuple[Place, ...], walls: shapely.STRtree, chance: random.Random
) -> Iterator[_Post]:
    """On a mast beside the place, at the first of some spots that is not in a house."""
    for place in places:
        spots = [(place.point.x + dx, place.point.y + dy) for dx, dy in _MAST_OFFSETS_M]
        free = [spot for spot in spots if not _indoors(*spot, walls)]
        if place.key and free:
            yield _dome(place.name, (round(free[0][0], 1), round(free[0][1], 1)), chance)


def _along_roads(roads: Roads, chance: random.Random) -> Iterator[_Post]:
    poles: dict[str, int] = {}
    for road in (*roads.bridges, *(r for r in roads.streets if r.rank == 0)):
        length = road.path.length
        count = max(1, int(length / _SPACING_M))
        for k in range(count):
            at = length * (k + 0.5) / count
            side = 1.0 if k % 2 else -1.0
            spot, look = _beside(road, at, side * 9.0)
            poles[road.name] = poles.get(road.name, 0) + 1
            yield _sector(f"{road.name}{poles[road.name]}号杆", spot, look, chance)


def _beside(
    road: Road, along: float, offset: float
) -> tuple[tuple[float, float], tuple[float, float]]:
    """A spot beside a road, and the direction of the road there."""
    here, there = road.path.interpolate(along), road.path.interpolate(along + 5.0)
    if here.equals(there):
        here = road.path.interpolate(along - 5.0)
    dx, dy = there.x - here.x, there.y - here.y
    length = math.sqrt(dx * dx + dy * dy)
    spot = (here.x - dy / length * offset, here.y + dx / length * offset)
    look = (dx, dy) if offset > 0 else (-dx, -dy)
    return (round(spot[0], 1), round(spot[1], 1)), look


def _at_crossings(roads: Roads, chance: random.Random) -> Iterator[_Post]:
    main = [road for road in roads.streets if road.rank <= 1]
    for i, one in enumerate(main):
        for other in main[i + 1 :]:
            meeting = shapely.intersection(one.path, other.path)
            if not isinstance(meeting, shapely.Point) or one.name == other.name:
                continue
            name = f"{one.name}与{other.name}路口"
            if chance.random() < 0.35:
                yield _dome(name, _corner(meeting, chance), chance)
                continue
            for road in (one, other):
                spot, look = _beside(road, road.path.project(meeting) - 14.0, 9.0)
                yield _sector(f"{name}（{road.name}方向）", spot, look, chance)


def _corner(point: shapely.Point, chance: random.Random) -> tuple[float, float]:
    dx, dy = chance.choice((-11.0, 11.0)), chance.choice((-11.0, 11.0))
    return round(point.x + dx, 1), round(point.y + dy, 1)


def _at_gates(houses: tuple[House, ...], chance: random.Random) -> Iterator[_Post]:
    """At the house of an estate that is nearest to the edge of its ground, looking outwards."""
    seen: dict[str, None] = {}
    for house in houses:
        estate = house.address.estate
        if not estate or estate in seen:
            continue
        seen[estate] = None
        ground = house.filled.ground
        middle = house.footprint.outline.centroid
        edge = ground.exterior.interpolate(ground.exterior.project(middle))
        look = (edge.x - middle.x, edge.y - middle.y)
        yield _sector(f"{estate}大门", (round(edge.x, 1), round(edge.y, 1)), look, chance)
