"""How many points a second does the index place into their grids, beside those who do the same?

    python -m benchmarks.locate [--json] [--points N] [--case district|city] [--database-url URL]

Seeded points inside the 145 grids of the demonstration district, and over a city of 20,000 grids
of 37 vertices each; one thread, unless it says two. The peers answer the same points in the same
run; ``bare read`` reads the cell of one point after the other and resolves nothing. Of a table
that leaves the processor's cache it is no limit: a lookup reads many cells at once.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numba
import numpy as np
import shapely

from benchmarks.lattices import Lattice
from benchmarks.peers import ask_duckdb, ask_geopandas, ask_postgis, ask_sedona, clock
from gis.demo import build_district
from gis.locate import OUTSIDE, GridIndex
from gis.plan.model import Level

SEED = 20261123
ROUNDS = 30
SJOIN = "geopandas.sjoin"


def main() -> None:
    """Measure, print, and fail if anyone disagrees."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one object a line")
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--case", choices=["district", "city"], help="both if not given")
    parser.add_argument("--database-url", default=os.environ.get("WANGGE_DATABASE_URL"))
    options = parser.parse_args()
    for case in [options.case] if options.case else ["district", "city"]:
        grids, lon, lat = draw(case, options.points)
        result = {"case": case} | measure(grids, lon, lat, options.database_url)
        if options.json:
            print(json.dumps(result), flush=True)
        else:
            show(result)
        assert not any(result["differences"].values()), result["differences"]


def draw(case: str, points: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw grids and points."""
    if case == "district":
        grids = np.array([grid.geometry for grid in build_district().plan.at(Level.GRID)])
        return grids, *scatter(grids, points)
    city = Lattice(200, 100, (117.0, 26.0, 118.0, 26.5))
    return np.array(list(city)), *city.scatter(points)


def scatter(grids: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw seeded points inside the grids, evenly."""
    random = np.random.default_rng(SEED)
    district = shapely.union_all(grids)
    shapely.prepare(district)
    west, south, east, north = district.bounds
    lon, lat = np.empty(0), np.empty(0)
    while len(lon) < count:
        x, y = random.uniform(west, east, count), random.uniform(south, north, count)
        inside = shapely.contains_xy(district, x, y)
        lon, lat = np.append(lon, x[inside]), np.append(lat, y[inside])
    return lon[:count].copy(), lat[:count].copy()


def measure(
    grids: np.ndarray, lon: np.ndarray, lat: np.ndarray, database_url: str | None
) -> dict[str, object]:
    """Ask everyone for the same points."""
    count = len(lon)
    GridIndex.warm()
    build_s, index = clock(lambda: GridIndex(grids), 3)
    ours_s, ours = clock(lambda: index.locate(lon, lat), ROUNDS)
    bare_s, _ = clock(lambda: read_bare(index, lon, lat), ROUNDS)
    two_s = clock_two_threads(index, lon, lat)
    asked = {
        SJOIN: ask_geopandas(grids, lon, lat),
        "PostGIS": ask_postgis(grids, lon, lat, database_url=database_url),
        "DuckDB spatial": ask_duckdb(grids, lon, lat),
        "SedonaDB": ask_sedona(grids, lon, lat),
    }
    answers = {name: answer for name, answer in asked.items() if answer is not None}
    peers = {name: round(count / seconds) for name, (seconds, _) in answers.items()}
    return {
        "n": count,
        "ours": round(count / ours_s),
        "two_threads": round(count / two_s),
        "peers": peers,
        "ratio": round(count / ours_s / max(peers.values()), 1),
        "ratio_to_sjoin": round(answers[SJOIN][0] / ours_s, 1),
        "unit": "points/s",
        "bare_read": round(count / bare_s),
        "times_bare_read": round(ours_s / bare_s, 2),
        "differences": {name: int((found != ours).sum()) for name, (_, found) in answers.items()},
        "absent": sorted(set(asked) - set(answers)),
        "grids": len(grids),
        "vertices": int(shapely.get_num_coordinates(grids).sum()),
        "cells": len(index.cells.answer) - 1,
        "border_cells": len(index.cells.border),
        "build_s": round(build_s, 4),
        "machine": machine(),
    }


def clock_two_threads(index: GridIndex, lon: np.ndarray, lat: np.ndarray) -> float:
    """Return the seconds that two threads need for half of the points each."""
    halves = list(zip(np.array_split(lon, 2), np.array_split(lat, 2), strict=True))
    with ThreadPoolExecutor(2) as pool:
        return clock(lambda: list(pool.map(lambda half: index.locate(*half), halves)), ROUNDS)[0]


def read_bare(index: GridIndex, lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Read the cell table for each point and resolve nothing."""
    cells = index.cells
    found = np.empty(len(lon), dtype=np.int32)
    extent = (cells.west, cells.south, cells.east, cells.north, cells.per_column, cells.per_row)
    _read(extent, len(cells.column_west) - 1, cells.answer, lon, lat, found)
    return found


@numba.njit(error_model="numpy")
def _read(extent, columns, answer, lon, lat, found):
    west, south, east, north, per_column, per_row = extent
    for k in range(len(lon)):
        x, y = lon[k], lat[k]
        value = OUTSIDE
        if west <= x <= east and south <= y <= north:
            value = answer[int((y - south) * per_row) * columns + int((x - west) * per_column)]
        found[k] = value


def machine() -> str:
    """Name the processor and how many of it there are."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else platform.processor()}, {os.cpu_count()} cores"


def show(result: dict[str, object]) -> None:
    """Print the figures for people."""
    print(f"{result['n']:,} points, {result['grids']:,} grids, {result['vertices']:,} vertices")
    print(f"{result['machine']}; one thread; index built in {result['build_s']} s")
    rows = {"bare read": result["bare_read"], "Wangge": result["ours"]}
    rows |= {"Wangge, 2 threads": result["two_threads"], **result["peers"]}
    for name, speed in rows.items():
        different = result["differences"].get(name)
        note = "" if different is None else f"   {different} answers differ"
        print(f"{name:>17} {speed / 1e6:10.3f} million points/s{note}")
    for name in result["absent"]:
        print(f"{name:>17}   not asked: it is not installed (benchmarks/peers.txt)")
    print(f"Wangge is {result['ratio']} times as fast as the best of the peers,")
    print(f"{result['ratio_to_sjoin']} times as fast as {SJOIN}, and takes")
    print(f"{result['times_bare_read']} times as long as a bare read of its own table.\n")


if __name__ == "__main__":
    main()
