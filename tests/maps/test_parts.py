"""Do the small parts of a map keep their promises?"""

import json
import re

import folium
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import NotFound, Refused
from maps import style
from maps.escape import to_html_text, to_inert_json
from maps.layers import start_map
from maps.offline import InlineAssets, ServedAssets, link_script, link_style, localise
from maps.packing import ALPHABET, encode, pack
from maps.text import choose_language, translator
from tests.maps.conftest import ASSETS, HOSTILE


@given(st.recursive(st.text() | st.integers() | st.none(), st.lists))
def test_inert_json_is_json_without_a_dangerous_letter(value):
    text = to_inert_json(value)
    assert json.loads(text) == value
    assert not re.search("[<>&'`$\u2028\u2029]", text)


@given(st.text())
def test_html_text_has_no_dangerous_letter(text):
    assert not re.search(r"[<>\"'`${}\\]", to_html_text(text))


def test_json_refuses_what_json_does_not_know():
    with pytest.raises(ValueError, match="JSON compliant"):
        to_inert_json(float("nan"))


def decode(text: str) -> list[tuple[float, float]]:
    """The counterpart of ``encode``, written a second time on purpose."""
    steps, value, shift = [], 0, 0
    for letter in text:
        bits = ALPHABET.index(letter)
        value |= (bits & 0x1F) << shift
        shift += 5
        if bits < 0x20:
            steps.append(~(value >> 1) if value & 1 else value >> 1)
            value, shift = 0, 0
    lat, lon = np.cumsum(steps[::2]), np.cumsum(steps[1::2])
    return [(x / 1e6, y / 1e6) for x, y in zip(lon.tolist(), lat.tolist(), strict=True)]


@given(
    st.lists(
        st.tuples(st.integers(-180_000_000, 180_000_000), st.integers(-90_000_000, 90_000_000)),
        min_size=1, max_size=20, unique=True,
    )
)  # fmt: skip
def test_packing_keeps_every_vertex(micro):
    points = [(x / 1e6, y / 1e6) for x, y in micro]
    assert decode(encode(np.array(points))) == points


def test_packing_knows_holes_parts_and_points():
    ring = shapely.box(0, 0, 1, 1).difference(shapely.box(0.4, 0.4, 0.6, 0.6))
    two = shapely.union_all([ring, shapely.box(2, 0, 3, 1)])
    dimension, parts = pack(two)
    assert (dimension, sorted(len(part) for part in parts)) == (2, [1, 2])
    assert pack(shapely.Point(1, 2))[0] == 0
    assert pack(shapely.Polygon())[1] == []


def test_the_packed_alphabet_means_nothing_to_a_template():
    """branca compiles rendered markup as a template once more."""
    assert not set(ALPHABET) & set("{}%#<>&'\"`$\\")


@pytest.mark.parametrize(
    "markup",
    [
        '<script src="https://cdn.jsdelivr.net/npm/x.js"></script>',
        '<link rel="stylesheet" href="//cdn.example/x.css"/>',
        "<style>@import 'http://evil/x.css'</style>",
        "<style>a { background: url(https://evil/x.png) }</style>",
        "<img src='http://evil/x.png'>",
        "<script src=http://evil/x.js></script>",
    ],
)
def test_an_unknown_address_is_refused(markup):
    with pytest.raises(Refused, match="no local asset"):
        localise(markup, ServedAssets())


def test_folium_with_its_own_links_is_refused():
    drawn = folium.Map()
    figure = drawn.get_root()
    drawn.render()
    with pytest.raises(Refused):
        localise(figure.header.render(), ASSETS)


def test_our_map_needs_leaflet_only():
    drawn = start_map()
    figure = drawn.get_root()
    drawn.render()
    header = localise(figure.header.render(), ServedAssets("/a"))
    assert re.findall(r'(?:src|href)="([^"]*)"', header) == [
        "/a/leaflet/leaflet.js",
        "/a/leaflet/leaflet.css",
    ]


def test_inlined_styles_carry_their_pictures():
    css = link_style("asset:leaflet/leaflet.css", ASSETS)
    assert "url(data:image/png;base64," in css
    assert not re.search(r"url\((?!data:|#)", css)


def test_a_missing_asset_says_what_to_do(tmp_path):
    with pytest.raises(NotFound, match="wangge setup"):
        link_script("asset:leaflet/leaflet.js", InlineAssets(tmp_path))


def test_an_inlined_script_cannot_end_its_own_element(tmp_path):
    (tmp_path / "a.js").write_text('x = "</script><!--";')
    inlined = link_script("asset:a.js", InlineAssets(tmp_path))
    assert inlined == r'<script>x = "<\/script><\!--";</script>'


@pytest.mark.parametrize("anchors", [style.DENSITY_ANCHORS, style.COVERAGE_ANCHORS])
@pytest.mark.parametrize("classes", range(2, 8))
def test_ramps_grow_steadily_darker(anchors, classes):
    lightness = [style.to_oklab(colour)[0] for colour in style.ramp(anchors, classes)]
    steps = -np.diff(lightness)
    assert (steps > 0.03).all()


def test_languages_fall_back():
    assert choose_language("fr-FR") == "zh"
    assert translator("en")("Reports") == "Reports"
    assert translator("zh")("Reports") == "报告"
    assert translator("zh")(HOSTILE[0]) == HOSTILE[0]
