"""Are the geocoding services asked and understood as they should be, and harmless when they fail?

A server of the test answers in the form of each service. Every answer here is written by us. The
plan is the community of 3 × 3 grids; nobody has an address book, so every address is unknown::

    7 8 9
    4 5 6
    1 2 3     (1 starts at 117.6, 26.2; each side is 0.01°)
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient
from pydantic import ValidationError

from api.app import create_app
from api.geocoders import GeocodedPlace, make_geocoder
from api.geocoders.asking import MOST_AT_ONCE, Geocoder
from api.settings import Settings
from gis.coords import gcj02_to_bd09, wgs84_to_gcj02
from gis.errors import Unavailable
from gis.store.sessions import open_engine, transaction
from tests.api.conftest import wait_until_ready
from tests.store.drawn import publish_nine_grids

ADDRESS, KEY = "崇宁路12号", "a-key-that-nobody-may-see"
LON, LAT = 117.615, 26.215
"""The middle of grid 5, EPSG:4490."""


@dataclass
class Service:
    """A service on this machine: what it answers next, and what it was asked."""

    url: str = ""
    answer: Any = None
    status: int = 200
    wait_s: float = 0.0
    drip_s: float = 0.0
    asked: list[dict[str, str]] = field(default_factory=list)
    most_at_once: int = 0


@pytest.fixture
def service() -> Iterator[Service]:
    """A server that answers as it is told."""
    found, inside, lock = Service(), [0], threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with lock:
                inside[0] += 1
                found.most_at_once = max(found.most_at_once, inside[0])
            query = parse_qs(urlsplit(self.path).query, keep_blank_values=True)
            found.asked.append({name: values[0] for name, values in query.items()})
            time.sleep(found.wait_s)
            with suppress(OSError):  # whoever asked may have given up
                self._answer()
            with lock:
                inside[0] -= 1

        def _answer(self) -> None:
            body = found.answer
            body = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(found.status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            for start in range(0, len(body), 10 if found.drip_s else len(body) or 1):
                self.wfile.write(body[start : start + (10 if found.drip_s else len(body))])
                time.sleep(found.drip_s)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        found.url = f"http://127.0.0.1:{server.server_port}/geo"
        yield found
        server.shutdown()
        thread.join()


@contextmanager
def asking(service: Service, name: str, **more: Any) -> Iterator[Geocoder]:
    settings = Settings(geocoder=name, geocoder_key=KEY, geocoder_url=service.url, **more)
    geocoder = make_geocoder(settings)
    assert geocoder is not None
    try:
        yield geocoder
    finally:
        geocoder.close()


def tianditu(**found: Any) -> dict[str, Any]:
    place = {"score": 100, "level": "门址", "lon": str(LON), "lat": str(LAT), "keyWord": ADDRESS}
    return {"msg": "ok", "location": place | found, "searchVersion": "6.0", "status": "0"}


def amap(**found: Any) -> dict[str, Any]:
    lon, lat = (round(float(value), 6) for value in wgs84_to_gcj02(LON, LAT))
    place = {
        "formatted_address": f"福建省三明市三元区{ADDRESS}", "country": "中国", "township": [],
        "building": {"name": [], "type": []}, "adcode": "350404", "street": "崇宁路",
        "number": "12号", "location": f"{lon},{lat}", "level": "门牌号",
    }  # fmt: skip
    return {
        "status": "1", "info": "OK", "infocode": "10000", "count": "1",
        "geocodes": [place | found],
    }  # fmt: skip


def baidu(**found: Any) -> dict[str, Any]:
    lon, lat = (float(value) for value in gcj02_to_bd09(*wgs84_to_gcj02(LON, LAT)))
    result = {
        "location": {"lng": lon, "lat": lat}, "precise": 1, "confidence": 80,
        "comprehension": 100, "level": "门址",
    }  # fmt: skip
    return {"status": 0, "result": result | found}


FOUND = {"tianditu": tianditu, "amap": amap, "baidu": baidu}
COARSE = [
    ("tianditu", {"level": "道路"}),
    ("tianditu", {"level": "地名地址"}),
    ("tianditu", {"score": 60}),
    ("amap", {"level": "道路"}),
    ("amap", {"level": "区县"}),
    ("amap", {"level": "住宅区"}),
    ("amap", {"level": "兴趣点", "formatted_address": "福建省三明市三元区崇宁路"}),
    ("amap", {"formatted_address": "福建省三明市三元区崇宁路120号"}),
    ("baidu", {"level": "道路"}),
    ("baidu", {"level": "地产小区"}),
    ("baidu", {"precise": 0}),
    ("baidu", {"comprehension": 60}),
    ("baidu", {"confidence": 40}),
]
NOT_KNOWN = [
    ("tianditu", {"msg": "无结果", "status": "101"}),
    ("amap", {"status": "1", "info": "OK", "infocode": "10000", "count": "0", "geocodes": []}),
    ("amap", {"status": "0", "info": "ENGINE_RESPONSE_DATA_ERROR", "infocode": "30001"}),
    ("baidu", {"status": 1, "msg": "Internal Service Error:无相关结果", "results": []}),
]
REFUSED = [
    ("tianditu", 403, {"msg": "非法Key", "resolve": "请到控制台重新申请", "code": 1}),
    ("amap", 200, {"status": "0", "info": "INVALID_USER_KEY", "infocode": "10001"}),
    ("amap", 200, {"status": "0", "info": "DAILY_QUERY_OVER_LIMIT", "infocode": "10003"}),
    ("baidu", 200, {"status": 302, "message": "天配额超限，限制访问"}),
    ("baidu", 200, {"status": 1, "msg": "服务器内部错误"}),
    ("baidu", 502, b"<html>bad gateway</html>"),
    ("amap", 302, b""),
    ("amap", 200, b"<html>log in first</html>"),
    ("amap", 200, []),
    ("amap", 200, {"status": "1", "geocodes": [{"location": "here", "level": "门牌号"}]}),
    ("amap", 200, {"status": "1", "geocodes": [{"location": "nan,nan", "level": "门牌号"}]}),
    ("tianditu", 200, {"status": "0", "location": {"lon": "1e9", "lat": "5", "level": "门址"}}),
    ("baidu", 200, {"status": 0, "result": {"precise": 1}}),
    ("baidu", 200, b"[" * 200_000),
    ("baidu", 200, b" " * 2_000_000),
]


@pytest.mark.parametrize("name", FOUND)
def test_a_house_is_placed_in_our_coordinates(service: Service, name: str) -> None:
    service.answer = FOUND[name]()
    with asking(service, name) as geocoder:
        place = geocoder.geocode(ADDRESS)
    assert isinstance(place, GeocodedPlace)
    assert (place.provider, place.precise) == (name, True)
    assert (place.lon, place.lat) == pytest.approx((LON, LAT), abs=2e-6)
    assert ADDRESS in place.standard
    assert 0.9 <= place.confidence <= 1.0


@pytest.mark.parametrize(("name", "found"), COARSE)
def test_what_is_no_house_is_not_precise(
    service: Service, name: str, found: dict[str, Any]
) -> None:
    service.answer = FOUND[name](**found)
    with asking(service, name) as geocoder:
        place = geocoder.geocode(ADDRESS)
    assert place is not None
    assert not place.precise


@pytest.mark.parametrize(("name", "answer"), NOT_KNOWN)
def test_an_address_that_is_not_known_is_none(service: Service, name: str, answer: Any) -> None:
    service.answer = answer
    with asking(service, name) as geocoder:
        assert geocoder.geocode(ADDRESS) is None


@pytest.mark.parametrize(("name", "status", "answer"), REFUSED)
def test_every_other_answer_is_none_and_says_so_without_key_and_address(
    service: Service, name: str, status: int, answer: Any
) -> None:
    service.status, service.answer = status, answer
    with asking(service, name) as geocoder, pytest.raises(Unavailable, match=name) as told:
        geocoder.geocode(ADDRESS)
    said = told.value.message + repr(told.value.data) + repr(told.value.__cause__)
    assert KEY not in said
    assert ADDRESS not in said


def test_each_service_is_asked_in_its_own_words(service: Service) -> None:
    for name, make in FOUND.items():
        service.answer = make()
        with asking(service, name, geocoder_city="三明市") as geocoder:
            geocoder.geocode("崇宁路|12号")
    ours, gaode, baidu_ = service.asked
    assert ours == {"ds": '{"keyWord": "三明市崇宁路|12号"}', "tk": KEY}
    assert gaode == {"address": "崇宁路 12号", "city": "三明市", "output": "JSON", "key": KEY}
    assert baidu_ == {
        "address": "崇宁路|12号", "city": "三明市", "output": "json", "ret_coordtype": "bd09ll",
        "ak": KEY,
    }  # fmt: skip


@pytest.mark.parametrize("how", ["waits", "drips", "is away"])
def test_a_service_that_takes_too_long_is_not_waited_for(service: Service, how: str) -> None:
    service.answer = amap()
    service.wait_s, service.drip_s = (1.5 if how == "waits" else 0), (0.1 if how == "drips" else 0)
    if how == "is away":
        service.url = "http://127.0.0.1:9/"
    with (
        asking(service, "amap", geocoder_timeout_s=0.2) as geocoder,
        pytest.raises(Unavailable, match="amap"),
    ):
        geocoder.geocode(ADDRESS)


def test_few_questions_are_under_way_at_once_and_the_others_are_told(service: Service) -> None:
    service.answer, service.wait_s = amap(), 0.5
    outcomes = []

    def ask(geocoder: Geocoder) -> None:
        try:
            outcomes.append(geocoder.geocode(ADDRESS))
        except Unavailable as error:
            outcomes.append(error.message)

    with asking(service, "amap") as geocoder:
        threads = [threading.Thread(target=ask, args=(geocoder,)) for _ in range(30)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert geocoder.geocode(ADDRESS) is not None
    assert service.most_at_once <= MOST_AT_ONCE
    assert sum("are still waiting" in str(each) for each in outcomes) >= 30 - 2 * MOST_AT_ONCE
    assert any(isinstance(each, GeocodedPlace) for each in outcomes)


def test_none_is_asked_unless_the_settings_name_one() -> None:
    assert make_geocoder(Settings()) is None
    assert make_geocoder(Settings(geocoder_key=KEY)) is None
    with pytest.raises(ValidationError, match="asks for a key"):
        Settings(geocoder="baidu")
    with pytest.raises(ValidationError, match="write an address"):
        Settings(geocoder="baidu", geocoder_key=KEY, geocoder_url="maps.local")


@contextmanager
def serving(url: str, service: Service, name: str, **more: Any) -> Iterator[TestClient]:
    engine = open_engine(url)
    with transaction(engine) as connection:
        publish_nine_grids(connection)
    engine.dispose()
    settings = Settings(
        database_url=url, geocoder=name, geocoder_key=KEY, geocoder_url=service.url, **more
    )
    with TestClient(create_app(settings)) as client:
        wait_until_ready(client)
        yield client


def test_a_lookup_takes_the_grid_of_a_house_and_of_nothing_coarser(
    database_url: str, service: Service
) -> None:
    with serving(database_url, service, "amap") as client:
        service.answer = amap()
        house = client.get("/v1/locate", params={"address": ADDRESS}).json()
        assert house["status"] == "inside"
        assert house["grids"][-1]["code"] == "350402002003005"
        assert house["address"]["provider"] == "amap"
        service.answer = amap(level="道路")
        road = client.get("/v1/locate", params={"address": ADDRESS}).json()
        assert road["status"] == "ambiguous"
        assert road["grids"] == []
        service.answer = amap(location="116.4,39.9")
        elsewhere = client.get("/v1/locate", params={"address": ADDRESS}).json()
        assert (elsewhere["status"], elsewhere["grids"]) == ("outside", [])


def test_a_failing_service_fails_no_lookup_and_nothing_of_it_is_logged(
    database_url: str,
    service: Service,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    with serving(database_url, service, "baidu", geocoder_timeout_s=0.2) as client:
        for service.status, service.answer, service.wait_s in (
            (500, b"", 0.0),
            (200, {"status": 5, "msg": "ak不存在"}, 0.0),
            (200, baidu(), 0.6),
        ):
            answer = client.get("/v1/locate", params={"address": ADDRESS})
            assert answer.status_code == 200
            assert answer.json()["status"] == "unknown"
            assert "baidu did not answer" in answer.json()["hint"]
            assert KEY not in answer.text
    assert len(service.asked) == 3
    logged = capfd.readouterr().err + caplog.text
    assert "/v1/locate" in logged
    assert KEY not in logged
    assert ADDRESS not in logged
    assert "%E5%B4%87" not in logged  # the address as it stands in the query
