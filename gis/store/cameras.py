"""Which cameras does a series have?"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from sqlalchemy import Connection, func, select

from gis.cameras.model import Camera
from gis.store import tables
from gis.store.copying import escape_texts, point_texts
from gis.store.plans import Series
from gis.store.sessions import translating
from gis.store.upserting import UpsertResult, number_texts, upsert_columns


def save_cameras(connection: Connection, series: Series, cameras: Iterable[Camera]) -> UpsertResult:
    """Insert or update cameras by their external id; others of the series stay."""
    rows = list(cameras)
    columns = {
        "external_id": escape_texts(row.external_id for row in rows),
        "name": escape_texts(row.name for row in rows),
        "geom": point_texts(
            np.array([row.lon for row in rows], dtype=np.float64),
            np.array([row.lat for row in rows], dtype=np.float64),
        ),
        "heading_deg": number_texts([row.heading_deg for row in rows]),
        "angle_deg": number_texts([row.angle_deg for row in rows]),
        "range_m": number_texts([row.range_m for row in rows]),
    }
    return upsert_columns(connection, series, "camera", columns)


def load_cameras(connection: Connection, series: Series) -> list[Camera]:
    """Return the cameras of a series in the order of their external ids."""
    camera = tables.camera.c
    query = (
        select(
            camera.external_id,
            camera.name,
            func.ST_X(camera.geom),
            func.ST_Y(camera.geom),
            camera.heading_deg,
            camera.angle_deg,
            camera.range_m,
        )
        .where(camera.series_id == series.id)
        .order_by(camera.external_id)
    )
    with translating():
        return [Camera(*row) for row in connection.execute(query)]
