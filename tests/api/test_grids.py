"""Do the grids come out as GeoJSON as they went in?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import shapely
from fastapi.testclient import TestClient
from shapely.geometry import shape

from api.settings import Settings
from api.tasks.publishing import publish_staged
from api.tasks.workshop import make_workshop
from gis.demo import District
from gis.plan import Grid, Level, Plan
from gis.store.cluster import Cluster
from gis.store.database import open_database
from gis.store.plans import ensure_series, stage
from tests.api.conftest import empty_database, serving


def test_the_grids_of_a_level_keep_their_geometry(client: TestClient, district: District) -> None:
    body = client.get("/v1/grids", params={"level": "grid"}).json()
    grids = district.plan.at(Level.GRID)
    assert body["matched"] == len(grids) == 145
    assert [feature["id"] for feature in body["features"]] == [grid.code for grid in grids]
    for feature, grid in zip(body["features"], grids, strict=True):
        assert shapely.equals_exact(shape(feature["geometry"]), grid.geometry, tolerance=0)


def test_bbox_and_limit_narrow_the_answer(client: TestClient, district: District) -> None:
    west, south, east, north = district.plan["350402002003"].geometry.bounds
    query = {"level": "grid", "bbox": f"{west},{south},{east},{north}", "limit": 3}
    body = client.get("/v1/grids", params=query).json()
    assert len(body["features"]) == 3
    assert 6 < body["matched"] < 145


def test_a_huge_limit_and_a_world_bbox_are_capped_not_refused(client: TestClient) -> None:
    query = {"bbox": "-180,-90,180,90", "limit": 10**9}
    body = client.get("/v1/grids", params=query).json()
    assert len(body["features"]) == body["matched"] == 202


def test_one_grid_names_its_relatives_and_area(client: TestClient) -> None:
    properties = client.get("/v1/grids/350402002003").json()["properties"]
    assert [above["code"] for above in properties["ancestors"]] == ["350402", "350402002"]
    assert len(properties["children"]) == 6
    assert 10_000 < properties["area_m2"] < 10_000_000


def test_an_unknown_code_and_a_wrong_bbox_are_refused(client: TestClient) -> None:
    assert client.get("/v1/grids/999").status_code == 404
    assert client.get("/v1/grids", params={"bbox": "1,2,3"}).status_code == 422
    assert client.get("/v1/grids", params={"bbox": "5,5,1,1"}).status_code == 422
    assert client.get("/v1/grids", params={"bbox": "nan,0,1,1"}).status_code == 422
    assert client.get("/v1/grids", params={"level": "cell"}).status_code == 422


def test_levels_and_base_are_there(client: TestClient, district: District) -> None:
    levels = client.get("/v1/levels").json()["levels"]
    assert {level["level"]: level["grids"] for level in levels} == {
        "district": 1,
        "subdistrict": 3,
        "community": 26,
        "grid": 145,
        "subgrid": 27,
    }
    assert len(client.get("/v1/base").json()["features"]) == len(district.base)


@pytest.fixture(scope="module")
def retired(cluster: Cluster) -> Iterator[TestClient]:
    """A server on three revisions of a plan, one for each year from 2022 on::

    2022 |  1  |  2  |  3  |     2023 |  1  |   4    | 5 |     2024       |   7    | 5 |
    """

    def square(code: str, west: float, east: float) -> Grid:
        return Grid(code, f"网格{code}", Level.GRID, shapely.box(west, 26.2, east, 26.21))

    plans = (
        [square("1", 117.60, 117.61), square("2", 117.61, 117.62), square("3", 117.62, 117.63)],
        [square("1", 117.60, 117.61), square("4", 117.61, 117.625), square("5", 117.625, 117.63)],
        [square("7", 117.61, 117.625), square("5", 117.625, 117.63)],
    )
    with empty_database(cluster) as url:
        workshop = make_workshop(open_database(url, Path()), Settings())
        with workshop.open() as connection:
            series = ensure_series(
                connection, "small", title="小", metric_srid=4548, time_zone="Asia/Shanghai"
            )
            for year, grids in enumerate(plans, start=2022):
                stage(connection, series, Plan(grids), actor="test")
                start = datetime(year, 1, 1, tzinfo=UTC)
                publish_staged(connection, series, effective_from=start, actor="test")
        workshop.database.engine.dispose()
        with serving(url) as client:
            yield client


def test_a_retired_code_names_who_has_its_ground_and_when_it_was_last_in_use(
    retired: TestClient,
) -> None:
    gone = retired.get("/v1/grids/3", follow_redirects=False)
    assert gone.status_code == 300
    assert gone.json()["last"]["effective_to"].startswith("2023-01-01")
    shares = {each["code"]: each["area_share"] for each in gone.json()["successors"]}
    assert shares == pytest.approx({"5": 0.5, "7": 0.5}, abs=1e-3)
    assert gone.json()["successors"][0]["name"].startswith("网格")


def test_the_answer_for_a_retired_code_is_that_of_the_date(retired: TestClient) -> None:
    middle = {"at": "2023-06-01"}
    moved = retired.get("/v1/grids/2", params=middle, follow_redirects=False)
    assert (moved.status_code, moved.headers["location"]) == (308, "/v1/grids/4?at=2023-06-01")
    assert retired.get("/v1/grids/2", params=middle).json()["id"] == "4"
    assert retired.get("/v1/grids/2").json()["id"] == "7"
    assert retired.get("/v1/grids/2", params={"at": "2022-06-01"}).json()["id"] == "2"
    later = retired.get("/v1/grids/7", params=middle)
    assert (later.status_code, "in use from" in later.json()["detail"]) == (404, True)


def test_a_retired_code_whose_ground_nobody_has_is_gone(retired: TestClient) -> None:
    gone = retired.get("/v1/grids/1")
    assert gone.status_code == 410
    assert gone.json()["successors"] == []
    assert gone.json()["last"]["effective_to"].startswith("2024-01-01")
