"""How long do others take to find the grid of each point, and what do they find?

Each peer gets its points as it likes them best (built, loaded and indexed before the clock starts),
one thread, and may answer in its own memory: only the join is timed.
"""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import duckdb_extension_spatial
import geopandas
import numpy as np
import psycopg
import shapely

from gis.coords import STORAGE_CRS, STORAGE_SRID
from gis.store.cluster import Cluster

ROUNDS = 3
PEERS_PYTHON = Path(__file__).parents[1] / ".wangge" / "peers" / "bin" / "python"

Answer = tuple[float, np.ndarray]


def clock(action: Callable[[], Any], rounds: int) -> tuple[float, Any]:
    """Return the seconds of the quickest round, and the last result."""
    best, result = float("inf"), None
    for _ in range(rounds):
        start = time.perf_counter()
        result = action()
        best = min(best, time.perf_counter() - start)
    return best, result


def ask_geopandas(grids: np.ndarray, lon: np.ndarray, lat: np.ndarray) -> Answer:
    """Join with ``geopandas.sjoin``."""
    places = geopandas.GeoDataFrame(geometry=geopandas.points_from_xy(lon, lat, crs=STORAGE_CRS))
    areas = geopandas.GeoDataFrame(geometry=grids, crs=STORAGE_CRS)
    seconds, joined = clock(
        lambda: geopandas.sjoin(places, areas, how="inner", predicate="intersects"), ROUNDS
    )
    return seconds, _lowest(len(lon), joined.index.to_numpy(), joined["index_right"].to_numpy())


def ask_duckdb(grids: np.ndarray, lon: np.ndarray, lat: np.ndarray) -> Answer:
    """Join with DuckDB's spatial join."""
    package = Path(duckdb_extension_spatial.__file__).parent
    extension = next(package.rglob("spatial.duckdb_extension"))
    with duckdb.connect(config={"threads": 1}) as base:
        base.load_extension(str(extension))
        places = {"id": np.arange(len(lon)), "lon": lon, "lat": lat}
        areas = {"position": np.arange(len(grids)), "wkb": shapely.to_wkb(grids)}
        base.register("given_places", geopandas.pd.DataFrame(places))
        base.register("given_areas", geopandas.pd.DataFrame(areas))
        base.execute(
            "CREATE TABLE places AS SELECT id, ST_Point(lon, lat) AS geom FROM given_places"
        )
        base.execute(
            "CREATE TABLE areas AS SELECT position, ST_GeomFromWKB(wkb) AS geom FROM given_areas"
        )
        seconds, _ = clock(
            lambda: base.execute(
                "CREATE OR REPLACE TABLE found AS SELECT id, position FROM places JOIN areas "
                "ON ST_Intersects(areas.geom, places.geom)"
            ),
            ROUNDS,
        )
        found = base.execute("SELECT id, position FROM found").fetchnumpy()
    return seconds, _lowest(len(lon), found["id"], found["position"])


def ask_postgis(
    grids: np.ndarray, lon: np.ndarray, lat: np.ndarray, *, database_url: str | None
) -> Answer:
    """Join with PostGIS, with an index on the grids."""
    with _database(database_url) as url, psycopg.connect(url) as connection:
        connection.execute("SET max_parallel_workers_per_gather = 0")
        connection.execute("SET work_mem = '256MB'")
        connection.execute("CREATE TEMP TABLE areas (position int, geom geometry)")
        connection.execute("CREATE TEMP TABLE places (id int, geom geometry)")
        places = shapely.set_srid(shapely.points(lon, lat), STORAGE_SRID)
        with connection.cursor() as cursor:
            _copy(cursor, "COPY areas FROM STDIN", shapely.set_srid(grids, STORAGE_SRID))
            _copy(cursor, "COPY places FROM STDIN", places)
        connection.execute("CREATE INDEX ON areas USING gist (geom)")
        connection.execute("ANALYZE areas")
        connection.execute("ANALYZE places")

        def join() -> None:
            connection.execute("DROP TABLE IF EXISTS found")
            connection.execute(
                "CREATE TEMP TABLE found AS SELECT id, position FROM places JOIN areas "
                "ON ST_Covers(areas.geom, places.geom)"
            )

        seconds, _ = clock(join, ROUNDS)
        rows = np.array(connection.execute("SELECT id, position FROM found").fetchall())
        connection.rollback()
    return seconds, _lowest(len(lon), rows[:, 0], rows[:, 1])


def ask_sedona(grids: np.ndarray, lon: np.ndarray, lat: np.ndarray) -> Answer | None:
    """Join with SedonaDB in its own environment; None if that is not installed."""
    if not PEERS_PYTHON.exists():
        return None
    with tempfile.TemporaryDirectory(prefix="wangge-benchmark-") as name:
        folder = Path(name)
        places = {"id": np.arange(len(lon)), "lon": lon, "lat": lat}
        areas = {"position": np.arange(len(grids)), "wkb": shapely.to_wkb(grids)}
        geopandas.pd.DataFrame(places).to_parquet(folder / "places.parquet")
        geopandas.pd.DataFrame(areas).to_parquet(folder / "areas.parquet")
        done = subprocess.run(
            [PEERS_PYTHON, Path(__file__).with_name("sedona_peer.py"), folder, str(ROUNDS)],
            capture_output=True,
            text=True,
            check=False,
        )
        if "No module named 'sedonadb'" in done.stderr:
            return None
        assert done.returncode == 0, done.stderr
        found = geopandas.pd.read_parquet(folder / "found.parquet")
    answer = _lowest(len(lon), found["id"].to_numpy(), found["position"].to_numpy())
    return float(done.stdout), answer


def _copy(cursor: Any, statement: str, geometries: np.ndarray) -> None:
    with cursor.copy(statement) as copy:
        for number, wkb in enumerate(shapely.to_wkb(geometries, hex=True, include_srid=True)):
            copy.write_row((number, wkb))


@contextmanager
def _database(url: str | None) -> Iterator[str]:
    if url is not None:
        yield url
        return
    with tempfile.TemporaryDirectory(prefix="wangge-benchmark-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # under root the server's account must pass through
        cluster = Cluster(folder, ephemeral=True)
        try:
            yield cluster.ensure()
        finally:
            cluster.stop()


def _lowest(count: int, point: np.ndarray, position: np.ndarray) -> np.ndarray:
    none = np.iinfo(np.int32).max
    found = np.full(count, none, dtype=np.int32)
    np.minimum.at(found, point.astype(np.int64), position.astype(np.int32))
    found[found == none] = -1
    return found
