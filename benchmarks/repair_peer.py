"""Repair one layer with maup; run by ``benchmarks.repair`` in the environment of the peers.

    python repair_peer.py METHOD IN.wkb OUT.wkb EPSG

Both files hold one polygon a line, as hexadecimal WKB in metres. Prints the seconds that the repair
alone took. Everything is left at maup's documented defaults.
"""

from __future__ import annotations

import sys
import time
import warnings
from pathlib import Path

import geopandas
import maup
import shapely


def main() -> None:
    """Read, repair, write."""
    method, source, target, srid = sys.argv[1:]
    lines = Path(source).read_text().split()
    frame = geopandas.GeoDataFrame(geometry=shapely.from_wkb(lines), crs=f"EPSG:{srid}")
    warnings.simplefilter("ignore")
    start = time.perf_counter()
    done = getattr(maup, method)(frame)
    seconds = time.perf_counter() - start
    areas = done.geometry if hasattr(done, "geometry") else done
    Path(target).write_text("\n".join(shapely.to_wkb(areas.to_numpy(), hex=True)))
    sys.stdout.write(f"\n{seconds}\n")


if __name__ == "__main__":
    main()
