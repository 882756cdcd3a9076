"""Do borders add up to the border of the whole, and does the sum tell whether areas tile?"""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import InputError
from gis.plan import chains
from gis.plan.chains import (
    EMPTY,
    add,
    area_of,
    border_of,
    border_with_owner,
    group_segments,
    is_closed,
    is_same,
    number_rows,
    region_of,
    reverse,
    tiled_region,
)

CELLS = st.sets(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1)


def square(x: float, y: float, size: float = 1.0) -> shapely.Polygon:
    return shapely.box(x, y, x + size, y + size)


@settings(max_examples=80)
@given(cells=CELLS)
def test_squares_of_a_board_add_up_to_their_union(cells):
    """
    +---+   +---+
    |   |   |   |      any squares: holes, several parts, parts that touch at corners
    +---+---+---+
        |   |
        +---+
    """
    squares = [square(x, y) for x, y in cells]
    region = tiled_region(squares)
    assert region is not None
    # Corners on straight lines stay, so shapes are compared, not corners.
    assert region.equals(shapely.union_all(squares))
    assert region.area == len(cells)
    assert is_same(border_of(region), add([border_of(np.array(squares))]))


@settings(max_examples=80)
@given(cells=CELLS, data=st.data())
def test_one_square_twice_or_drawn_larger_is_no_tiling(cells, data):
    squares = [square(x, y) for x, y in sorted(cells)]
    x, y = data.draw(st.sampled_from(sorted(cells)))
    assert tiled_region([*squares, square(x, y)]) is None
    assert tiled_region([*squares, square(x + 0.25, y + 0.25, 0.5)]) is None
    if (x + 1, y) in cells or (x, y + 1) in cells:
        assert tiled_region([*squares, square(x, y, 1.5)]) is None


@settings(max_examples=40)
@given(cells=CELLS, chosen=st.integers(0, 100))
def test_taking_a_border_away_undoes_adding_it(cells, chosen):
    squares = [square(x, y) for x, y in sorted(cells)]
    whole = add([border_of(np.array(squares))])
    one = squares[chosen % len(squares)]
    rest = [other for other in squares if other is not one]
    less = add([whole, reverse(border_of(one))])
    assert is_same(less, add([border_of(other) for other in rest]))
    assert is_same(add([less, border_of(one)]), whole)


def test_a_corner_that_only_one_neighbour_has_is_no_tiling():
    """
    +---+---+
    |   +   |   the right one has a corner on the straight border
    +---+---+
    """
    left, right = square(0, 0), square(1, 0)
    cornered = shapely.Polygon([(1, 0), (2, 0), (2, 1), (1, 1), (1, 0.5)])
    assert tiled_region([left, right]) is not None
    assert tiled_region([left, cornered]) is None


def test_an_area_that_is_not_valid_tiles_nothing():
    tie = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    assert tiled_region([tie]) is None


def test_an_enclave_fills_the_hole_of_another_and_a_bare_hole_stays():
    outer = shapely.Polygon(
        square(0, 0, 9).exterior, [square(1, 1).exterior, square(4, 4).exterior]
    )
    region = tiled_region([outer, square(4, 4)])
    assert region is not None
    assert len(region.interiors) == 1
    assert shapely.Polygon(region.interiors[0]).equals(square(1, 1))


def test_parts_that_touch_at_a_corner_stay_parts():
    """
        +---+
        |   |
    +---+---+
    |   |
    +---+
    """
    region = tiled_region([square(0, 0), square(1, 1)])
    assert isinstance(region, shapely.MultiPolygon)
    assert shapely.is_valid(region)


def test_a_ring_walked_the_wrong_way_is_no_border():
    ring = border_of(square(0, 0))
    inner = border_of(square(0.25, 0.25, 0.5))
    assert region_of(reverse(ring)) is None
    assert region_of(np.concatenate([ring, inner])) is None
    hole = region_of(np.concatenate([ring, reverse(inner)]))
    assert hole is not None
    assert hole.area == 0.75


@pytest.mark.parametrize("missing", range(4))
def test_an_open_border_encloses_nothing(missing):
    opened = np.delete(border_of(square(0, 0)), missing, axis=0)
    assert not is_closed(opened)
    with pytest.raises(InputError, match="open or crosses"):
        area_of(opened)


def test_segments_in_any_order_make_the_same_area():
    chain = border_of(shapely.Polygon(square(0, 0, 9).exterior, [square(1, 1).exterior]))
    shuffled = chain[np.random.default_rng(1).permutation(len(chain))]
    assert area_of(shuffled).equals_exact(area_of(chain))


def test_nothing_adds_up_to_nothing():
    assert add([]).shape == (0, 4)
    assert is_closed(EMPTY)
    assert is_same(EMPTY, EMPTY)
    assert region_of(EMPTY) is None
    assert tiled_region([]) is None
    assert group_segments(EMPTY)[2] == 0


def test_direction_of_the_drawing_and_minus_zero_do_not_matter():
    drawn = shapely.Polygon([(-0.0, 0.0), (0.0, 1.0), (1.0, 1.0), (1.0, -0.0)])
    assert is_same(border_of(drawn), border_of(square(0, 0)))


def test_every_segment_knows_its_area():
    both = shapely.MultiPolygon([square(0, 0), square(5, 5)])
    _, owner = border_with_owner([both, square(8, 8)])
    assert owner.tolist() == [0] * 8 + [1] * 4


def test_rows_with_one_digest_are_still_told_apart(monkeypatch):
    monkeypatch.setattr(chains, "_ODD", np.uint64(0))
    rows = np.array([[1.0, 2.0], [3.0, 4.0], [1.0, 2.0], [5.0, 6.0]])
    numbers, count = number_rows(rows)
    assert count == 3
    assert numbers[0] == numbers[2]
    assert len(set(numbers.tolist())) == 3
