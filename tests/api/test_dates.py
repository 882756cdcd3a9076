"""Is a date that somebody typed the instant that was meant, and is what has none refused?"""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.dates import parse_instant
from gis.errors import InputError

ZONE = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-01-01", "2026-01-01T00:00:00+08:00"),
        (" 2026-01-01 ", "2026-01-01T00:00:00+08:00"),
        ("2026-01-01 08:30", "2026-01-01T08:30:00+08:00"),
        ("2026-01-01T08:30:00Z", "2026-01-01T08:30:00+00:00"),
        ("2026-01-01T08:30+14:00", "2026-01-01T08:30:00+14:00"),
        ("2026-01-01T08:30 14:00", "2026-01-01T08:30:00+14:00"),
        ("2026-01-01T08:30:00 0800", "2026-01-01T08:30:00+08:00"),
    ],
)
def test_a_date_is_read_as_it_was_meant(text: str, meant: str) -> None:
    assert parse_instant(text, ZONE).isoformat() == meant


@pytest.mark.parametrize(
    "text",
    ["", "soon", "2026-02-30", "\x00", "9" * 99, "0001-01-01", "9999-12-31T23:59:59-12:00"],
)
def test_what_is_no_usable_date_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="is no date"):
        parse_instant(text, ZONE)


@given(st.datetimes(), st.sampled_from(["Pacific/Kiritimati", "Etc/GMT+12", "Asia/Shanghai"]))
def test_what_is_read_exists_in_every_time_zone(typed: datetime, zone: str) -> None:
    try:
        found = parse_instant(typed.isoformat(), ZoneInfo(zone))
    except InputError:
        assert typed.year in (1, 9999)
    else:
        assert found.astimezone(UTC).astimezone(ZONE) == found
