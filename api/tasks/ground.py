"""What work lies on the ground of a district, as planners count it?

Households, buildings and their addresses at a point inside each building, the reports of the year
that ends with the last one, the reports that are still open, and cameras where they hang.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

import numpy as np
import pandas as pd
import shapely
from sqlalchemy import Connection

from gis.cameras.model import Camera
from gis.plan import BaseFeature, Building
from gis.plan.checks import Placed
from gis.plan.work import Points, Work
from gis.reports.model import Status
from gis.store.cameras import load_cameras
from gis.store.plans import Series
from gis.store.reports import ReportSummary, report_points, report_summary
from maps.layers import BaseMap

YEAR = timedelta(days=365)
_LOOK_AGAIN_S = 30.0


@dataclass(frozen=True, slots=True)
class Ground:
    """What is known of the ground of a series besides its plan."""

    work: Work
    buildings: Placed[Building]
    base: Placed[BaseFeature]


def load_ground(connection: Connection, series: Series, base: BaseMap) -> Ground:
    """Gather everything that is counted; a kind that nobody has counted is left out."""
    kinds = _of_buildings(base.buildings) | _of_reports(connection, series)
    if cameras := load_cameras(connection, series):
        kinds["cameras"] = _of_cameras(cameras)
    return Ground(MappingProxyType(kinds), Placed(base.buildings), Placed(base.features))


class Grounds:
    """The ground of each series, loaded once, and again when its base map or reports changed.

    Reports come in without an announcement, so they are looked at again after a while.
    """

    def __init__(self) -> None:
        self._known: dict[int, _Known] = {}

    def of(self, connection: Connection, series: Series, base: BaseMap) -> Ground:
        """Return the ground of a series."""
        known = self._known.get(series.id)
        if known and known.base is base and time.monotonic() - known.seen_at < _LOOK_AGAIN_S:
            return known.ground
        summary = report_summary(connection, series)
        unchanged = known is not None and known.base is base and known.summary == summary
        ground = known.ground if known and unchanged else load_ground(connection, series, base)
        self._known[series.id] = _Known(base, summary, ground, time.monotonic())
        return ground


@dataclass(frozen=True, slots=True)
class _Known:
    base: BaseMap
    summary: ReportSummary
    ground: Ground
    seen_at: float


def _of_buildings(buildings: Sequence[Building]) -> dict[str, Points]:
    if not buildings:
        return {}
    places = shapely.point_on_surface(np.array([building.geometry for building in buildings]))
    lon, lat = shapely.get_x(places), shapely.get_y(places)
    households = np.array([building.households for building in buildings], dtype=np.float64)
    addressed = np.array([bool(building.address) for building in buildings], dtype=np.float64)
    found = {"buildings": Points(lon, lat, np.ones(len(buildings)))}
    counted = {"households": households, "addresses": addressed}
    return found | {
        kind: Points(lon, lat, weight) for kind, weight in counted.items() if weight.any()
    }


def _of_reports(connection: Connection, series: Series) -> dict[str, Points]:
    latest = report_summary(connection, series).latest
    if latest is None:
        return {}
    after = latest + timedelta(microseconds=1)
    year = report_points(connection, series, since=after - YEAR, until=after)
    still_open = report_points(connection, series, statuses=[Status.OPEN])
    return {"reports_per_year": _placed(year), "open_reports": _placed(still_open)}


def _placed(frame: pd.DataFrame) -> Points:
    lon, lat = frame["lon"].to_numpy(), frame["lat"].to_numpy()
    known = ~np.isnan(lon)
    return Points(lon[known], lat[known], np.ones(int(known.sum())))


def _of_cameras(cameras: Sequence[Camera]) -> Points:
    lon = np.array([camera.lon for camera in cameras])
    lat = np.array([camera.lat for camera in cameras])
    return Points(lon, lat, np.ones(len(cameras)))
