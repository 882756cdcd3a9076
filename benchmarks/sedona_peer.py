"""Find the grid of each point with SedonaDB; run by ``benchmarks.peers`` in the peers' environment.

    python sedona_peer.py FOLDER ROUNDS

The folder holds places.parquet (id, lon, lat) and areas.parquet (position, wkb), and gets
found.parquet (id, position). Prints the seconds of the quickest join; both tables are in memory
before the clock starts, and the answer stays there. One partition: one thread.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import sedonadb


def main() -> None:
    """Read, join, write."""
    folder, rounds = Path(sys.argv[1]), int(sys.argv[2])
    base = sedonadb.connect()
    base.sql("SET datafusion.execution.target_partitions = 1").execute()
    base.read_parquet(str(folder / "areas.parquet")).to_view("given_areas")
    base.read_parquet(str(folder / "places.parquet")).to_view("given_places")
    base.sql(
        'SELECT "position", ST_GeomFromWKB(wkb) AS geom FROM given_areas'
    ).to_memtable().to_view("areas")
    base.sql("SELECT id, ST_Point(lon, lat) AS geom FROM given_places").to_memtable().to_view(
        "places"
    )
    best, found = float("inf"), None
    for _ in range(rounds):
        start = time.perf_counter()
        found = base.sql(
            'SELECT places.id, areas."position" FROM places JOIN areas '
            "ON ST_Intersects(areas.geom, places.geom)"
        ).to_memtable()
        best = min(best, time.perf_counter() - start)
    found.to_parquet(str(folder / "found.parquet"))
    sys.stdout.write(f"{best}\n")


if __name__ == "__main__":
    main()
