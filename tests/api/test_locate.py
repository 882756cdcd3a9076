"""Does a lookup over HTTP answer what the plan says, and refuse what it cannot know?"""

from __future__ import annotations

import pytest
import shapely
from fastapi.testclient import TestClient

from gis.coords import wgs84_to_gcj02
from gis.demo import District
from gis.plan import Level


def inner_point(district: District, code: str) -> tuple[float, float]:
    point = shapely.point_on_surface(district.plan[code].geometry)
    return round(point.x, 7), round(point.y, 7)


def test_a_point_is_found_at_every_level(client: TestClient, district: District) -> None:
    subgrid = district.plan.at(Level.SUBGRID)[0]
    lon, lat = inner_point(district, subgrid.code)
    answer = client.get("/v1/locate", params={"lon": lon, "lat": lat}).json()
    expected = [grid.code for grid in (*district.plan.ancestors(subgrid.code), subgrid)]
    assert answer["status"] == "inside"
    assert [grid["code"] for grid in answer["grids"]] == expected
    assert [grid["level"] for grid in answer["grids"]] == [level.value for level in Level]
    assert answer["border"]["distance_m"] > 0
    assert answer["border"]["on_border"] is False
    assert answer["revision"]["effective_from"].startswith("2022-01-01T00:00:00")
    assert answer["revision"]["effective_to"] is None


def test_every_grid_answers_to_a_point_inside_it(client: TestClient, district: District) -> None:
    for grid in district.plan.at(Level.GRID)[::10]:
        lon, lat = inner_point(district, grid.code)
        grids = client.get("/v1/locate", params={"lon": lon, "lat": lat}).json()["grids"]
        assert grid.code in [found["code"] for found in grids]


def test_gcj02_is_taken_back_before_the_lookup(client: TestClient, district: District) -> None:
    grid = district.plan.at(Level.GRID)[3]
    lon, lat = inner_point(district, grid.code)
    moved_lon, moved_lat = wgs84_to_gcj02(lon, lat)
    query = {"lon": float(moved_lon), "lat": float(moved_lat), "crs": "gcj02"}
    answer = client.get("/v1/locate", params=query).json()
    assert grid.code in [found["code"] for found in answer["grids"]]
    assert answer["point"] == pytest.approx({"lon": lon, "lat": lat}, abs=2e-7)


def test_a_vertex_that_grids_share_belongs_to_the_lowest_code(
    client: TestClient, district: District
) -> None:
    grids = district.plan.at(Level.GRID)
    lon, lat = next(
        xy
        for xy in shapely.get_coordinates(grids[20].geometry).tolist()
        if sum(grid.geometry.covers(shapely.Point(xy)) for grid in grids) >= 3
    )
    covering = [grid.code for grid in grids if grid.geometry.covers(shapely.Point(lon, lat))]
    answer = client.get("/v1/locate", params={"lon": lon, "lat": lat}).json()
    found = next(grid["code"] for grid in answer["grids"] if grid["level"] == "grid")
    assert found == min(covering)
    assert answer["border"]["on_border"] is True


def test_outside_is_an_answer_not_an_error(client: TestClient) -> None:
    reply = client.get("/v1/locate", params={"lon": 100.0, "lat": 30.0})
    assert reply.status_code == 200
    assert reply.json()["status"] == "outside"
    assert reply.json()["grids"] == []
    assert reply.json()["border"] is None


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ({"lat": 26.2}, 422, "lon"),
        ({"lon": "nan", "lat": 26.2}, 422, "finite"),
        ({"lon": "1e400", "lat": 26.2}, 422, "finite"),
        ({"lon": 26.2, "lat": 117.6}, 422, "swapped"),
        ({"lon": 200, "lat": 26.2}, 422, "-180"),
        ({"lon": 117.6, "lat": 26.2, "crs": "moon"}, 422, "moon"),
        ({"lon": 117.6, "lat": 26.2, "crs": "²"}, 422, "EPSG"),
        ({"lon": 117.6, "lat": 26.2, "crs": "9" * 20}, 422, "EPSG"),
        ({"lon": 117.6, "lat": 26.2, "crs": "EPSG:999999"}, 422, "EPSG"),
        ({"lon": 117.6, "lat": 26.2, "crs": "+proj=longlat +nadgrids=/x"}, 422, "nadgrids"),
        ({"lon": 117.6, "lat": 26.2, "at": "soon"}, 422, "soon"),
        ({"lon": 117.6, "lat": 26.2, "at": "0001-01-01"}, 422, "years"),
        ({"lon": 117.6, "lat": 26.2, "at": "9999-12-31"}, 422, "years"),
        ({"lon": 117.6, "lat": 26.2, "at": "2021-12-31"}, 404, "in force"),
        ({"lon": 117.6, "lat": 26.2, "plan": "nowhere"}, 404, "nowhere"),
    ],
)
def test_a_refusal_says_what_is_wrong(
    client: TestClient, query: dict[str, object], status: int, said: str
) -> None:
    reply = client.get("/v1/locate", params=query)
    assert reply.status_code == status
    assert reply.headers["content-type"] == "application/problem+json"
    assert said in reply.json()["detail"]


def test_the_first_instant_of_the_validity_counts_and_the_one_before_does_not(
    client: TestClient, district: District
) -> None:
    lon, lat = inner_point(district, district.plan.at(Level.GRID)[0].code)
    place = {"lon": lon, "lat": lat}
    first = client.get("/v1/locate", params=place | {"at": "2022-01-01T00:00:00+08:00"})
    before = client.get("/v1/locate", params=place | {"at": "2021-12-31T23:59:59.999999+08:00"})
    assert (first.status_code, before.status_code) == (200, 404)


def test_a_request_id_is_sent_back_and_a_hostile_one_is_not(client: TestClient) -> None:
    kept = client.get("/healthz", headers={"X-Request-ID": "abc-123"})
    replaced = client.get("/healthz", headers={"X-Request-ID": "a b<script>"})
    assert kept.headers["x-request-id"] == "abc-123"
    assert "script" not in replaced.headers["x-request-id"]
