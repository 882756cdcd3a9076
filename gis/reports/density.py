"""How many reports are there, where, and per what?

Figures of located reports on the grids of one revision: counts, rates with an explicit
denominator, and the compact table from which a page recalculates them for a month, a category or
a kind. Nothing here carries the position of a single report.

A report belongs to the narrowest grid that covers it, and through its parents to every wider one.
A level that does not tile its parent (a community without grids) therefore counts fewer reports
than the level above it; the difference is real and is shown, never spread.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis.coords import to_metric
from gis.errors import InputError
from gis.reports.surface import Surface, smooth_density

Integers = NDArray[np.int64]

DEFAULT_ZONE = "Asia/Shanghai"
OUTSIDE, UNLOCATED = -1, -2
_DAYS_PER_YEAR = 365.2425


class GridLike(Protocol):
    """What is needed to know of a grid: ``gis.plan.model.Grid`` has it."""

    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def level(self) -> str: ...
    @property
    def parent(self) -> str | None: ...
    @property
    def geometry(self) -> shapely.Polygon | shapely.MultiPolygon: ...


@dataclass(frozen=True, slots=True)
class GridFigures:
    """The figures of one grid, with the denominators that they are divided by.

    ``households`` is None when nobody counted them; ``geometry`` is in EPSG:4490 degrees.

    Examples
    --------
    >>> figures = GridFigures("1", "一", "grid", shapely.box(0, 0, 1, 1), 0.5, 400, 30)
    >>> figures.per_km2, figures.per_1000_households
    (60.0, 75.0)
    """

    code: str
    name: str
    level: str
    geometry: shapely.Polygon | shapely.MultiPolygon
    area_km2: float
    households: int | None
    reports: int
    parent: str | None = None

    @property
    def per_km2(self) -> float | None:
        """Reports per square kilometre in the period; None for a grid without area."""
        return self.reports / self.area_km2 if self.area_km2 > 0 else None

    @property
    def per_1000_households(self) -> float | None:
        """Reports per 1,000 households in the period; None where there are no households."""
        return 1000.0 * self.reports / self.households if self.households else None


@dataclass(frozen=True, slots=True)
class ReportCounts:
    """Reports by (grid, month, category, kind): a sparse table in five columns of integers.

    ``rows`` has shape (n, 5): positions in ``codes``, ``months``, ``categories`` and ``kinds``,
    then the number of reports (1 or more). ``codes`` are the narrowest covering grids, with
    position :data:`OUTSIDE` or :data:`UNLOCATED` where there is none; months are ``YYYY-MM`` in
    the district's time zone, without holes.
    """

    codes: tuple[str, ...]
    months: tuple[str, ...]
    categories: tuple[str, ...]
    kinds: tuple[str, ...]
    rows: Integers = field(repr=False)

    @property
    def located(self) -> int:
        """Reports that a grid covers."""
        return int(self.rows[self.rows[:, 0] >= 0, 4].sum())

    @property
    def outside(self) -> int:
        """Reports with a position that no grid covers."""
        return int(self.rows[self.rows[:, 0] == OUTSIDE, 4].sum())

    @property
    def unlocated(self) -> int:
        """Reports without a position."""
        return int(self.rows[self.rows[:, 0] == UNLOCATED, 4].sum())

    def by_code(self) -> dict[str, int]:
        """Return the located reports by the code of their narrowest grid."""
        rows = self.rows[self.rows[:, 0] >= 0]
        numbers = np.bincount(rows[:, 0], rows[:, 4], minlength=len(self.codes))
        return dict(zip(self.codes, numbers.astype(int).tolist(), strict=True))


@dataclass(frozen=True, slots=True)
class DensityView:
    """All that a density map shows, as values.

    The period is half-open ``[since, until)``; all times are aware. ``effective_from`` and
    ``effective_to`` bound the revision on whose grids the reports are counted: located on them
    again, or (``as_was``) in the grid that each had when it occurred, of which ``carried`` reports
    are counted in the heir of a grid that this revision no longer has.
    """

    district: str
    since: datetime
    until: datetime
    zone: str
    levels: tuple[str, ...]
    figures: tuple[GridFigures, ...] = field(repr=False)
    counts: ReportCounts = field(repr=False)
    households: int | None
    latest_report_at: datetime | None
    imported_at: datetime | None
    revision_id: int | None
    effective_from: datetime | None
    effective_to: datetime | None
    surface: Surface | None = field(repr=False, default=None)
    as_was: bool = False
    carried: int = 0


def count_reports(
    reports: pd.DataFrame,
    *,
    since: datetime,
    until: datetime,
    zone: str = DEFAULT_ZONE,
) -> ReportCounts:
    """Count reports by narrowest grid, month, category and kind.

    Parameters
    ----------
    reports
        One row a report with ``occurred_at`` (timezone-aware), ``category``, ``kind``,
        ``lon``/``lat`` (EPSG:4490 degrees, NaN when unlocated) and ``code``: the narrowest grid
        that covers the report, missing when there is none.
    since, until
        Aware bounds of the half-open period; rows outside it are left out.
    zone
        IANA time zone in which a month begins.

    Returns
    -------
    ReportCounts
        Rows in ascending order; *located* has a grid, *outside* a position but no grid,
        *unlocated* no position.

    Raises
    ------
    InputError
        The period is empty.

    Examples
    --------
    >>> from datetime import UTC as utc
    >>> table = pd.DataFrame({
    ...     "occurred_at": pd.to_datetime(["2026-01-02", "2026-01-03", "2026-02-01"], utc=True),
    ...     "category": ["noise", "noise", "parking"], "kind": ["dispute"] * 3,
    ...     "lon": [117.6, 117.6, 99.0], "lat": [26.2, 26.2, 26.2], "code": ["a", "a", None]})
    >>> counts = count_reports(table, since=datetime(2026, 1, 1, tzinfo=utc),
    ...                        until=datetime(2026, 3, 1, tzinfo=utc), zone="UTC")
    >>> counts.rows.tolist(), counts.located, counts.outside
    ([[-1, 1, 1, 0, 1], [0, 0, 0, 0, 2]], 2, 1)
    """
    if not since < until:
        raise InputError(f"the period from {since} to {until} is empty; let it end after it begins")
    moment = reports["occurred_at"]
    kept = reports[(moment >= since) & (moment < until)]
    months = list_months(since, until, zone)
    month = kept["occurred_at"].dt.tz_convert(zone).dt.strftime("%Y-%m")
    codes, code_of = _enumerate(kept["code"].fillna(""))
    nowhere = np.where(kept["lon"].notna(), OUTSIDE, UNLOCATED)
    code_of = np.where(kept["code"].isna(), nowhere, code_of - int("" in codes))
    categories, category_of = _enumerate(kept["category"].fillna(""))
    kinds, kind_of = _enumerate(kept["kind"].astype(str))
    month_of = pd.Index(months).get_indexer(month)
    keys = np.column_stack([code_of, month_of, category_of, kind_of]).astype(np.int64)
    distinct, numbers = np.unique(keys.reshape(-1, 4), axis=0, return_counts=True)
    return ReportCounts(
        codes=tuple(code for code in codes if code),
        months=months,
        categories=categories,
        kinds=kinds,
        rows=np.column_stack([distinct, numbers]).astype(np.int64),
    )


def list_months(since: datetime, until: datetime, zone: str = DEFAULT_ZONE) -> tuple[str, ...]:
    """Name the months that a half-open period touches, as ``YYYY-MM`` in a time zone.

    Examples
    --------
    >>> from zoneinfo import ZoneInfo
    >>> china = ZoneInfo("Asia/Shanghai")
    >>> list_months(datetime(2025, 12, 31, tzinfo=china), datetime(2026, 2, 1, tzinfo=china))
    ('2025-12', '2026-01')
    """
    first = pd.Timestamp(since).tz_convert(zone).tz_localize(None)
    last = (pd.Timestamp(until) - pd.Timedelta(1, "us")).tz_convert(zone).tz_localize(None)
    return tuple(str(month) for month in pd.period_range(first, last, freq="M"))


def roll_up(numbers: Mapping[str, int], grids: Iterable[GridLike]) -> dict[str, int]:
    """Add the numbers of narrow grids to every wider grid above them.

    Parameters
    ----------
    numbers
        Something countable by the code of the narrowest grid that holds it, each thing once.
    grids
        All grids of the plan, any order.

    Returns
    -------
    dict
        A number for every grid.

    Raises
    ------
    InputError
        A code belongs to no grid of the plan.
    """
    parents = {grid.code: grid.parent for grid in grids}
    totals = dict.fromkeys(parents, 0)
    for code, number in numbers.items():
        if code not in parents:
            raise InputError(
                f"the code {code!r} is in no grid of this revision; "
                "locate the reports on the revision that is drawn",
                grid=code,
            )
        above: str | None = code
        while above is not None:
            totals[above] += number
            above = parents[above]
    return totals


def measure_grids(
    grids: Iterable[GridLike],
    counts: ReportCounts,
    *,
    metric_srid: int,
    households: Mapping[str, int] | None = None,
) -> tuple[GridFigures, ...]:
    """Return the figures of every grid, in the order of the grids.

    Parameters
    ----------
    grids
        The grids of one revision; areas are measured in ``metric_srid``.
    counts
        From :func:`count_reports`.
    households
        Households by the code of the narrowest grid that covers them, each once; None when
        nobody counted them.
    """
    grids = tuple(grids)
    reports = roll_up(counts.by_code(), grids)
    homes = None if households is None else roll_up(households, grids)
    areas_m2 = shapely.area(to_metric(np.array([g.geometry for g in grids]), srid=metric_srid))
    return tuple(
        GridFigures(
            code=grid.code,
            name=grid.name,
            level=str(grid.level),
            geometry=grid.geometry,
            area_km2=float(area_m2) / 1e6,
            households=None if homes is None else homes[grid.code],
            reports=reports[grid.code],
            parent=grid.parent,
        )
        for grid, area_m2 in zip(grids, areas_m2, strict=True)
    )


def view_density(
    grids: Iterable[GridLike],
    reports: pd.DataFrame,
    *,
    district: str,
    since: datetime,
    until: datetime,
    metric_srid: int,
    zone: str = DEFAULT_ZONE,
    households: Mapping[str, int] | None = None,
    imported_at: datetime | None = None,
    revision_id: int | None = None,
    effective_from: datetime | None = None,
    effective_to: datetime | None = None,
    bandwidth_m: float | None = None,
) -> DensityView:
    """Gather everything that a density map shows.

    Parameters
    ----------
    grids
        The grids of one revision, widest level first (``Plan.grids``).
    reports
        As in :func:`count_reports`; the codes must be of this revision.
    district
        The name in the title.
    metric_srid
        Projected CRS of the district, in metres.
    imported_at
        When reports were last imported.
    bandwidth_m
        Standard deviation of the smooth surface; chosen by the size of the district if None.
    """
    grids = tuple(grids)
    counts = count_reports(reports, since=since, until=until, zone=zone)
    figures = measure_grids(grids, counts, metric_srid=metric_srid, households=households)
    moments = reports["occurred_at"]
    within = ((moments >= since) & (moments < until) & reports["code"].notna()).to_numpy(dtype=bool)
    surface = smooth_density(
        reports["lon"].to_numpy(dtype=float)[within],
        reports["lat"].to_numpy(dtype=float)[within],
        district=_outline(grids),
        years=(until - since).total_seconds() / 86400 / _DAYS_PER_YEAR,
        metric_srid=metric_srid,
        bandwidth_m=bandwidth_m,
    )
    latest = moments[moments < until].max()
    return DensityView(
        district=district,
        since=since,
        until=until,
        zone=zone,
        levels=tuple(dict.fromkeys(figure.level for figure in figures)),
        figures=figures,
        counts=counts,
        households=None if households is None else sum(households.values()),
        latest_report_at=None if pd.isna(latest) else latest.to_pydatetime(),
        imported_at=imported_at,
        revision_id=revision_id,
        effective_from=effective_from,
        effective_to=effective_to,
        surface=surface,
    )


def _outline(grids: Sequence[GridLike]) -> shapely.Geometry:
    roots = [grid.geometry for grid in grids if grid.parent is None]
    return shapely.union_all(np.array(roots))


def _enumerate(values: pd.Series[str]) -> tuple[tuple[str, ...], Integers]:
    distinct, positions = np.unique(values.to_numpy(dtype=object).astype(str), return_inverse=True)
    return tuple(distinct.tolist()), positions.astype(np.int64)
