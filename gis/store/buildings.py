"""Which buildings does a series have?"""

from __future__ import annotations

from collections.abc import Iterable

import shapely
from sqlalchemy import Connection, func, select

from gis.plan.model import Building
from gis.store import tables
from gis.store.copying import escape_texts, geometry_texts
from gis.store.plans import Series, announce
from gis.store.sessions import translating
from gis.store.upserting import UpsertResult, number_texts, upsert_columns


def save_buildings(
    connection: Connection, series: Series, buildings: Iterable[Building]
) -> UpsertResult:
    """Insert or update buildings by their external id; others of the series stay.

    Who draws them is told, as of a new revision.
    """
    rows = list(buildings)
    columns = {
        "external_id": escape_texts(row.external_id for row in rows),
        "geom": geometry_texts([row.geometry for row in rows]),
        "height_m": number_texts([row.height_m for row in rows]),
        "households": number_texts([row.households for row in rows]),
        "name": escape_texts(row.name for row in rows),
        "address": escape_texts(row.address for row in rows),
    }
    result = upsert_columns(connection, series, "building", columns)
    announce(connection, series)
    return result


def load_buildings(connection: Connection, series: Series) -> list[Building]:
    """Return the buildings of a series in the order of their external ids."""
    building = tables.building.c
    query = (
        select(
            func.ST_AsBinary(building.geom),
            building.external_id,
            building.height_m,
            building.households,
            building.name,
            building.address,
        )
        .where(building.series_id == series.id)
        .order_by(building.external_id)
    )
    with translating():
        rows = connection.execute(query).all()
    geometries = shapely.from_wkb([row[0] for row in rows])
    return [
        Building(row[1], geometry, *row[2:]) for row, geometry in zip(rows, geometries, strict=True)
    ]
