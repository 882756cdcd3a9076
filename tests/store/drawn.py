"""Small plans and tables that the tests of the store draw on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import shapely
from sqlalchemy import Connection

from gis.plan.model import Grid, Level, Plan
from gis.store import plans, publishing
from gis.store.plans import Series

YEAR_2026 = datetime(2026, 1, 1, tzinfo=UTC)
STEP_DEG = 0.01


def nine_grids(name: str = "网格") -> Plan:
    r"""Draw a community of 3 × 3 grids::

    7 8 9
    4 5 6
    1 2 3     (1 starts at 117.6, 26.2; each side is 0.01°)
    """
    xs = [round(117.6 + step * STEP_DEG, 7) for step in range(4)]
    ys = [round(26.2 + step * STEP_DEG, 7) for step in range(4)]
    outline = [(x, ys[0]) for x in xs] + [(xs[3], y) for y in ys[1:]]
    outline += [(x, ys[3]) for x in xs[2::-1]] + [(xs[0], y) for y in ys[2:0:-1]]
    whole = shapely.Polygon(outline)
    grids = [Grid("350402002003", "翁墩社区", Level.COMMUNITY, whole)]
    for number in range(9):
        x, y = number % 3, number // 3
        square = shapely.box(xs[x], ys[y], xs[x + 1], ys[y + 1])
        code = f"35040200200300{number + 1}"
        grids.append(Grid(code, f"{name}\t{number + 1}", Level.GRID, square, "350402002003"))
    return Plan(grids)


def make_series(connection: Connection, name: str = "meilie") -> Series:
    """Make a series without revisions."""
    return plans.ensure_series(
        connection, name, title="梅列区", metric_srid=4548, time_zone="Asia/Shanghai"
    )


def publish_nine_grids(connection: Connection) -> tuple[Series, dict[str, int]]:
    """Publish the nine grids since ever; return the series and the ids of its grids."""
    series = make_series(connection)
    revision_id = plans.stage(connection, series, nine_grids())
    publishing.publish(connection, series, revision_id)
    return series, plans.grid_ids(connection, revision_id)


def reports(rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Make a table of reports; what a row leaves out is a plain value."""
    plain = {
        "external_id": "",
        "occurred_at": "2026-03-01T08:00:00+08:00",
        "kind": "dispute",
        "category": "噪音",
        "title": "",
        "status": "closed",
        "lon": 117.605,
        "lat": 26.205,
        "address": "",
        "grid_id": pd.NA,
        "position": "outside",
    }
    # As objects: pandas' own texts cannot hold everything that a file can.
    rows_whole = [{**plain, **row} for row in rows]
    frame = pd.DataFrame(rows_whole, columns=list(plain), dtype=object)
    frame["occurred_at"] = pd.to_datetime(frame["occurred_at"], utc=True)
    return frame.astype({"grid_id": "Int64", "lon": "float64", "lat": "float64"})
