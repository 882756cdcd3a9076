"""Reports go in once, whole, and come out as points."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import psycopg
import pytest
from sqlalchemy import Engine, text

from gis.errors import Conflict, InputError, Unavailable
from gis.store import plans
from gis.store.reports import (
    ImportResult,
    copy_reports,
    report_categories,
    report_points,
    report_summary,
)
from gis.store.sessions import transaction
from tests.store.drawn import make_series, publish_nine_grids, reports

FIRST = "350402002003001"


def test_import_again_updates_only_what_differs(database: Engine) -> None:
    rows = [{"external_id": "a"}, {"external_id": "b"}, {"external_id": "c"}]
    with transaction(database) as connection:
        series = make_series(connection)
        assert copy_reports(connection, series, "12345", [reports(rows)]) == ImportResult(
            inserted=3, updated=0, unchanged=0, repeated=0
        )
    with transaction(database) as connection:
        first_ids = _rows(connection, "SELECT id FROM report ORDER BY external_id")
        rows[1]["status"] = "open"
        rows.append({"external_id": "d"})
        assert copy_reports(connection, series, "12345", [reports(rows)]) == ImportResult(
            inserted=1, updated=1, unchanged=2, repeated=0
        )
        assert _rows(connection, "SELECT id FROM report ORDER BY external_id")[:3] == first_ids
        assert copy_reports(connection, series, "other", [reports(rows)]).inserted == 4


def test_of_rows_with_one_id_the_last_counts(database: Engine) -> None:
    first = reports([{"external_id": "a", "title": "1"}, {"external_id": "b", "title": "2"}])
    second = reports([{"external_id": "a", "title": "3"}, {"external_id": "a", "title": "4"}])
    with transaction(database) as connection:
        series = make_series(connection)
        result = copy_reports(connection, series, "x", [first, second])
        found = _rows(connection, "SELECT external_id, title FROM report ORDER BY 1")
    assert result == ImportResult(inserted=2, updated=0, unchanged=0, repeated=2)
    assert found == [("a", "4"), ("b", "2")]


def test_rows_without_id_are_each_kept_once(database: Engine) -> None:
    frame = reports([{"title": "same"}, {"title": "same"}, {"title": "else"}, {"lon": np.nan,
                    "lat": np.nan, "position": "unlocated"}])  # fmt: skip
    with transaction(database) as connection:
        series = make_series(connection)
        assert copy_reports(connection, series, "x", [frame]).inserted == 4
        assert copy_reports(connection, series, "x", [frame, frame[:1]]) == ImportResult(
            inserted=1, updated=0, unchanged=4, repeated=0
        )


def test_missing_text_is_empty_text(database: Engine) -> None:
    frame = reports([{"external_id": None, "address": None}, {"external_id": "b"}])
    with transaction(database) as connection:
        series = make_series(connection)
        assert copy_reports(connection, series, "x", [frame]).inserted == 2
        assert _rows(connection, "SELECT DISTINCT address FROM report") == [("",)]


def test_row_without_id_keeps_its_identity_in_another_grid(database: Engine) -> None:
    with transaction(database) as connection:
        series, ids = publish_nine_grids(connection)
        copy_reports(connection, series, "x", [reports([{}])])
        located = reports([{"grid_id": ids[FIRST], "position": "located"}])
        assert copy_reports(connection, series, "x", [located]).updated == 1


def test_values_come_back_exactly(database: Engine) -> None:
    strange = "tab\t, line\n, return\r, slash\\N, quote'\", 网格 𠀀, \\."
    row = {
        "external_id": "\\N", "title": strange, "address": strange, "category": strange,
        "lon": 117.60000010000001, "lat": np.nextafter(26.2, 27), "position": "outside",
        "occurred_at": "1999-12-31T23:59:59.999999+08:00",
    }  # fmt: skip
    with transaction(database) as connection:
        series = make_series(connection)
        copy_reports(connection, series, "x", [reports([row])])
        points = report_points(connection, series)
        found = _rows(connection, "SELECT external_id, title, address FROM report")
    assert found == [("\\N", strange, strange)]
    assert points["lon"].to_list() == [row["lon"]]
    assert points["lat"].to_list() == [row["lat"]]
    assert points["category"].to_list() == [strange]
    assert points["occurred_at"].to_list() == [pd.Timestamp(row["occurred_at"])]


def test_points_are_filtered(database: Engine) -> None:
    with transaction(database) as connection:
        series, ids = publish_nine_grids(connection)
        rows = [
            {"external_id": "a", "grid_id": ids[FIRST], "position": "located"},
            {"external_id": "b", "kind": "incident", "category": "火情"},
            {"external_id": "c", "occurred_at": "2026-04-01T00:00:00Z"},
            {"external_id": "d", "lon": np.nan, "lat": np.nan, "position": "unlocated"},
        ]
        copy_reports(connection, series, "x", [reports(rows)])
        april = datetime(2026, 4, 1, tzinfo=UTC)
        points = report_points(connection, series)
        assert sorted(points["grid_id"].fillna(-1)) == [-1, -1, -1, ids[FIRST]]
        assert points["lon"].isna().sum() == 1
        assert points["grid_id"].dtype == "Int64"
        assert len(report_points(connection, series, since=april)) == 1
        assert len(report_points(connection, series, until=april)) == 3
        assert len(report_points(connection, series, kinds=["incident"])) == 1
        assert len(report_points(connection, series, kinds=[])) == 0
        assert len(report_points(connection, series, categories=["噪音"])) == 3
        assert report_categories(connection, series) == ["噪音", "火情"]
        summary = report_summary(connection, series)
    assert (summary.located, summary.outside, summary.unlocated, summary.total) == (1, 2, 1, 4)
    assert summary.latest == april
    assert summary.last_import is not None


def test_series_without_reports_gives_an_empty_table(database: Engine) -> None:
    with transaction(database) as connection:
        series = make_series(connection)
        points = report_points(connection, series)
        assert copy_reports(connection, series, "x", []) == ImportResult(0, 0, 0, 0)
        assert report_summary(connection, series).earliest is None
    assert list(points) == ["lon", "lat", "occurred_at", "kind", "category", "grid_id"]
    assert points["occurred_at"].dtype == "datetime64[us, UTC]"


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"title": "a\0b"}, InputError),
        ({"title": "\ud800"}, InputError),
        ({"kind": "rumour"}, InputError),
        ({"status": "lost"}, InputError),
        ({"occurred_at": None}, InputError),
        ({"position": "located"}, InputError),
        ({"grid_id": 987654321, "position": "located"}, Conflict),
    ],
)
def test_what_cannot_be_stored_leaves_nothing(
    database: Engine, change: dict[str, object], error: type[Exception]
) -> None:
    rows = [{"external_id": "a"}, {"external_id": "b", **change}]
    with transaction(database) as connection:
        series = make_series(connection)
    with pytest.raises(error), transaction(database) as connection:
        copy_reports(connection, series, "x", [reports(rows)])
    with transaction(database) as connection:
        assert report_summary(connection, series).total == 0


def test_grid_of_a_staged_plan_takes_no_reports(database: Engine) -> None:
    with transaction(database) as connection:
        series, _ = publish_nine_grids(connection)
        staged = plans.stage(connection, series, plans.load_revisions(connection, series)[0].plan)
        grid = plans.grid_ids(connection, staged)[FIRST]
        frame = reports([{"grid_id": grid, "position": "located"}])
        with pytest.raises(Conflict, match="no published revision"):
            copy_reports(connection, series, "x", [frame])


def test_backend_that_dies_half_way_leaves_nothing(
    database: Engine, postgis: psycopg.Connection
) -> None:
    many = reports([{"external_id": f"a{number}"} for number in range(2000)])

    def frames() -> Iterator[pd.DataFrame]:
        yield many
        postgis.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        for number in range(200):
            yield many.assign(external_id=[f"{number}-{row}" for row in range(2000)])

    with transaction(database) as connection:
        series = make_series(connection)
    with pytest.raises(Unavailable), transaction(database) as connection:
        copy_reports(connection, series, "x", frames())
    with transaction(database) as connection:
        assert report_summary(connection, series).total == 0
        assert copy_reports(connection, series, "x", [many]).inserted == 2000


KILLED_HALF_WAY = """
import os, signal, sys
from gis.store.plans import get_series
from gis.store.reports import copy_reports
from gis.store.sessions import open_engine, transaction
from tests.store.drawn import reports

def frames():
    yield reports([{"external_id": f"a{number}"} for number in range(1000)])
    os.kill(os.getpid(), signal.SIGKILL)

with transaction(open_engine(sys.argv[1])) as connection:
    copy_reports(connection, get_series(connection, "meilie"), "x", frames())
"""


def test_program_that_is_killed_half_way_leaves_nothing(
    database: Engine, database_url: str
) -> None:
    with transaction(database) as connection:
        series = make_series(connection)
    command = [sys.executable, "-c", KILLED_HALF_WAY, database_url]
    killed = subprocess.run(command, cwd=Path(__file__).parents[2], check=False)
    assert killed.returncode == -9
    frame = reports([{"external_id": f"a{number}"} for number in range(1000)])
    with transaction(database) as connection:
        assert report_summary(connection, series).total == 0
        assert copy_reports(connection, series, "x", [frame]).inserted == 1000


def _rows(connection: object, query: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in connection.execute(text(query))]  # type: ignore[attr-defined]
