"""Does a lookup over HTTP answer what the plan says, and refuse what it cannot know?"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import pytest
import shapely
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from api.answers.places import answer_inside, answer_match
from api.answers.schemas import LocateAnswer
from api.tasks.indexing import index_plan
from api.tasks.position import check_not_swapped, explain_outside, read_position
from gis.coords import points_to_metric, to_metric, to_storage, wgs84_to_gcj02
from gis.demo import District
from gis.errors import InputError
from gis.locate import PlanIndex
from gis.plan import Level, Revision


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
    assert re.fullmatch(
        r"the point lies about 1,7\d\d km west of the plan; check lon, lat, crs and plan",
        reply.json()["hint"],
    )


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ({"lat": 26.2}, 422, "lon is missing"),
        ({"lon": 117.6}, 422, "lat is missing"),
        ({}, 422, "lon and lat, or address"),
        ({"lon": 117.6, "lat": 26.2, "address": "翁墩新村12幢"}, 422, "either"),
        ({"near_m": 5, "address": "翁墩新村12幢"}, 422, "either"),
        ({"address": "  "}, 422, "empty"),
        ({"lon": "east", "lat": 26.2}, 422, "query.lon"),
        ({"lon": 117.6, "lat": 26.2, "near_m": "nan"}, 422, "near_m"),
        ({"lon": 117.6, "lat": 26.2, "near_m": 0}, 422, "near_m"),
        ({"lon": 117.6, "lat": 26.2, "near_m": 50_001}, 422, "near_m"),
        ({"lon": 117.6, "lat": 26.2, "accuracy_m": "inf"}, 422, "accuracy_m"),
        ({"lon": 2_906_000, "lat": 562_000, "crs": "EPSG:4548"}, 422, "swapped"),
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


def outer_point(district: District, metres: float) -> tuple[float, float]:
    """A point so far due east of the easternmost place of the district."""
    ring = shapely.get_coordinates(district.plan["350402"].geometry)
    lon, lat = ring[ring[:, 0].argmax()].tolist()
    return round(lon + metres / 99_900, 7), lat


def test_a_point_near_the_plan_gets_the_nearest_grid_when_that_is_asked(
    client: TestClient, district: District
) -> None:
    lon, lat = outer_point(district, 30)
    query = {"lon": lon, "lat": lat, "near_m": 100}
    answer = client.get("/v1/locate", params=query).json()
    point = to_metric(shapely.Point(lon, lat), srid=district.metric_srid)
    away = {
        grid.code: to_metric(grid.geometry, srid=district.metric_srid).distance(point)
        for grid in district.plan.at(Level.GRID)
    }
    nearest = min(away, key=lambda code: away[code])
    assert answer["status"] == "near"
    assert nearest in [grid["code"] for grid in answer["grids"]]
    assert [grid["level"] for grid in answer["grids"]][:4] == [e.value for e in Level][:4]
    assert answer["border"]["distance_m"] == pytest.approx(away[nearest], abs=1e-3)
    assert answer["border"]["neighbour"] is None
    assert answer["hint"] is None
    for near in ({"near_m": away[nearest] - 0.01}, {}):
        farther = client.get("/v1/locate", params={"lon": lon, "lat": lat, **near}).json()
        assert (farther["status"], farther["grids"]) == ("outside", [])
        assert re.match(r"the point lies about (29|30|31) m east of the plan;", farther["hint"])


def test_an_uncertain_position_gets_the_grids_within_its_circle(
    client: TestClient, district: District
) -> None:
    grids = district.plan.at(Level.GRID)
    lon, lat = inner_point(district, grids[40].code)
    query = {"lon": lon, "lat": lat, "accuracy_m": 300}
    answer = client.get("/v1/locate", params=query).json()
    circle = to_metric(shapely.Point(lon, lat), srid=district.metric_srid).buffer(300, quad_segs=64)
    expected = {
        grid.code: to_metric(grid.geometry, srid=district.metric_srid).intersection(circle).area
        / circle.area
        for grid in grids
    }
    found = {grid["code"]: grid["share"] for grid in answer["accuracy"]["grids"]}
    assert len(found) >= 3
    assert found == pytest.approx({c: s for c, s in expected.items() if s > 0}, abs=1e-3)
    assert sum(found.values()) + answer["accuracy"]["outside"] == pytest.approx(1, abs=1e-4)
    assert answer["accuracy"]["radius_m"] == 300
    assert answer["status"] == "inside"
    assert answer["border"]["distance_m"] > 0


def test_every_answer_has_the_form_that_the_description_promises(
    client: TestClient, district: District
) -> None:
    lon, lat = inner_point(district, district.plan.at(Level.SUBGRID)[0].code)
    far = outer_point(district, 5_000)
    for query in (
        {"lon": lon, "lat": lat},
        {"lon": lon, "lat": lat, "accuracy_m": 50, "near_m": 1},
        {"lon": far[0], "lat": far[1]},
        {"lon": far[0], "lat": far[1], "near_m": 10_000},
        {"address": "没有这个地方"},
        {"address": "列西街道翁墩新村12幢"},
        {"address": "翁墩新村"},
    ):
        reply = client.get("/v1/locate", params=query)
        assert reply.status_code == 200, reply.text
        assert reply.headers["content-type"] == "application/json"
        read = LocateAnswer.model_validate(reply.json(), strict=False, extra="forbid")
        assert json.loads(read.model_dump_json()) == reply.json()
    described = client.get("/openapi.json").json()
    answer = described["paths"]["/v1/locate"]["get"]["responses"]["200"]["content"]
    assert answer["application/json"]["schema"]["$ref"].endswith("/LocateAnswer")


def test_the_quick_answer_is_the_full_one(district: District) -> None:
    """Texts that JSON must escape come out of both in the same form."""
    squares = [shapely.box(x, 26, x + 1, 27) for x in (117, 118)]
    names = [('a"1', "一\\\n"), ("b</2>", "二\u2028")]
    entries = [(*name, square) for name, square in zip(names, squares, strict=True)]
    index = PlanIndex(
        3,
        datetime(2026, 1, 1, tzinfo=UTC),
        None,
        {"community": entries[:1], "grid": entries},
        metric_srid=district.metric_srid,
    )
    for lon, lat in ((117.9, 26.5), (118.0, 26.5), (118.25, 26.5), (117.0, 27.0)):
        positions = index.find_positions(lon=lon, lat=lat)
        quick = answer_inside(index, positions, lon=lon, lat=lat)
        full = answer_match(index.locate(lon=lon, lat=lat), lon=lon, lat=lat)
        assert json.loads(quick.body) == json.loads(full.body)
        assert json.loads(quick.body)["grids"][-1]["code"] in {'a"1', "b</2>"}
        ended = index.with_validity(None, datetime(2027, 1, 1, tzinfo=UTC))
        later = json.loads(answer_inside(ended, positions, lon=lon, lat=lat).body)["revision"]
        assert later == {"id": 3, "effective_from": None, "effective_to": "2027-01-01T00:00:00Z"}


@given(st.floats(-180, 180), st.floats(-90, 90))
def test_one_position_is_snapped_as_arrays_are(lon: float, lat: float) -> None:
    for crs in ("wgs84", "EPSG:4490"):
        expected = tuple(float(value) for value in to_storage(lon, lat, crs=crs))
        assert read_position(lon=lon, lat=lat, crs=crs) == expected


@pytest.fixture(scope="module")
def index(district: District) -> PlanIndex:
    return index_plan(Revision(1, "meilie", None, None, district.plan), district.metric_srid)


def test_swapped_numbers_are_told_only_if_they_would_fit(
    index: PlanIndex, district: District
) -> None:
    lon, lat = inner_point(district, "350402002003")
    x, y = (float(v) for v in points_to_metric(lon, lat, srid=district.metric_srid))
    with pytest.raises(InputError, match="swapped"):
        check_not_swapped(index, lon=lat, lat=lon, crs="gcj02")
    with pytest.raises(InputError, match="swapped"):
        check_not_swapped(index, lon=y, lat=x, crs=f"EPSG:{district.metric_srid}")
    check_not_swapped(index, lon=lon, lat=lat, crs="wgs84")
    check_not_swapped(index, lon=26.2, lat=80.0, crs="wgs84")
    with pytest.raises(InputError, match="swapped"):
        near = PlanIndex(
            1, None, None, {"grid": [("1", "", shapely.box(8, 48, 9, 49))]}, metric_srid=32632
        )
        check_not_swapped(near, lon=48.5, lat=8.5, crs="wgs84")


def test_the_hint_says_what_may_be_wrong(index: PlanIndex, district: District) -> None:
    lon, lat = outer_point(district, 500)
    assert "crs=gcj02" in explain_outside(index, lon=lon, lat=lat, crs="wgs84")
    assert "crs" not in explain_outside(index, lon=lon, lat=lat, crs="gcj02")
    lon, lat = outer_point(district, 5_000)
    hint = explain_outside(index, lon=lon, lat=lat, crs="wgs84")
    assert hint == "the point lies about 5.0 km east of the plan"


def test_an_address_is_answered_with_its_reasons(client: TestClient) -> None:
    unknown = client.get("/v1/locate", params={"address": "没有这个地方"}).json()
    assert unknown["status"] in {"unknown", "ambiguous"}
    assert unknown["grids"] == []
    assert unknown["point"] is None
    assert unknown["address"]["given"] == "没有这个地方"
    assert unknown["address"]["provider"] == "gazetteer"
    long = client.get("/v1/locate", params={"address": "三" * 5_000})
    assert long.status_code == 422
    assert "500" in long.json()["detail"]


def test_an_address_is_asked_on_its_date(client: TestClient) -> None:
    reply = client.get("/v1/locate", params={"address": "翁墩新村12幢", "at": "2021-12-31"})
    assert reply.status_code == 404
    assert "in force" in reply.json()["detail"]
