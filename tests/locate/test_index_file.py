"""Is a saved index the same index, and is every other file refused?"""

import os
import pickle
import struct
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
import shapely

from benchmarks.lattices import Lattice
from gis.errors import InputError
from gis.locate import GridIndex, index_file
from tests.locate.plans import hard_points, index_of, locate_by_geos

HEADER = index_file._HEADER_BYTES


def plan() -> np.ndarray:
    return np.array(list(Lattice(4, 3, (117.6, 26.2, 117.64, 26.23))))


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "grids.wgi"
    index_of(plan(), 5000).save(path)
    return path


def test_opened_and_pickled_answer_like_the_built_one(saved: Path) -> None:
    grids = plan()
    points = hard_points(grids)
    built = index_of(grids, 5000)
    expected = locate_by_geos(grids, points)
    opened = GridIndex.open(saved)
    for index in (
        built,
        opened,
        pickle.loads(pickle.dumps(built)),  # noqa: S301
        pickle.loads(pickle.dumps(opened, 5)),  # noqa: S301
    ):
        assert len(index) == 12
        np.testing.assert_array_equal(index.locate(points[:, 0], points[:, 1]), expected)
        for (x, y), position in zip(points[::7].tolist(), expected[::7].tolist(), strict=True):
            assert index.find(lon=x, lat=y) == position
        x, y = shapely.get_coordinates(grids[5])[3].tolist()
        assert index.on_border(5, lon=x, lat=y)
        assert not index.on_border(5, lon=x, lat=float(np.nextafter(y, 0)))
        for array, other in zip(index.rings + index.cells, built.rings + built.cells, strict=True):
            np.testing.assert_array_equal(array, other)
            assert np.isscalar(array) or not array.flags.writeable


@pytest.mark.parametrize("grids", [[], [shapely.Polygon()], [shapely.box(0, 0, 1, 0.5)]])
def test_small_and_empty_indexes_are_kept(tmp_path: Path, grids: list[shapely.Polygon]) -> None:
    GridIndex(grids).save(tmp_path / "few")
    opened = GridIndex.open(str(tmp_path / "few"))
    assert len(opened) == len(grids)
    assert (
        opened.locate([0.5, 2.0], [0.5, 0.5]).tolist()
        == GridIndex(grids).locate([0.5, 2.0], [0.5, 0.5]).tolist()
    )


def test_another_process_opens_it(saved: Path) -> None:
    program = (
        "import sys; from gis.locate import GridIndex; "
        "print(GridIndex.open(sys.argv[1]).find(lon=117.625, lat=26.215))"
    )
    folder = Path(index_file.__file__).parents[2]
    answer = subprocess.run(
        [sys.executable, "-c", program, saved],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(answer.stdout) == GridIndex(plan()).find(lon=117.625, lat=26.215) >= 0


def test_saving_again_leaves_those_who_have_it_open_alone(saved: Path) -> None:
    opened = GridIndex.open(saved)
    before = opened.locate([117.625], [26.215]).tolist()
    GridIndex([shapely.box(0, 0, 1, 1)]).save(saved)
    assert opened.locate([117.625], [26.215]).tolist() == before
    assert len(GridIndex.open(saved)) == 1
    assert [path.name for path in saved.parent.iterdir()] == [saved.name]


def test_what_fails_while_saving_changes_nothing(saved: Path) -> None:
    content = saved.read_bytes()
    with patch.object(os, "fsync", side_effect=OSError("no space left")), pytest.raises(OSError):
        GridIndex([]).save(saved)
    assert saved.read_bytes() == content
    assert [path.name for path in saved.parent.iterdir()] == [saved.name]


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.999, 1.001])
def test_a_torn_file_is_refused(saved: Path, share: float) -> None:
    content = saved.read_bytes()
    saved.write_bytes((content + bytes(1000))[: int(len(content) * share)])
    with pytest.raises(InputError, match=r"torn|not a saved point index") as caught:
        GridIndex.open(saved)
    assert caught.value.data == {"path": str(saved)}
    assert "build and save the index anew" in caught.value.message


def test_every_lost_page_is_noticed(saved: Path) -> None:
    """Pages of zeros, as a machine leaves them that lost power while it copied the file."""
    content = saved.read_bytes()
    pages = range(0, len(content), 4096)
    assert len(pages) > 5
    for page in pages:
        lost = content[:page] + bytes(len(content[page : page + 4096])) + content[page + 4096 :]
        saved.write_bytes(lost)
        with pytest.raises(InputError, match=r"damaged|not a saved"):
            GridIndex.open(saved)


@pytest.mark.parametrize("place", range(8, HEADER, 13))
def test_every_changed_byte_of_the_header_is_noticed(saved: Path, place: int) -> None:
    content = bytearray(saved.read_bytes())
    content[place] ^= 1
    saved.write_bytes(content)
    with pytest.raises(InputError):
        GridIndex.open(saved)


def test_foreign_and_older_files_are_named(saved: Path, tmp_path: Path) -> None:
    content = saved.read_bytes()
    cases = {
        "is not a saved point index": b"PK\x03\x04" + content[4:],
        "another order of bytes": content[:8] + content[8:12][::-1] + content[12:],
        "form 0, and this program reads form 1": content[:12] + struct.pack("=I", 0) + content[16:],
    }
    for message, changed in cases.items():
        saved.write_bytes(changed)
        with pytest.raises(InputError, match=message):
            GridIndex.open(saved)
    with pytest.raises(InputError, match="cannot be read"):
        GridIndex.open(tmp_path / "absent")
    with pytest.raises(InputError, match="cannot be read"):
        GridIndex.open(tmp_path)


def test_arrays_that_do_not_fit_each_other_are_refused(tmp_path: Path) -> None:
    index = GridIndex(plan())
    for field in ("xy", "ring", "polygon", "owner", "grid"):
        shorter = index.rings._replace(**{field: getattr(index.rings, field)[:-1]})
        index_file.write_index(tmp_path / field, shorter, index.cells)
        with pytest.raises(InputError, match="do not fit"):
            GridIndex.open(tmp_path / field)
    narrow = index.cells._replace(column_west=index.cells.column_west[:-1])
    index_file.write_index(tmp_path / "narrow", index.rings, narrow)
    with pytest.raises(InputError, match="do not fit"):
        GridIndex.open(tmp_path / "narrow")
