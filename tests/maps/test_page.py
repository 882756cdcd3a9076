"""Do all pages hold in every language, size and way of use?"""

import re
from pathlib import Path

import pytest

from maps.cameras import draw_coverage
from maps.density import draw_density
from maps.lookup import draw_lookup
from maps.offline import ServedAssets
from maps.text import LANGUAGES, load_catalogue
from tests.maps.conftest import ASSETS, make_base, make_coverage, make_density, make_lookup

MAPS = Path(__file__).parents[2] / "maps"
AXE = ASSETS.folder / "axe-core" / "axe.min.js"
DRAWN = {
    "density": lambda lang, assets: draw_density(make_density(), make_base(), lang, assets),
    "coverage": lambda lang, assets: draw_coverage(make_coverage(), make_base(), lang, assets),
}
ALL = DRAWN | {"lookup": lambda lang, assets: draw_lookup(make_lookup(), make_base(), lang, assets)}
PLACES = {"lookup": "/", "density": "/maps/density", "coverage": "/maps/coverage"}


def texts_in_code() -> set[str]:
    """Every English text that the code asks a translation for."""
    found: set[str] = set()
    for path in [*MAPS.glob("*.py"), *MAPS.glob("templates/*.html"), *MAPS.glob("static/*.js")]:
        code = path.read_text(encoding="utf-8")
        found |= set(re.findall(r'(?<![\w.])(?:wangge\.)?(?:_|t)\(\s*"([^"]+)"', code))
        for pair in re.findall(r'(?<!\w)t\(\w+ \? "([^"]*)" : "([^"]*)"', code):
            found |= set(pair)
    return found


def test_every_text_has_a_translation_and_none_is_left_over():
    texts, catalogue = texts_in_code(), load_catalogue("zh")
    assert len(texts) > 60
    assert sorted(texts - catalogue.keys()) == []
    assert sorted(catalogue.keys() - texts) == []
    places = re.compile(r"\{\w+\}")
    for english, chinese in catalogue.items():
        assert chinese, english
        assert sorted(places.findall(english)) == sorted(places.findall(chinese)), english


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080)])
def test_nothing_is_cut_off_or_covered(open_html, name, lang, size):
    page = open_html(ALL[name](lang, ASSETS), width=size[0], height=size[1]).page
    body = page.evaluate("[document.body.scrollWidth, document.body.scrollHeight]")
    assert body == list(size)
    script = """
        [...document.querySelectorAll('.panel *, .legend *')]
            .filter((e) => e.clientWidth && e.scrollWidth > e.clientWidth + 1)
            .filter((e) => getComputedStyle(e).display !== 'inline')
            .map((e) => [e.tagName, e.className, e.textContent.slice(0, 40)])
    """
    wide = page.evaluate(script)
    assert wide == []
    assert page.locator("#table tbody tr, .levels tr").last.is_visible()


@pytest.mark.parametrize("name", ALL)
def test_accessibility(open_html, name):
    """axe-core finds no fault; the page's policy is asked to let the checker itself in."""
    html = re.sub(
        r"<meta http-equiv=\"Content-Security-Policy\"[^>]*>", "", ALL[name]("zh", ASSETS)
    )
    page = open_html(html).page
    page.add_script_tag(path=AXE)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    faults = [
        (v["id"], [node["html"][:120] for node in v["nodes"]][:3]) for v in found["violations"]
    ]
    assert faults == []


@pytest.mark.parametrize("name", ALL)
def test_the_panel_folds_and_the_map_takes_its_place(open_html, name):
    page = open_html(ALL[name]("zh", ASSETS)).page
    page.get_by_role("button", name="收起面板").click()
    assert not page.locator("#panel").is_visible()
    assert page.evaluate("wangge.page.map.getSize().x") == 1366
    assert page.locator(".headline").is_visible()
    page.get_by_role("button", name="展开面板").click()
    assert page.locator("#panel").is_visible()


@pytest.mark.parametrize("plan", [None, "a&b"])
@pytest.mark.parametrize("name", ALL)
def test_a_served_page_links_to_our_server_only_and_to_the_other_pages(name, plan):
    html = ALL[name]("zh", ServedAssets(plan=plan))
    links = re.findall(r'<(?:script|link|img|a|iframe)\b[^>]*\b(?:src|href)="([^"]*)"', html)
    rest = "" if plan is None else "&amp;plan=a%26b"
    assert "/assets/leaflet/leaflet.js" in links
    assert "/static/maps/page.css" in links
    assert "/static/icon.svg" in links
    elsewhere = {f"?lang=en{rest}", *(f"{place}?lang=zh{rest}" for place in PLACES.values())}
    assert elsewhere <= set(links)
    ours = [link for link in links if link not in elsewhere]
    assert all(link.startswith(("/assets/", "/static/")) for link in ours)
    for link in ours:
        if link.startswith("/static/maps/"):
            assert (MAPS / "static" / link.removeprefix("/static/maps/")).is_file()
    current = re.findall(r'<a href="([^"?]*)[^"]*" aria-current="page"', html)
    assert current == [PLACES[name]]


@pytest.mark.parametrize("name", ALL)
def test_a_page_of_its_own_links_to_nothing(name):
    html = ALL[name]("zh", ASSETS)
    head = html.split("<script")[0]
    assert "default-src 'none'" in head
    assert "'unsafe-inline'" not in re.search(r"script-src[^\"]*", html)[0]
    assert re.findall(r'<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)="', html) == []
    assert "<nav" not in html


@pytest.mark.parametrize("name", DRAWN)
def test_printing_shows_title_map_and_table(open_html, name):
    page = open_html(DRAWN[name]("zh", ASSETS)).page
    page.emulate_media(media="print")
    assert page.locator(".headline").is_visible()
    assert not page.locator(".controls").is_visible()
    assert page.locator("#table").is_visible()


def test_classes_are_readable_and_hold_every_value(open_html):
    page = open_html(DRAWN["density"]("zh", ASSETS)).page
    script = "([values, whole]) => wangge.classBounds(values, 6, whole)"
    assert page.evaluate(script, [[0, 0], True]) == []
    assert page.evaluate(script, [[7], True]) == [1]
    assert page.evaluate(script, [[0.5], False]) == [0]
    bounds = page.evaluate(script, [list(range(1, 146)), True])
    assert bounds == [1, 30, 60, 80, 120, 150][: len(bounds)]
    assert len(bounds) >= 5
    classes = page.evaluate(
        "(bounds) => [0, 1, 29, 30, 145].map((value) => wangge.classOf(value, bounds))", bounds
    )
    assert classes[:4] == [-1, 0, 0, 1]
    assert classes[4] == len(bounds) - 1
