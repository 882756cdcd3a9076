"""What lies on the base map of a series: water, green, rail, roads and places?"""

from __future__ import annotations

from collections.abc import Iterable

import shapely
from sqlalchemy import Connection, func, select

from gis.plan.model import BaseFeature, BaseLayer
from gis.store import tables
from gis.store.copying import escape_texts, geometry_texts
from gis.store.plans import Series, announce
from gis.store.sessions import translating
from gis.store.upserting import UpsertResult, number_texts, upsert_columns


def save_base_features(
    connection: Connection, series: Series, features: Iterable[BaseFeature]
) -> UpsertResult:
    """Insert or update base features by their external id; others of the series stay.

    Who draws them is told, as of a new revision.
    """
    rows = list(features)
    columns = {
        "external_id": escape_texts(row.external_id for row in rows),
        "layer": [row.layer.value for row in rows],
        "name": escape_texts(row.name for row in rows),
        "geom": geometry_texts([row.geometry for row in rows]),
        "rank": number_texts([row.rank for row in rows]),
        "key": [str(row.key) for row in rows],
    }
    result = upsert_columns(connection, series, "base_feature", columns)
    announce(connection, series)
    return result


def load_base_features(
    connection: Connection, series: Series, *, layer: BaseLayer | None = None
) -> list[BaseFeature]:
    """Return the base features of a series, all or one layer, in the order of external ids."""
    feature = tables.base_feature.c
    query = (
        select(
            feature.external_id,
            feature.layer,
            feature.name,
            func.ST_AsBinary(feature.geom),
            feature.rank,
            feature.key,
        )
        .where(feature.series_id == series.id)
        .order_by(feature.external_id)
    )
    if layer is not None:
        query = query.where(feature.layer == layer.value)
    with translating():
        rows = connection.execute(query).all()
    geometries = shapely.from_wkb([row[3] for row in rows])
    return [
        BaseFeature(row[0], BaseLayer(row[1]), row[2], geometry, row[4], row[5])
        for row, geometry in zip(rows, geometries, strict=True)
    ]
