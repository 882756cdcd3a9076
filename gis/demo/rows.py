"""How do slabs and towers stand in a block?

A footprint is kept only when it lies wholly in the free ground, so that no building reaches a
street; pitch and gaps keep buildings off each other.
"""

from __future__ import annotations

import random

import shapely

from gis.demo.frame import Frame


def fill_rows(
    ground: shapely.Geometry,
    frame: Frame,
    chance: random.Random,
    *,
    depth_m: float,
    pitch_m: float,
    lengths_m: tuple[float, ...],
    gap_m: float,
) -> list[shapely.Polygon]:
    """Fill the ground with parallel rows of slabs."""
    turned = frame.turn(ground)
    if turned.is_empty:
        return []
    low_x, low_y, high_x, high_y = turned.bounds
    rows = max(1, int((high_y - low_y - depth_m) / pitch_m) + 1)
    spare = high_y - low_y - depth_m - (rows - 1) * pitch_m
    found = []
    shapely.prepare(turned)
    for row in range(rows):
        y = low_y + spare / 2.0 + row * pitch_m
        for start, end in _runs(turned, low_x, high_x, y, y + depth_m):
            for first, last in _fill_run(chance, start, end, lengths_m, gap_m):
                found.append(shapely.box(first, y, last, y + depth_m))
    kept = [slab for slab in found if turned.contains(slab)]
    return [frame.back(slab) for slab in kept]


def _runs(
    ground: shapely.Geometry, low_x: float, high_x: float, bottom: float, top: float
) -> list[tuple[float, float]]:
    """Where a strip lies wholly in the ground, as far as its two long sides tell."""
    sides = [shapely.LineString([(low_x, y), (high_x, y)]) for y in (bottom, top)]
    inside = [shapely.intersection(ground, side) for side in sides]
    spans = [[part.bounds for part in shapely.get_parts(line)] for line in inside]
    return sorted(
        (max(a[0], b[0]) + 0.5, min(a[2], b[2]) - 0.5)
        for a in spans[0]
        for b in spans[1]
        if min(a[2], b[2]) - max(a[0], b[0]) > 10.0
    )


def _fill_run(
    chance: random.Random, start: float, end: float, lengths: tuple[float, ...], gap: float
) -> list[tuple[float, float]]:
    """Where slabs begin and end along a run, with what is left over on both ends."""
    found = []
    x = start
    while fitting := [length for length in lengths if x + length <= end]:
        length = fitting[int(chance.random() * len(fitting))]
        found.append((x, x + length))
        x += length + gap * chance.uniform(0.9, 1.3)
    slack = (end - found[-1][1]) / 2.0 if found else 0.0
    return [(first + slack, last + slack) for first, last in found]


def fill_towers(
    ground: shapely.Geometry, frame: Frame, chance: random.Random, *, pitch_m: float
) -> list[shapely.Polygon]:
    """Fill the ground with staggered towers whose footprint is a cross or a butterfly."""
    turned = frame.turn(ground)
    if turned.is_empty:
        return []
    shapely.prepare(turned)
    low_x, low_y, high_x, high_y = turned.bounds
    found = []
    for row in range(int((high_y - low_y) / (pitch_m * 0.8)) + 1):
        for column in range(int((high_x - low_x) / pitch_m) + 1):
            x = low_x + 14.0 + (column + 0.5 * (row % 2)) * pitch_m + chance.uniform(-3.0, 3.0)
            y = low_y + 13.0 + row * pitch_m * 0.8 + chance.uniform(-3.0, 3.0)
            tower = _tower(x, y, 11.0 + chance.uniform(0.0, 3.0), 9.0)
            if turned.contains(tower):
                found.append(frame.back(tower))
    return found


def _tower(x: float, y: float, half_width: float, half_depth: float) -> shapely.Polygon:
    """Four wings around a core: a box with notches in the middle of its north and south side."""
    w, d, n, s = half_width, half_depth, half_width * 0.35, half_depth * 0.45
    outline = [
        (-w, -d), (-n, -d), (-n, -d + s), (n, -d + s), (n, -d), (w, -d),
        (w, d), (n, d), (n, d - s / 2), (-n, d - s / 2), (-n, d), (-w, d),
    ]  # fmt: skip
    return shapely.Polygon([(x + a, y + b) for a, b in outline])
