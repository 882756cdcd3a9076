"""How long does a publish take when a million reports are there and many of them are open?

    python -m benchmarks.publish [--json] [--rows N] [--open N]

A private cluster of its own with durable settings holds the demonstration district with seeded
reports. Two publishes are measured, each in whole: index of the new plan, lineage, and the one
transaction with grids, routes of open reports, audit and outbox.

- ``renumbered``: every grid gets another code, so that every open report gets another grid: the
  worst case.
- ``reshaped``: all borders move by about 30 m.

The peer is the usual way to hand over open reports: one UPDATE that joins on ``ST_Covers`` over a
spatial index. It writes no history, and nothing but the UPDATE is counted against it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
from shapely.affinity import translate
from sqlalchemy import Connection, Engine, text

from api.tasks.demo import save_district
from api.tasks.indexing import index_plan, narrowest_codes
from api.tasks.locating import RevisionLocator
from benchmarks.locate import machine
from benchmarks.reports import _environment, _wangge
from gis.demo import build_district
from gis.plan.edits.apply import apply_edit
from gis.plan.edits.model import Renumber
from gis.plan.lineage import trace_lineage
from gis.plan.model import Grid, Level, Plan, Revision
from gis.store import plans, publishing, routing
from gis.store.database import open_database
from gis.store.plans import Series
from gis.store.reports import copy_reports
from gis.store.sessions import transaction

SEED = 20261123
BLOCK = 100_000
_PEER = text("""
UPDATE report SET grid_id = grid.id FROM grid
WHERE report.series_id = :series AND report.status = 'open'
  AND grid.revision_id = :revision AND grid.level = :level AND ST_Covers(grid.geom, report.geom)
""")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one object a line")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--open", type=int, default=200_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wangge-benchmark-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        for result in measure(folder, options.rows, options.open):
            if options.json:
                print(json.dumps(result))
                continue
            peer_s = result["peers"]["update with ST_Covers"]
            print(
                f"{result['case']}: {result['grids']} grids, {result['n']:,} reports, "
                f"{result['open']:,} open, {result['routed']:,} routed; {result['machine']}\n"
                f"  Wangge {result['ours']} s (of it the transaction {result['transaction_s']} s), "
                f"UPDATE {peer_s} s, ratio {result['ratio']}"
            )


def measure(folder: Path, rows: int, open_rows: int) -> Iterator[dict[str, object]]:
    """Publish both plans and yield the figures of each."""
    database = open_database(None, folder)
    try:
        with transaction(database.engine) as connection:
            save_district(connection, build_district(), with_reports=False)
        with transaction(database.engine) as connection:
            [series] = plans.list_series(connection)
            fill(connection, series, rows, open_rows)
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as bare:
            bare.execute(text("VACUUM ANALYZE report"))
        for case, change in (("renumbered", renumber_all), ("reshaped", move_all)):
            figures = publish(database.engine, series, change)
            peer_s = update_as_usual(database.engine, series)
            yield {
                "case": f"publish-{case}",
                "n": rows,
                "open": open_rows,
                **figures,
                "peers": {"update with ST_Covers": peer_s},
                "ratio": round(peer_s / float(figures["ours"]), 1),
                "unit": "s",
                "machine": machine(),
            }
    finally:
        database.engine.dispose()
        subprocess.run(_wangge("db", "down"), env=_environment(folder), check=True)


def fill(connection: Connection, series: Series, rows: int, open_rows: int) -> None:
    """Add seeded reports in the ground of the plan, the open ones at random among them."""
    revisions = plans.load_revisions(connection, series)
    locator = RevisionLocator(connection, revisions, series.metric_srid)
    random = np.random.default_rng(SEED)
    is_open = np.zeros(rows, dtype=bool)
    is_open[random.choice(rows, open_rows, replace=False)] = True
    places = draw_places(random, revisions[-1], series.metric_srid, rows)
    begin = pd.Timestamp("2023-01-01", tz="UTC")
    at = begin + pd.to_timedelta(random.integers(0, 3 * 365 * 86400, rows), unit="s")
    table = pd.DataFrame(
        {
            "external_id": [f"R{number:08d}" for number in range(rows)],
            "occurred_at": at,
            "kind": "service_request",
            "category": random.choice(["噪音扰民", "违停", "垃圾清运", "路灯故障"], rows),
            "title": [f"事项{number}" for number in range(rows)],
            "status": np.where(is_open, "open", "closed"),
            "lon": places[:, 0],
            "lat": places[:, 1],
            "address": "",
        }
    )

    def blocks() -> Iterator[pd.DataFrame]:
        for start in range(0, rows, BLOCK):
            block = table.iloc[start : start + BLOCK].copy()
            locator.locate(block)
            yield block

    copy_reports(connection, series, "benchmark", blocks())


def draw_places(
    random: np.random.Generator, revision: Revision, metric_srid: int, rows: int
) -> np.ndarray:
    """Return places inside the plan, shape (rows, 2)."""
    index = index_plan(revision, metric_srid)
    west, south = revision.plan.bounds[:, :2].min(axis=0)
    east, north = revision.plan.bounds[:, 2:].max(axis=0)
    found = np.empty((0, 2))
    while len(found) < rows:
        drawn = random.uniform((west, south), (east, north), (rows, 2)).round(6)
        inside = narrowest_codes(index, drawn[:, 0].copy(), drawn[:, 1].copy()) != None  # noqa: E711
        found = np.concatenate([found, drawn[inside]])
    return found[:rows]


def renumber_all(plan: Plan) -> Plan:
    """Give every grid and subgrid another code."""
    narrow = [*plan.at(Level.GRID), *plan.at(Level.SUBGRID)]
    return apply_edit(plan, Renumber(codes={g.code: f"9{g.code[1:]}" for g in narrow})).plan


def move_all(plan: Plan) -> Plan:
    """Move all borders by about 30 m."""
    return Plan(
        Grid(g.code, g.name, g.level, translate(g.geometry, 3e-4, 0.0), g.parent) for g in plan
    )


def publish(engine: Engine, series: Series, change: Callable[[Plan], Plan]) -> dict[str, object]:
    """Publish a changed plan from now on, and return the figures."""
    with transaction(engine) as connection:
        latest = plans.load_revisions(connection, series)[-1]
    plan = change(latest.plan)
    start = time.perf_counter()
    index = index_plan(Revision(0, series.name, None, None, plan), series.metric_srid)
    rows = trace_lineage(latest.plan, plan, metric_srid=series.metric_srid)
    before = time.perf_counter()

    def locate(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
        return narrowest_codes(index, lon, lat)

    with transaction(engine) as connection:
        made = publishing.publish(
            connection,
            series,
            plans.stage(connection, series, plan),
            effective_from=datetime.now(UTC),
            lineage=rows,
            locate=locate,
        )
    done = time.perf_counter()
    with transaction(engine) as connection:
        query = text("SELECT count(*) FROM report_route WHERE revision_id = :id")
        routed = connection.execute(query, {"id": made.id}).scalar_one()
        assert routing.route_open_reports(connection, series, made.id, locate).routed == 0
    return {
        "ours": round(done - start, 2),
        "transaction_s": round(done - before, 2),
        "grids": len(plan.at(Level.GRID)),
        "routed": routed,
    }


def update_as_usual(engine: Engine, series: Series) -> float:
    """Hand the open reports over as most people would; return the seconds, and undo it."""
    with engine.connect() as connection:
        latest = plans.load_revisions(connection, series)[-1]
        start = time.perf_counter()
        parameters = {"series": series.id, "revision": latest.id, "level": Level.GRID.value}
        connection.execute(_PEER, parameters)
        seconds = time.perf_counter() - start
        connection.rollback()
    return round(seconds, 2)


if __name__ == "__main__":
    main()
