"""Does the camera coverage page show what the cameras watch?"""

import csv
import io
from pathlib import Path

import pytest

from maps.cameras import draw_coverage
from tests.maps.conftest import (
    ASSETS,
    HOSTILE,
    make_base,
    make_cameras,
    make_coverage,
    make_plan,
)


def draw(lang="zh", **given) -> str:
    return draw_coverage(make_coverage(**given), make_base(), lang, ASSETS)


def test_the_table_shows_cameras_and_shares(open_html):
    opened = open_html(draw())
    rows = {row[0]: row[1] for row in opened.table()}
    assert rows == {
        "甲社区第1网格": "2", "甲社区第2网格": "无", "乙社区第1网格": "1",
        "乙社区第2网格": "无", "乙社区第3网格": "无", "乙社区第4网格": "无",
    }  # fmt: skip
    shares = opened.page.locator("#table .share").all_inner_texts()
    view = make_coverage()
    most = max(grid.covered_share for grid in view.grids if grid.level == "grid")
    assert shares[-1] == f"{100 * most:.1f} %"
    assert shares[0] == "无"
    assert opened.page.locator("#totals dd").all_text_contents()[1:] == ["3", "1", "0"]


def test_an_unknown_direction_is_drawn_apart_and_explained(open_html):
    opened = open_html(draw())
    page = opened.page
    assert "朝向不明，未计入" in page.locator("#legend").inner_text()
    assert opened.data()["unknownOf"] == [1]
    assert make_coverage().sectors[1] is None


def test_key_sections_are_listed_worst_first(open_html):
    opened = open_html(draw())
    opened.page.get_by_role("radio", name="重点路段与场所").click()
    rows = opened.table("keys")
    assert [row[0] for row in rows] == ["列东大道", "小学"]
    opened.page.locator("#keys tbody tr").first.press("Enter")
    assert opened.page.evaluate("wangge.page.state.key") == "r"


def test_a_click_on_the_map_selects_the_grid_under_it(open_html):
    page = open_html(draw()).page
    place = page.evaluate(
        "(() => { const p = wangge.page.map.latLngToContainerPoint([26.2652, 117.6025]);"
        "return [p.x, p.y]; })()"
    )
    page.mouse.click(*place)
    assert page.locator("#table tr[aria-selected=true] th").inner_text().startswith("甲社区第2网格")


def test_layers_can_be_switched_off(open_html):
    page = open_html(draw()).page
    entries = page.locator("#legend .range")
    for label, text in (("可视扇区", "摄像头可视扇区"), ("覆盖率底色", "无覆盖")):
        assert text in entries.all_inner_texts()
        page.get_by_label(label, exact=True).uncheck()
        assert text not in entries.all_inner_texts()


def test_the_page_says_whom_it_is_for(open_html):
    assert "仅供管理人员使用" in open_html(draw()).page.locator("header").inner_text()


def test_csv_of_grids(open_html):
    page = open_html(draw()).page
    with page.expect_download() as download:
        page.locator("#csv").click()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    by_code = {row["编码"]: row for row in rows}
    assert by_code["350402001001001"]["摄像头"] == "2"
    assert by_code["350402001001001"]["朝向不明"] == "1"
    assert by_code["350402001001002"]["覆盖率"] == "0"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_hostile_names_stay_text(open_html, lang):
    opened = open_html(draw(lang, plan=make_plan(HOSTILE), cameras=make_cameras(HOSTILE[:3])))
    page = opened.page
    assert {row[0] for row in opened.table()} == set(HOSTILE)
    page.evaluate("wangge.page.map.setView([26.256, 117.606], 17, {animate: false})")
    place = page.evaluate(
        "(() => { const p = wangge.page.map.latLngToContainerPoint([26.256, 117.606]);"
        "return [p.x, p.y]; })()"
    )
    page.mouse.move(place[0] - 3, place[1])
    page.wait_for_timeout(100)  # Leaflet looks at the mouse thirty times a second.
    page.mouse.move(*place)
    page.locator(".card", has_text=HOSTILE[1]).wait_for()
    assert page.locator("img").count() == 0


def test_no_cameras_and_no_key_sections_still_draw(open_html):
    opened = open_html(draw(cameras=[]))
    assert {row[1] for row in opened.table()} == {"无"}
