"""How many reports were there in each grid, month by month, on which boundaries?

A trend over years crosses changes of boundaries, so it says on which it counts: as they were (each
report in the grid of its day) or of one revision (all reports located on it again). Which grid a
report belongs to is decided before; here it is only counted. Nothing is left out in silence:
months without a report are zero, months in which a grid did not exist are empty, and reports
outside every grid or without a position have rows of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis.errors import InputError
from gis.reports.density import DEFAULT_ZONE

Period = Literal["month", "quarter", "year"]
Life = tuple[datetime | None, datetime | None]
"""From when until before when something existed; None is without bound."""
Stay = tuple[Life, float]
"""How many households a grid had while it looked as it did."""

_FREQUENCIES: dict[Period, Literal["M", "Q", "Y"]] = {"month": "M", "quarter": "Q", "year": "Y"}
MOST_PERIODS = 1200


class Basis(StrEnum):
    """On which boundaries reports are counted."""

    AS_WAS = "as_was"
    REVISION = "revision"


@dataclass(frozen=True, slots=True)
class TrendRow:
    """Reports of one grid by period; None where the grid did not exist in any part of it.

    ``households`` is the denominator of each period: those within the boundaries that the grid had
    then, and their mean by time if these changed meanwhile. None where the grid did not exist, or
    where nobody counted them.

    Examples
    --------
    >>> TrendRow("a", "A", (3, 3, None), (400, 800, None)).per_1000_households
    (7.5, 3.75, None)
    """

    code: str
    name: str
    counts: tuple[int | None, ...]
    households: tuple[float | None, ...]

    @property
    def total(self) -> int:
        """Reports in all periods."""
        return sum(count or 0 for count in self.counts)

    @property
    def per_1000_households(self) -> tuple[float | None, ...]:
        """Reports per 1,000 households in each period; None where there are no households."""
        pairs = zip(self.counts, self.households, strict=True)
        return tuple(None if n is None or not homes else 1000.0 * n / homes for n, homes in pairs)


@dataclass(frozen=True, slots=True)
class Trend:
    """Reports by grid and period.

    ``periods`` are ``2026-01``, ``2026Q1`` or ``2026``; ``is_whole`` tells for each whether all of
    it lies in the asked span. The rows are in ascending code order. The sum of all rows,
    ``outside`` and ``unlocated`` is ``total``: every report of the span, once.
    """

    basis: Basis
    period: Period
    since: datetime
    until: datetime
    zone: str
    periods: tuple[str, ...]
    is_whole: tuple[bool, ...]
    rows: tuple[TrendRow, ...] = field(repr=False)
    outside: tuple[int, ...]
    unlocated: tuple[int, ...]

    @property
    def located(self) -> tuple[int, ...]:
        """Reports in any grid, by period."""
        columns = zip(*(row.counts for row in self.rows), strict=True)
        return tuple(sum(n or 0 for n in column) for column in columns) or (0,) * len(self.periods)

    @property
    def total(self) -> int:
        """All reports of the span."""
        return sum(self.located) + sum(self.outside) + sum(self.unlocated)


def count_by_period(
    reports: pd.DataFrame,
    *,
    since: datetime,
    until: datetime,
    period: Period = "month",
    basis: Basis = Basis.REVISION,
    names: Mapping[str, str],
    households: Mapping[str, Sequence[Stay]] | None = None,
    lives: Mapping[str, Life] | None = None,
    zone: str = DEFAULT_ZONE,
) -> Trend:
    """Count reports by grid and period.

    Parameters
    ----------
    reports
        One row a report with ``occurred_at`` (aware), ``lon`` (NaN when unlocated) and ``code``:
        the grid of the wanted level on the wanted basis, missing when there is none.
    since, until
        Aware bounds of the half-open span; rows outside it are left out.
    names
        Of every grid that has a row, with reports or without.
    households
        By code, for each span in which the grid kept its boundaries; None when nobody counted
        them. A code that is not named has none.
    lives
        When each grid existed, for :attr:`Basis.AS_WAS`; a code that is not named always did.
    zone
        IANA time zone in which a month begins.

    Raises
    ------
    InputError
        The span is empty or has more than 1,200 periods, or a report has a code without a name.

    Examples
    --------
    >>> from datetime import UTC as utc
    >>> table = pd.DataFrame({
    ...     "occurred_at": pd.to_datetime(["2026-01-02", "2026-03-03", "2026-03-04"], utc=True),
    ...     "lon": [117.6, 117.6, None], "code": ["a", "a", None]})
    >>> trend = count_by_period(table, since=datetime(2026, 1, 1, tzinfo=utc), names={"a": "A"},
    ...                         until=datetime(2026, 4, 1, tzinfo=utc), zone="UTC")
    >>> trend.periods, trend.rows[0].counts, trend.unlocated
    (('2026-01', '2026-02', '2026-03'), (1, 0, 1), (0, 0, 1))
    """
    spans = _list_periods(since, until, period, zone)
    moment = reports["occurred_at"]
    kept = reports[(moment >= since) & (moment < until)]
    local = kept["occurred_at"].dt.tz_convert(zone).dt.tz_localize(None)
    column = spans.get_indexer(pd.PeriodIndex(local, freq=spans.freq)).astype(np.int64)
    has_code, has_place = kept["code"].notna().to_numpy(), kept["lon"].notna().to_numpy()
    codes, bounds = sorted(names), _bounds(spans, zone)
    numbers = _cross(kept["code"][has_code], column[has_code], codes, len(spans))
    rows = []
    for code, counts in zip(codes, numbers.tolist(), strict=True):
        alive = _tell_alive(bounds, lives.get(code) if lives else None)
        shown = tuple(n if n or lived else None for n, lived in zip(counts, alive, strict=True))
        if households is None:
            homes: tuple[float | None, ...] = (None,) * len(spans)
        else:
            homes = _mean_households(bounds, households.get(code, ()))
        rows.append(TrendRow(code, names[code], shown, homes))
    return Trend(
        basis=basis,
        period=period,
        since=since,
        until=until,
        zone=zone,
        periods=tuple(str(span) for span in spans),
        is_whole=_tell_whole(spans, since, until, zone),
        rows=tuple(rows),
        outside=_tally(column[~has_code & has_place], len(spans)),
        unlocated=_tally(column[~has_code & ~has_place], len(spans)),
    )


def _list_periods(since: datetime, until: datetime, period: Period, zone: str) -> pd.PeriodIndex:
    if not since < until:
        raise InputError(f"the period from {since} to {until} is empty; let it end after it begins")
    first = pd.Timestamp(since).tz_convert(zone).tz_localize(None)
    last = (pd.Timestamp(until) - pd.Timedelta(1, "us")).tz_convert(zone).tz_localize(None)
    spans = pd.period_range(first, last, freq=_FREQUENCIES[period])
    if len(spans) > MOST_PERIODS:
        raise InputError(
            f"{len(spans):,} {period}s are more than the {MOST_PERIODS:,} that a table holds; "
            "choose a shorter span or longer periods"
        )
    return spans


def _cross(
    code: pd.Series[str], column: NDArray[np.int64], codes: list[str], width: int
) -> NDArray[np.int64]:
    """Count by code and period, shape (len(codes), width)."""
    row = pd.Index(codes).get_indexer(pd.Index(code.to_numpy(dtype=object)))
    if (row < 0).any():
        unknown = str(code.to_numpy(dtype=object)[row < 0][0])
        raise InputError(
            f"a report has the code {unknown!r}, which is no grid of these boundaries; "
            "locate the reports on the boundaries on which they are counted",
            grid=unknown,
        )
    counts = np.bincount(row * width + column, minlength=len(codes) * width)
    return counts.reshape(len(codes), width).astype(np.int64)


def _tally(column: NDArray[np.int64], width: int) -> tuple[int, ...]:
    return tuple(np.bincount(column, minlength=width).tolist())


def _bounds(spans: pd.PeriodIndex, zone: str) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
    starts = spans.start_time.tz_localize(zone)
    ends = (spans + 1).start_time.tz_localize(zone)
    return list(zip(starts, ends, strict=True))


def _tell_alive(
    bounds: Sequence[tuple[pd.Timestamp, pd.Timestamp]], life: Life | None
) -> list[bool]:
    """Tell for each period whether a grid existed in some part of it."""
    born, gone = life or (None, None)
    return [
        (born is None or born < end) and (gone is None or start < gone) for start, end in bounds
    ]


def _mean_households(
    bounds: Sequence[tuple[pd.Timestamp, pd.Timestamp]], stays: Sequence[Stay]
) -> tuple[float | None, ...]:
    """Return the mean number of households in each period, weighted by time."""
    starts, ends = (
        np.array([side.timestamp() for side in sides]) for sides in zip(*bounds, strict=True)
    )
    held, summed = np.zeros(len(bounds)), np.zeros(len(bounds))
    for (since, until), homes in stays:
        first = -np.inf if since is None else since.timestamp()
        last = np.inf if until is None else until.timestamp()
        lasted = np.clip(np.minimum(ends, last) - np.maximum(starts, first), 0.0, None)
        held += lasted
        summed += lasted * homes
    means = np.divide(summed, held, out=np.zeros_like(held), where=held > 0.0)
    return tuple(
        mean if lasted else (None if stays else 0.0)
        for mean, lasted in zip(means.round(9).tolist(), held.tolist(), strict=True)
    )


def _tell_whole(
    spans: pd.PeriodIndex, since: datetime, until: datetime, zone: str
) -> tuple[bool, ...]:
    return tuple(since <= start and end <= until for start, end in _bounds(spans, zone))
