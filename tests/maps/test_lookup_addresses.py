"""Does the front page tell what became of the words of an address, beyond any doubt?"""

import re

import pytest

from maps.lookup import draw_lookup
from tests.browser import wait_for
from tests.maps.conftest import ASSETS, HOSTILE, make_base, make_lookup
from tests.maps.lookups import (
    CONTRADICTED,
    FOUND,
    MATCHED,
    OUTLINE,
    SERVER,
    ask,
    make_address,
    open_page,
)

# In the order of the table: what contradicts first, what was not written last.
VERDICTS = [
    ("contradicted", "甲", "乙", "✕ 矛盾", "✕ contradicts"),
    ("matched", "12", "12", "✓ 一致", "✓ matched"),
    ("alias", "梅列区", "三元区", "≈ 别名", "≈ other name"),
    ("typo", "翁敦新村", "翁墩新村", "~ 疑似错字", "~ typo"),
    ("missing", "甲", "", "○ 库中没有", "○ not in the book"),
    ("unchecked", "601", "", "? 未核对", "? not checked"),
    ("ignored", "张三", "", "– 未采用", "– left out"),
    ("unheard-of", "x", "y", "? unheard-of", "? unheard-of"),
    ("missing", "", "乙", "○ 未填写", "○ not written"),
]


def test_an_address_is_asked_as_it_was_written(open_html):
    page = open_page(open_html, locate=(200, make_address(candidates=1)))
    ask(page, "列东街 12号&x=1#")
    assert page.evaluate("new URL(asked[0], 'http://x').searchParams.get('address')") == (
        "列东街 12号&x=1#"
    )


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_verdict_has_a_sign_and_a_word(open_html, lang):
    reasons = [
        MATCHED | {"verdict": verdict, "given": given, "standard": standard, "note": "why"}
        for verdict, given, standard, _, _ in (VERDICTS[-1], *VERDICTS[1:-1], VERDICTS[0])
    ]
    page = open_page(open_html, lang, locate=(200, make_address("unknown", reasons)))
    rows = ask(page, "列东街").locator(".reasons tbody tr")
    for i, (verdict, given, standard, zh, en) in enumerate(VERDICTS):
        cells = rows.nth(i).locator("td").all_inner_texts()
        assert cells[:2] == [given or "—", standard or "—"]
        assert cells[2].split("\n")[0] == (zh if lang == "zh" else en)
        assert ("why" in cells[2]) == (
            lang == "en" and verdict in ("alias", "typo", "contradicted")
        )


def test_an_alias_tells_when_it_was_in_use(open_html):
    note = "梅列区 is another name of 三元区, from 1983-04-28 until 2021-02-26"
    reason = MATCHED | {"verdict": "alias", "note": note}
    page = open_page(open_html, locate=(200, make_address("unknown", [reason])))
    cell = ask(page, "梅列区").locator(".reasons td").last.inner_text()
    assert "1983-04-28 至 2021-02-26（不含）使用" in cell


def test_a_contradiction_cannot_be_overlooked(open_html):
    answer = ask(
        open_page(open_html, locate=(200, make_address(reasons=[CONTRADICTED], candidates=1))),
        "列东街道列东街",
    )
    banner = answer.locator(".banner.bad")
    assert "地址前后矛盾" in banner.inner_text()
    assert "街道：您填写的是“列东街道”，地址库中为“列西街道”。" in banner.inner_text()
    assert "请核实后再派单。" in banner.inner_text()
    assert answer.locator(".found").count() == 0


def test_candidates_are_walked_and_chosen_with_the_keyboard(open_html):
    page = open_page(open_html, locate=(200, make_address(reasons=[MATCHED], candidates=3)))
    answer = ask(page, "列东街")
    assert page.locator("#said").inner_text() == "有 3 处相近地址，请选择其中一处。"
    assert page.locator(".pin").all_inner_texts() == ["1", "2", "3"]
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "ArrowUp", "Enter"):
        page.keyboard.press(key)
    chosen = answer.locator("[aria-pressed=true]")
    assert chosen.locator(".title").inner_text() == "列东街2号"
    assert page.locator(".pin.chosen").inner_text() == "2"
    assert answer.locator(".detail:visible .levels").count() == 1
    wait_for(page, "Boolean(wangge.marked)")
    assert page.evaluate("asked.at(-1)") == "/v1/grids/350402001001002?"
    assert page.url.endswith("&pick=2")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.name") == "q"
    page.locator(".pin").nth(2).click()
    assert page.locator(".pin.chosen").inner_text() == "3"
    assert len(page.evaluate("asked.filter((url) => url.startsWith('/v1/locate'))")) == 1


def test_an_unknown_address_says_what_to_try_next(open_html):
    page = open_page(open_html, "en", locate=(200, make_address("unknown")))
    text = ask(page, "Nowhere").inner_text()
    assert "not in the address book" in text
    assert "Leave out names, telephone numbers and remarks." in text
    assert "Click the place on the map." in text


def test_grids_of_the_name_are_offered_beside_an_unknown_address(open_html):
    page = open_page(open_html, locate=(200, make_address("unknown")))
    answer = ask(page, "甲社区第")
    assert answer.locator(".candidates .title").all_inner_texts() == [
        "甲社区第1网格", "甲社区第2网格",
    ]  # fmt: skip


def test_a_known_address_outside_every_grid_is_no_grid(open_html):
    found = make_address("outside", standard="城外路1号") | {"point": FOUND["point"]}
    answer = ask(open_page(open_html, locate=(200, found)), "城外路1号")
    assert "不在本方案的任何网格内" in answer.locator(".banner.warn").inner_text()
    assert answer.locator(".found").count() == 0


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("status", ["ambiguous", "unknown", "outside"])
def test_hostile_addresses_stay_text(open_html, lang, status):
    reasons = [
        {"part": name, "verdict": "contradicted", "given": name, "standard": name, "note": name}
        for name in HOSTILE
    ]
    found = make_address(status, reasons, candidates=2, given=HOSTILE[0], standard=HOSTILE[1])
    for candidate in found["address"]["candidates"]:
        candidate["standard"] = HOSTILE[3]
    found["address"]["provider"] = HOSTILE[2]
    page = open_page(open_html, lang, locate=(200, found))
    text = ask(page, HOSTILE[0]).inner_text()
    assert all(name in text for name in (HOSTILE if status != "outside" else HOSTILE[:3]))
    assert page.title().startswith(HOSTILE[0])
    assert page.locator("img").count() == 0


AXE = ASSETS.folder / "axe-core" / "axe.min.js"


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080), (820, 1180)])
def test_no_answer_is_cut_off_and_axe_finds_no_fault(open_html, lang, size):
    """The page's policy is asked to let the checker itself in."""
    policy = r"<meta http-equiv=\"Content-Security-Policy\"[^>]*>"
    html = re.sub(policy, "", draw_lookup(make_lookup(), make_base(), lang, ASSETS))
    page = open_html(html, width=size[0], height=size[1]).page
    page.add_script_tag(path=AXE)
    reasons = [MATCHED, CONTRADICTED, MATCHED | {"part": "building", "verdict": "unchecked"}]
    inside = {name: FOUND[name] for name in ("grids", "border", "point")}
    answers = [
        make_address("inside", reasons[:1], standard="列东街1号", confidence=0.97) | inside,
        make_address("unknown", reasons),
        make_address(reasons=reasons, candidates=3),
    ]
    for found in answers:
        page.evaluate(SERVER, [{"locate": {"body": found}, "grids": {"body": OUTLINE}}])
        ask(page, "列东街")
        if found["status"] == "ambiguous":
            page.keyboard.press("ArrowDown")
            page.keyboard.press("Enter")
        wide = page.evaluate("""
            [...document.querySelectorAll('body, .panel *')]
                .filter((e) => e.clientWidth && e.scrollWidth > e.clientWidth + 1)
                .filter((e) => getComputedStyle(e).display !== 'inline')
                .filter((e) => !e.closest('.offscreen'))
                .map((e) => [e.tagName, e.className, e.textContent.slice(0, 40)])
        """)
        assert wide == []
        faults = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
        assert [(fault["id"], fault["nodes"][0]["html"][:120]) for fault in faults] == []
