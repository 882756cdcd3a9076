"""Is understood what people type into the one box, and which keys they press?"""

import pytest

from tests.browser import wait_for
from tests.maps.lookups import ask, open_page

TYPED = [
    ("117.605, 26.255", ("point", 117.605, 26.255)),
    ("  117.605，26.255 ", ("point", 117.605, 26.255)),
    ("117.605 26.255", ("point", 117.605, 26.255)),
    ("（117.605、26.255）", ("point", 117.605, 26.255)),
    ("１１７．６０５，２６．２５５", ("point", 117.605, 26.255)),
    ("经度117.605 纬度26.255", ("point", 117.605, 26.255)),
    ("北纬26.255，东经117.605", ("point", 117.605, 26.255)),
    ("26.255N 117.605E", ("point", 117.605, 26.255)),
    ("lat: 26.255, lon: 117.605", ("point", 117.605, 26.255)),
    ("117°36.3', 26°15.3'", ("point", 117.605, 26.255)),
    ("117°36′18″E 26°15′18″N", ("point", 117.605, 26.255)),
    ("北纬26度15分18秒东经117度36分18秒", ("point", 117.605, 26.255)),
    ("117 36.3, 26 15.3", ("point", 117.605, 26.255)),
    ("-117.605, -26.255", ("point", -117.605, -26.255)),
    ("26.255,117.605", ("swapped", 117.605, 26.255)),
    ("26°15.3', 117°36.3'", ("swapped", 117.605, 26.255)),
    ("N 126.255 E 117.605", ("none", None, None)),
    ("39500000, 2900000", ("none", None, None)),
    ("117°75', 26°15'", ("none", None, None)),
    ("350402001001001", ("grid", None, None)),
    ("甲社区第1网格", ("grid", None, None)),
    ("甲社区第一网格", ("grid", None, None)),
    ("350402001", ("grids", None, None)),
    ("999999001", ("grid", None, None)),
    ("列东街12号", ("address", None, None)),
    ("12-305", ("address", None, None)),
    ("12幢 3单元", ("address", None, None)),
    ("甲社区第1网格旁", ("address", None, None)),
    ("   ", ("empty", None, None)),
]


def test_what_was_typed_is_understood(open_html):
    page = open_page(open_html)
    for text, (kind, lon, lat) in TYPED:
        read = page.evaluate("(text) => wangge.readQuestion(text, wangge.page)", text)
        assert (text, read["kind"]) == (text, kind)
        if lon is not None:
            assert (read["lon"], read["lat"]) == pytest.approx((lon, lat), abs=1e-9), text


def test_both_below_ninety_degrees_are_told_apart_by_the_plan(open_html):
    page = open_page(open_html)
    script = """([text, bounds]) => wangge.readQuestion(text, { grids: [], bounds }).kind"""
    zurich = {"west": 8, "east": 9, "south": 47, "north": 48}
    assert page.evaluate(script, ["47.37, 8.54", zurich]) == "swapped"
    assert page.evaluate(script, ["8.54, 47.37", zurich]) == "point"
    assert page.evaluate(script, ["47.37N, 8.54E", zurich]) == "point"
    assert page.evaluate(script, ["20.5, 30.5", zurich]) == "point"


def test_typing_offers_grids_which_the_keyboard_chooses(open_html):
    page = open_page(open_html)
    box = page.locator("[name=q]")
    box.press_sequentially("乙社区")
    options = page.get_by_role("option")
    assert options.first.inner_text().split("\n")[0] == "乙社区"
    assert box.get_attribute("aria-expanded") == "true"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    active = box.get_attribute("aria-activedescendant")
    assert page.locator(f"#{active}").inner_text().split("\n")[0] == "乙社区第1网格"
    page.keyboard.press("Escape")
    assert not options.first.is_visible()
    assert box.input_value() == "乙社区"
    page.keyboard.press("Escape")
    assert box.input_value() == ""


def test_slash_leads_to_the_box_and_escape_clears_everything(open_html):
    page = open_page(open_html)
    ask(page)
    wait_for(page, "Boolean(wangge.marked)")
    page.locator(".folium-map").focus()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "q"
    page.keyboard.press("Escape")
    assert page.locator("[name=q]").input_value() == ""
    assert "可以这样查" in page.locator("#answer").inner_text()
    assert page.evaluate("wangge.marked") is None
    assert "#" not in page.url
    ask(page)
    assert page.locator("#answer .found").is_visible()


def test_numbers_that_are_no_degrees_are_not_asked(open_html):
    page = open_page(open_html, "en")
    assert "must be degrees" in ask(page, "39500000, 2900000").inner_text()
    assert page.evaluate("asked") == []
