"""Does the front page ask for the place, and show the answer as text, whatever the server says?

What the real server answers is shown in tests/api/test_lookup_page.py; here are the answers that
it gives rarely or never.
"""

import re

import pytest

from maps.lookup import draw_lookup
from maps.notice import draw_notice
from maps.offline import ServedAssets
from tests.browser import wait_for
from tests.maps.conftest import HOSTILE, make_base, make_lookup, make_plan
from tests.maps.lookups import FOUND, SERVER, ask, open_page


def test_the_answer_names_every_level_the_border_and_the_exact_validity(open_html):
    page = open_page(open_html)
    answer = ask(page)
    assert answer.locator(".found").inner_text() == "甲社区第1网格"
    assert answer.locator(".code strong").inner_text() == "350402001001001"
    rows = answer.locator(".levels tr").all_inner_texts()
    assert [re.split(r"\s+", row)[:3] for row in rows] == [
        ["区", "演示区", "350402"],
        ["社区", "甲社区", "350402001001"],
    ]
    text = answer.inner_text()
    assert "距最近边界 12.4 米，界外为甲社区第2网格（350402001001002）。" in text
    assert "第 7 版，2026-01-01 起施行" in text
    assert page.locator("#said").inner_text() == "查询结果：甲社区第1网格，编码 350402001001001。"


def test_the_script_asks_with_what_was_typed_and_draws_the_outline(open_html):
    page = open_page(open_html)
    page.locator("[name=crs]").select_option("gcj02")
    page.locator("[name=at]").fill("2026-02-03")
    page.get_by_text("定位精度与邻近网格").click()
    page.locator("[name=accuracy_m]").fill("30")
    page.locator("[name=near_m]").fill("50")
    ask(page)
    wait_for(page, "Boolean(wangge.marked)")
    assert page.evaluate("asked") == [
        "/v1/locate?lon=117.605&lat=26.255&crs=gcj02&accuracy_m=30&near_m=50&at=2026-02-03",
        "/v1/grids/350402001001001?at=2026-02-03",
    ]


def test_a_click_fills_the_box_with_its_place(open_html):
    page = open_page(open_html)
    page.locator("[name=crs]").select_option("bd09")
    place = page.evaluate(
        "(() => { const p = wangge.page.map.latLngToContainerPoint([26.2652, 117.6025]);"
        "return [p.x, p.y]; })()"
    )
    page.mouse.click(*place)
    page.locator("#answer .found").wait_for()
    typed = [float(part) for part in page.locator("[name=q]").input_value().split(",")]
    assert typed == pytest.approx([117.6025, 26.2652], abs=1e-4)
    assert page.locator("[name=crs]").input_value() == "wgs84"


def test_the_map_has_a_ring_for_the_keyboard_and_none_for_the_mouse(open_html):
    page = open_page(open_html)
    ring = "getComputedStyle(document.querySelector('.folium-map')).outlineStyle"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className").startswith("folium-map")
    assert page.evaluate(ring) == "solid"
    page.mouse.click(400, 300)
    assert page.evaluate(ring) == "none"


def test_a_place_outside_near_and_on_a_border_are_said_plainly(open_html):
    place = {"point": {"lon": 117.65, "lat": 26.26}}
    outside = FOUND | place | {"status": "outside", "grids": [], "border": None}
    text = ask(open_page(open_html, locate=(200, outside))).inner_text()
    assert "不在本方案的任何网格内" in text
    assert "在方案范围以外 2.0 公里" in text
    border = {"distance_m": 8.06, "neighbour": None, "on_border": False}
    near = FOUND | {"status": "near", "border": border}
    answer = ask(open_page(open_html, locate=(200, near)))
    assert "最近的网格是甲社区第1网格，相距 8.1 米" in answer.inner_text()
    assert answer.locator(".code strong").inner_text() == "350402001001001"
    border = {"distance_m": 0.0, "neighbour": "350402001001002", "on_border": True}
    text = ask(open_page(open_html, locate=(200, FOUND | {"border": border}))).inner_text()
    assert "恰在边界线上" in text
    assert "界线另一侧为甲社区第2网格" in text


def test_an_uncertain_position_shows_its_shares_and_its_circle(open_html):
    grids = [
        {"level": "grid", "code": "350402001001001", "name": "甲社区第1网格", "share": 0.7049},
        {"level": "grid", "code": "350402001001002", "name": "甲社区第2网格", "share": 0.004},
    ]
    accuracy = {"radius_m": 30.0, "grids": grids, "outside": 0.2911}
    page = open_page(open_html, locate=(200, FOUND | {"accuracy": accuracy}))
    table = ask(page).locator(".shares")
    assert "误差 ±30 米" in table.locator("caption").inner_text()
    assert table.locator(".figure").all_inner_texts() == ["70 %", "< 1 %", "29 %"]
    widths = table.locator(".bar i").evaluate_all("(bars) => bars.map((b) => b.style.width)")
    assert [round(float(width[:-1]), 2) for width in widths] == [70.49, 0.4, 29.11]
    assert page.evaluate("wangge.page.places.circle.getRadius()") == 30


def test_an_answer_from_another_revision_says_that_the_map_differs(open_html):
    revision = {
        "id": 3,
        "effective_from": "2019-12-31T16:00:00Z",
        "effective_to": "2022-05-01T04:30:00Z",
    }
    text = ask(open_page(open_html, locate=(200, FOUND | {"revision": revision}))).inner_text()
    assert "第 3 版，2020-01-01 起至 2022-05-01 12:30 前施行" in text
    assert "地图显示的是现行边界" in text


def test_the_code_and_the_answer_are_copied_without_a_clipboard_of_scripts(open_html):
    """A page over http has no clipboard; the browser copies what is selected."""
    page = open_page(open_html)
    page.evaluate(
        """() => {
            Object.defineProperty(navigator, 'clipboard', { value: undefined });
            window.copied = [];
            document.execCommand = () => copied.push(document.activeElement.value) > 0;
        }"""
    )
    answer = ask(page)
    answer.get_by_role("button", name="复制编码 350402001001001").click()
    answer.get_by_role("button", name="复制结果").click()
    assert page.evaluate("copied[0]") == "350402001001001"
    lines = page.evaluate("copied[1]").split("\n")
    assert lines[0].startswith("坐标：117.605000, 26.255000")
    assert "网格：甲社区第1网格（350402001001001）" in lines
    assert answer.locator(".copy.done").count() == 2


@pytest.mark.parametrize(
    ("status", "asked", "said"),
    [
        (422, "117.6, 26.2", "no place or no date"),
        (422, "列东街", "Shorten the address"),
        (404, "117.6, 26.2", "No boundaries are in force"),
        (502, "列东街", "map service"),
        (503, "117.6, 26.2", "not ready yet"),
        (500, "117.6, 26.2", "went wrong"),
    ],
)
def test_a_refusal_is_said_in_place_in_plain_words(open_html, status, asked, said):
    page = open_page(open_html, "en", locate=(status, {"detail": "the <b>exact</b> reason"}))
    note = ask(page, asked).locator(".note.warn")
    assert said in note.inner_text()
    assert note.locator("small").inner_text() == "the <b>exact</b> reason"


def test_a_server_that_does_not_answer_is_said_too(open_html):
    page = open_page(open_html, "en")
    page.evaluate(SERVER, [{}])
    assert "does not answer" in ask(page).inner_text()


def test_only_the_last_question_is_answered(open_html):
    page = open_page(open_html)
    page.evaluate(
        """(found) => {
            let calls = 0;
            window.fetch = async (url) => {
                if (!url.startsWith("/v1/locate")) throw new TypeError("no server");
                const late = calls++ === 0;
                await new Promise((done) => setTimeout(done, late ? 150 : 0));
                const grids = [{ level: "grid", code: "1", name: late ? "late" : "right" }];
                return { ok: true, json: async () => ({ ...found, grids, border: null }) };
            };
        }""",
        FOUND | {"grids": []},
    )
    page.locator("[name=q]").fill("117.605, 26.255")
    page.locator("button.main").click()
    page.locator("button.main").click()
    page.wait_for_timeout(300)
    assert page.locator("#answer .found").inner_text() == "right"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_hostile_names_stay_text(open_html, lang):
    grids = [{"level": HOSTILE[0], "code": name, "name": name} for name in HOSTILE]
    border = {"distance_m": 1.0, "neighbour": HOSTILE[1], "on_border": False}
    page = open_page(
        open_html,
        lang,
        locate=(200, FOUND | {"grids": grids, "border": border}),
        plan=make_plan(HOSTILE),
        title="</title></script>".join(HOSTILE),
    )
    text = ask(page).inner_text()
    assert all(name in text for name in HOSTILE)
    assert page.locator("img").count() == 0


def test_names_do_not_cover_each_other_nor_the_place(open_html):
    page = open_page(open_html)
    ask(page)
    page.wait_for_timeout(100)
    apart = """
        () => wangge.page.labels.taken.every(([x, y, w, h], i, all) =>
            all.slice(i + 1).every(([a, b, c, d]) =>
                a >= x + w || x >= a + c || b >= y + h || y >= b + d))
    """
    assert page.evaluate(apart)
    assert len(page.evaluate("wangge.page.labels.drawn")) > 3


def test_the_form_asks_the_server_itself_while_the_script_is_not_there(browser):
    html = draw_lookup(make_lookup(), make_base(), "zh", ServedAssets(plan="a&b"))
    bare = re.sub(
        r"<script(?! type=\"application/json\").*?</script>|<link[^>]*>", "", html, flags=re.S
    )
    page = browser.new_page()
    page.route("**/*", lambda route: route.fulfill(body=bare, content_type="text/html"))
    page.goto("http://wangge.test/")
    page.locator("[name=q]").fill("117.6, 26.2")
    page.locator("[name=q]").press("Enter")
    page.wait_for_url("**q=117.6**")
    query = "lang=zh&plan=a%26b&q=117.6%2C+26.2&crs=wgs84&at=&accuracy_m=&near_m="
    assert page.url.endswith(f"/?{query}")
    page.close()


def test_a_plan_without_narrow_levels_still_draws(open_html):
    only = [grid for grid in make_plan() if grid.level == "district"]
    page = open_page(open_html, plan=type(make_plan())(only))
    assert page.evaluate("wangge.page.state.level") == "district"


def test_equal_views_give_equal_pages():
    pages = [draw_lookup(make_lookup(), make_base(), "zh", ServedAssets()) for _ in range(2)]
    assert pages[0] == pages[1]


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("loading", "正在载入"),
        ("empty", "./wangge import boundaries"),
        ("choose", "请选择方案"),
        ("unknown", "没有该名称的方案"),
        ("not-in-force", "./wangge plan list"),
    ],
)
def test_a_notice_says_what_to_do_and_keeps_names_text(reason, said):
    html = draw_notice(reason, "zh", ServedAssets(), plans=HOSTILE)
    assert said in html
    assert HOSTILE[0] not in html
    assert HOSTILE[3] not in html
    assert "<nav" in html
