"""Do reports get into their grids, each once, by the boundaries of their time?"""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from api.tasks.import_boundaries import import_boundaries
from api.tasks.import_reports import ReportImport, import_reports
from gis.errors import NotFound, Refused
from gis.files.columns import ColumnChoice
from gis.files.tables import read_reports
from gis.store.database import Database
from gis.store.plans import Series, ensure_series, list_series
from gis.store.report_history import find_report
from gis.store.sessions import transaction
from tests.api.test_import_boundaries import CHOICES, STEP, nine, square, write_layer


@pytest.fixture
def opened(database: Engine, tmp_path: Path) -> Database:
    found = Database(database, str(database.url), is_private=False)
    import_boundaries(found, nine(tmp_path), CHOICES, publish_now=True)
    return found


def series_of(opened: Database) -> Series:
    with transaction(opened.engine) as connection:
        return list_series(connection)[0]


def write_reports(folder: Path, rows: list[tuple[object, ...]], name: str = "r.csv") -> Path:
    file = folder / name
    with file.open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(["编号", "经度", "纬度", "日期", "类别", "area"])
        writer.writerows(rows)
    return file


def run(opened: Database, file: Path, *, expect: bool = False) -> ReportImport:
    table = read_reports(
        file, columns=ColumnChoice(expected="area" if expect else None), crs="wgs84"
    )
    return import_reports(opened, series_of(opened), table, source="test", expect=expect)


def at(column: float, row: float) -> tuple[float, float]:
    return 117.60 + column * STEP, 26.20 + row * STEP


ROWS = [
    ("a", *at(0.5, 0.5), "2026-01-01", "噪音", "1"),
    ("b", *at(1.5, 0.5), "2026-01-02", "噪音", "1"),
    ("c", *at(9.5, 0.5), "2026-01-03", "违停", "3"),
    ("d", "", "", "2026-01-04", "违停", "3"),
    ("e", 0, 0, "2026-01-05", "违停", "7"),
    ("f", *at(0.5, 2.5), "nonsense", "违停", "7"),
    ("g", *at(1.0, 1.0), "2026-01-06 08:30", "违停", "99"),
]


def test_each_report_is_counted_once_where_it_belongs(opened: Database, tmp_path: Path) -> None:
    done = run(opened, write_reports(tmp_path, ROWS))
    assert (done.located, done.outside, done.unlocated, done.rejected) == (3, 1, 2, 1)
    assert done.result.inserted == 6
    with transaction(opened.engine) as connection:
        rows = connection.execute(
            text("SELECT external_id, code FROM report JOIN grid ON grid.id = grid_id ORDER BY 1")
        ).all()
    assert [tuple(row) for row in rows] == [("a", "1"), ("b", "2"), ("g", "1")]
    assert done.rejected_file is not None
    assert "nonsense" in done.rejected_file.read_text(encoding="utf-8-sig")


def test_a_second_import_changes_nothing(opened: Database, tmp_path: Path) -> None:
    run(opened, write_reports(tmp_path, ROWS))
    again = run(opened, write_reports(tmp_path, ROWS))
    assert (again.result.inserted, again.result.updated, again.result.unchanged) == (0, 0, 6)


def test_agreement_counts_and_measures(opened: Database, tmp_path: Path) -> None:
    agreement = run(opened, write_reports(tmp_path, ROWS), expect=True).agreement
    assert agreement is not None
    assert (agreement.named, agreement.agree, agreement.in_none) == (6, 1, 1)
    assert (agreement.unlocated, agreement.unknown) == (2, 1)
    assert agreement.unknown_examples == ("99",)
    six_and_a_half_squares_m = 6.5 * STEP * 111_320 * 0.8972
    assert agreement.largest_distance_m == pytest.approx(six_and_a_half_squares_m, rel=0.005)


def test_the_revision_of_the_day_locates_the_report(opened: Database, tmp_path: Path) -> None:
    start = datetime(2026, 1, 2, tzinfo=UTC)
    import_boundaries(opened, nine(tmp_path), CHOICES, publish_now=True, effective_from=start)
    run(opened, write_reports(tmp_path, ROWS))
    with transaction(opened.engine) as connection:
        rows = connection.execute(
            text(
                "SELECT external_id, rank() OVER (ORDER BY revision_id) > 1 FROM report "
                "JOIN grid ON grid.id = grid_id ORDER BY 1"
            )
        ).all()
    assert [tuple(row) for row in rows] == [("a", False), ("b", False), ("g", True)]


def test_an_open_report_of_earlier_days_gets_the_grid_of_today(
    opened: Database, tmp_path: Path
) -> None:
    """The nine squares 1…9, and from 2026-01-02 on the same squares as 11…19."""
    start = datetime(2026, 1, 2, tzinfo=UTC)
    renamed = {str(11 + c + 3 * r): square(c, r) for r in range(3) for c in range(3)}
    later = write_layer(tmp_path, renamed, "renamed")
    import_boundaries(opened, later, CHOICES, publish_now=True, effective_from=start)
    file = tmp_path / "open.csv"
    file.write_text(
        "编号,经度,纬度,日期,类别,状态\n"
        f"a,{at(0.5, 0.5)[0]},{at(0.5, 0.5)[1]},2026-01-01,噪音,open\n"
        f"b,{at(0.5, 0.5)[0]},{at(0.5, 0.5)[1]},2026-01-01,噪音,closed\n",
        encoding="utf-8",
    )
    run(opened, file)
    run(opened, file)
    series = series_of(opened)
    with transaction(opened.engine) as connection:
        found = {name: find_report(connection, series, "test", name) for name in "ab"}
        with pytest.raises(NotFound, match="no report 'c'"):
            find_report(connection, series, "test", "c")
    assert (found["a"].grid, found["a"].responsible) == ("1", "11")
    assert [(step.from_code, step.to_code) for step in found["a"].routes] == [("1", "11")]
    assert (found["b"].grid, found["b"].responsible, found["b"].routes) == ("1", "1", [])


def test_reports_need_a_published_plan(database: Engine, tmp_path: Path) -> None:
    bare = Database(database, str(database.url), is_private=False)
    with transaction(database) as connection:
        series = ensure_series(
            connection, "empty", title="", metric_srid=32650, time_zone="Asia/Shanghai"
        )
    table = read_reports(write_reports(tmp_path, ROWS), crs="wgs84")
    with pytest.raises(Refused, match="publish its boundaries"):
        import_reports(bare, series, table, source="test")
