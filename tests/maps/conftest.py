"""A small district, and a real Chromium with the network cut off from the outside."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
import shapely
from playwright.sync_api import Browser, Page, Route, sync_playwright

from gis.cameras.coverage import CoverageView, view_coverage
from gis.cameras.model import Camera
from gis.plan.model import BaseFeature, BaseLayer, Building, Grid, Level, Plan
from gis.reports.density import DensityView, view_density
from maps.layers import BaseMap
from maps.lookup import LookupView
from maps.offline import InlineAssets
from tests.browser import wait_for

ASSETS = InlineAssets(Path(__file__).parents[2] / ".wangge" / "assets")
CHINA = ZoneInfo("Asia/Shanghai")
SINCE, UNTIL = datetime(2026, 1, 1, tzinfo=CHINA), datetime(2026, 7, 1, tzinfo=CHINA)
IMPORTED = datetime(2026, 7, 2, 8, 30, tzinfo=CHINA)
HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "${alert(1)}",
    "`+alert(1)+`",
    "</script><script>alert(1)</script>",
    "{{ 7 * 7 }}",
    '=HYPERLINK("http://evil")',
)
WEST, SOUTH, STEP = 117.60, 26.25, 0.01


def square(column: float, row: float, columns: float = 1, rows: float = 1) -> shapely.Polygon:
    corners = WEST + column * STEP, SOUTH + row * STEP
    far = WEST + (column + columns) * STEP, SOUTH + (row + rows) * STEP
    return shapely.box(*(round(value, 7) for value in (*corners, *far)))


def make_plan(names: tuple[str, ...] = ()) -> Plan:
    """
    Six grids in two communities; ``names`` replaces the names of the grids in order.

    c01: 001 | c02: 002 | 003
    ---------+----------+----
    c01: 002 | c02: 004 | 005   (in rows from the south; the codes run on inside a community)
    """
    cells = [(0, 0), (0, 1), (1, 0), (2, 0), (1, 1), (2, 1)]
    grids = [
        Grid("350402", "演示区", Level.DISTRICT, square(0, 0, 3, 2)),
        Grid("350402001001", "甲社区", Level.COMMUNITY, square(0, 0, 1, 2), "350402"),
        Grid("350402001002", "乙社区", Level.COMMUNITY, square(1, 0, 2, 2), "350402"),
    ]
    for i, cell in enumerate(cells):
        parent = grids[1 if i < 2 else 2]
        number = i + 1 if i < 2 else i - 1
        name = names[i] if i < len(names) else f"{parent.name}第{number}网格"
        code = f"{parent.code}{number:03d}"
        grids.append(Grid(code, name, Level.GRID, square(*cell), parent.code))
    return Plan(grids)


def make_reports(categories: tuple[str, ...] = ("噪音扰民", "占道停车")) -> pd.DataFrame:
    """Grid i of the six has 10·(i + 1) reports; 3 lie outside, 4 have no position."""
    plan = make_plan()
    rows: list[dict[str, Any]] = []
    for i, grid in enumerate(plan.at(Level.GRID)):
        middle = grid.geometry.centroid
        for k in range(10 * (i + 1)):
            rows.append(_report(len(rows), k, categories) | {
                "lon": middle.x, "lat": middle.y, "code": grid.code,
            })  # fmt: skip
    for k in range(3):
        rows.append(_report(len(rows), k, categories) | {"lon": 118.0, "lat": 26.0, "code": None})
    for k in range(4):
        rows.append(_report(len(rows), k, categories) | {"lon": None, "lat": None, "code": None})
    frame = pd.DataFrame(rows)
    frame["occurred_at"] = pd.to_datetime(frame["occurred_at"], utc=True)
    return frame.astype({"lon": float, "lat": float})


def _report(number: int, k: int, categories: tuple[str, ...]) -> dict[str, Any]:
    return {
        "external_id": f"R{number}",
        "occurred_at": datetime(2026, 1 + k % 6, 10, 9, tzinfo=CHINA),
        "category": categories[k % len(categories)],
        "kind": ["dispute", "suggestion", "incident"][k % 3],
    }


def make_base() -> BaseMap:
    road = shapely.LineString([(117.60, 26.255), (117.63, 26.256)])
    rail = shapely.LineString([(117.60, 26.26), (117.63, 26.262)])
    features = (
        BaseFeature("w", BaseLayer.WATER, "沙溪", square(1.4, -0.2, 0.1, 2.4)),
        BaseFeature("g", BaseLayer.GREEN, "东山", square(2.5, 1.2, 0.5, 0.6)),
        BaseFeature("r", BaseLayer.ROAD, "列东大道", road, 0, True),
        BaseFeature("t", BaseLayer.RAIL, "铁路", rail),
        BaseFeature("p", BaseLayer.PLACE, "小学", shapely.Point(117.605, 26.255), 0, True),
    )  # fmt: skip
    return BaseMap(features, (Building("b", square(0.2, 0.2, 0.05, 0.05), households=3),))


def make_cameras(names: tuple[str, ...] = ()) -> list[Camera]:
    """Two in the first grid (one of them without a direction), one in the third."""
    given = [*names, *["一号", "二号", "三号"][len(names) :]]
    return [
        Camera("C1", given[0], 117.605, 26.255, None, 360.0, 120.0),
        Camera("C2", given[1], 117.606, 26.256, None, 90.0, 80.0),
        Camera("C3", given[2], 117.615, 26.255, 45.0, 60.0, 200.0),
    ]


def make_density(
    plan: Plan | None = None, reports: pd.DataFrame | None = None, district: str = "演示区"
) -> DensityView:
    return view_density(
        (plan or make_plan()).grids,
        make_reports() if reports is None else reports,
        district=district,
        since=SINCE,
        until=UNTIL,
        metric_srid=4548,
        households={"350402001001001": 500, "350402001002001": 1000},
        imported_at=IMPORTED,
        revision_id=7,
        effective_from=SINCE,
    )


def make_coverage(plan: Plan | None = None, cameras: list[Camera] | None = None) -> CoverageView:
    return view_coverage(
        (plan or make_plan()).grids,
        make_cameras() if cameras is None else cameras,
        make_base().features,
        district="演示区",
        metric_srid=4548,
        imported_at=IMPORTED,
        revision_id=7,
    )


def make_lookup(plan: Plan | None = None, title: str = "演示区") -> LookupView:
    return LookupView(
        title=title,
        grids=(plan or make_plan()).grids,
        zone="Asia/Shanghai",
        revision_id=7,
        effective_from=SINCE,
    )


@dataclass
class Opened:
    """A page and all that must not happen on it."""

    page: Page
    faults: list[str] = field(default_factory=list)

    def table(self, id: str = "table") -> list[list[str]]:
        script = "(id) => [...document.querySelectorAll('#' + id + ' tbody tr')].map((row) => "
        script += "[...row.cells].map((cell) => cell.firstChild.textContent))"
        return self.page.evaluate(script, id)

    def data(self) -> Any:
        return json.loads(self.page.locator("#wangge-data").text_content() or "")


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"]
        )
        yield chromium
        chromium.close()


@pytest.fixture
def open_html(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Opened]]:
    """Open HTML as a file; every request but for the file itself is refused and noted."""
    contexts = []
    opened: list[Opened] = []

    def open_it(html: str, *, width: int = 1366, height: int = 768) -> Opened:
        path = tmp_path / f"page-{len(contexts)}.html"
        path.write_text(html, encoding="utf-8")
        context = browser.new_context(viewport={"width": width, "height": height})
        contexts.append(context)
        result = Opened(context.new_page())
        opened.append(result)

        def guard(route: Route) -> None:
            if route.request.url == path.as_uri() or route.request.url.startswith(
                ("data:", "blob:")
            ):
                route.continue_()
            else:
                result.faults.append(f"request {route.request.url}")
                route.abort()

        context.route("**/*", guard)
        page = result.page
        page.on("pageerror", lambda error: result.faults.append(f"error {error}"))
        page.on(
            "console",
            lambda message: (
                message.type in ("error", "warning")
                and result.faults.append(f"console {message.text}")
            ),
        )

        def refuse(dialog: Any) -> None:
            result.faults.append(f"dialog {dialog.message}")
            dialog.dismiss()

        page.on("dialog", refuse)
        page.goto(path.as_uri())
        wait_for(page, "Boolean(window.wangge && wangge.page)")
        return result

    yield open_it
    for context in contexts:
        context.close()
    assert [result.faults for result in opened] == [[] for _ in opened]
