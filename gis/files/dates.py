"""When did it happen, as people write dates?

ISO dates and times, months, ``2022/1/3 8:05``, ``2022年1月3日``, ``20220103`` and the day numbers
of spreadsheets. Dates whose day and month could be told apart only by guessing are not read.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pandas as pd

from gis.errors import InputError

_WITH_OFFSET = r"[T\s]\d{2}:?\d{2}(?::?\d{2}(?:\.\d+)?)?\s*(?:Z|[+-]\d{2}(?::?\d{2})?)$"
_WRITTEN = (
    r"^(?P<year>\d{4})\s*[-/.年]\s*(?P<month>\d{1,2})"
    r"(?:\s*[-/.月]\s*(?P<day>\d{1,2})\s*日?|\s*月?)"
    r"(?:[T\s]*(?P<hour>\d{1,2})\s*[::时点]\s*(?P<minute>\d{1,2})?\s*分?"
    r"(?:[::]?\s*(?P<second>\d{1,2})(?:\.\d+)?\s*秒?)?)?$"
)
_PACKED = r"^(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})?$"
_SERIAL = r"^[2-7]\d{4}(?:\.\d+)?$"
_SERIAL_ORIGIN = pd.Timestamp("1899-12-30")


def parse_zone(name: str) -> ZoneInfo:
    """Return a time zone by its IANA name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InputError(
            f"{name[:40]!r} is no time zone; use a name such as Asia/Shanghai"
        ) from None


def parse_dates(
    text: pd.Series[str], *, time_zone: ZoneInfo, date_format: str | None = None
) -> pd.Series[pd.Timestamp]:
    """Read dates and times; what cannot be read becomes NaT.

    Parameters
    ----------
    text
        Cells as they were written.
    time_zone
        Of cells that name no offset. An hour that the clock shows twice is taken as the later one,
        an hour that it skips as the next that exists.
    date_format
        A ``strptime`` pattern for other ways of writing.

    Returns
    -------
    pandas.Series
        Aware timestamps in ``time_zone``, on the index of ``text``.

    Examples
    --------
    >>> cells = pd.Series(["2022年1月3日", "2022/1/3 8:05", "2022-01-03T00:00Z", "2022-01", "soon"])
    >>> [str(date)[:16] for date in parse_dates(cells, time_zone=ZoneInfo("Asia/Shanghai"))]
    ['2022-01-03 00:00', '2022-01-03 08:05', '2022-01-03 08:00', '2022-01-01 00:00', 'NaT']
    """
    if date_format is not None:
        return _localise(pd.to_datetime(text, format=date_format, errors="coerce"), time_zone)
    odd = np.array([not _is_plain(cell) for cell in text], dtype=bool)
    naive: pd.Series[pd.Timestamp] = pd.to_datetime(
        text.where(~odd), format="ISO8601", errors="coerce"
    ).astype("datetime64[us]")
    if not odd.any():
        return _localise(naive, time_zone)
    cells = text[odd].str.normalize("NFKC").str.strip()
    aware = cells.str.contains(_WITH_OFFSET, regex=True, na=False)
    for read in (_read_written, _read_packed, _read_serial):
        left = naive[odd].isna() & ~aware
        naive[left[left].index] = read(cells[left])
    dates = _localise(naive, time_zone)
    if aware.any():
        known = pd.to_datetime(cells[aware], format="ISO8601", errors="coerce", utc=True)
        dates[known.index] = known.dt.tz_convert(time_zone).astype(dates.dtype)
    return dates


def _is_plain(cell: str) -> bool:
    """Tell a plain ISO date or time, by far the most common, from all other ways of writing."""
    tail = cell[10:]
    return (
        cell[4:5] == "-" == cell[7:8]
        and len(cell) >= 10
        and "-" not in tail
        and "+" not in tail
        and tail[-1:] not in ("Z", " ")
    )


def _localise(naive: pd.Series[pd.Timestamp], zone: ZoneInfo) -> pd.Series[pd.Timestamp]:
    if naive.dt.tz is not None:
        return naive.dt.tz_convert(zone).astype(pd.DatetimeTZDtype("us", zone))
    winter = np.zeros(len(naive), dtype=bool)
    aware = naive.dt.tz_localize(zone, ambiguous=winter, nonexistent="shift_forward")
    return aware.astype(pd.DatetimeTZDtype("us", zone))


def _read_written(cells: pd.Series[str]) -> pd.Series[pd.Timestamp]:
    return _assemble(cells.str.extract(_WRITTEN))


def _read_packed(cells: pd.Series[str]) -> pd.Series[pd.Timestamp]:
    return _assemble(cells.str.extract(_PACKED))


def _read_serial(cells: pd.Series[str]) -> pd.Series[pd.Timestamp]:
    days = pd.to_numeric(cells.where(cells.str.fullmatch(_SERIAL)), errors="coerce")
    seconds = (days * 86400.0).round()
    return (_SERIAL_ORIGIN + pd.to_timedelta(seconds, unit="s")).astype("datetime64[us]")


def _assemble(parts: pd.DataFrame) -> pd.Series[pd.Timestamp]:
    numbers = parts.apply(pd.to_numeric, errors="coerce")
    numbers["day"] = numbers["day"].fillna(1)
    for name in ("hour", "minute", "second"):
        numbers[name] = numbers[name].fillna(0) if name in numbers else 0
    dates: pd.Series[pd.Timestamp] = pd.to_datetime(numbers, errors="coerce")
    return dates.astype("datetime64[us]")
