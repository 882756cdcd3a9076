"""Which buildings stand in which block, and how many households live in them?

A grid is filled block by block with a kind of use that suits its community, until 200–600
households live in it; what is left becomes shops, offices, schools, workshops and parks.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

import shapely

from gis.demo import names
from gis.demo.frame import Frame, frame_along
from gis.demo.grain import HALF_WIDTH_M
from gis.demo.layout import Block, Layout
from gis.demo.lots import largest_polygon
from gis.demo.network import ground, ground_polygon
from gis.demo.terrain import draw
from gis.demo.uses import Footprint, put_up

FEWEST_HOUSEHOLDS, MOST_HOUSEHOLDS = 210, 575
_SETBACK_M = 3.0
# Weights of uses by the character of the community.
_USES: dict[str, dict[str, int]] = {
    "centre": {
        "slab": 34,
        "tower": 16,
        "old": 10,
        "shop": 20,
        "office": 11,
        "school": 4,
        "park": 4,
    },
    "estate": {"slab": 50, "tower": 16, "old": 10, "shop": 13, "school": 5, "park": 4},
    "model": {"slab": 62, "tower": 8, "old": 12, "shop": 12, "school": 3, "park": 3},
    "old": {"old": 52, "slab": 24, "shop": 17, "school": 3, "park": 3},
    "hillside": {"slab": 36, "old": 30, "tower": 8, "shop": 12, "school": 4, "park": 7},
    "station": {"slab": 30, "old": 16, "shop": 24, "office": 10, "tower": 12, "works": 8},
    "factory": {"works": 52, "slab": 26, "old": 10, "shop": 8, "park": 2},
    "new": {"tower": 46, "slab": 18, "shop": 14, "office": 9, "school": 6, "park": 6},
}
HOMES = ("slab", "tower", "old")


@dataclass(frozen=True)
class Filled:
    """A block with its use, its free ground in metres and the buildings on it."""

    block: Block
    use: str
    ground: shapely.Polygon
    footprints: tuple[Footprint, ...]

    @property
    def households(self) -> int:
        """Households in the block."""
        return sum(footprint.households for footprint in self.footprints)


def fill_blocks(layout: Layout, seed: int) -> tuple[Filled, ...]:
    """Decide the use of every block and put buildings on it."""
    chance = draw(seed, "buildings")
    grids: dict[tuple[str, int], list[Block]] = {}
    for block in layout.blocks:
        grids.setdefault((block.community.code, block.grid), []).append(block)
    return tuple(
        filled for blocks in grids.values() for filled in _fill_grid(layout, blocks, chance)
    )


def _fill_grid(layout: Layout, blocks: list[Block], chance: random.Random) -> list[Filled]:
    filled = {
        i: Filled(block, block.zone, _free_ground(layout, block), ())
        for i, block in enumerate(blocks)
        if block.zone != "built"
    }
    built = 0
    wanted = chance.uniform(290.0, 540.0)
    settled: set[int] = set()
    for i in _building_order(blocks, chance):
        block = blocks[i]
        home_first = block.subgrid not in settled and block.community.code == names.WENGDUN
        use = "slab" if home_first else _choose_use(block, chance, homes=built < wanted)
        done = _fill(layout, block, use, chance)
        if built + done.households > MOST_HOUSEHOLDS:
            use = "shop" if home_first else _choose_use(block, chance, homes=False)
            done = _fill(layout, block, use, chance)
        settled.add(block.subgrid)
        built += done.households
        filled[i] = done
    return _settle_more(layout, [filled[i] for i in range(len(blocks))], built, chance)


def _building_order(blocks: list[Block], chance: random.Random) -> list[int]:
    """The largest block of every subgrid first, the others in any order."""
    order = [i for i, block in enumerate(blocks) if block.zone == "built"]
    chance.shuffle(order)
    size = {i: ground_polygon(list(blocks[i].piece.corners)).area for i in order}
    first: dict[int, int] = {}
    for i in order:
        best = first.get(blocks[i].subgrid, i)
        first[blocks[i].subgrid] = max(best, i, key=lambda k: size[k])
    heads = list(first.values())
    return heads + [i for i in order if i not in heads]


def _settle_more(
    layout: Layout, filled: list[Filled], built: int, chance: random.Random
) -> list[Filled]:
    """Turn the largest blocks into estates, or denser ones, until enough people live there.

    Three rounds: what is drawn for a block may be more than the grid still takes.
    """
    order = sorted(range(len(filled)), key=lambda i: (-filled[i].ground.area, i))
    for i in order * 3:
        if built >= FEWEST_HOUSEHOLDS:
            break
        if filled[i].block.zone != "built":
            continue
        for use in HOMES:
            done = _fill(layout, filled[i].block, use, chance)
            gain = done.households - filled[i].households
            if 0 < gain <= MOST_HOUSEHOLDS - built:
                built += gain
                filled[i] = done
                break
    return filled


def _choose_use(block: Block, chance: random.Random, *, homes: bool) -> str:
    weights = _USES[block.community.character]
    uses = [use for use in weights if homes or use not in HOMES]
    return chance.choices(uses, [weights[use] for use in uses])[0]


def _free_ground(layout: Layout, block: Block) -> shapely.Polygon:
    """The block without half of the streets around it and a strip before the houses."""
    free: shapely.Geometry = ground_polygon(layout.network.ring(block.piece))
    for i, number in enumerate(block.piece.lines):
        start, end = block.piece.corners[i], block.piece.corners[(i + 1) % len(block.piece.lines)]
        edge = shapely.LineString(ground(layout.network.edge(number, start, end)))
        width = HALF_WIDTH_M[layout.network.lines[number].rank] + _SETBACK_M
        free = shapely.difference(free, edge.buffer(width, quad_segs=4))
    return largest_polygon(free)


def _fill(layout: Layout, block: Block, use: str, chance: random.Random) -> Filled:
    free = _free_ground(layout, block)
    if free.is_empty or free.area < 500.0:
        return Filled(block, "park", free, ())
    frame = _street_frame(block)
    use, footprints = put_up(use, free, frame, chance)
    return Filled(block, use, free, tuple(footprints))


def _street_frame(block: Block) -> Frame:
    """The frame along the longest edge of the block."""
    corners = ground(list(block.piece.corners))
    edges = list(zip(corners, corners[1:] + corners[:1], strict=True))
    longest = max(edges, key=lambda e: (e[1][0] - e[0][0]) ** 2 + (e[1][1] - e[0][1]) ** 2)
    return frame_along(*longest)
