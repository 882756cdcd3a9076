"""Do pieces that were cut apart still fit together?

A square is cut by a, its left half by b, its right half by c; b and c end on a from both sides::

    +-----+-----+
    |     |     |
    +--b--+     |      the ends of b and c are vertices of all pieces along a
    |     a--c--+
    |     |     |
    +-----+-----+
"""

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.demo.network import Network, Piece, ground_polygon
from gis.demo.outline import dissolve

SIDE = 4000
SQUARE = ((1000, 0), (1000 + SIDE, 0), (1000 + SIDE, SIDE), (1000, SIDE))


def _key(name: str) -> tuple[str, str, int]:
    return ("E", name, 0)


def _cut(network: Network, piece: Piece, at: tuple[int, int], way: tuple[int, int]) -> list[Piece]:
    return list(network.cut(piece, at, way, rank=2, key=_key("v")) or [piece])


def test_a_cut_is_a_vertex_on_both_sides() -> None:
    network = Network(SQUARE)
    left, right = _cut(network, network.whole, (3000, 0), (0, 1))
    pieces = _cut(network, left, (0, 2500), (1, 0)) + _cut(network, right, (0, 1500), (1, 0))
    rings = [network.ring(piece) for piece in pieces]
    assert all((3000, 2500) in ring for ring in rings[:2])
    assert (3000, 1500) in rings[0] or (3000, 1500) in rings[1]
    polygons = [ground_polygon(ring) for ring in rings]
    assert shapely.coverage_is_valid(polygons, gap_width=0.01)
    whole = ground_polygon(network.ring(network.whole))
    assert whole.area == pytest.approx(sum(polygon.area for polygon in polygons))


@given(
    st.lists(
        st.tuples(
            st.integers(1000, 1000 + SIDE),
            st.integers(0, SIDE),
            st.integers(-300, 300),
            st.booleans(),
        ),
        max_size=8,
    )
)
def test_any_cuts_leave_a_coverage(cuts: list[tuple[int, int, int, bool]]) -> None:
    """Whatever is cut, in whatever order: no gap, no overlap, the same ground in sum."""
    network = Network(SQUARE)
    pieces = [network.whole]
    for u, v, lean, upright in cuts:
        way = (lean, 1000) if upright else (1000, lean)
        piece = max(pieces, key=lambda p: shapely.Polygon(p.corners).area)
        pieces.remove(piece)
        pieces += _cut(network, piece, (u, v), way)
    rings = [network.ring(piece) for piece in pieces]
    polygons = [shapely.Polygon(ring) for ring in rings]
    assert shapely.coverage_is_valid(polygons)
    assert dissolve([(float(u), float(v)) for u, v in ring] for ring in rings).area == SIDE * SIDE


def test_a_line_that_misses_the_piece_cuts_nothing() -> None:
    network = Network(SQUARE)
    assert network.cut(network.whole, (9000, 0), (0, 1), rank=2, key=_key("u")) is None


def test_dissolve_refuses_parts_that_do_not_touch() -> None:
    ring = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0)]
    with pytest.raises(AssertionError, match="not connected"):
        dissolve([ring, [(x + 5.0, y) for x, y in ring]])
