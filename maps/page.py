"""How do a Folium map, its figures and the side panel become one page?"""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import folium
import jinja2
from branca.element import MacroElement
from folium.template import Template
from markupsafe import Markup

from maps.escape import to_html_text, to_inert_json
from maps.offline import (
    AssetMode,
    ServedAssets,
    link_script,
    link_style,
    localise,
    set_content_policy,
)
from maps.packing import PackedGeoJson
from maps.text import LANGUAGES, Translate, choose_language, load_catalogue, translator

_VIEWPORT = re.compile(r"<meta\s+name=\"viewport\"[^>]*>")

Page = Literal["lookup", "density", "coverage", "diff"]
"""Our pages; each has a template and a script of its name."""

SHARED_SCRIPTS = ("unpack.js", "page.js", "base.js", "labels.js", "table.js", "legend.js")
OWN_SCRIPTS: dict[Page, tuple[str, ...]] = {
    "diff": ("arrows.js",),
    "lookup": (
        "question.js", "suggestions.js", "links.js", "asking.js", "found.js", "verdicts.js",
        "candidates.js", "addresses.js", "places.js",
    ),
}  # fmt: skip
"""What a page needs besides the shared scripts and the one of its name."""


class Mount(MacroElement):
    """The last word of Folium's script: hands the map and its layers to the page's own script."""

    _template = Template("""
        {% macro script(this, kwargs) %}
        wangge.{{ this.function }}({map: {{ this._parent.get_name() }}, layers: {
            {%- for name, layer in this.layers.items() %}{{ name|tojson }}: {{ layer.get_name() }},
            {%- endfor %}}});
        {% endmacro %}
    """)

    def __init__(self, function: str, layers: Mapping[str, PackedGeoJson]) -> None:
        super().__init__()
        self._name, self._id = "mount", "page"
        self.function = function
        self.layers = layers


def render_page(
    drawn: folium.Map,
    *,
    page: Page,
    data: dict[str, Any],
    context: dict[str, Any],
    language: str,
    assets: AssetMode,
) -> str:
    """Render the page around a Folium map.

    Parameters
    ----------
    drawn
        The map, with a :class:`Mount` as its last child.
    page
        Which page; its template and script have its name.
    data
        What the script draws from; goes out as inert JSON.
    context
        What the template shows; escaped by it.
    language
        One of :data:`maps.text.LANGUAGES`.
    assets
        Inline for a file of its own, served for a page of the server.
    """
    language = choose_language(language)
    figure = drawn.get_root()
    for child in list(figure._children.values()):
        child.render()
    texts = dict(load_catalogue(language))
    html = load_template(f"{page}.html").render(
        **context,
        **describe_site(page, language, assets),
        # Folium's own viewport forbids to enlarge the page, which people with weak eyes need.
        map_header=Markup(_VIEWPORT.sub("", localise(figure.header.render(), assets))),  # noqa: S704
        map_markup=Markup(localise(figure.html.render(), assets)),  # noqa: S704
        map_script=Markup(figure.script.render()),  # noqa: S704
        style=Markup(link_style("page.css", assets)),  # noqa: S704
        scripts=[
            Markup(link_script(script, assets))  # noqa: S704
            for script in (*SHARED_SCRIPTS, *OWN_SCRIPTS.get(page, ()), f"{page}.js")
        ],
        data=Markup(to_inert_json(data | {"texts": texts})),  # noqa: S704
    )
    return set_content_policy(html)


def describe_site(page: Page, language: str, assets: AssetMode) -> dict[str, Any]:
    """Gather what every page shows: its language, and where the other pages are if it is served.

    Parameters
    ----------
    page
        The page on which this is shown.
    language
        One of :data:`maps.text.LANGUAGES`.
    """
    _ = translator(language)
    plan = assets.plan if isinstance(assets, ServedAssets) else None
    other = next(each for each in LANGUAGES if each != language)
    addresses = {
        "lookup": ("/", _("Find a grid")),
        "density": ("/maps/density", _("Case density")),
        "coverage": ("/maps/coverage", _("Camera coverage")),
    }
    return {
        "_": _,
        "page": page,
        "plan": plan,
        "language": language,
        "language_tag": LANGUAGES[language],
        "other": other,
        "other_tag": LANGUAGES[other],
        "other_query": _query(other, plan),
        "is_served": isinstance(assets, ServedAssets),
        "site": [
            {"page": each, "label": label, "address": address + _query(language, plan)}
            for each, (address, label) in addresses.items()
        ],
    }


def load_template(name: str) -> jinja2.Template:
    """Return one of our templates by the name of its file."""
    return _templates().get_template(name)


def _query(language: str, plan: str | None) -> str:
    return "?" + urlencode({"lang": language} | ({} if plan is None else {"plan": plan}))


def describe_period(since: datetime, until: datetime, zone: str, _: Translate) -> str:
    """Say a half-open period exactly: both days included, or the times if it cuts a day.

    Examples
    --------
    >>> begin = datetime(2026, 1, 1, tzinfo=ZoneInfo("Asia/Shanghai"))
    >>> describe_period(begin, begin.replace(month=3), "Asia/Shanghai", str)
    '2026-01-01 – 2026-02-28'
    """
    begin, end = since.astimezone(ZoneInfo(zone)), until.astimezone(ZoneInfo(zone))
    if begin.time() == end.time() == begin.min.time():
        return f"{begin:%Y-%m-%d} – {end - timedelta(days=1):%Y-%m-%d}"
    return _("{since} until before {until}").format(
        since=f"{begin:%Y-%m-%d %H:%M}", until=f"{end:%Y-%m-%d %H:%M}"
    )


def describe_moment(moment: datetime | None, zone: str) -> str:
    """Write a moment in a time zone, to the minute; an unknown one is a dash."""
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}" if moment else "—"


def describe_revision(
    revision_id: int | None,
    effective_from: datetime | None,
    effective_to: datetime | None,
    zone: str,
    _: Translate,
) -> str:
    """Say on which revision the figures are counted and when it is in force."""
    if revision_id is None:
        return _("not published")
    begin, end = (_tell_instant(each, zone) for each in (effective_from, effective_to))
    pattern = {
        (True, True): _("No. {id}, in force {begin} until before {end}"),
        (True, False): _("No. {id}, in force since {begin}"),
        (False, True): _("No. {id}, in force until before {end}"),
        (False, False): _("No. {id}, in force without limit"),
    }[bool(begin), bool(end)]
    return pattern.format(id=revision_id, begin=begin, end=end)


def _tell_instant(moment: datetime | None, zone: str) -> str:
    """Write a date, and the time unless the day begins then."""
    if moment is None:
        return ""
    local = moment.astimezone(ZoneInfo(zone))
    return f"{local:%Y-%m-%d}" if local.time() == time() else f"{local:%Y-%m-%d %H:%M}"


def label_months(months: Sequence[str], since: datetime, until: datetime, zone: str) -> list[str]:
    """Name months, and mark with their days those that the period holds only in part.

    Examples
    --------
    >>> begin = datetime(2026, 1, 15, tzinfo=ZoneInfo("Asia/Shanghai"))
    >>> label_months(["2026-01", "2026-02"], begin, begin.replace(month=3, day=1), "Asia/Shanghai")
    ['2026-01 (15–31)', '2026-02']
    """
    begin = since.astimezone(ZoneInfo(zone))
    end = until.astimezone(ZoneInfo(zone)) - timedelta(microseconds=1)
    labels = []
    for month in months:
        year, number = map(int, month.split("-"))
        last_day = calendar.monthrange(year, number)[1]
        first = begin.day if month == f"{begin:%Y-%m}" else 1
        last = end.day if month == f"{end:%Y-%m}" else last_day
        is_whole = (first, last) == (1, last_day)
        labels.append(month if is_whole else f"{month} ({first}–{last})")
    return labels


def list_levels(levels: Sequence[str], _: Translate) -> list[dict[str, str]]:
    """Name the levels that exist, widest first, with their layers in the page."""
    names = {
        "district": _("District"),
        "subdistrict": _("Subdistrict"),
        "community": _("Community"),
        "grid": _("Grid"),
        "subgrid": _("Subgrid"),
    }
    return [{"id": level, "label": names.get(level, level), "layer": level} for level in levels]


@lru_cache(maxsize=1)
def _templates() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["text"] = lambda value: Markup(to_html_text(value))  # noqa: S704
    return environment
