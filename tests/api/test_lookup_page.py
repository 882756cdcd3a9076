"""Can a person find the grid of any place, address, grid and date on the front page?

A real server on a real database, and a real browser without a way out.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest
import shapely
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine

from gis.coords import wgs84_to_gcj02
from gis.demo import District
from gis.plan import Level
from gis.plan.lineage import trace_lineage
from gis.store.plans import Series, stage
from gis.store.publishing import publish
from gis.store.sessions import transaction
from tests.api.test_as_was import cut_in_two
from tests.api.test_locate import inner_point
from tests.api.test_pages import serving
from tests.browser import open_browser, wait_for, watched_page
from tests.store.drawn import YEAR_2026, nine_grids, publish_nine_grids

HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "${alert(1)}",
    "</script><script>alert(1)</script>",
    '"><svg/onload=alert(1)>',
    "{{ 7 * 7 }}",
    "%00%0d%0a\u202e翁墩",
    "翁墩新村" * 120,
]
RETIRED, HEIRS = "350402002003001", ["350402002003002", "350402002003010"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=20_000)
    with open_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def site(demo_url: str) -> Iterator[str]:
    with serving(demo_url) as address:
        yield address


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page on which nothing may go wrong unnoticed."""
    with watched_page(browser) as watch:
        yield watch.page
    assert watch.faults == []


def ask(page: Page, text: str) -> None:
    page.locator("[name=q]").fill(text)
    page.locator("[name=q]").press("Enter")


def test_typing_a_point_names_its_grid_at_every_level(
    page: Page, site: str, district: District
) -> None:
    subgrid = district.plan.at(Level.SUBGRID)[5]
    lon, lat = inner_point(district, subgrid.code)
    page.goto(site)
    ask(page, f"{lon}，{lat}")
    answer = page.locator("#answer")
    expect(answer.locator(".code strong")).to_have_text(subgrid.code)
    for grid in district.plan.ancestors(subgrid.code):
        expect(answer.locator(".levels")).to_contain_text(grid.name)
        expect(answer.locator(".levels")).to_contain_text(grid.code)
    expect(page.get_by_role("status")).to_contain_text(subgrid.name)
    wait_for(page, "Boolean(wangge.marked)")


def test_gcj02_is_taken_back(page: Page, site: str, district: District) -> None:
    subgrid = district.plan.at(Level.SUBGRID)[5]
    lon, lat = inner_point(district, subgrid.code)
    x, y = wgs84_to_gcj02(lon, lat)
    page.goto(site)
    page.get_by_label("坐标系").select_option("gcj02")
    ask(page, f"{float(x):.7f}, {float(y):.7f}")
    expect(page.locator("#answer .code strong")).to_have_text(subgrid.code)
    assert page.url.endswith("&crs=gcj02")
    page.get_by_label("坐标系").select_option("wgs84")
    expect(page.locator("#answer .facts")).to_contain_text(f"{float(x):.6f}")


def test_swapped_numbers_are_asked_about_and_looked_up_at_a_key(
    page: Page, site: str, district: District
) -> None:
    lon, lat = inner_point(district, district.plan.at(Level.GRID)[0].code)
    page.goto(site)
    ask(page, f"{lat},{lon}")
    expect(page.locator("#answer")).to_contain_text("经度和纬度似乎填反了")
    page.keyboard.press("Enter")
    expect(page.locator("#answer .facts")).to_contain_text(f"{lon:.6f}, {lat:.6f}")


def test_an_uncertain_place_near_a_border_shares_its_circle(
    page: Page, site: str, district: District
) -> None:
    grid = district.plan.at(Level.GRID)[40]
    lon, lat = shapely.get_coordinates(grid.geometry)[0].tolist()
    page.goto(site)
    page.get_by_text("定位精度与邻近网格").click()
    page.get_by_label("坐标误差 ±（米）").fill("50")
    ask(page, f"{lon}, {lat}")
    figures = page.locator(".shares .figure")
    expect(figures.nth(1)).to_be_visible()
    shares = [int(text.split()[0]) for text in figures.all_inner_texts()]
    assert sum(shares) == pytest.approx(100, abs=3)
    assert page.evaluate("wangge.page.places.circle.getRadius()") == 50


def test_a_place_outside_tells_how_far_and_one_near_tells_the_grid(
    page: Page, site: str, district: District
) -> None:
    _, south, east, north = district.plan.at(Level.DISTRICT)[0].geometry.bounds
    page.goto(site)
    ask(page, f"{east + 0.05}, {(south + north) / 2}")
    expect(page.locator(".note.warn")).to_contain_text("不在本方案的任何网格内")
    expect(page.locator(".note.warn")).to_contain_text("公里")
    outline = district.plan.at(Level.DISTRICT)[0].geometry.exterior
    lon, lat = max(outline.coords)
    page.get_by_text("定位精度与邻近网格").click()
    page.get_by_label("邻近范围（米）").fill("50")
    ask(page, f"{lon + 0.0001}, {lat}")
    expect(page.locator(".note.warn")).to_contain_text("最近的网格是")
    expect(page.locator("#answer .code strong")).to_be_visible()


def test_clicking_the_map_asks_for_that_place(page: Page, site: str) -> None:
    page.goto(site)
    wait_for(page, "Boolean(window.wangge && wangge.page)")
    page.locator(".folium-map").click(position={"x": 450, "y": 350})
    expect(page.locator("#answer .facts")).to_contain_text("2022-01-01 起施行")
    wait_for(page, "Boolean(wangge.marked)")
    assert page.locator("[name=q]").input_value().startswith("117.")


def test_an_address_finds_the_grid_of_its_building(
    page: Page, site: str, district: District
) -> None:
    entry = next(each for each in district.addresses if each.estate == "翁墩新村")
    grids = [g for g in district.plan.at(Level.GRID) if g.geometry.contains(point_of(entry))]
    page.goto(site)
    ask(page, f"翁墩新村{entry.building}")
    banner = page.locator(".banner.good")
    expect(banner).to_contain_text("已匹配标准地址")
    expect(banner).to_contain_text(f"翁墩路6号翁墩新村{entry.building}")
    expect(banner).to_contain_text("把握")
    expect(page.locator("#answer")).to_contain_text(grids[0].code)
    row = page.locator(".reasons tr", has_text="小区")
    expect(row).to_contain_text("✓ 一致")
    expect(page.locator("#answer .facts")).to_contain_text("标准地址库")


def point_of(entry: object) -> shapely.Point:
    return shapely.Point(entry.lon, entry.lat)  # type: ignore[attr-defined]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_contradiction_is_unmistakable(page: Page, site: str, lang: str) -> None:
    page.goto(f"{site}/?lang={lang}")
    ask(page, "列东街道翁墩新村2幢")
    banner = page.locator(".banner.bad")
    expect(banner).to_contain_text(
        "地址前后矛盾" if lang == "zh" else "The address contradicts itself"
    )
    for name in ("列东街道", "列西街道"):
        expect(banner).to_contain_text(name)
    verdict = page.locator(".is-contradicted .verdict").first
    expect(verdict).to_have_text("✕ 矛盾" if lang == "zh" else "✕ contradicts")
    expect(page.locator("#answer .found")).to_have_count(0)
    expect(page.locator(".candidates .title").first).to_contain_text("列西街道")


def test_one_of_several_candidates_is_chosen_with_the_keyboard(page: Page, site: str) -> None:
    page.goto(site)
    ask(page, "翁墩路")
    titles = page.locator(".candidates .title")
    expect(titles.nth(1)).to_be_visible()
    expect(page.locator(".pin")).to_have_count(titles.count())
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    chosen = page.locator(".candidates [aria-pressed=true]")
    expect(chosen.locator(".title")).to_have_text(titles.nth(1).inner_text())
    expect(page.locator(".pin.chosen")).to_have_text("2")
    wait_for(page, "Boolean(wangge.marked)")
    # The link leads to the same choice.
    page.goto("about:blank")
    page.go_back()
    expect(page.locator(".pin.chosen")).to_have_text("2")


def test_an_unknown_address_says_what_to_try_next(page: Page, site: str) -> None:
    page.goto(f"{site}/?lang=en")
    ask(page, "幸福大道999号")
    expect(page.locator(".banner")).to_contain_text("not in the address book")
    expect(page.locator(".tips")).to_contain_text("Leave out names")


def test_a_grid_is_found_by_its_code_and_by_its_name(
    page: Page, site: str, district: District
) -> None:
    grid = district.plan.at(Level.GRID)[30]
    page.goto(site)
    ask(page, grid.code)
    expect(page.locator("#answer .found")).to_have_text(grid.name)
    wait_for(page, "Boolean(wangge.marked)")
    community = district.plan.at(Level.COMMUNITY)[3]
    box = page.locator("[name=q]")
    box.fill("")
    box.press_sequentially(community.name)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#answer .code strong")).to_have_text(community.code)
    children = [child.name for child in district.plan.children(community.code)]
    expect(page.locator(".candidates .title")).to_have_text(children)
    page.locator(".candidates button").first.click()
    expect(page.locator("#answer .found")).to_have_text(children[0])
    page.go_back()
    expect(page.locator("#answer .found")).to_have_text(community.name)


@pytest.fixture
def changed_site(database: Engine, database_url: str) -> Iterator[str]:
    """A community of nine grids; at the beginning of 2026 grid 1 went to grids 2 and 10."""
    with transaction(database) as connection:
        series, _ = publish_nine_grids(connection)
        publish_second(connection, series)
    with serving(database_url) as address:
        yield address


def publish_second(connection: object, series: Series) -> None:
    lineage = trace_lineage(nine_grids(), cut_in_two(), metric_srid=series.metric_srid)
    revision = stage(connection, series, cut_in_two())  # type: ignore[arg-type]
    publish(connection, series, revision, effective_from=YEAR_2026, lineage=lineage)  # type: ignore[arg-type]


def test_the_date_chooses_the_revision(page: Page, changed_site: str) -> None:
    page.goto(changed_site)
    ask(page, "117.601, 26.205")
    expect(page.locator("#answer .code strong")).to_have_text(HEIRS[1])
    page.locator("[name=at]").fill("2025-06-01")
    expect(page.locator("#answer .code strong")).to_have_text(RETIRED)
    expect(page.locator("#answer .facts")).to_contain_text("施行至 2026-01-01 08:00 前")
    expect(page.locator("#answer")).to_contain_text("地图显示的是现行边界")
    assert page.url.endswith("&at=2025-06-01")


def test_a_retired_code_leads_to_the_grids_that_have_its_ground(
    page: Page, changed_site: str
) -> None:
    page.goto(changed_site)
    ask(page, RETIRED)
    expect(page.locator(".note.warn")).to_contain_text(f"编码 {RETIRED} 已停用")
    expect(page.locator(".candidates .title")).to_have_count(2)
    expect(page.locator(".candidates")).to_contain_text("占原面积 75%")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#answer .code strong")).to_have_text(HEIRS[0])


def test_a_code_that_never_was_is_said_plainly(browser: Browser, site: str) -> None:
    with watched_page(browser) as watch:
        watch.page.goto(site)
        ask(watch.page, "999999999999")
        expect(watch.page.locator(".note.warn")).to_contain_text("没有使用过该编码")
    # The browser itself writes down that the answer was 404.
    assert [fault for fault in watch.faults if "404" not in fault] == []


def test_the_link_holds_the_question_and_the_way_back(
    page: Page, site: str, district: District
) -> None:
    first, second = district.plan.at(Level.GRID)[:2]
    page.goto(f"{site}/?lang=zh#q={first.code}&at=2025-06-01")
    expect(page.locator("#answer .code strong")).to_have_text(first.code)
    assert page.locator("[name=at]").input_value() == "2025-06-01"
    ask(page, second.code)
    expect(page.locator("#answer .code strong")).to_have_text(second.code)
    assert page.url == f"{site}/?lang=zh#q={second.code}&at=2025-06-01"
    page.go_back()
    expect(page.locator("#answer .code strong")).to_have_text(first.code)
    page.go_forward()
    expect(page.locator("#answer .code strong")).to_have_text(second.code)
    page.get_by_role("link", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("#answer .code strong")).to_have_text(second.code)


def test_older_links_and_the_bare_form_are_still_answered(
    page: Page, site: str, district: District
) -> None:
    grid = district.plan.at(Level.SUBGRID)[5]
    lon, lat = inner_point(district, grid.code)
    page.goto(f"{site}/?lang=zh&lon={lon}&lat={lat}&crs=wgs84")
    expect(page.locator("#answer .code strong")).to_have_text(grid.code)
    assert page.url.startswith(f"{site}/?lang=zh#q=")
    page.goto(f"{site}/?lang=en&q={quote(grid.code)}&crs=wgs84&at=&accuracy_m=&near_m=")
    expect(page.locator("#answer .code strong")).to_have_text(grid.code)
    assert page.url == f"{site}/?lang=en#q={grid.code}"


def test_my_position_is_asked_with_its_accuracy(
    browser: Browser, site: str, district: District
) -> None:
    grid = district.plan.at(Level.SUBGRID)[5]
    lon, lat = inner_point(district, grid.code)
    with watched_page(browser) as watch:
        watch.page.context.grant_permissions(["geolocation"])
        watch.page.context.set_geolocation({"longitude": lon, "latitude": lat, "accuracy": 12.4})
        watch.page.goto(site)
        watch.page.get_by_role("button", name="我的位置").click()
        expect(watch.page.locator("#answer .code strong")).to_have_text(grid.code)
        expect(watch.page.locator(".shares caption")).to_contain_text("±12 米")
        # The next question is not about a measured position.
        ask(watch.page, f"{lon}, {lat}")
        expect(watch.page.locator(".shares")).to_have_count(0)
        watch.page.context.clear_permissions()
        watch.page.reload()
        watch.page.get_by_role("button", name="我的位置").click()
        expect(watch.page.locator(".note.warn")).to_contain_text("浏览器未获准读取位置")
    assert watch.faults == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_hostile_words_stay_text(browser: Browser, site: str, lang: str) -> None:
    with watched_page(browser) as watch:
        watch.page.goto(f"{site}/?lang={lang}")
        for words in HOSTILE:
            ask(watch.page, words)
            wait_for(watch.page, "!document.querySelector('#answer').hasAttribute('aria-busy')")
            expect(watch.page.locator("#answer img, #answer svg, #answer script")).to_have_count(0)
            assert watch.page.locator("#answer").inner_text()
        watch.page.goto(
            f"{site}/?lang={lang}#q={quote(HOSTILE[0])}&at=%3Cb%3E&crs=%3Cb%3E&pick=9e9"
        )
        expect(watch.page.locator("#answer > *").first).to_be_visible()
    # A text that is too long is refused, which the browser writes down as a failed request.
    assert [fault for fault in watch.faults if "422" not in fault] == []


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080), (820, 1180)])
def test_the_box_the_map_and_the_answer_are_seen_at_once(
    browser: Browser, site: str, size: tuple[int, int]
) -> None:
    with watched_page(browser, width=size[0], height=size[1]) as watch:
        watch.page.goto(site)
        ask(watch.page, "翁墩新村1幢")
        for part in (".search", ".folium-map", "#answer .banner"):
            box = watch.page.locator(part).bounding_box()
            assert box is not None
            assert box["y"] >= 0
            assert box["y"] + min(box["height"], 60) <= size[1]
        assert watch.page.evaluate("document.documentElement.scrollWidth") == size[0]
    assert watch.faults == []
