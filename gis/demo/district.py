"""What does the demonstration district consist of, and how is it built?"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields

import pandas as pd
import shapely

from gis.cameras.model import Camera
from gis.coords import SANMING_METRIC_SRID
from gis.demo.addresses import StandardAddress, address_houses, list_addresses
from gis.demo.base import draw_base, name_places
from gis.demo.buildings import fill_blocks
from gis.demo.cameras import place_cameras
from gis.demo.layout import lay_out
from gis.demo.outline import outline_plan
from gis.demo.reports import make_reports
from gis.demo.roads import name_roads
from gis.plan import BaseFeature, Building, Plan

SEED = 350402


@dataclass(frozen=True)
class District:
    """A whole synthetic district.

    ``plan`` has all five levels; ``reports`` has the columns of
    :data:`gis.reports.model.REPORT_COLUMNS`; everything else is in EPSG:4490 degrees, snapped.
    """

    plan: Plan
    buildings: tuple[Building, ...]
    base: tuple[BaseFeature, ...]
    addresses: tuple[StandardAddress, ...]
    cameras: tuple[Camera, ...]
    reports: pd.DataFrame
    seed: int
    series: str = "meilie"
    title: str = "三明市梅列区（演示）"
    metric_srid: int = SANMING_METRIC_SRID

    def digests(self) -> dict[str, str]:
        """SHA-256 of every part: equal on every machine for equal seeds."""
        return {
            "plan": self.plan.fingerprint,
            "buildings": _digest(self.buildings),
            "base": _digest(self.base),
            "addresses": _digest(self.addresses),
            "cameras": _digest(self.cameras),
            "reports": _digest_table(self.reports),
        }


def build_district(seed: int = SEED) -> District:
    """Build the demonstration district.

    Parameters
    ----------
    seed
        Equal seeds give equal districts, to the byte, on every machine.

    Returns
    -------
    District
        145 grids in 26 communities, about 7,000 buildings, 300 cameras and 60,000 reports.
    """
    layout = lay_out(seed)
    plan = outline_plan(layout)
    filled = fill_blocks(layout, seed)
    roads = name_roads(layout)
    places = name_places(filled)
    houses = address_houses(layout, filled, roads, seed)
    return District(
        plan=plan,
        buildings=tuple(house.building for house in houses),
        base=draw_base(layout, filled, roads, places),
        addresses=list_addresses(houses),
        cameras=place_cameras(plan, roads, houses, places, seed),
        reports=make_reports(layout, houses, roads, places, seed),
        seed=seed,
    )


def _digest(rows: tuple[object, ...]) -> str:
    digest = hashlib.sha256()
    for row in rows:
        for field in fields(row):  # type: ignore[arg-type]
            value = getattr(row, field.name)
            if isinstance(value, shapely.Geometry):
                digest.update(shapely.to_wkb(value, byte_order=1))
            else:
                digest.update(f"{value}\x1f".encode())
    return digest.hexdigest()


def _digest_table(table: pd.DataFrame) -> str:
    digest = hashlib.sha256()
    for row in table.itertuples(index=False):
        values = (*row[:1], row[1].isoformat(), *row[2:])
        digest.update("\x1f".join(map(str, values)).encode())
    return digest.hexdigest()
