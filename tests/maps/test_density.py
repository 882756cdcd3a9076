"""Does the density page show the figures that it was given, in a real browser without a network?"""

import csv
import io
from pathlib import Path

import pytest

from maps.density import draw_density
from tests.maps.conftest import (
    ASSETS,
    HOSTILE,
    make_base,
    make_density,
    make_plan,
    make_reports,
)

GRIDS = ["甲社区第1网格", "甲社区第2网格", *(f"乙社区第{i}网格" for i in (1, 2, 3, 4))]


def draw(lang="zh", **given) -> str:
    return draw_density(make_density(**given), make_base(), lang, ASSETS)


def shown(opened) -> dict[str, str]:
    return {row[0]: row[1] for row in opened.table()}


def test_the_table_shows_the_figures_of_the_view(open_html):
    opened = open_html(draw())
    view = make_density()
    expected = {f.name: str(f.reports) for f in view.figures if f.level == "grid"}
    assert shown(opened) == expected
    assert list(expected.values()) == ["10", "20", "30", "40", "50", "60"]
    tiles = opened.page.locator("#totals dd").all_text_contents()
    assert tiles == ["210", "3", "4", "1,500"]


def test_title_period_freshness_and_revision_are_exact(open_html):
    text = open_html(draw()).page.locator("#panel header").inner_text()
    assert "演示区报告密度" in text
    assert "2026-01-01 – 2026-06-30" in text
    assert "2026-06-10 09:00" in text
    assert "2026-07-02 08:30" in text
    assert "第 7 版，2026-01-01 起施行" in text


def test_rates_name_their_denominator_and_a_missing_one_is_no_zero(open_html):
    opened = open_html(draw())
    opened.page.get_by_role("radio", name="每千户").click()
    rates = {row[0]: row[3] for row in opened.table()}
    assert rates[GRIDS[0]] == "20.0"
    assert rates[GRIDS[2]] == "30.0"
    assert rates[GRIDS[1]] == "—"
    legend = opened.page.locator("#legend").inner_text()
    assert "每千户报告数" in legend
    assert "无分母数据" in legend


def test_levels_add_up(open_html):
    opened = open_html(draw())
    opened.page.get_by_role("radio", name="社区").click()
    assert shown(opened) == {"甲社区": "30", "乙社区": "180"}
    opened.page.get_by_role("radio", name="区", exact=True).click()
    assert shown(opened) == {"演示区": "210"}


def test_filters_recount_and_can_be_cleared(open_html):
    opened = open_html(draw())
    page = opened.page
    page.locator("#category").select_option(label="噪音扰民")
    assert shown(opened) == dict(zip(GRIDS, ["5", "10", "15", "20", "25", "30"], strict=True))
    page.locator("#from").select_option(label="2026-03")
    page.locator("#to").select_option(label="2026-03")
    reports = make_reports()
    of_march = reports[
        (reports.category == "噪音扰民")
        & (reports.occurred_at.dt.tz_convert("Asia/Shanghai").dt.month == 3)
    ]
    expected = of_march.groupby("code").size()
    assert sorted(map(int, shown(opened).values())) == sorted(expected.tolist())
    page.get_by_role("button", name="清除筛选").click()
    assert shown(opened)[GRIDS[5]] == "60"
    assert page.locator("#category").input_value() == ""


def test_outside_and_unlocated_follow_the_filters(open_html):
    opened = open_html(draw())
    opened.page.locator("#category").select_option(label="占道停车")
    assert opened.page.locator("#totals dd").all_text_contents()[:3] == ["105", "1", "2"]


def test_a_filter_hides_the_surface_and_says_so(open_html):
    page = open_html(draw()).page
    page.get_by_label("平滑密度面").check()
    legend = page.locator("#legend")
    assert "件/km²·年" in legend.inner_text()
    assert "带宽" in legend.inner_text()
    page.locator("#kind").select_option(label="矛盾纠纷")
    assert "筛选时不显示" in page.locator("#remark").inner_text()
    assert "件/km²·年" not in legend.inner_text()


def test_the_table_sorts_by_mouse_and_by_keyboard(open_html):
    opened = open_html(draw())
    page = opened.page
    head = page.locator("#table thead th")
    assert [row[1] for row in opened.table()] == ["60", "50", "40", "30", "20", "10"]
    assert head.nth(1).get_attribute("aria-sort") == "descending"
    head.nth(1).get_by_role("button").click()
    assert [row[1] for row in opened.table()] == ["10", "20", "30", "40", "50", "60"]
    assert head.nth(1).get_attribute("aria-sort") == "ascending"
    head.nth(0).get_by_role("button").focus()
    page.keyboard.press("Enter")
    names = [row[0] for row in opened.table()]
    assert head.nth(0).get_attribute("aria-sort") == "ascending"
    assert names.index(GRIDS[0]) + 1 == names.index(GRIDS[1])


def test_a_row_and_its_area_are_selected_together(open_html):
    opened = open_html(draw())
    page = opened.page
    page.locator("#table tbody tr", has_text=GRIDS[4]).press("Enter")
    assert page.evaluate("wangge.page.state.selected") == "350402001002003"
    assert page.evaluate("wangge.marked !== null")
    chosen = page.locator("#table tr[aria-selected=true]")
    assert chosen.count() == 1
    # And the other way: a click in the middle of the first grid selects its row.
    place = page.evaluate(
        "(() => { const p = wangge.page.map.latLngToContainerPoint([26.2535, 117.6035]);"
        "return [p.x, p.y]; })()"
    )
    page.mouse.click(*place)
    assert chosen.locator("th").inner_text().startswith(GRIDS[0])


def test_the_csv_is_the_table(open_html):
    opened = open_html(draw())
    with opened.page.expect_download() as download:
        opened.page.get_by_role("button", name="下载 CSV").click()
    raw = Path(download.value.path()).read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))
    assert rows[0] == ["编码", "面积（km²）", "户数", "网格", "报告", "每km²", "每千户"]
    assert rows[1][0] == "350402001002004"
    assert [row[4] for row in rows[1:]] == ["60", "50", "40", "30", "20", "10"]
    assert rows[-1] == ["350402001001001", rows[-1][1], "500", GRIDS[0], "10", rows[-1][5], "20"]
    assert download.value.suggested_filename == "演示区_20260101-20260701.csv"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_hostile_names_and_categories_stay_text(open_html, lang):
    plan = make_plan(HOSTILE)
    district = "</title></script>".join(HOSTILE)
    opened = open_html(draw(lang, plan=plan, reports=make_reports(HOSTILE), district=district))
    page = opened.page
    assert district in page.locator("h1").inner_text()
    assert district in page.title()
    assert {row[0] for row in opened.table()} == set(HOSTILE)
    options = page.locator("#category option").all_text_contents()
    assert set(HOSTILE) <= set(options)
    place = page.evaluate(
        "(() => { const p = wangge.page.map.latLngToContainerPoint([26.2535, 117.6035]);"
        "return [p.x, p.y]; })()"
    )
    page.mouse.move(*place)
    assert HOSTILE[0] in page.locator(".card").inner_text()
    assert page.locator("img").count() == 0
    with page.expect_download() as download:
        page.locator("#csv").click()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    cells = {cell for row in csv.reader(io.StringIO(text)) for cell in row}
    assert "'" + HOSTILE[5] in cells
    assert HOSTILE[5] not in cells


def test_no_position_of_a_report_is_in_the_page():
    reports = make_reports().assign(lon=117.6043217, lat=26.2545678)
    reports.loc[reports.code.isna(), ["lon", "lat"]] = None
    html = draw(reports=reports)
    for digits in ("6043217", "604322", "2545678", "254568"):
        assert digits not in html


def test_english_page_has_no_chinese_but_for_names(open_html):
    page = open_html(draw("en")).page
    assert page.locator("html").get_attribute("lang") == "en"
    assert "演示区: density of reports" in page.locator("h1").inner_text()
    controls = page.locator(".controls").inner_text()
    for name in ("噪音扰民", "占道停车"):
        controls = controls.replace(name, "")
    assert not any("\u4e00" <= letter <= "\u9fff" for letter in controls)


def test_a_page_without_reports_still_draws(open_html):
    opened = open_html(draw(reports=make_reports().iloc[:0]))
    assert set(shown(opened).values()) == {"0"}
    assert opened.page.locator("#smooth").is_disabled()


def test_equal_views_give_equal_pages():
    assert draw() == draw()
