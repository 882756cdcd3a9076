"""Do the grids come out as GeoJSON as they went in?"""

from __future__ import annotations

import shapely
from fastapi.testclient import TestClient
from shapely.geometry import shape

from gis.demo import District
from gis.plan import Level


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
