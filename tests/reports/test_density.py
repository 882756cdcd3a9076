"""Are the figures of a density map right?

The plan, 3 x 3 grids of one hundredth of a degree in two communities (a: left column, b: the rest):

    a3 | b5 | b6
    ---+----+---
    a2 | b3 | b4
    ---+----+---
    a1 | b1 | b2
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import InputError
from gis.reports.density import (
    count_reports,
    list_months,
    measure_grids,
    roll_up,
    view_density,
)
from gis.reports.surface import estimate_density, smooth_density

CHINA = ZoneInfo("Asia/Shanghai")
SINCE, UNTIL = datetime(2026, 1, 1, tzinfo=CHINA), datetime(2026, 7, 1, tzinfo=CHINA)
WEST, SOUTH, STEP = 117.60, 26.25, 0.01
SRID = 4548


@dataclass(frozen=True)
class Area:
    code: str
    name: str
    level: str
    geometry: shapely.Polygon
    parent: str | None = None


def square(column: int, row: int, columns: int = 1, rows: int = 1) -> shapely.Polygon:
    west, south = WEST + column * STEP, SOUTH + row * STEP
    return shapely.box(west, south, west + columns * STEP, south + rows * STEP)


PLAN = (
    Area("d", "区", "district", square(0, 0, 3, 3)),
    Area("a", "甲社区", "community", square(0, 0, 1, 3), "d"),
    Area("b", "乙社区", "community", square(1, 0, 2, 3), "d"),
    *(Area(f"a{i + 1}", f"甲{i + 1}", "grid", square(0, i), "a") for i in range(3)),
    *(Area(f"b{i + 1}", f"乙{i + 1}", "grid", square(1 + i % 2, i // 2), "b") for i in range(6)),
)
CODES = [area.code for area in PLAN if area.level == "grid"]


def table(codes: list[str | None], *, months: list[int] | None = None) -> pd.DataFrame:
    """A report a code; None lies outside, "?" has no position."""
    months = months or [1] * len(codes)
    inside = [code not in (None, "?") for code in codes]
    middle = {area.code: area.geometry.centroid for area in PLAN}
    places = [
        middle[c] if ok else shapely.Point(100, 20) for c, ok in zip(codes, inside, strict=True)
    ]
    nowhere = [code == "?" for code in codes]
    return pd.DataFrame(
        {
            "occurred_at": pd.to_datetime(
                [datetime(2026, month, 15, tzinfo=CHINA) for month in months], utc=True
            ),
            "category": [["噪音", "停车"][i % 2] for i in range(len(codes))],
            "kind": [["dispute", "suggestion"][i // 2 % 2] for i in range(len(codes))],
            "lon": np.where(nowhere, np.nan, [p.x for p in places]),
            "lat": np.where(nowhere, np.nan, [p.y for p in places]),
            "code": pd.Series(
                [c if ok else None for c, ok in zip(codes, inside, strict=True)], dtype=object
            ),
        }
    )


def test_counts_and_rates_with_their_denominators():
    """
    2 | . | .
    --+---+--      and one report in community b but in none of its grids,
    . | 1 | .      one outside and two without a position
    --+---+--
    3 | . | .
    """
    reports = table(["a1", "a1", "a1", "a3", "a3", "b3", "b", None, "?", "?"])
    counts = count_reports(reports, since=SINCE, until=UNTIL)
    households = {"a1": 200, "b3": 50}
    figures = {
        f.code: f for f in measure_grids(PLAN, counts, metric_srid=SRID, households=households)
    }

    assert (counts.located, counts.outside, counts.unlocated) == (7, 1, 2)
    assert {code: figures[code].reports for code in ("d", "a", "b", "a1", "a2", "b3")} == {
        "d": 7, "a": 5, "b": 2, "a1": 3, "a2": 0, "b3": 1,
    }  # fmt: skip
    assert figures["a1"].per_1000_households == pytest.approx(15.0)
    assert figures["a2"].per_1000_households is None
    assert figures["d"].households == 250
    # 0.01 degrees by 0.01 degrees at 26.25 N.
    assert figures["a1"].area_km2 == pytest.approx(1.107, rel=0.01)
    assert figures["a1"].per_km2 == pytest.approx(3 / figures["a1"].area_km2)


def test_households_that_nobody_counted_are_unknown_and_not_zero():
    counts = count_reports(table(["a1"]), since=SINCE, until=UNTIL)
    figures = measure_grids(PLAN, counts, metric_srid=SRID)
    assert {figure.households for figure in figures} == {None}
    assert {figure.per_1000_households for figure in figures} == {None}


def test_the_period_is_half_open_and_months_are_local():
    """23:59:59 UTC+8 on 30 June is in, midnight is out; 16:30 UTC on 31 January is February."""
    moments = [UNTIL - timedelta(seconds=1), UNTIL, datetime(2026, 1, 31, 16, 30, tzinfo=UTC)]
    reports = table(["a1", "a1", "a2"]).assign(occurred_at=pd.to_datetime(moments, utc=True))
    counts = count_reports(reports, since=SINCE, until=UNTIL)
    found = {(counts.codes[r[0]], counts.months[r[1]]): r[4] for r in counts.rows.tolist()}
    assert found == {("a1", "2026-06"): 1, ("a2", "2026-02"): 1}
    assert len(counts.months) == 6


def test_months_have_no_holes():
    begin, end = datetime(2025, 11, 30, tzinfo=CHINA), datetime(2026, 2, 1, tzinfo=CHINA)
    assert list_months(begin, end) == ("2025-11", "2025-12", "2026-01")


def test_an_empty_period_and_a_foreign_code_are_refused():
    with pytest.raises(InputError, match="empty"):
        count_reports(table([]), since=UNTIL, until=SINCE)
    counts = count_reports(table(["a1"]).assign(code="x9"), since=SINCE, until=UNTIL)
    with pytest.raises(InputError, match="'x9'"):
        measure_grids(PLAN, counts, metric_srid=SRID)


def test_no_reports_make_a_view_without_a_surface():
    view = view_density(PLAN, table([]), district="区", since=SINCE, until=UNTIL, metric_srid=SRID)
    assert view.counts.located == 0
    assert view.surface is None
    assert view.latest_report_at is None
    assert view.levels == ("district", "community", "grid")


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from([*CODES, "a", "b", None, "?"]), max_size=60))
def test_every_report_is_counted_once_on_every_level(codes):
    counts = count_reports(table(codes), since=SINCE, until=UNTIL)
    assert counts.located + counts.outside + counts.unlocated == len(codes)
    totals = roll_up(counts.by_code(), PLAN)
    assert totals["d"] == counts.located == totals["a"] + totals["b"]
    assert sum(totals[code] for code in CODES) == sum(code in CODES for code in codes)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 2999), st.floats(0, 1999)), min_size=1, max_size=40))
def test_the_surface_keeps_the_number_of_reports(points):
    """Edge correction: kernels near the border lose nothing to the outside."""
    outline = shapely.box(0, 0, 3000, 2000)
    x, y = np.array(points, dtype=float).T
    raster = estimate_density(x, y, outline=outline, bandwidth_m=200.0, cell_m=50.0)
    inside = shapely.contains_xy(outline, *np.meshgrid(raster.x, raster.y))
    assert raster.values[inside].sum() * 50.0**2 / 1e6 == pytest.approx(len(points), rel=1e-6)


def test_one_report_alone_is_never_drawn_and_many_are():
    outline = square(0, 0, 3, 3)
    lonely = smooth_density(
        [117.615], [26.265], district=outline, years=1.0, metric_srid=SRID, bandwidth_m=200.0
    )
    assert lonely is None
    crowd = smooth_density(
        [117.615] * 40, [26.265] * 40, district=outline, years=0.5, metric_srid=SRID,
        bandwidth_m=200.0,
    )  # fmt: skip
    assert crowd is not None
    assert all(
        low.high == high.low for low, high in zip(crowd.bands, crowd.bands[1:], strict=False)
    )
    # At the top of a 200 m kernel 40 reports in half a year: 40 / (2 pi 0.2^2) / 0.5.
    assert crowd.bands[-1].low < 40 / (2 * np.pi * 0.04) / 0.5
    union = shapely.union_all([band.geometry for band in crowd.bands])
    assert union.contains(shapely.Point(117.615, 26.265))
    assert outline.buffer(1e-6).contains(union)


def test_cells_are_never_finer_than_fifty_metres():
    surface = smooth_density(
        [117.615] * 9, [26.265] * 9, district=square(0, 0, 3, 3), years=1.0, metric_srid=SRID,
        bandwidth_m=150.0, cell_m=5.0,
    )  # fmt: skip
    assert surface is not None
    assert surface.cell_m == 50.0
