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
from playwright.sync_api import Browser, expect
from shapely import box
from sqlalchemy import Engine

from api.app import create_app
from gis.cameras.model import Camera
from gis.coords import SANMING_METRIC_SRID
from gis.demo import District
from gis.plan import Grid, Level, Plan
from gis.store.cameras import save_cameras
from gis.store.plans import ensure_series, publish, stage
from gis.store.sessions import transaction
from tests.api.conftest import settings_for
from tests.api.test_locate import inner_point
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


def test_typing_a_point_names_its_grid_at_every_level(
    browser: Browser, site: str, district: District
) -> None:
    subgrid = district.plan.at(Level.SUBGRID)[5]
    lon, lat = inner_point(district, subgrid.code)
    with watched_page(browser) as watch:
        watch.page.goto(site)
        watch.page.get_by_label("经度").fill(str(lon))
        watch.page.get_by_label("纬度").fill(str(lat))
        watch.page.get_by_role("button", name="查询网格").click()
        answer = watch.page.locator("#answer")
        expect(answer.locator(".code")).to_have_text(subgrid.code)
        for grid in (*district.plan.ancestors(subgrid.code), subgrid):
            expect(answer.locator("table")).to_contain_text(grid.name)
    assert watch.faults == []


def test_clicking_the_map_asks_for_that_place(browser: Browser, site: str) -> None:
    with watched_page(browser) as watch:
        watch.page.goto(site)
        expect(watch.page.locator(".grid-label")).to_have_count(26)
        watch.page.locator("#map").click(position={"x": 450, "y": 350})
        expect(watch.page.locator("#answer .fine")).to_contain_text("2022-01-01")
        assert watch.page.get_by_label("经度").input_value().startswith("117.")
    assert watch.faults == []


def test_a_refusal_is_shown_in_place(browser: Browser, site: str) -> None:
    with watched_page(browser) as watch:
        watch.page.goto(f"{site}/?lang=en")
        watch.page.get_by_label("Longitude").fill("26.2")
        watch.page.get_by_label("Latitude").fill("117.6")
        watch.page.get_by_role("button", name="Find the grid").click()
        expect(watch.page.locator(".note.warn")).to_contain_text("swapped")


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
            watch.page.get_by_label("经度").fill(str(117.605 + number / 100))
            watch.page.get_by_label("纬度").fill("26.205")
            watch.page.get_by_role("button", name="查询网格").click()
            expect(watch.page.locator("#answer .headline")).to_have_text(name)
        for path in ("/maps/density", "/maps/coverage"):
            watch.page.goto(f"{site}{path}", wait_until="networkidle")
            for name in HOSTILE:
                expect(watch.page.get_by_text(name).first).to_be_attached()
    assert watch.faults == []
