"""Does PostGIS give the same grid for the same point?"""

from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest
import shapely

from gis.locate import GridIndex
from tests.locate.plans import covers_exactly, hard_points, points_beside_edges, turned
from tests.locate.test_index_exactness import jittered

COVERS = "ST_Covers(g.geom, p.geom)"
# PostGIS takes a point for one on the border when doubles cannot tell; GEOS, asked for the whole
# matrix, can. (Asked with the pattern '******F**' PostGIS 3.5 with GEOS 3.13 answers wrongly.)
COVERS_EXACTLY = f"{COVERS} AND ST_Relate(g.geom, p.geom) NOT LIKE '______0__'"


def locate_by_postgis(
    postgis: psycopg.Connection[Any], grids: np.ndarray, points: np.ndarray, covers: str
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
    rows = postgis.execute(
        f"SELECT coalesce((SELECT position FROM place_grids AS g WHERE {covers} "
        "ORDER BY g.code LIMIT 1), -1) FROM places AS p ORDER BY p.id"
    )
    return np.array([row[0] for row in rows])


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
def test_every_vertex_midpoint_and_ulp_agrees(
    postgis: psycopg.Connection[Any], tmp_path: Path, plan: str
) -> None:
    """Also for rings that begin elsewhere or run backwards, and for an index that was saved."""
    grids = special_plan() if plan == "special" else jittered(11, (117.6, 26.2))
    anywhere = np.random.default_rng(4).uniform((117.595, 26.195), (117.635, 26.235), (5000, 2))
    points = np.vstack([hard_points(grids), anywhere])
    expected = locate_by_postgis(postgis, grids, points, COVERS)
    assert len(np.unique(expected)) > 9
    built = GridIndex(grids)
    built.save(tmp_path / "grids")
    others = [GridIndex(turned(grids, turn, step)) for turn, step in ((1, 1), (2, -1))]
    for index in (built, GridIndex.open(tmp_path / "grids"), *others):
        np.testing.assert_array_equal(index.locate(points[:, 0], points[:, 1]), expected)


def test_points_beside_edges_agree_when_postgis_asks_geos(
    postgis: psycopg.Connection[Any],
) -> None:
    grids = special_plan()
    points = points_beside_edges(grids)
    found = GridIndex(grids).locate(points[:, 0], points[:, 1])
    exact = locate_by_postgis(postgis, grids, points, COVERS_EXACTLY)
    np.testing.assert_array_equal(found, exact)


def test_the_known_difference_is_one_of_rounding(postgis: psycopg.Connection[Any]) -> None:
    """A point 4e-27 degrees outside: rational numbers, GEOS and the index know."""
    triangle = shapely.Polygon([(117.6, 26.2), (117.61, 26.207), (117.61, 26.2)])
    lon, lat = 117.60333333333335, 26.20233333333335
    assert not covers_exactly(triangle, lon, lat)
    assert not triangle.covers(shapely.Point(lon, lat))
    assert GridIndex([triangle]).find(lon=lon, lat=lat) == -1
    place = np.array([[lon, lat]])
    assert locate_by_postgis(postgis, np.array([triangle]), place, COVERS_EXACTLY).tolist() == [-1]
