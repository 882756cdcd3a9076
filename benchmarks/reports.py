"""How many reports a second go from a CSV file into their grids, and how much memory does it take?

    python -m benchmarks.reports [--json] [--rows N]

Both sides start from the same seeded file and end with located, uniquely identified rows in PostGIS
(a private cluster of their own, with durable settings). Ours is the whole command
``wangge import reports`` with its start-up. The peer is what people write instead: pandas reads the
file, geopandas writes it with ``to_postgis``, SQL finds the grids with ``ST_Covers`` over a spatial
index; it gets a tenth of the rows, since it is slow, and no start-up is counted against it.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
from sqlalchemy import create_engine, text

from api.settings import PROJECT_FOLDER
from api.tasks.demo import save_district
from benchmarks.locate import machine
from gis.coords import STORAGE_CRS
from gis.demo import build_district
from gis.store.database import open_database
from gis.store.sessions import transaction

SEED = 20261123
MOST_PEER_ROWS = 100_000


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one object a line")
    parser.add_argument("--rows", type=int, default=1_000_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wangge-benchmark-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        result = measure(folder, options.rows)
    if options.json:
        print(json.dumps(result))
        return
    print(f"{result['machine']}; {result['n']:,} reports, peer {result['peer_rows']:,}")
    print(f"        Wangge {result['ours']:>10,} rows/s, at most {result['memory_mb']} MB")
    print(f"     geopandas {result['peers']['geopandas']:>10,} rows/s")
    print(f"ratio {result['ratio']}")


def measure(folder: Path, rows: int) -> dict[str, object]:
    """Import with both and return the figures."""
    file = write_reports(folder / "reports.csv", rows)
    database = open_database(None, folder)
    try:
        with transaction(database.engine) as connection:
            save_district(connection, build_district(), with_reports=False)
        ours_s, memory_mb = run_ours(file, folder)
        peer_rows = min(rows // 10, MOST_PEER_ROWS)
        peer_s = run_geopandas(file, peer_rows, database.url)
    finally:
        database.engine.dispose()
        subprocess.run(_wangge("db", "down"), env=_environment(folder), check=True)
    ours, peer = round(rows / ours_s), round(peer_rows / peer_s)
    return {
        "case": "import-reports",
        "n": rows,
        "ours": ours,
        "peers": {"geopandas": peer},
        "ratio": round(ours / peer, 1),
        "unit": "rows/s",
        "peer_rows": peer_rows,
        "memory_mb": memory_mb,
        "machine": machine(),
    }


def write_reports(file: Path, rows: int) -> Path:
    """Write seeded reports over the extent of the demonstration district."""
    random = np.random.default_rng(SEED)
    seconds = random.integers(0, 3 * 365 * 86400, rows)
    table = pd.DataFrame(
        {
            "id": [f"R{number:08d}" for number in range(rows)],
            "lon": random.uniform(117.61, 117.65, rows).round(6),
            "lat": random.uniform(26.24, 26.30, rows).round(6),
            "date": (pd.Timestamp("2023-01-01") + pd.to_timedelta(seconds, unit="s")).astype(str),
            "category": random.choice(["噪音扰民", "违停", "垃圾清运", "路灯故障"], rows),
            "title": [f"事项{number}" for number in range(rows)],
        }
    )
    table.to_csv(file, index=False)
    return file


def run_ours(file: Path, folder: Path) -> tuple[float, int]:
    """Run the command; return its seconds and its most memory in MB (10**6 bytes)."""
    start = time.perf_counter()
    words = ("import", "reports", str(file), "--crs", "wgs84", "--json")
    process = subprocess.Popen(_wangge(*words), env=_environment(folder), stdout=subprocess.DEVNULL)
    most_kib = 0
    while process.poll() is None:
        # Not getrusage: a child inherits the high-water mark of the parent that forked it.
        most_kib = max(most_kib, _high_water_kib(process.pid))
        time.sleep(0.05)
    assert process.returncode == 0
    return time.perf_counter() - start, round(most_kib * 1024 / 1e6)


def _high_water_kib(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return int(next((x.split()[1] for x in status.splitlines() if x.startswith("VmHWM")), 0))


def run_geopandas(file: Path, rows: int, url: str) -> float:
    """Read, write and locate with the usual libraries; return the seconds."""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    start = time.perf_counter()
    table = pd.read_csv(file, nrows=rows, parse_dates=["date"])
    places = geopandas.points_from_xy(table["lon"], table["lat"], crs=STORAGE_CRS)
    frame = geopandas.GeoDataFrame(table, geometry=places)
    frame.to_postgis("peer_report", engine, if_exists="replace", chunksize=50_000)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE peer_report ADD PRIMARY KEY (id)"))
        connection.execute(
            text(
                "CREATE TABLE peer_located AS SELECT DISTINCT ON (r.id) r.id, g.code "
                "FROM peer_report r JOIN grid g "
                "ON g.level = 'grid' AND ST_Covers(g.geom, r.geometry) ORDER BY r.id, g.code"
            )
        )
    seconds = time.perf_counter() - start
    engine.dispose()
    return seconds


def _wangge(*words: str) -> list[str]:
    return [sys.executable, "-m", "api", *words]


def _environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "WANGGE_DATABASE_URL"}
    return kept | {"WANGGE_DATA_FOLDER": str(folder), "PYTHONPATH": str(PROJECT_FOLDER)}


if __name__ == "__main__":
    main()
