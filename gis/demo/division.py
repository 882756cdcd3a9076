"""How is a piece of the valley divided by streets into grids, and by lanes into blocks?"""

from __future__ import annotations

import random

import shapely

from gis.demo.grain import BLOCK_M2, LATTICE_U_M, LATTICE_V_M, MAIN_U_M
from gis.demo.lots import largest_polygon
from gis.demo.network import Network, Node, Piece, ground_polygon
from gis.demo.terrain import BANK_M, FOOT_M, LENGTH_M, RIVERSIDE_M

_SMALLEST_GRID_DM = 350
_SMALLEST_STRIP_DM = 250
_SMALLEST_BLOCK_DM = 400


def divide(
    network: Network, piece: Piece, count: int, chance: random.Random, *, rank: int
) -> list[Piece]:
    """Divide a piece into ``count`` pieces of about equal built-up ground.

    Parameters
    ----------
    network
        Gets the new streets.
    piece
        A piece of one bank.
    count
        How many pieces to make.
    chance
        Breaks the regularity.
    rank
        Class of the new streets where they are no main road.
    """
    if count == 1:
        return [piece]
    few = count // 2 if count % 2 == 0 or chance.random() < 0.5 else count // 2 + 1
    low, high = _cut_for_share(network, piece, few / count, chance, rank)
    return [
        *divide(network, low, few, chance, rank=rank),
        *divide(network, high, count - few, chance, rank=rank),
    ]


def _cut_for_share(
    network: Network, piece: Piece, share: float, chance: random.Random, rank: int
) -> tuple[Piece, Piece]:
    """Cut across the longer side of the built-up part, on a preferred line if one is near."""
    belt = _belt(piece)
    low_u, low_v, high_u, high_v = (round(bound) for bound in belt.bounds)
    across = (high_u - low_u) * 1.05 > high_v - low_v
    low, high = (low_u, high_u) if across else (low_v, high_v)
    wanted = _quantile(belt, share, across)
    inside = [
        at
        for at in _preferred(piece, across)
        if low + _SMALLEST_GRID_DM < at < high - _SMALLEST_GRID_DM
    ]
    best = min(inside, key=lambda at: (abs(at - wanted), at), default=wanted)
    snapped = abs(best - wanted) < (0.2 if across else 0.09) * (high - low)
    side, lean = _side(piece), 0
    key = (side, "u" if across else "v", best // 10)
    if not snapped:
        best, lean = wanted, round(chance.uniform(-90, 90))
        key = (side, "slant", len(network.lines))
    elif across:
        rank = MAIN_U_M[side].get(abs(best) // 10, rank)
    if across:
        at: Node = (best, (low_v + high_v) // 2)
        return require(network.cut(piece, at, (lean, 1000), rank=rank, key=key))
    at = ((low_u + high_u) // 2, best)
    north, south = require(network.cut(piece, at, (1000, lean), rank=rank, key=key))
    return south, north


def _preferred(piece: Piece, across: bool) -> list[int]:
    if not across:
        return [10 * v for v in LATTICE_V_M]
    side = _side(piece)
    return [(-10 if side == "W" else 10) * u for u in LATTICE_U_M[side]]


def _quantile(belt: shapely.Polygon, share: float, across: bool) -> int:
    """Where a straight cut leaves ``share`` of the built-up ground on the low side."""
    low_u, low_v, high_u, high_v = belt.bounds
    bottom, top = (low_u, high_u) if across else (low_v, high_v)
    for _ in range(20):
        middle = (bottom + top) / 2.0
        corner = (middle, high_v) if across else (high_u, middle)
        part = belt.intersection(shapely.box(low_u, low_v, *corner))
        if part.area < share * belt.area:
            bottom = middle
        else:
            top = middle
    return round((bottom + top) / 2.0)


def _belt(piece: Piece) -> shapely.Polygon:
    """The part of a piece between the riverside road and the foot of the hills."""
    lean = -10 if _side(piece) == "W" else 10
    near, far = sorted((lean * RIVERSIDE_M, lean * FOOT_M))
    strip = shapely.box(near, -LENGTH_M * 10, far, LENGTH_M * 10)
    return largest_polygon(shapely.intersection(shapely.Polygon(piece.corners), strip))


def cut_blocks(
    network: Network, leaf: Piece, character: str, chance: random.Random
) -> list[tuple[str, Piece]]:
    """Cut a grid or subgrid into blocks: (zone, piece), the zone river, built or hill."""
    pieces = [leaf]
    side = _side(leaf)
    for u, rank in MAIN_U_M[side].items():
        at = u if side == "E" else -u
        pieces = [part for piece in pieces for part in _cut_along(network, piece, side, at, rank)]
    found: list[tuple[str, Piece]] = []
    for piece in pieces:
        if (zone := _zone(piece)) != "built":
            found.append((zone, piece))
            continue
        limit = BLOCK_M2[character] * chance.uniform(0.75, 1.7)
        found += [("built", part) for part in _halve(network, piece, limit, chance)]
    return found


def _cut_along(network: Network, piece: Piece, side: str, u: int, rank: int) -> tuple[Piece, ...]:
    """Cut a piece by a main road along the river, where it has room on both sides."""
    low, _, high, _ = piece.extent()
    if not low + _SMALLEST_STRIP_DM < u * 10 < high - _SMALLEST_STRIP_DM:
        return (piece,)
    return network.cut(piece, (u * 10, 0), (0, 1), rank=rank, key=(side, "u", u)) or (piece,)


def _zone(piece: Piece) -> str:
    low, _, high, _ = piece.extent()
    near, far = min(abs(low), abs(high)), max(abs(low), abs(high))
    if near < BANK_M * 10 and far < 2 * RIVERSIDE_M * 10:
        return "river"
    return "hill" if near > (FOOT_M - 20) * 10 else "built"


def _halve(network: Network, piece: Piece, limit_m2: float, chance: random.Random) -> list[Piece]:
    """Halve a piece by lanes until no block is larger than the limit."""
    low_u, low_v, high_u, high_v = piece.extent()
    narrow = min(high_u - low_u, high_v - low_v) < _SMALLEST_BLOCK_DM
    if narrow or ground_polygon(list(piece.corners)).area < limit_m2:
        return [piece]
    across = (high_u - low_u) * 1.1 > high_v - low_v
    low, high = (low_u, high_u) if across else (low_v, high_v)
    at = round(low + (high - low) * chance.uniform(0.42, 0.58))
    lean = round(chance.uniform(-70, 70)) if chance.random() < 0.5 else 0
    near = min(LATTICE_V_M, key=lambda v: abs(v * 10 - at)) * 10
    if not across and abs(near - at) < 0.16 * (high - low):
        at, lean = near, 0
    origin: Node = (at, (low_v + high_v) // 2) if across else ((low_u + high_u) // 2, at)
    way: Node = (lean, 1000) if across else (1000, lean)
    key = (_side(piece), "lane", len(network.lines))
    cut = network.cut(piece, origin, way, rank=3, key=key)
    if cut is None:
        return [piece]
    return [part for half in cut for part in _halve(network, half, limit_m2, chance)]


def _side(piece: Piece) -> str:
    return "W" if piece.extent()[0] < 0 else "E"


def require(cut: tuple[Piece, Piece] | None) -> tuple[Piece, Piece]:
    """Return the two pieces of a cut that the design relies on."""
    if cut is None:
        raise AssertionError("the design of the demonstration district cannot be cut as told")
    return cut
