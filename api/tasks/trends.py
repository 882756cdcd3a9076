"""How did reports develop, counted on the boundaries of their day or on those of one revision?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from sqlalchemy import Connection

from api.live_plans import LivePlan
from api.tasks.figures import ReportFilter, choose_period
from api.tasks.ground import Ground
from gis.errors import InputError
from gis.plan import Grid, Level, Plan, Revision
from gis.plan.work import sum_by_area
from gis.reports.trend import Basis, Life, Period, Stay, Trend, count_by_period
from gis.store.plans import grid_ids
from gis.store.reports import report_points, report_summary


@dataclass(frozen=True, slots=True)
class _Boundaries:
    """On what is counted: a name and households for every code, and when each was in use."""

    names: Mapping[str, str]
    households: Mapping[str, Sequence[Stay]] | None
    lives: Mapping[str, Life] | None


def gather_trend(
    connection: Connection,
    live: LivePlan,
    ground: Ground,
    chosen: ReportFilter,
    *,
    revision: Revision | None,
    level: Level | None,
    period: Period,
) -> Trend:
    """Count the reports of a span by grid and period.

    Parameters
    ----------
    revision
        All reports are located on it again; None counts each in the grid in which it occurred.
    level
        ``grid`` if there is one, else the narrowest.
    """
    series = live.series
    summary = report_summary(connection, series)
    since, until = choose_period(
        chosen, summary.earliest, summary.latest, ZoneInfo(series.time_zone)
    )
    reports = report_points(
        connection,
        series,
        since=since,
        until=until,
        kinds=chosen.kinds,
        categories=chosen.categories,
    )
    level = level or _usual_level(live.revisions[-1].plan)
    if revision is None:
        reports["code"] = _codes_as_was(connection, live.revisions, reports["grid_id"], level)
        bounds = _all_boundaries(live.revisions, level, ground)
    else:
        reports["code"] = _codes_on(live, revision, reports, level)
        bounds = _all_boundaries([revision], level, ground, timeless=True)
    if not bounds.names:
        raise InputError(f"these boundaries have no area of the level {level}; choose another one")
    return count_by_period(
        reports,
        since=since,
        until=until,
        period=period,
        basis=Basis.AS_WAS if revision is None else Basis.REVISION,
        names=bounds.names,
        households=bounds.households,
        lives=bounds.lives,
        zone=series.time_zone,
    )


def _usual_level(plan: Plan) -> Level:
    return Level.GRID if plan.at(Level.GRID) else plan.levels[-1]


def _codes_as_was(
    connection: Connection, revisions: Sequence[Revision], grids: pd.Series, level: Level
) -> pd.Series:
    """Return for every report the area of a level in which it occurred; missing for none."""
    codes: dict[int, str] = {}
    for revision in revisions:
        above = {grid.code: _at_level(revision.plan, grid, level) for grid in revision.plan}
        known = grid_ids(connection, revision.id).items()
        codes |= {number: above[code] for code, number in known if above[code]}
    return grids.map(codes)


def _at_level(plan: Plan, grid: Grid, level: Level) -> str:
    if grid.level is level:
        return grid.code
    return next((area.code for area in plan.ancestors(grid.code) if area.level is level), "")


def _codes_on(live: LivePlan, revision: Revision, reports: pd.DataFrame, level: Level) -> pd.Series:
    """Locate reports again on one revision."""
    index = next(each for each in live.locator.indexes if each.revision.id == revision.id)
    positions = index.locate_levels(reports["lon"].to_numpy(), reports["lat"].to_numpy())
    if level.value not in positions:
        return pd.Series([None] * len(reports), index=reports.index, dtype=object)
    codes = np.array([*index.codes(level.value), None], dtype=object)
    return pd.Series(codes[positions[level.value]], index=reports.index, dtype=object)


def _all_boundaries(
    revisions: Sequence[Revision], level: Level, ground: Ground, *, timeless: bool = False
) -> _Boundaries:
    names: dict[str, str] = {}
    homes: dict[str, list[Stay]] = {}
    lives: dict[str, Life] = {}
    counted = ground.work.get("households")
    for revision in revisions:
        grids = revision.plan.at(level)
        names |= {grid.code: grid.name for grid in grids}
        if counted is not None and grids:
            sums = sum_by_area([grid.geometry for grid in grids], counted).tolist()
            stay = (None, None) if timeless else (revision.effective_from, revision.effective_to)
            for grid, own in zip(grids, sums, strict=True):
                homes.setdefault(grid.code, []).append((stay, own))
        for grid in grids:
            born = lives[grid.code][0] if grid.code in lives else revision.effective_from
            lives[grid.code] = born, revision.effective_to
    return _Boundaries(names, homes if counted is not None else None, None if timeless else lives)
