"""How do small old houses, and the few large buildings of a school, stand in a block?"""

from __future__ import annotations

import random

import shapely

from gis.demo.frame import Frame


def fill_lots(
    ground: shapely.Geometry, frame: Frame, chance: random.Random, *, lot_m2: float, keep: float
) -> list[shapely.Polygon]:
    """Fill the ground with the small uneven houses of an old quarter."""
    turned = frame.turn(ground)
    if turned.is_empty:
        return []
    low_x, low_y, high_x, high_y = turned.bounds
    shapely.prepare(turned)
    found = []
    for box in _lots(chance, (low_x, low_y, high_x, high_y), lot_m2):
        house = _house(chance, box)
        if chance.random() >= keep:
            continue
        if not turned.contains(house):
            house = largest_polygon(shapely.intersection(turned, house))
            if house.area < 0.45 * lot_m2:
                continue
        found.append(frame.back(shapely.normalize(house)))
    return [house for house in found if house.is_valid and house.area > 25.0]


def _lots(
    chance: random.Random, box: tuple[float, float, float, float], lot_m2: float
) -> list[tuple[float, float, float, float]]:
    """Halve a box into lots; the larger the halves, the wider the alley between them."""
    x0, y0, x1, y1 = box
    width, depth = x1 - x0, y1 - y0
    area = width * depth
    if area < lot_m2 * chance.uniform(0.8, 1.7) or min(width, depth) < 9.0:
        return [box]
    alley = 4.0 if area > 4000.0 else (2.4 if area > 1100.0 else 0.0)
    share = chance.uniform(0.4, 0.6)
    if width > depth:
        at = x0 + width * share
        first, second = (x0, y0, at - alley / 2, y1), (at + alley / 2, y0, x1, y1)
    else:
        at = y0 + depth * share
        first, second = (x0, y0, x1, at - alley / 2), (x0, at + alley / 2, x1, y1)
    return [*_lots(chance, first, lot_m2), *_lots(chance, second, lot_m2)]


def _house(chance: random.Random, box: tuple[float, float, float, float]) -> shapely.Polygon:
    x0, y0, x1, y1 = box
    inset = [chance.uniform(0.3, 1.5) for _ in range(8)]
    corners = [
        (x0 + inset[0], y0 + inset[1]),
        (x1 - inset[2], y0 + inset[3]),
        (x1 - inset[4], y1 - inset[5]),
        (x0 + inset[6], y1 - inset[7]),
    ]
    if chance.random() < 0.3 and x1 - x0 > 8 and y1 - y0 > 8:
        cut_x, cut_y = (x1 - x0) * 0.45, (y1 - y0) * 0.4
        top = corners.pop(2)
        corners[2:2] = [
            (top[0], top[1] - cut_y),
            (top[0] - cut_x, top[1] - cut_y),
            (top[0] - cut_x, top[1]),
        ]
    return shapely.Polygon(corners)


def largest_polygon(geometry: shapely.Geometry) -> shapely.Polygon:
    """Return the largest polygon of a geometry, or an empty one."""
    parts = [part for part in shapely.get_parts(geometry) if part.geom_type == "Polygon"]
    return max(parts, key=lambda part: part.area, default=shapely.Polygon())


def place_campus(
    ground: shapely.Geometry, frame: Frame, chance: random.Random
) -> list[shapely.Polygon]:
    """Place the few large buildings of a school, an office or a hospital around a court."""
    turned = frame.turn(ground)
    if turned.is_empty:
        return []
    shapely.prepare(turned)
    centre = turned.representative_point()
    for size in (1.0, 0.85, 0.7, 0.55, 0.45):
        x, y = centre.x, centre.y
        parts = [_shift_by(part, x, y, size) for part in _campus(chance)]
        if all(turned.contains(part) for part in parts):
            return [frame.back(part) for part in parts]
    return []


def _campus(chance: random.Random) -> list[shapely.Polygon]:
    main = shapely.Polygon(
        [(-34, 8), (34, 8), (34, 40), (20, 40), (20, 22), (-20, 22), (-20, 40), (-34, 40)]
    )
    hall = shapely.box(-34, -34, -34 + 20 + chance.random() * 8, -6)
    bar = shapely.box(4, -34, 34, -22)
    return [main, hall, bar] if chance.random() < 0.7 else [main, bar]


def _shift_by(shape: shapely.Polygon, x: float, y: float, size: float) -> shapely.Polygon:
    moved = [(x + a * size, y + b * size) for a, b in shapely.get_coordinates(shape).tolist()]
    return shapely.Polygon(moved)
