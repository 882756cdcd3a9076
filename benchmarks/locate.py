"""How many points a second does the index place into their grids, beside those who do the same?

    python -m benchmarks.locate [--json] [--points N] [--database-url URL]

Seeded points inside the 145 grids of the demonstration district, one thread. The peers answer the
same points in the same run; ``bare read`` reads the cell table and resolves nothing: no lookup
through that table can be faster.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
from pathlib import Path

import numba
import numpy as np
import shapely

from benchmarks.peers import ask_duckdb, ask_geopandas, ask_postgis, clock
from gis.demo import build_district
from gis.locate import OUTSIDE, GridIndex
from gis.plan.model import Level

SEED = 20261123
ROUNDS = 30


def main() -> None:
    """Measure, print, and fail if anyone disagrees."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one object a line")
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--database-url", default=os.environ.get("WANGGE_DATABASE_URL"))
    options = parser.parse_args()
    grids = np.array([grid.geometry for grid in build_district().plan.at(Level.GRID)])
    lon, lat = scatter(grids, options.points)
    result = measure(grids, lon, lat, options.database_url)
    if options.json:
        print(json.dumps(result))
    else:
        show(result)
    assert not any(result["differences"].values()), result["differences"]


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
    answers = {
        "geopandas.sjoin": ask_geopandas(grids, lon, lat),
        "PostGIS": ask_postgis(grids, lon, lat, database_url=database_url),
        "DuckDB spatial": ask_duckdb(grids, lon, lat),
    }
    peers = {name: round(count / seconds) for name, (seconds, _) in answers.items()}
    return {
        "case": "locate",
        "n": count,
        "ours": round(count / ours_s),
        "peers": peers,
        "ratio": round(count / ours_s / max(peers.values()), 1),
        "unit": "points/s",
        "bare_read": round(count / bare_s),
        "share_of_bare_read": round(bare_s / ours_s, 3),
        "differences": {name: int((found != ours).sum()) for name, (_, found) in answers.items()},
        "grids": len(grids),
        "vertices": int(shapely.get_num_coordinates(grids).sum()),
        "cells": len(index.cells.answer) - 1,
        "border_cells": len(index.cells.border),
        "build_s": round(build_s, 4),
        "machine": machine(),
    }


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
    print(f"{result['n']:,} points, {result['grids']} grids, {result['vertices']:,} vertices")
    print(f"{result['machine']}; one thread; index built in {result['build_s']} s")
    rows = {"bare read": result["bare_read"], "Wangge": result["ours"], **result["peers"]}
    for name, speed in rows.items():
        different = result["differences"].get(name)
        note = "" if different is None else f"   {different} answers differ"
        print(f"{name:>16} {speed / 1e6:10.3f} million points/s{note}")
    print(f"Wangge is {result['ratio']} times as fast as the best of the peers, and reaches")
    print(f"{result['share_of_bare_read']:.0%} of a bare read of its own table.")


if __name__ == "__main__":
    main()
