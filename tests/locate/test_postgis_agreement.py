"""Does PostGIS give the same grid for the same point?"""

from typing import Any

import numpy as np
import psycopg
import pytest
import shapely

from gis.locate import GridIndex
from tests.locate.plans import hard_points
from tests.locate.test_index_exactness import jittered

ASK = """
    SELECT coalesce((SELECT position FROM place_grids AS g WHERE ST_Covers(g.geom, p.geom)
                     ORDER BY g.code LIMIT 1), -1)
    FROM places AS p ORDER BY p.id
"""


def locate_by_postgis(
    postgis: psycopg.Connection[Any], grids: np.ndarray, points: np.ndarray
) -> np.ndarray:
    postgis.execute("CREATE TEMP TABLE place_grids (code text, position int, geom geometry)")
    postgis.execute("CREATE TEMP TABLE places (id int, geom geometry)")
    with postgis.cursor() as cursor:
        with cursor.copy("COPY place_grids FROM STDIN") as copy:
            for position, wkb in enumerate(shapely.to_wkb(grids, hex=True)):
                copy.write_row((f"{position:06}", position, wkb))
        with cursor.copy("COPY places FROM STDIN") as copy:
            for number, wkb in enumerate(shapely.to_wkb(shapely.points(points), hex=True)):
                copy.write_row((number, wkb))
    postgis.execute("CREATE INDEX ON place_grids USING gist (geom)")
    return np.array([row[0] for row in postgis.execute(ASK)])


def special_plan() -> np.ndarray:
    """An enclave, an exclave, an overlap and a hole that is nobody's, on the shaken 3 x 3."""
    grids = list(jittered(3, (117.6, 26.2)))
    enclave = shapely.transform(grids[4].buffer(-0.003), lambda xy: np.round(xy, 7))
    lake = shapely.transform(grids[6].buffer(-0.0025), lambda xy: np.round(xy, 7))
    grids[4] = shapely.Polygon(grids[4].exterior, [enclave.exterior.coords])
    grids[6] = shapely.Polygon(grids[6].exterior, [lake.exterior.coords])
    grids[8] = shapely.MultiPolygon([grids[8], enclave])
    triangle = shapely.Polygon([(117.605, 26.205), (117.63, 26.21), (117.61, 26.235)])
    return np.array([*grids[:3], triangle, *grids[3:]])


@pytest.mark.parametrize("plan", ["shaken", "special"])
def test_every_vertex_midpoint_and_ulp_agrees(postgis: psycopg.Connection[Any], plan: str) -> None:
    grids = special_plan() if plan == "special" else jittered(11, (117.6, 26.2))
    anywhere = np.random.default_rng(4).uniform((117.595, 26.195), (117.635, 26.235), (5000, 2))
    points = np.vstack([hard_points(grids), anywhere])
    found = GridIndex(grids).locate(points[:, 0], points[:, 1])
    np.testing.assert_array_equal(found, locate_by_postgis(postgis, grids, points))
    assert len(np.unique(found)) > 9
