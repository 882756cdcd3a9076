"""Is a date read as it was meant, and is what may mean two things left alone?"""

from datetime import datetime
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.files.dates import parse_dates

ZONE = ZoneInfo("Asia/Shanghai")


def parse(*cells, zone=ZONE):
    return list(parse_dates(pd.Series(list(cells), dtype=object), time_zone=zone))


@pytest.mark.parametrize(
    ("cell", "meant"),
    [
        ("2010-01-01 00:05", "2010-01-01T00:05:00+08:00"),
        ("2022-01-01", "2022-01-01T00:00:00+08:00"),
        ("2022-01", "2022-01-01T00:00:00+08:00"),
        ("2022-1-3", "2022-01-03T00:00:00+08:00"),
        ("2022/1/3 8:05", "2022-01-03T08:05:00+08:00"),
        ("2022.1.3", "2022-01-03T00:00:00+08:00"),
        ("2022年1月3日", "2022-01-03T00:00:00+08:00"),
        ("２０２２年１月３日 ８：０５", "2022-01-03T08:05:00+08:00"),
        ("2022年1月", "2022-01-01T00:00:00+08:00"),
        ("2022年1月3日 8时5分", "2022-01-03T08:05:00+08:00"),
        ("2022年01月03日08:05:09", "2022-01-03T08:05:09+08:00"),
        ("20220103", "2022-01-03T00:00:00+08:00"),
        ("202201", "2022-01-01T00:00:00+08:00"),
        ("44564.25", "2022-01-03T06:00:00+08:00"),
        ("2022-01-03T00:05:00Z", "2022-01-03T08:05:00+08:00"),
        ("2022-01-03T08:05:06+0900", "2022-01-03T07:05:06+08:00"),
        ("2022-01-03 08:05:06 -05:00", "2022-01-03T21:05:06+08:00"),
    ],
)
def test_what_people_write_is_read(cell, meant):
    (date,) = parse(cell)
    assert date.isoformat() == meant


@pytest.mark.parametrize(
    "cell",
    ["", "soon", "now", "2022-13-01", "2022-02-30", "01/03/2022", "3/1/22", "1", "0", "99999", "-"],
)
def test_what_may_mean_two_things_or_nothing_is_left(cell):
    assert parse(cell, "2022-01-01")[0] is pd.NaT


@given(
    st.lists(
        st.tuples(
            st.datetimes(datetime(1995, 1, 1), datetime(2100, 1, 1)).map(
                lambda moment: moment.replace(second=0, microsecond=0)
            ),
            st.sampled_from(
                ["%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y年%m月%d日%H时%M分", "%Y-%m-%dT%H:%M+08:00"]
            ),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_every_way_of_writing_gives_the_same_moment_in_any_mixture(written):
    cells = [moment.strftime(pattern) for moment, pattern in written]
    assert parse(*cells) == [pd.Timestamp(moment, tz=ZONE) for moment, _ in written]


def test_hours_that_occur_twice_or_never_are_settled():
    chicago = ZoneInfo("America/Chicago")
    twice, never = parse("2022-11-06 01:30", "2022-03-13 02:30", zone=chicago)
    assert twice.isoformat() == "2022-11-06T01:30:00-06:00"
    assert never.isoformat() == "2022-03-13T03:00:00-05:00"
