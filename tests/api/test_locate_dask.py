"""Is nothing lost on a cluster, even when a worker is killed half-way?

A real scheduler and two real workers, as processes of their own; the command is one too.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from typer.testing import CliRunner

from api.cli import app
from api.settings import PROJECT_FOLDER
from api.tasks import locate_cluster
from gis.demo import District
from gis.errors import Refused, Unavailable
from gis.plan import Level

PARTS, ROWS = 20, 5_000


@pytest.fixture(scope="module")
def environment(demo_url: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return os.environ | {
        "WANGGE_DATABASE_URL": demo_url,
        "WANGGE_DATA_FOLDER": str(tmp_path_factory.mktemp("data")),
        "PYTHONPATH": str(PROJECT_FOLDER),
    }


@pytest.fixture(scope="module")
def folder(district: District, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A partitioned GeoParquet; some of its points lie outside the district."""
    folder = tmp_path_factory.mktemp("points")
    west, south, east, north = shapely.total_bounds(
        [grid.geometry for grid in district.plan.at(Level.GRID)]
    )
    random = np.random.default_rng(3)
    for number in range(PARTS):
        x, y = random.uniform(west, east, ROWS), random.uniform(south, north, ROWS)
        frame = gpd.GeoDataFrame(
            {"id": np.arange(ROWS) + number * ROWS, "text": f"第{number}部分"},
            geometry=gpd.points_from_xy(x, y),
            crs="EPSG:4490",
        )
        part = folder / f"year={2020 + number % 2}" / f"part.{number:03}.parquet"
        part.parent.mkdir(exist_ok=True)
        frame.to_parquet(part, index=False)
    (folder / "_metadata").write_bytes(b"")
    return folder


class DaskCluster:
    """A scheduler and its workers."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{port}"
        self._folder = folder
        self._environment = environment
        quiet = ["--no-dashboard", "--port", str(port), "--host", "127.0.0.1"]
        self.scheduler = self._start("dask_scheduler", *quiet)
        # Without a nanny, so that nothing starts a killed worker again.
        self.workers = [
            self._start(
                "dask_worker",
                self.address,
                "--no-nanny",
                "--no-dashboard",
                "--nthreads",
                "1",
                "--host",
                "127.0.0.1",
                "--local-directory",
                str(folder / f"worker-{k}"),
            )
            for k in range(2)
        ]

    def _start(self, what: str, *words: str) -> subprocess.Popen[bytes]:
        log = (self._folder / f"{what}.log").open("ab")
        with log:
            return subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.{what}", *words],
                env=self._environment,
                stdout=log,
                stderr=log,
                cwd=self._folder,
            )

    def stop(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait(30)


@pytest.fixture(scope="module")
def cluster_of_two(
    environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DaskCluster]:
    cluster = DaskCluster(tmp_path_factory.mktemp("dask"), environment)
    try:
        yield cluster
    finally:
        cluster.stop()


def command(environment: dict[str, str], *words: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "api", "locate", *map(str, words), "--json"],
        env=environment,
        cwd=PROJECT_FOLDER,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> dict[str, Any]:
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return json.loads(out)


def written(output: Path) -> list[Path]:
    return sorted(output.rglob("*.parquet"))


def read(output: Path) -> pd.DataFrame:
    parts = [pd.read_parquet(path, partitioning=None) for path in written(output)]
    return pd.concat(parts).sort_values("id", ignore_index=True)


def test_a_killed_worker_loses_nothing_and_a_second_run_does_nothing(
    cluster_of_two: DaskCluster,
    environment: dict[str, str],
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    output = tmp_path / "located"
    words = (folder, "-o", output, "--dask", cluster_of_two.address)
    run = command(environment, *words)
    while len(written(output)) < 3:
        assert run.poll() is None, run.communicate()
        time.sleep(0.01)
    cluster_of_two.workers[0].send_signal(signal.SIGKILL)
    at_the_kill = len(written(output))
    told = finish(run)
    assert at_the_kill < PARTS
    assert (told["parts"], told["failed"], told["rows"]) == (PARTS, [], PARTS * ROWS)
    assert [path.relative_to(output) for path in written(output)] == [
        path.relative_to(folder) for path in written(folder)
    ]
    assert not list(output.rglob(".*"))

    for name, text in environment.items():
        monkeypatch.setenv(name, text)
    located = []
    for number, part in enumerate(written(folder)):
        alone = tmp_path / f"alone-{number}.parquet"
        if number % 8 == 0:
            done = CliRunner().invoke(app, ["locate", str(part), "-o", str(alone)])
            assert done.exit_code == 0, done.output
            located.append(pd.read_parquet(alone, partitioning=None))
    whole = read(output)
    assert whole["id"].tolist() == list(range(PARTS * ROWS))
    assert set(whole["wangge_status"]) == {"inside", "outside"}
    for expected in located:
        same = whole.iloc[expected["id"].iloc[0] :][: len(expected)].reset_index(drop=True)
        pd.testing.assert_frame_equal(same, expected)

    times = {path: path.stat().st_mtime_ns for path in written(output)}
    changed = written(folder)[5]
    gpd.read_parquet(changed).head(7).to_parquet(changed, index=False)
    written(output)[9].write_bytes(b"PAR1 torn")
    again = finish(command(environment, *words))
    assert (again["already_there"], again["rows"]) == (PARTS - 2, (PARTS - 1) * ROWS + 7)
    assert [path for path in written(output) if path.stat().st_mtime_ns != times[path]] == [
        written(output)[5],
        written(output)[9],
    ]
    assert len(pd.read_parquet(written(output)[5])) == 7


def test_a_part_that_cannot_be_read_is_named_and_the_rest_is_done(
    cluster_of_two: DaskCluster, environment: dict[str, str], folder: Path, tmp_path: Path
) -> None:
    source, output = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    for name in ("a.parquet", "b.parquet"):
        (source / name).write_bytes(written(folder)[0].read_bytes())
    (source / "c.parquet").write_bytes(b"PAR1 torn")
    run = command(environment, source, "-o", output, "--dask", cluster_of_two.address)
    out, err = run.communicate(timeout=120)
    assert run.returncode == 1
    assert "c.parquet ends before its end" in err
    assert json.loads(out)["rows"] == 2 * ROWS
    assert [path.name for path in written(output)] == ["a.parquet", "b.parquet"]


def refusal(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], *words: object) -> Any:
    for name, text in environment.items():
        monkeypatch.setenv(name, text)
    return CliRunner().invoke(app, ["locate", *map(str, words)]).exception


def test_what_cannot_be_done_is_one_clear_error(
    environment: dict[str, str],
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "empty").mkdir()
    away = "tcp://127.0.0.1:1"
    for words, said in (
        ((folder, "-o", tmp_path / "out"), "--dask"),
        ((written(folder)[0], "-o", tmp_path / "out", "--dask", away), "is a file"),
        ((folder, "-o", folder / "out", "--dask", away), "lie in each other"),
        ((folder, "-o", folder, "--dask", away), "lie in each other"),
        ((tmp_path / "empty", "-o", tmp_path / "out", "--dask", away), "no files"),
        ((folder, "-o", tmp_path / "out", "--dask", "nonsense://x"), "no address of a Dask"),
    ):
        assert said in str(refusal(monkeypatch, environment, *words))
    monkeypatch.setitem(sys.modules, "distributed", None)
    error = refusal(monkeypatch, environment, folder, "-o", tmp_path / "out", "--dask", away)
    assert isinstance(error, Refused)
    assert "wangge[dask]" in error.message


def test_a_cluster_that_is_away_is_one_clear_error(
    environment: dict[str, str],
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    away = "tcp://127.0.0.1:1"
    monkeypatch.setattr(locate_cluster, "WAIT_FOR_CLUSTER_S", 1)
    error = refusal(monkeypatch, environment, folder, "-o", tmp_path / "out", "--dask", away)
    assert isinstance(error, Unavailable)
    assert error.message.startswith(f"no Dask scheduler answers at {away}")
    assert not list((tmp_path / "out").iterdir())
