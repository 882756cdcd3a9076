"""Can a person use the pages, without a network, whatever the names contain?"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import pytest
import uvicorn
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, expect
from shapely import LineString, box
from sqlalchemy import Engine

from api.app import create_app
from api.live_plans import LivePlans
from gis.cameras.model import Camera
from gis.coords import SANMING_METRIC_SRID
from gis.demo import District
from gis.plan import BaseFeature, BaseLayer, Grid, Level, Plan
from gis.store.base_features import save_base_features
from gis.store.cameras import save_cameras
from gis.store.plans import ensure_series, get_series, stage
from gis.store.publishing import publish
from gis.store.sessions import transaction
from tests.api.conftest import settings_for, wait_until_ready
from tests.browser import open_browser, watched_page

HOSTILE = ["<img src=x onerror=alert(1)>", "${alert(1)}", "</script><script>alert(1)</script>"]


def _is_ready(address: str) -> bool:
    try:
        return httpx2.get(address).status_code == 200
    except httpx2.ConnectError:
        return False


@contextmanager
def serving(url: str) -> Iterator[str]:
    """Serve the application on a free port of this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = uvicorn.Server(
        uvicorn.Config(create_app(settings_for(url)), port=port, log_config=None)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 60
    try:
        while not _is_ready(f"http://127.0.0.1:{port}/readyz"):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def site(demo_url: str) -> Iterator[str]:
    with serving(demo_url) as address:
        yield address


def test_the_pages_lead_to_each_other(browser: Browser, site: str) -> None:
    with watched_page(browser) as watch:
        watch.page.goto(f"{site}/?lang=en&plan=meilie")
        for name in ("Case density", "Camera coverage", "Find a grid"):
            watch.page.get_by_role("link", name=name).click()
            expect(watch.page.locator("nav [aria-current]")).to_have_text(name)
            assert watch.page.url.endswith("?lang=en&plan=meilie")
    assert watch.faults == []


def test_the_front_page_needs_no_database(demo_url: str) -> None:
    app = create_app(settings_for(demo_url))
    with TestClient(app) as client:
        wait_until_ready(client)
        app.state.database.engine.dispose()
        app.state.database = None
        pages = [client.get("/?lang=en").text for _ in range(2)]
        plain = client.get("/?lang=en", headers={"accept-encoding": "identity"})
        assert client.get("/v1/base").status_code == 200
    assert "find a grid" in pages[0]
    assert pages[0] == pages[1] == plain.text
    assert "content-encoding" not in plain.headers


def test_a_changed_base_map_reaches_the_pages(
    database: Engine, database_url: str, district: District
) -> None:
    publish_hostile(database)
    with TestClient(create_app(settings_for(database_url))) as client:
        wait_until_ready(client)
        assert "新桥" not in client.get("/").text
        with transaction(database) as connection:
            series = get_series(connection, "x")
            bridge = LineString([(117.6, 26.2), (117.63, 26.21)])
            save_base_features(
                connection, series, [BaseFeature("b", BaseLayer.ROAD, "新桥", bridge)]
            )
        deadline = time.monotonic() + 30
        while "新桥" not in client.get("/").text:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_without_a_plan_the_front_page_says_what_to_do(database: Engine, database_url: str) -> None:
    app = create_app(settings_for(database_url))
    early = TestClient(app)
    app.state.live = LivePlans(None, app.state.settings)
    waiting = early.get("/?lang=en")
    assert waiting.status_code == 503
    assert waiting.headers["refresh"]
    assert "being loaded" in waiting.text
    with TestClient(app) as client:
        wait_until_ready(client)
        empty = client.get("/")
        assert empty.status_code == 200
        assert "./wangge import boundaries" in empty.text
        publish_hostile(database)
        deadline = time.monotonic() + 30
        while "<form" not in client.get("/").text:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        unknown = client.get("/", params={"plan": HOSTILE[0]})
        assert unknown.status_code == 404
        assert HOSTILE[0] not in unknown.text
        assert "?lang=zh&amp;plan=x" in unknown.text


@pytest.mark.parametrize("path", ["/", "/maps/density", "/maps/coverage"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_page_opens_without_a_fault(
    browser: Browser, site: str, path: str, lang: str
) -> None:
    with watched_page(browser) as watch:
        watch.page.goto(f"{site}{path}?lang={lang}", wait_until="networkidle")
        expect(watch.page.locator("html")).to_have_attribute(
            "lang", "zh-CN" if lang == "zh" else "en"
        )
        expect(watch.page.locator("canvas").first).to_be_visible()
    assert watch.faults == []


def publish_hostile(engine: Engine) -> None:
    """Publish a community of three grids, all with hostile names, and a camera in the first."""
    whole = Grid("C", HOSTILE[0], Level.COMMUNITY, box(117.6, 26.2, 117.63, 26.21))
    grids = [
        Grid(str(i), name, Level.GRID, box(117.6 + i / 100, 26.2, 117.61 + i / 100, 26.21), "C")
        for i, name in enumerate(HOSTILE)
    ]
    with transaction(engine) as connection:
        series = ensure_series(
            connection,
            "x",
            title=HOSTILE[2],
            metric_srid=SANMING_METRIC_SRID,
            time_zone="Asia/Shanghai",
        )
        publish(connection, series, stage(connection, series, Plan([whole, *grids])))
        cameras = [
            Camera(str(i), name, 117.605 + i / 100, 26.205, 90.0, 90.0, 80.0)
            for i, name in enumerate(HOSTILE)
        ]
        save_cameras(connection, series, cameras)


def test_hostile_names_stay_text_on_every_page(
    browser: Browser, database: Engine, database_url: str
) -> None:
    publish_hostile(database)
    with serving(database_url) as site, watched_page(browser) as watch:
        watch.page.goto(site)
        for number, name in enumerate(HOSTILE):
            watch.page.locator("[name=q]").fill(f"{117.605 + number / 100}, 26.205")
            watch.page.get_by_role("button", name="查询网格").click()
            expect(watch.page.locator("#answer .found")).to_have_text(name)
        for path in ("/maps/density", "/maps/coverage"):
            watch.page.goto(f"{site}{path}", wait_until="networkidle")
            for name in HOSTILE:
                expect(watch.page.get_by_text(name).first).to_be_attached()
    assert watch.faults == []
