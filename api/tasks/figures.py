"""Which figures go onto a map?

From the database: positions, households, cameras and base layers; from them the values that the
maps draw. Reports are counted on the boundaries of one revision, the one in force now by default:
located on them again, or in the grid that each report had when it occurred.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import shapely
from sqlalchemy import Connection

from api.tasks.as_was import carry_codes
from api.tasks.indexing import index_plan, narrowest_codes
from gis.cameras.coverage import CoverageView, view_coverage
from gis.errors import InputError
from gis.locate import PlanIndex
from gis.plan import Building, Revision
from gis.reports.density import DensityView, view_density
from gis.reports.trend import Basis
from gis.store.base_features import load_base_features
from gis.store.buildings import load_buildings
from gis.store.cameras import load_cameras
from gis.store.plans import Series, load_revisions
from gis.store.reports import report_points, report_summary
from maps.layers import BaseMap


@dataclass(frozen=True, slots=True)
class ReportFilter:
    """Which reports to count; None takes all. The period is half-open ``[since, until)``."""

    since: datetime | None = None
    until: datetime | None = None
    kinds: Collection[str] | None = None
    categories: Collection[str] | None = None


def load_base_map(connection: Connection, series: Series) -> BaseMap:
    """Load the layers to find one's way by."""
    return BaseMap(
        features=tuple(load_base_features(connection, series)),
        buildings=tuple(load_buildings(connection, series)),
    )


def gather_density(
    connection: Connection,
    series: Series,
    revision: Revision,
    chosen: ReportFilter,
    base: BaseMap,
    *,
    index: PlanIndex | None = None,
    basis: Basis = Basis.REVISION,
    revisions: Sequence[Revision] = (),
) -> DensityView:
    """Count the reports of a period on the grids of a revision.

    Parameters
    ----------
    index
        Of the revision; spares building one.
    basis
        ``REVISION`` locates every report on the revision again; ``AS_WAS`` counts it in the grid
        of its day, or in the heir of that grid (see :mod:`api.tasks.as_was`).
    revisions
        All published ones, for ``AS_WAS``; loaded when empty.
    """
    zone = ZoneInfo(series.time_zone)
    summary = report_summary(connection, series)
    since, until = choose_period(chosen, summary.earliest, summary.latest, zone)
    index = index or index_plan(revision, series.metric_srid)
    reports = report_points(
        connection,
        series,
        since=since,
        until=until,
        kinds=chosen.kinds,
        categories=chosen.categories,
    )
    carried = 0
    if basis is Basis.AS_WAS:
        reports["code"], carried = carry_codes(
            connection,
            reports["grid_id"],
            revision,
            revisions or load_revisions(connection, series),
            metric_srid=series.metric_srid,
            buildings=base.buildings,
        )
    else:
        lon, lat = reports["lon"].to_numpy(), reports["lat"].to_numpy()
        reports["code"] = narrowest_codes(index, lon, lat)
    view = view_density(
        revision.plan.grids,
        reports,
        district=series.title or series.name,
        since=since,
        until=until,
        metric_srid=series.metric_srid,
        zone=series.time_zone,
        households=count_households(index, base.buildings),
        imported_at=summary.last_import,
        revision_id=revision.id,
        effective_from=revision.effective_from,
        effective_to=revision.effective_to,
    )
    return replace(view, as_was=basis is Basis.AS_WAS, carried=carried)


def gather_coverage(
    connection: Connection, series: Series, revision: Revision, base: BaseMap
) -> CoverageView:
    """Measure what the cameras of a series see of the grids of a revision."""
    return view_coverage(
        revision.plan.grids,
        load_cameras(connection, series),
        base.features,
        district=series.title or series.name,
        metric_srid=series.metric_srid,
        zone=series.time_zone,
        revision_id=revision.id,
        effective_from=revision.effective_from,
        effective_to=revision.effective_to,
    )


def count_households(index: PlanIndex, buildings: Sequence[Building]) -> dict[str, int] | None:
    """Sum households by the narrowest grid that covers each building; None if nobody counted."""
    if not any(building.households for building in buildings):
        return None
    places = shapely.point_on_surface(np.array([building.geometry for building in buildings]))
    codes = narrowest_codes(index, shapely.get_x(places), shapely.get_y(places))
    found: Counter[str] = Counter()
    for code, building in zip(codes, buildings, strict=True):
        if code is not None:
            found[code] += building.households
    return dict(found)


def choose_period(
    chosen: ReportFilter, earliest: datetime | None, latest: datetime | None, zone: ZoneInfo
) -> tuple[datetime, datetime]:
    """Return the asked period; an open end is the day of the first or after the last report."""
    today = datetime.now(zone)
    first = _midnight(earliest or today, zone)
    last = _midnight(latest or today, zone) + timedelta(days=1)
    since, until = chosen.since or first, chosen.until or last
    if since >= until:
        raise InputError(
            f"the period is empty: it starts on {since:%Y-%m-%d} and must end after that, "
            f"not on {until:%Y-%m-%d}"
        )
    return since, until


def _midnight(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
