"""What is put up on the ground of a block, by its use?"""

from __future__ import annotations

import random
from dataclasses import dataclass

import shapely

from gis.demo import lots, rows
from gis.demo.frame import Frame

STOREY_M = 3.0


@dataclass(frozen=True)
class Footprint:
    """One building before it has a name: outline in metres, storeys, homes and entrances."""

    outline: shapely.Polygon
    storeys: int
    households: int
    units: int = 0


def put_up(
    use: str, free: shapely.Geometry, frame: Frame, chance: random.Random
) -> tuple[str, list[Footprint]]:
    """Put up the buildings of a use, or of the next best one where the ground is too small."""
    for attempt in (use, *_FALLBACKS.get(use, ())):
        footprints = _FILLERS[attempt](free, frame, chance) if attempt in _FILLERS else []
        if footprints:
            return attempt, footprints
    return "park", []


def _slabs(free: shapely.Geometry, frame: Frame, chance: random.Random) -> list[Footprint]:
    storeys = chance.choice((5, 6, 6, 7, 7, 8))
    depth = chance.choice((10.5, 11.5, 12.5))
    unit = chance.choice((12.0, 13.0, 14.5))
    lengths = tuple(unit * n for n in chance.choice(((1, 2, 3, 4), (2, 3, 3, 4), (1, 3, 4, 5))))
    slabs = rows.fill_rows(
        free, frame, chance, depth_m=depth, pitch_m=depth + storeys * 2.35,
        lengths_m=lengths, gap_m=6.5,
    )  # fmt: skip
    found = []
    for row in slabs:
        units = max(1, round(row.area / depth / unit))
        homes = round(units * storeys * 2 * chance.uniform(0.82, 0.98))
        found.append(Footprint(row, storeys, homes, units))
    return found


def _towers(free: shapely.Geometry, frame: Frame, chance: random.Random) -> list[Footprint]:
    storeys = chance.choice((16, 18, 18, 24, 26, 32))
    pitch = 34.0 + storeys * 0.55
    towers = rows.fill_towers(free, frame, chance, pitch_m=pitch)
    found = []
    for tower in towers:
        height = storeys + chance.choice((-1, 0, 0, 1))
        homes = round(height * 3.6 * chance.uniform(0.75, 0.95))
        found.append(Footprint(tower, height, homes, 1))
    return found


def _old_houses(free: shapely.Geometry, frame: Frame, chance: random.Random) -> list[Footprint]:
    houses = lots.fill_lots(free, frame, chance, lot_m2=chance.uniform(135.0, 190.0), keep=0.9)
    return [
        Footprint(lot, chance.choice((1, 2, 2, 3, 3, 4)), chance.choice((0, 1, 1, 1, 2, 2, 3)))
        for lot in houses
    ]


def _shops(free: shapely.Geometry, frame: Frame, chance: random.Random) -> list[Footprint]:
    slabs = rows.fill_rows(
        free, frame, chance, depth_m=17.0, pitch_m=25.0, lengths_m=(12.0, 17.0, 22.0, 30.0, 46.0),
        gap_m=1.8,
    )  # fmt: skip
    return [
        Footprint(row, chance.choice((2, 3, 4, 5)), chance.choice((0, 0, 0, 2))) for row in slabs
    ]


def _works(free: shapely.Geometry, frame: Frame, chance: random.Random) -> list[Footprint]:
    slabs = rows.fill_rows(
        free, frame, chance, depth_m=chance.choice((22.0, 28.0, 34.0)), pitch_m=46.0,
        lengths_m=(30.0, 45.0, 62.0, 80.0), gap_m=11.0,
    )  # fmt: skip
    return [Footprint(row, chance.choice((1, 2, 3)), 0) for row in slabs]


def _campus(free: shapely.Geometry, frame: Frame, chance: random.Random) -> list[Footprint]:
    parts = lots.place_campus(free, frame, chance)
    return [Footprint(part, chance.choice((3, 4, 5)), 0) for part in parts]


def _offices(free: shapely.Geometry, frame: Frame, chance: random.Random) -> list[Footprint]:
    if chance.random() < 0.4:
        return _campus(free, frame, chance)
    slabs = rows.fill_rows(
        free, frame, chance, depth_m=20.0, pitch_m=50.0, lengths_m=(24.0, 38.0, 55.0), gap_m=16.0
    )
    return [Footprint(row, chance.choice((6, 9, 12, 16, 20)), 0) for row in slabs]


# What stands on ground that is too small or too crooked for the use that was meant.
_FALLBACKS = {
    "slab": ("shop", "old"),
    "tower": ("slab", "shop"),
    "school": ("office", "shop"),
    "office": ("shop",),
    "works": ("shop",),
    "shop": ("old",),
}
_FILLERS = {
    "slab": _slabs,
    "tower": _towers,
    "old": _old_houses,
    "shop": _shops,
    "works": _works,
    "school": _campus,
    "office": _offices,
}
