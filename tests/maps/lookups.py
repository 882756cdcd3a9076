"""The front page with a list of answers in place of its server."""

from maps.lookup import draw_lookup
from tests.browser import wait_for
from tests.maps.conftest import ASSETS, make_base, make_lookup

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
    "accuracy": None,
    "hint": None,
    "address": None,
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


MATCHED = {
    "part": "road",
    "verdict": "matched",
    "given": "列东街",
    "standard": "列东街",
    "note": "as is",
}


CONTRADICTED = {
    "part": "subdistrict",
    "verdict": "contradicted",
    "given": "列东街道",
    "standard": "列西街道",
    "note": "列东街 lies in 列西街道",
}


def open_page(open_html, lang="zh", locate=None, **given):
    """Open the page; ``locate`` is what the server answers, as (status, body)."""
    page = open_html(draw_lookup(make_lookup(**given), make_base(), lang, ASSETS)).page
    status, body = locate or (200, FOUND)
    outline = OUTLINE | {"id": "350402001001001"}
    answers = {"locate": {"status": status, "body": body}, "grids": {"body": outline}}
    page.evaluate(SERVER, [answers])
    return page


def ask(page, text="117.605, 26.255"):
    page.locator("[name=q]").fill(text)
    page.locator("[name=q]").press("Enter")
    wait_for(page, "!document.querySelector('#answer').hasAttribute('aria-busy')")
    return page.locator("#answer")


def make_address(status="ambiguous", reasons=(), candidates=0, **given):
    """An answer for a written address with so many candidates, each in a grid of its own."""
    listed = [
        {
            "standard": f"列东街{k + 1}号",
            "confidence": 0.6,
            "point": {"lon": 117.605 + 0.01 * k, "lat": 26.255},
            "grids": [{"level": "grid", "code": f"35040200100100{k + 1}", "name": f"第{k + 1}格"}],
            "reasons": list(reasons),
        }
        for k in range(candidates)
    ]
    address = {
        "given": "列东街",
        "standard": None,
        "confidence": 0.6,
        "provider": "gazetteer",
        "reasons": list(reasons),
        "candidates": listed,
    }
    nothing = {"grids": [], "border": None, "point": None}
    return FOUND | nothing | {"status": status, "address": address | given}
