"""Are reports counted by grid and period, each once, on either basis?"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import InputError
from gis.reports.trend import Basis, count_by_period

CHINA = ZoneInfo("Asia/Shanghai")


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


def frame(*rows: tuple[str, str | None, float | None]) -> pd.DataFrame:
    """Each row: when (China), the code, the longitude."""
    when = pd.to_datetime([day(row[0]) for row in rows], utc=True)
    codes = pd.Series([row[1] for row in rows], dtype=object)
    lon = pd.Series([row[2] for row in rows], dtype=float)
    return pd.DataFrame({"occurred_at": when, "code": codes, "lon": lon})


REPORTS = frame(
    ("2025-12-31T23:59", "a", 117.6),
    ("2026-01-01T00:00", "a", 117.6),
    ("2026-03-31T23:59", "a", 117.6),
    ("2026-03-02T08:00", "b", 117.6),
    ("2026-02-02T08:00", None, 110.0),
    ("2026-02-02T08:00", None, None),
    ("2026-04-01T00:00", "b", 117.6),
)
NAMES = {"a": "甲", "b": "乙", "c": "丙"}


def count(period="month", since="2026-01-01", until="2026-04-01", **given):
    return count_by_period(
        REPORTS, since=day(since), until=day(until), period=period, names=NAMES, **given
    )


def test_months_begin_in_the_time_zone_and_empty_ones_are_zero():
    trend = count()
    assert trend.periods == ("2026-01", "2026-02", "2026-03")
    assert {row.code: row.counts for row in trend.rows} == {
        "a": (1, 0, 1),
        "b": (0, 0, 1),
        "c": (0, 0, 0),
    }
    assert (trend.outside, trend.unlocated) == ((0, 1, 0), (0, 1, 0))
    assert (trend.located, trend.total) == ((1, 0, 2), 5)
    assert trend.is_whole == (True, True, True)


def test_quarters_and_years_and_periods_that_are_cut():
    quarters = count("quarter", since="2025-12-01", until="2026-05-01")
    assert quarters.periods == ("2025Q4", "2026Q1", "2026Q2")
    assert quarters.rows[0].counts == (1, 2, 0)
    assert quarters.is_whole == (False, True, False)
    years = count("year", since="2025-01-01", until="2027-01-01")
    assert years.periods == ("2025", "2026")
    assert years.rows[0].counts == (1, 2)
    assert years.is_whole == (True, True)


def test_rates_have_a_denominator_or_are_missing():
    always = (None, None)
    trend = count(households={"a": [(always, 500)], "b": [(always, 0)]})
    assert trend.rows[0].per_1000_households == (2.0, 0.0, 2.0)
    assert trend.rows[1].per_1000_households == (None, None, None)
    assert [row.households for row in trend.rows[1:]] == [(0, 0, 0), (0, 0, 0)]
    assert count().rows[0].households == (None, None, None)


def test_a_rate_is_of_the_households_that_the_grid_had_in_each_period():
    merged, gone = day("2026-02-15"), day("2026-03-01")
    stays = {"a": [((None, merged), 200), ((merged, gone), 1000)]}
    row = count(households=stays, lives={"a": (None, gone)}, basis=Basis.AS_WAS).rows[0]
    assert row.households == (200, pytest.approx(600), None)  # of February one half each
    assert row.per_1000_households == (5.0, 0.0, None)


def test_a_grid_has_no_figure_before_it_existed_and_after_it_was_gone():
    lives = {"a": (None, day("2026-02-10")), "c": (day("2026-03-31T12:00"), None)}
    trend = count(lives=lives, basis=Basis.AS_WAS)
    counts = {row.code: row.counts for row in trend.rows}
    # A report that was put into a grid after its end is shown all the same.
    assert counts == {"a": (1, 0, 1), "b": (0, 0, 1), "c": (None, None, 0)}
    assert trend.basis == Basis.AS_WAS
    assert trend.rows[2].total == 0


def test_no_reports_and_no_grids():
    trend = count_by_period(REPORTS[:0], since=day("2026-01-01"), until=day("2026-02-01"), names={})
    assert (trend.rows, trend.located, trend.total) == ((), (0,), 0)


def test_what_cannot_be_counted_is_refused():
    with pytest.raises(InputError, match="empty"):
        count(since="2026-04-01")
    with pytest.raises(InputError, match="1,200"):
        count(since="1900-01-01", until="2026-01-01")
    with pytest.raises(InputError, match="'b'"):
        count_by_period(
            REPORTS, since=day("2026-01-01"), until=day("2026-04-01"), names={"a": "甲"}
        )


@given(
    st.lists(
        st.tuples(st.integers(0, 1000), st.sampled_from(["a", "b", None]), st.booleans()),
        max_size=60,
    ),
    st.sampled_from(["month", "quarter", "year"]),
    st.integers(0, 900),
    st.integers(1, 900),
)
@settings(max_examples=50, deadline=None)
def test_every_report_of_the_span_is_counted_once(rows, period, first, length):
    start = day("2024-01-01")
    since, until = start + timedelta(days=first), start + timedelta(days=first + length)
    table = pd.DataFrame(
        {
            "occurred_at": pd.to_datetime([start + timedelta(days=d) for d, *_ in rows], utc=True),
            "code": pd.Series([code for _, code, _ in rows], dtype=object),
            "lon": np.array([117.6 if code or placed else np.nan for _, code, placed in rows]),
        }
    )
    trend = count_by_period(table, since=since, until=until, period=period, names=NAMES)
    assert trend.total == sum(first <= days < first + length for days, *_ in rows)
