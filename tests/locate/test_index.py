"""Which grid covers a point: small plans whose answer can be read off the drawing."""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from unittest.mock import patch

import numpy as np
import pytest
import shapely

from benchmarks.lattices import Lattice
from gis.errors import InputError, InputTooLarge
from gis.locate import GridIndex
from gis.locate import index as index_module
from gis.locate.table import rings
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
    assert index.find(lon=1.5, lat=1.5) == 4
    assert index.find(lon=1, lat=1) == 0
    assert index.find(lon=np.float32(2.5), lat=np.int64(1)) == 2
    for nowhere in (float("nan"), float("inf"), float("-inf"), 3.0000000000000004):
        assert index.find(lon=nowhere, lat=1) == index.find(lon=1, lat=nowhere) == -1
    assert GridIndex([]).find(lon=0, lat=0) == -1


@pytest.mark.parametrize("cells", SIZES)
def test_nested_enclaves(cells: int) -> None:
    """Each grid fills the hole of the one around it; 0 has the outermost ring and the core.

    ::

        +-------------+
        | 0 +-------+ |
        |   | 1 +-+ | |
        |   |   |2| | |      … and 2 has 3 in it, and 3 has 0 again
        |   |   +-+ | |
        |   +-------+ |
        +-------------+
    """
    boxes = [shapely.box(k, k, 10 - k, 10 - k) for k in range(5)]
    rings = [outer - inner for outer, inner in pairwise(boxes)]
    grids = [shapely.MultiPolygon([rings[0], boxes[4]]), *rings[1:]]
    index = index_of(grids, cells)
    assert ask(index, *[(k + 0.5, 5) for k in range(10)]) == [0, 1, 2, 3, 0, 0, 3, 2, 1, 0]
    assert ask(index, *[(5, k) for k in range(11)]) == [0, 0, 1, 2, 0, 0, 0, 2, 1, 0, 0]


def test_geometries_may_come_one_by_one() -> None:
    """More of them than one chunk, with empty ones at its limits."""
    grids = [shapely.Polygon(), *squares(), shapely.MultiPolygon(), shapely.box(9, 9, 10, 10)]
    expected = GridIndex(grids)
    for chunk in (1, 2, 5, 12):
        with patch.object(rings, "CHUNK", chunk):
            index = GridIndex(grid for grid in grids)
        assert len(index) == 12
        for ours, theirs in zip(index.rings, expected.rings, strict=True):
            np.testing.assert_array_equal(ours, theirs)
        assert ask(index, (0.5, 0.5), (3, 3), (9.5, 9.5), (5, 5)) == [1, 9, 11, -1]


@pytest.mark.parametrize("threads", [1, 2, 7])
def test_any_number_of_threads_builds_the_same(threads: int) -> None:
    grids = list(Lattice(12, 9, (117.6, 26.2, 117.63, 26.22)))
    alone = GridIndex(grids, threads=1)
    steps: list[tuple[int, int]] = []
    with patch.object(index_module, "CELLS_PER_BAND", 1 << 14):
        index = GridIndex(grids, threads=threads, progress=lambda *step: steps.append(step))
    for ours, theirs in zip(index.cells[6:], alone.cells[6:], strict=True):
        assert ours.tobytes() == theirs.tobytes()
    rows = len(index.cells.row_south) - 1
    assert len(steps) > 50
    assert steps == sorted(steps)
    assert steps[-1] == (rows, rows)


def test_who_watches_may_end_the_build() -> None:
    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt(done, total)

    with pytest.raises(KeyboardInterrupt):
        GridIndex(squares(), progress=stop)


def test_several_threads_get_equal_answers() -> None:
    index = GridIndex(list(Lattice(30, 30, (117.6, 26.2, 117.7, 26.3))))
    random = np.random.default_rng(2)
    x, y = random.uniform((117.59, 26.19), (117.71, 26.31), (200_000, 2)).T
    expected = index.locate(x, y)
    assert len(np.unique(expected)) == 901
    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(lambda _: index.locate(x, y), range(16)):
            np.testing.assert_array_equal(found, expected)
        some = list(zip(x[:2000].tolist(), y[:2000].tolist(), strict=True))
        for found in pool.map(lambda _: [index.find(lon=a, lat=b) for a, b in some], range(4)):
            assert found == expected[:2000].tolist()


def test_more_than_32_bits_can_number_is_refused() -> None:
    with (
        patch.object(rings, "MOST_VERTICES", 45),
        pytest.raises(InputTooLarge, match="have 45 ver"),
    ):
        GridIndex(squares())
    with patch.object(rings, "MOST_VERTICES", 46):
        assert len(GridIndex(squares())) == 9
    with (
        patch.object(index_module, "MOST_LISTED", 40),
        pytest.raises(InputTooLarge, match="40 edges"),
    ):
        index_of(squares(), 16)


def test_arrays_cannot_be_changed() -> None:
    index = GridIndex(squares())
    for array in (*index.rings, *index.cells[6:]):
        assert not array.flags.writeable


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
