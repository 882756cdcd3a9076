"""Which ground belongs to which community, grid, subgrid and block?

The valley is cut along the river, then along main roads into communities, then street by street
into grids of about equal built-up ground, then by lanes into blocks. Every cut is a street, so a
grid is a union of whole blocks.
"""

from __future__ import annotations

from dataclasses import dataclass

from gis.demo import names
from gis.demo.division import cut_blocks, divide, require
from gis.demo.grain import BAND_RANKS, BANDS_M, MAIN_U_M
from gis.demo.network import Network, Piece
from gis.demo.terrain import EDGE_M, LENGTH_M, draw

# From the south: the communities of a band, and u of the roads between them (south, north end).
_COLUMNS: dict[str, tuple[tuple[tuple[str, ...], tuple[tuple[int, int], ...]], ...]] = {
    "E": (
        (("001009", "001007"), ((450, 450),)),
        (("001010", "001011"), ((450, 450),)),
        (("001002", "001003", "001006"), ((270, 270), (450, 450))),
        (("001001", "001004", "001005", "001008"), ((270, 270), (450, 450), (610, 610))),
        (("003001", "003002"), ((330, 560),)),
        (("003004", "003003"), ((450, 450),)),
        (("003006",), ()),
    ),
    "W": (
        (("002008",), ()),
        (("002007", "002005"), ((-430, -430),)),
        (("002006", "002004"), ((-430, -430),)),
        (("002003", "002002"), ((-520, -520),)),
        (("002001",), ()),
        (("003005",), ()),
        (("003007",), ()),
    ),
}


@dataclass(frozen=True)
class Block:
    """What lies between streets (zone built), or the river or hill part of a grid."""

    piece: Piece
    zone: str
    community: names.Community
    grid: int
    subgrid: int


@dataclass(frozen=True)
class Layout:
    """The cut-up district: leaves are (community, grid, subgrid, piece) in a fixed order."""

    network: Network
    leaves: tuple[tuple[names.Community, int, int, Piece], ...]
    blocks: tuple[Block, ...]


def lay_out(seed: int) -> Layout:
    """Cut the district into communities, grids, subgrids and blocks."""
    chance = draw(seed, "layout")
    edge, length = EDGE_M * 10, LENGTH_M * 10
    network = Network(((-edge, -length), (edge, -length), (edge, length), (-edge, length)))
    west, east = require(network.cut(network.whole, (0, 0), (0, 1), rank=9, key=("", "river", 0)))
    leaves = []
    for code, piece in [*_communities(network, "E", east), *_communities(network, "W", west)]:
        community = next(c for c in names.COMMUNITIES if c.code.endswith(code))
        grids = divide(network, piece, community.grids, chance, rank=2)
        for i, grid in enumerate(grids):
            parts = names.WENGDUN_SUBGRIDS[i] if community.code == names.WENGDUN else 1
            subgrids = divide(network, grid, parts, chance, rank=4)
            leaves += [(community, i, j, part) for j, part in enumerate(subgrids)]
    blocks = tuple(
        Block(piece, zone, community, i, j)
        for community, i, j, leaf in leaves
        for zone, piece in cut_blocks(network, leaf, community.character, chance)
    )
    return Layout(network, tuple(leaves), blocks)


def _communities(network: Network, side: str, bank: Piece) -> list[tuple[str, Piece]]:
    found = []
    for row, (codes, cuts) in enumerate(_COLUMNS[side]):
        band = bank
        if row < len(BANDS_M[side]):
            v = BANDS_M[side][row]
            key = (side, "v", v)
            cut = network.cut(bank, (0, v * 10), (1, 0), rank=BAND_RANKS[row], key=key)
            bank, band = require(cut)
        _, south, _, north = band.extent()
        for (u0, u1), code in zip(cuts, codes, strict=False):
            key = (side, "u", u0) if u0 == u1 else (side, "slant", u0)
            way = ((u1 - u0) * 10, north - south)
            rank = MAIN_U_M[side].get(abs(u0), 1) if u0 == u1 else 1
            left, right = require(network.cut(band, (u0 * 10, south), way, rank=rank, key=key))
            done, band = (left, right) if side == "E" else (right, left)
            found.append((code, done))
        found.append((codes[-1], band))
    return found
