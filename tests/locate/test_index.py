"""Which grid covers a point: small plans whose answer can be read off the drawing."""

import numpy as np
import pytest
import shapely

from gis.errors import InputError
from gis.locate import GridIndex
from tests.locate.plans import index_of

SIZES = [1, 16, 1 << 12]


def ask(index: GridIndex, *points: tuple[float, float]) -> list[int]:
    x, y = zip(*points, strict=True)
    return index.locate(np.array(x), np.array(y)).tolist()


def squares() -> list[shapely.Polygon]:
    return [shapely.box(x, y, x + 1, y + 1) for y in range(3) for x in range(3)]


@pytest.mark.parametrize("cells", SIZES)
def test_three_by_three(cells: int) -> None:
    """Shared borders and corners belong to the lowest position.

    ::

        3 +---+---+---+
          | 6 | 7 | 8 |
        2 +---+---+---+
          | 3 | 4 | 5 |
        1 +---+---+---+
          | 0 | 1 | 2 |
        0 +---+---+---+
          0   1   2   3
    """
    index = index_of(squares(), cells)
    centres = [(x + 0.5, y + 0.5) for y in range(3) for x in range(3)]
    assert ask(index, *centres) == list(range(9))
    assert ask(index, (1, 0.5), (1, 1), (2, 1), (1, 2), (2, 2), (2, 1.5)) == [0, 0, 1, 3, 4, 4]
    assert ask(index, (0, 0), (3, 0), (0, 3), (3, 3), (3, 1.5)) == [0, 2, 6, 8, 5]
    assert ask(index, (-0.1, 1), (3.1, 1), (1, -0.1), (1, 3.1)) == [-1, -1, -1, -1]


@pytest.mark.parametrize("cells", SIZES)
def test_enclave_fills_the_hole_of_its_neighbour(cells: int) -> None:
    """The hole of 0 is grid 1, and grid 1 has a lake (nobody's).

    ::

        +---------------+
        | 0             |
        |   +-------+   |
        |   | 1 +-+ |   |
        |   |   +-+ |   |
        |   +-------+   |
        +---------------+
    """
    lake = shapely.box(4, 4, 5, 5)
    inner = shapely.box(2, 2, 6, 6)
    index = index_of([shapely.box(0, 0, 8, 8) - inner, inner - lake], cells)
    assert ask(index, (1, 1), (3, 3), (4.5, 4.5)) == [0, 1, -1]
    assert ask(index, (2, 3), (6, 6), (4, 4.5), (8, 8)) == [0, 0, 1, 0]


@pytest.mark.parametrize("cells", SIZES)
def test_exclave_belongs_to_its_grid(cells: int) -> None:
    """Grid 1 consists of two parts, one of them inside grid 0; the parts of 2 touch in a point."""
    island = shapely.box(1, 1, 2, 2)
    index = index_of(
        [
            shapely.box(0, 0, 3, 3) - island,
            shapely.MultiPolygon([island, shapely.box(3, 0, 4, 3)]),
            shapely.MultiPolygon([shapely.box(0, 3, 1, 4), shapely.box(1, 4, 2, 5)]),
        ],
        cells,
    )
    assert ask(index, (0.5, 0.5), (1.5, 1.5), (3.5, 1), (1, 1.5), (3, 1)) == [0, 1, 1, 0, 0]
    assert ask(index, (1, 4), (0.5, 3.5), (1.5, 4.5), (1.5, 3.5)) == [2, 2, 2, -1]


@pytest.mark.parametrize("cells", SIZES)
def test_lowest_position_wins_where_grids_overlap(cells: int) -> None:
    """Three grids on top of each other, then the same in the other order."""
    low, middle, all_over = (
        shapely.box(0, 0, 2, 2),
        shapely.box(1, 1, 3, 3),
        shapely.box(0, 0, 4, 4),
    )
    points = [(0.5, 0.5), (1.5, 1.5), (2.5, 2.5), (3.5, 3.5), (2, 2), (3, 3)]
    assert ask(index_of([low, middle, all_over], cells), *points) == [0, 0, 1, 2, 0, 1]
    assert ask(index_of([all_over, middle, low], cells), *points) == [0] * 6
    assert ask(index_of([middle, low, low], cells), *points) == [1, 0, 0, -1, 0, 0]


def test_what_is_no_place_is_outside() -> None:
    index = GridIndex([shapely.box(-180, -90, 180, 90)])
    nowhere = [float("nan"), float("inf"), float("-inf"), 180.00000000000003, -1e308]
    assert index.locate(nowhere, [0.0] * 5).tolist() == [-1] * 5
    assert index.locate([0.0] * 5, nowhere).tolist() == [-1] * 5
    assert ask(index, (180, 90), (-180, -90), (-0.0, 0.0), (5e-324, -5e-324)) == [0, 0, 0, 0]


def test_negative_zero_is_zero() -> None:
    index = GridIndex([shapely.box(0, 0, 1, 1), shapely.box(-1, 0, -0.0, 1)])
    assert ask(index, (-0.0, 0.5), (0.0, 0.5), (-0.0, -0.0), (-1e-9, 0.5)) == [0, 0, 0, 1]


def test_no_grid_covers_nothing() -> None:
    assert len(GridIndex([])) == 0
    assert GridIndex([]).locate([0.0, -1.0], [0.0, -1.0]).tolist() == [-1, -1]
    empty = [shapely.Polygon(), shapely.box(0, 0, 1, 1), shapely.MultiPolygon()]
    assert GridIndex(empty).locate([0.5], [0.5]).tolist() == [1]
    assert GridIndex(empty).locate([], []).tolist() == []


def test_positions_are_int32_for_any_kind_of_column() -> None:
    index = GridIndex(squares())
    frozen = np.array([0.5, 1.5])
    frozen.flags.writeable = False
    for column in (frozen, [0.5, 1.5], np.array([0.5, 9.0, 1.5, 9.0])[::2], np.float32([0.5, 1.5])):
        found = index.locate(column, column)
        assert found.dtype == np.int32
        assert found.tolist() == [0, 4]


def test_more_points_than_one_block_keep_their_order() -> None:
    index = GridIndex(squares())
    x, y = np.meshgrid(np.linspace(-0.5, 3.5, 201), np.linspace(-0.5, 3.5, 203))
    expected = np.where((x < 0) | (x > 3) | (y < 0) | (y > 3), -1, 0)
    expected += np.where(
        expected == 0, np.ceil(x - 1).clip(0, 2) + 3 * np.ceil(y - 1).clip(0, 2), 0
    ).astype(int)
    assert (index.locate(x.ravel(), y.ravel()) == expected.ravel()).all()


def test_one_point_is_answered_like_many() -> None:
    index = GridIndex(squares())
    assert index.locate_one(lon=1.5, lat=1.5) == 4
    assert index.locate_one(lon=1, lat=1) == 0
    assert index.locate_one(lon=float("nan"), lat=1) == -1


def test_on_border_is_exact() -> None:
    index = GridIndex([shapely.Polygon([(0, 0), (3, 1), (0, 1)]), shapely.Polygon()])
    assert index.on_border(0, lon=1.5, lat=0.5)
    assert index.on_border(0, lon=0, lat=0.25)
    assert not index.on_border(0, lon=1.5, lat=np.nextafter(0.5, 1))
    assert not index.on_border(0, lon=3.5, lat=1)
    assert not index.on_border(1, lon=0, lat=0)
    with pytest.raises(IndexError, match="none at position 2"):
        index.on_border(2, lon=0, lat=0)


def test_wrong_input_is_named() -> None:
    square = shapely.box(0, 0, 1, 1)
    with pytest.raises(InputError, match="position 1 is <LINESTRING") as caught:
        GridIndex([square, shapely.LineString([(0, 0), (1, 1)])])
    assert caught.value.data == {"position": 1}
    with pytest.raises(InputError, match="position 0 is None"):
        GridIndex([None, square])
    with pytest.raises(InputError, match="position 1 has a coordinate that is no usable number"):
        GridIndex([square, shapely.Polygon([(0, 0), (1e300, 0), (0, 1)])])
    with pytest.raises(InputError, match="do not pair up"):
        GridIndex([square]).locate([0.0, 1.0], [0.0])
    with pytest.raises(InputError, match="do not pair up"):
        GridIndex([square]).locate([[0.0]], [[0.0]])


def test_warm_leaves_an_index_ready() -> None:
    GridIndex.warm()
    assert GridIndex(squares()).locate([0.5], [0.5]).tolist() == [0]
