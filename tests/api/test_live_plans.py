"""Are compiled indexes kept as files, shared, and harmless when files cannot be used?"""

from __future__ import annotations

import gc
import multiprocessing
import os
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import shapely
from structlog.testing import capture_logs

from api.commands.serve import spare_the_collector
from api.tasks.index_files import UNUSED_S, IndexFiles
from api.tasks.indexing import index_plan
from gis.locate import GridIndex
from gis.plan import Level, Plan, Revision
from tests.store.drawn import nine_grids

SQUARES = [shapely.box(x, y, x + 1, y + 1) for x in range(3) for y in range(3)]


def files_in(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir() if each.name != "lock")


def events(logs: Sequence[dict[str, object]]) -> list[object]:
    return [each["event"] for each in logs]


def answers(index: GridIndex) -> list[int]:
    return index.locate(np.array([0.5, 2.5, 9.0]), np.array([0.5, 1.5, 0.5])).tolist()


def test_an_index_is_built_once_and_opened_afterwards(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    with capture_logs() as logs:
        assert answers(IndexFiles(folder).find(SQUARES)) == [0, 7, -1]
    assert events(logs) == ["index-built"]
    [name] = files_in(folder)
    with capture_logs() as logs:
        assert answers(IndexFiles(folder).find(SQUARES)) == [0, 7, -1]
    assert events(logs) == []
    assert files_in(folder) == [name]


def test_other_geometry_or_another_order_is_another_file(tmp_path: Path) -> None:
    files = IndexFiles(tmp_path)
    assert answers(files.find(SQUARES)) == [0, 7, -1]
    assert answers(files.find(SQUARES[::-1])) == [8, 1, -1]
    assert answers(files.find(SQUARES[:1])) == [0, -1, -1]
    assert len(files_in(tmp_path)) == 3


@pytest.mark.parametrize("spoil", ["torn", "empty", "foreign", "folder"])
def test_a_file_that_cannot_be_read_is_built_again(tmp_path: Path, spoil: str) -> None:
    IndexFiles(tmp_path).find(SQUARES)
    [name] = files_in(tmp_path)
    file = tmp_path / name
    whole = file.read_bytes()
    if spoil == "folder":
        file.unlink()
        file.mkdir()
    else:
        file.write_bytes({"torn": whole[:-100], "empty": b"", "foreign": b"x" * 10_000}[spoil])
    with capture_logs() as logs:
        assert answers(IndexFiles(tmp_path).find(SQUARES)) == [0, 7, -1]
    assert events(logs)[-2 if spoil == "folder" else -1] == "index-built"
    assert "index-file-unusable" in events(logs)
    if spoil != "folder":
        assert file.read_bytes() == whole


def test_a_folder_that_cannot_be_made_or_written_costs_memory_only(tmp_path: Path) -> None:
    (tmp_path / "index").write_text("in the way")
    with capture_logs() as logs:
        assert answers(IndexFiles(tmp_path / "index").find(SQUARES)) == [0, 7, -1]
    assert events(logs)[-1] == "index-stays-in-memory"


def test_files_that_nobody_used_for_long_go_and_those_in_use_stay(tmp_path: Path) -> None:
    files = IndexFiles(tmp_path)
    old = files.find(SQUARES[:2])
    IndexFiles(tmp_path).find(SQUARES[:3])
    (tmp_path / "a note").write_text("somebody's")
    before = time.time() - UNUSED_S - 60
    for file in tmp_path.iterdir():
        os.utime(file, (before, before))
    IndexFiles(tmp_path).find(SQUARES)
    assert files.remove_unused() == 1
    assert answers(old) == [0, -1, -1]
    kept = files_in(tmp_path)
    assert len(kept) == 3
    assert "a note" in kept
    with capture_logs() as logs:
        IndexFiles(tmp_path).find(SQUARES[:2])
    assert events(logs) == []


def _find(folder: Path) -> list[int]:
    return answers(IndexFiles(folder).find(SQUARES))


def test_several_processes_at_once_all_get_the_index(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        assert pool.map(_find, [tmp_path] * 6, chunksize=1) == [[0, 7, -1]] * 6
    assert len(files_in(tmp_path)) == 1


def test_a_plan_that_renames_everything_needs_no_new_file(tmp_path: Path) -> None:
    files = IndexFiles(tmp_path)
    for name in ("网格", "新名"):
        revision = Revision(1, "meilie", None, None, nine_grids(name))
        index = index_plan(revision, 4548, files)
        found = index.locate(lon=117.615, lat=26.215)
        assert [hit.name for hit in found.grids] == ["翁墩社区", f"{name}\t5"]
    assert len(files_in(tmp_path)) == 2  # one a level


def test_opened_and_built_indexes_answer_alike(tmp_path: Path) -> None:
    plan: Plan = nine_grids()
    revision = Revision(1, "meilie", None, None, plan)
    index_plan(revision, 4548, IndexFiles(tmp_path))
    opened, built = index_plan(revision, 4548, IndexFiles(tmp_path)), index_plan(revision, 4548)
    xy = shapely.get_coordinates([grid.geometry for grid in plan.at(Level.GRID)])
    lon, lat = xy[:, 0], xy[:, 1]
    for level, positions in opened.locate_levels(lon, lat).items():
        assert positions.tolist() == built.locate_many(lon, lat, level=level).tolist()


def test_what_is_in_memory_is_passed_over_by_the_collector() -> None:
    kept = [[number] for number in range(1000)]
    spare_the_collector()
    try:
        watched = {id(each) for each in gc.get_objects()}
        assert gc.get_freeze_count() > len(kept)
        assert not watched.intersection(map(id, kept))
    finally:
        gc.unfreeze()
