"""How does the demonstration district get into the database?"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from datetime import date, datetime
from pathlib import Path

import pandas as pd
from sqlalchemy import Connection

from api.tasks.locating import RevisionLocator
from gis.demo import District, StandardAddress, build_district
from gis.files.address_parts import read_parts
from gis.locate import standard_address as book
from gis.store.addresses import save_addresses, save_aliases
from gis.store.base_features import save_base_features
from gis.store.buildings import save_buildings
from gis.store.cameras import save_cameras
from gis.store.database import Database
from gis.store.plans import (
    Series,
    ensure_series,
    list_series,
    load_revisions,
    stage,
)
from gis.store.publishing import publish
from gis.store.reports import copy_reports, report_summary
from gis.store.sessions import transaction

SOURCE = "demo"
EFFECTIVE_FROM = datetime.fromisoformat("2022-01-01T00:00:00+08:00")
# 梅列区 was merged into 三元区 in 2021. The demonstration goes on as if it had not been, so that
# whoever writes the name of today finds the same houses.
ALIASES = (book.Alias("county", "三元区", "梅列区", date(2021, 1, 1)),)
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class DemoCounts:
    """What the database holds of the demonstration district."""

    series: Series
    grids: int
    located: int
    outside: int
    unlocated: int


def load_demo(database: Database, *, tell: Tell = lambda _line: None) -> DemoCounts:
    """Put the demonstration district into the database, all of it in one transaction.

    A second call finds it there and changes nothing.
    """
    with transaction(database.engine) as connection:
        present = [found for found in list_series(connection) if found.name == "meilie"]
        if not present:
            tell("building the demonstration district (synthetic, seeded)")
            district = build_district()
            tell(f"saving {len(district.plan)} grids and {len(district.reports):,} reports")
            present = [save_district(connection, district)]
        return _count(connection, present[0])


def write_addresses(addresses: tuple[StandardAddress, ...], file: Path) -> None:
    """Write the standard addresses as CSV, one line each."""
    file.parent.mkdir(parents=True, exist_ok=True)
    names = [field.name for field in fields(StandardAddress)]
    with file.open("w", encoding="utf-8-sig", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(names)
        writer.writerows([getattr(address, name) for name in names] for address in addresses)


def save_district(
    connection: Connection, district: District, *, with_reports: bool = True
) -> Series:
    """Put a district into the database, in the caller's transaction."""
    series = ensure_series(
        connection,
        district.series,
        title=district.title,
        metric_srid=district.metric_srid,
        time_zone="Asia/Shanghai",
    )
    revision = stage(connection, series, district.plan, note="synthetic", actor="demo")
    publish(connection, series, revision, effective_from=EFFECTIVE_FROM, actor="demo")
    save_base_features(connection, series, district.base)
    save_buildings(connection, series, district.buildings)
    save_cameras(connection, series, district.cameras)
    save_addresses(connection, series, map(standard_address, district.addresses))
    save_aliases(connection, series, ALIASES)
    if with_reports:
        _save_reports(connection, series, district)
    return series


def standard_address(address: StandardAddress) -> book.StandardAddress:
    """Return an address of the demonstration as an entry of the address book."""
    row = {field.name: getattr(address, field.name) for field in fields(StandardAddress)[:-3]}
    numbered = (address.building_id, address.unit.rstrip("单元"), address.room.rstrip("室"))
    return book.StandardAddress(
        external_id="-".join(filter(None, numbered)),
        text=address.text,
        parts=read_parts(row),
        lon=address.lon,
        lat=address.lat,
        building_id=address.building_id,
    )


def _save_reports(connection: Connection, series: Series, district: District) -> None:
    revisions = load_revisions(connection, series)
    locator = RevisionLocator(connection, revisions, series.metric_srid)

    def located() -> Iterator[pd.DataFrame]:
        frame = district.reports.copy()
        locator.locate(frame)
        yield frame

    copy_reports(connection, series, SOURCE, located())


def _count(connection: Connection, series: Series) -> DemoCounts:
    summary = report_summary(connection, series)
    grids = len(load_revisions(connection, series)[-1].plan)
    return DemoCounts(
        series=series,
        grids=grids,
        located=summary.located,
        outside=summary.outside,
        unlocated=summary.unlocated,
    )
