"""Does the front page ask for the place, and show the answer as text, whatever the server says?"""

import re

import pytest

from maps.lookup import draw_lookup
from maps.notice import draw_notice
from maps.offline import ServedAssets
from tests.browser import wait_for
from tests.maps.conftest import ASSETS, HOSTILE, make_base, make_lookup, make_plan

FOUND = {
    "status": "inside",
    "grids": [
        {"level": "district", "code": "350402", "name": "演示区"},
        {"level": "community", "code": "350402001001", "name": "甲社区"},
        {"level": "grid", "code": "350402001001001", "name": "甲社区第1网格"},
    ],
    "revision": {"id": 7, "effective_from": "2025-12-31T16:00:00Z", "effective_to": None},
    "border": {"distance_m": 12.44, "neighbour": "350402001001002", "on_border": False},
    "point": {"lon": 117.605, "lat": 26.255},
}
OUTLINE = {
    "type": "Feature",
    "geometry": {
        "type": "Polygon",
        "coordinates": [[[117.6, 26.25], [117.61, 26.25], [117.61, 26.26], [117.6, 26.25]]],
    },
    "properties": {},
}
# The server of these pages is a list of answers; what is asked is kept in window.asked.
SERVER = """
    ([answers]) => {
        window.asked = [];
        window.fetch = async (url) => {
            asked.push(url);
            const answer = answers[new URL(url, "http://x").pathname.split("/")[2]];
            if (!answer) throw new TypeError("no server");
            const { status = 200, body } = answer;
            return { ok: status === 200, status, json: async () => structuredClone(body) };
        };
    }
"""


def open_page(open_html, lang="zh", locate=None, **given):
    """Open the page; ``locate`` is what the server answers, as (status, body)."""
    page = open_html(draw_lookup(make_lookup(**given), make_base(), lang, ASSETS)).page
    status, body = locate or (200, FOUND)
    answers = {"locate": {"status": status, "body": body}, "grids": {"body": OUTLINE}}
    page.evaluate(SERVER, [answers])
    return page


def type_place(page, lon="117.605", lat="26.255"):
    page.locator("[name=lon]").fill(lon)
    page.locator("[name=lat]").fill(lat)
    page.locator("[name=lat]").press("Enter")
    page.locator("#answer > *").first.wait_for()
    wait_for(page, "!document.querySelector('#answer').hasAttribute('aria-busy')")
    return page.locator("#answer")


def test_the_answer_names_every_level_the_border_and_the_exact_validity(open_html):
    page = open_page(open_html)
    answer = type_place(page)
    assert answer.locator(".found").inner_text() == "甲社区第1网格"
    assert answer.locator(".code").inner_text() == "350402001001001"
    rows = answer.locator("tr").all_inner_texts()
    assert [re.split(r"\s+", row) for row in rows] == [
        ["区", "演示区", "350402"],
        ["社区", "甲社区", "350402001001"],
        ["网格", "甲社区第1网格", "350402001001001"],
    ]
    text = answer.inner_text()
    assert "距最近边界 12.4 米，界外为甲社区第2网格（350402001001002）。" in text
    assert "第 7 版，2026-01-01 起施行" in text


def test_the_script_asks_with_what_was_typed_and_draws_the_outline(open_html):
    page = open_page(open_html)
    page.locator("[name=crs]").select_option("gcj02")
    page.locator("[name=at]").fill("2026-02-03")
    type_place(page)
    wait_for(page, "Boolean(wangge.marked)")
    assert page.evaluate("asked") == [
        "/v1/locate?lon=117.605&lat=26.255&crs=gcj02&at=2026-02-03",
        "/v1/grids/350402001001001?at=2026-02-03",
    ]


def test_a_click_fills_the_form_with_its_place(open_html):
    page = open_page(open_html)
    page.locator("[name=crs]").select_option("bd09")
    place = page.evaluate(
        "(() => { const p = wangge.page.map.latLngToContainerPoint([26.2652, 117.6025]);"
        "return [p.x, p.y]; })()"
    )
    page.mouse.click(*place)
    page.locator("#answer .found").wait_for()
    typed = [float(page.locator(f"[name={name}]").input_value()) for name in ("lon", "lat")]
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


def test_both_numbers_may_be_pasted_into_the_first_field(open_html):
    page = open_page(open_html)
    page.locator("[name=lon]").fill(" 117.605，26.255")
    assert page.locator("[name=lon]").input_value() == "117.605"
    assert page.locator("[name=lat]").input_value() == "26.255"


def test_a_place_outside_and_one_on_a_border_are_said_plainly(open_html):
    outside = FOUND | {"status": "outside", "grids": [], "border": None}
    text = type_place(open_page(open_html, locate=(200, outside))).inner_text()
    assert "不在本方案的任何网格内" in text
    border = {"distance_m": 0.0, "neighbour": None, "on_border": True}
    text = type_place(open_page(open_html, locate=(200, FOUND | {"border": border}))).inner_text()
    assert "恰在边界线上" in text


def test_an_answer_from_another_revision_says_that_the_map_differs(open_html):
    revision = {
        "id": 3,
        "effective_from": "2019-12-31T16:00:00Z",
        "effective_to": "2022-05-01T04:30:00Z",
    }
    text = type_place(
        open_page(open_html, locate=(200, FOUND | {"revision": revision}))
    ).inner_text()
    assert "第 3 版，2020-01-01 起至 2022-05-01 12:30 前施行" in text
    assert "地图显示的是现行边界" in text


@pytest.mark.parametrize(
    ("status", "lon", "lat", "said"),
    [
        (422, "26.2", "117.6", "swapped"),
        (422, "east", "26.2", "must be numbers"),
        (422, "117.6", "26.2", "no place or no date"),
        (404, "117.6", "26.2", "No boundaries are in force"),
        (503, "117.6", "26.2", "not ready yet"),
        (500, "117.6", "26.2", "went wrong"),
    ],
)
def test_a_refusal_is_said_in_place_in_plain_words(open_html, status, lon, lat, said):
    page = open_page(open_html, "en", locate=(status, {"detail": "the <b>exact</b> reason"}))
    note = type_place(page, lon, lat).locator(".note.warn")
    assert said in note.inner_text()
    assert note.locator("small").inner_text() == "the <b>exact</b> reason"


def test_a_server_that_does_not_answer_is_said_too(open_html):
    page = open_page(open_html, "en")
    page.evaluate(SERVER, [{}])
    assert "does not answer" in type_place(page).inner_text()


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
    page.locator("[name=lon]").fill("117.605")
    page.locator("[name=lat]").fill("26.255")
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
    text = type_place(page).inner_text()
    assert all(name in text for name in HOSTILE)
    assert page.locator("img").count() == 0


def test_names_do_not_cover_each_other_nor_the_place(open_html):
    page = open_page(open_html)
    type_place(page)
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
    page.locator("[name=lon]").fill("117.6")
    page.locator("[name=lat]").fill("26.2")
    page.locator("[name=lat]").press("Enter")
    page.wait_for_url("**lon=117.6**")
    assert page.url.endswith("/?lang=zh&plan=a%26b&lon=117.6&lat=26.2&crs=wgs84&at=")
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
