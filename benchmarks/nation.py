"""What does an index of a nation cost, and how soon does a second process answer from it?

    python -m benchmarks.nation [--json] [--side N] [--points N] [--folder FOLDER]

N x N grids (1,000 x 1,000 if not said) of 37 vertices each, drawn row by row while they are read,
so that only the index is kept. Some answers are compared with GEOS. The time of the build holds
the drawing, which is measured once more alone.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import shapely

from benchmarks.lattices import Lattice
from benchmarks.locate import clock_two_threads, machine
from benchmarks.peers import clock
from gis.locate import OUTSIDE, GridIndex

NATION = (75.0, 18.0, 135.0, 53.0)
ROUNDS = 10
COMPARED_ROWS = 3

# Run by a second process: from the moment when its program begins to the first answer.
SECOND = """
import sys, time
started = time.perf_counter()
from gis.locate import GridIndex
imported = time.perf_counter()
index = GridIndex.open(sys.argv[1])
opened = time.perf_counter()
position = index.find(lon=float(sys.argv[2]), lat=float(sys.argv[3]))
answered = time.perf_counter()
print(imported - started, opened - imported, answered - opened, position)
"""


def main() -> None:
    """Build, ask, save, open elsewhere, print; fail if anyone disagrees."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one object a line")
    parser.add_argument("--side", type=int, default=1000)
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, help="where the index is saved meanwhile")
    options = parser.parse_args()
    plan = Lattice(options.side, options.side, NATION)
    with tempfile.TemporaryDirectory(dir=options.folder, prefix="wangge-nation-") as folder:
        result = measure(plan, options.points, Path(folder) / "nation")
    print(json.dumps(result) if options.json else show(result))
    assert result["differences"] == 0, result["differences"]


def measure(plan: Lattice, points: int, path: Path) -> dict[str, object]:
    """Measure one plan."""
    GridIndex.warm()
    before_gb = resident_gb()
    draw_s, vertices = clock(
        lambda: sum(int(shapely.get_num_coordinates(grid)) for grid in plan), 1
    )
    steps: list[tuple[int, int]] = []
    build_s, index = clock(
        lambda: GridIndex(plan, progress=lambda done, total: steps.append((done, total))), 1
    )
    built_gb, peak_gb = resident_gb(), peak_resident_gb()
    lon, lat = plan.scatter(points)
    ours_s, found = clock(lambda: index.locate(lon, lat), ROUNDS)
    save_s, _ = clock(lambda: index.save(path), 1)
    return {
        "case": "nation",
        "grids": len(plan),
        "vertices": vertices,
        "cells": len(index.cells.answer) - 1,
        "border_cells": len(index.cells.border),
        "build_s": round(build_s, 1),
        "of_it_drawing_s": round(draw_s, 1),
        "progress_calls": len(steps),
        "resident_before_gb": round(before_gb, 2),
        "resident_gb": round(built_gb, 2),
        "peak_gb": round(peak_gb, 2),
        "points_per_s": round(points / ours_s),
        "points_per_s_two_threads": round(points / clock_two_threads(index, lon, lat)),
        "differences": compare(plan, index),
        "file_gb": round(path.stat().st_size / 1e9, 2),
        "save_s": round(save_s, 1),
        "second_process": ask_second(path, float(lon[0]), float(lat[0]), int(found[0])),
        "machine": machine(),
    }


def compare(plan: Lattice, index: GridIndex) -> int:
    """Count the vertices and chance points of some rows that GEOS places elsewhere."""
    low = plan.rows // 2
    rows = range(max(low - 1, 0), min(low + COMPARED_ROWS + 1, plan.rows))
    grids = np.concatenate([plan.draw_row(row) for row in rows])
    inner = grids[plan.columns : -plan.columns]
    west, south, east, north = shapely.total_bounds(inner)
    anywhere = np.random.default_rng(1).uniform((west, south), (east, north), (100_000, 2))
    points = np.vstack([shapely.get_coordinates(inner), anywhere])
    point, grid = shapely.STRtree(grids).query(shapely.points(points), predicate="covered_by")
    expected = np.full(len(points), len(plan))
    np.minimum.at(expected, point, grid + rows[0] * plan.columns)
    expected[expected == len(plan)] = OUTSIDE
    return int((index.locate(points[:, 0], points[:, 1]) != expected).sum())


def ask_second(path: Path, lon: float, lat: float, expected: int) -> dict[str, float]:
    """Let another process open the file and answer a point."""
    start = time.perf_counter()
    answer = subprocess.run(
        [sys.executable, "-c", SECOND, path, str(lon), str(lat)],
        capture_output=True,
        text=True,
        check=True,
    )
    whole_s = time.perf_counter() - start
    import_s, open_s, answer_s, position = answer.stdout.split()
    assert int(position) == expected, (position, expected)
    return {
        "import_s": round(float(import_s), 3),
        "open_s": round(float(open_s), 3),
        "first_answer_s": round(float(answer_s), 6),
        "whole_process_s": round(whole_s, 3),
    }


def resident_gb() -> float:
    """Return the resident memory of this process."""
    status = Path("/proc/self/status").read_text().splitlines()
    line = next(line for line in status if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1e6


def peak_resident_gb() -> float:
    """Return the most memory that this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def show(result: dict[str, object]) -> str:
    """Say the figures for people."""
    return "\n".join(f"{name:>26}  {value}" for name, value in result.items())


if __name__ == "__main__":
    main()
