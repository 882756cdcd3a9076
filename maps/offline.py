"""How does a map live without the internet?

Folium links its JavaScript and CSS from public servers. Here it only ever names an asset by its
place in the assets folder (``asset:leaflet/leaflet.js``), which becomes a link to our own server
or the text of the file itself. Any other address is refused when the page is drawn, and a content
security policy in the page stops the browser should one slip through after all.
"""

from __future__ import annotations

import base64
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from pathlib import Path

import folium

from gis.errors import NotFound, Refused

SCHEME = "asset:"
LEAFLET_JS = ("leaflet", f"{SCHEME}leaflet/leaflet.js")
LEAFLET_CSS = ("leaflet_css", f"{SCHEME}leaflet/leaflet.css")
STATIC = Path(__file__).parent / "static"

_SCRIPT = re.compile(r"<script\b(?P<attributes>[^>]*)>(?P<body>.*?)</script>", re.S | re.I)
_LINKED_SCRIPT = re.compile(r"<script\b[^>]*\bsrc=\"(?P<url>[^\"]*)\"[^>]*>\s*</script>", re.I)
_LINKED_STYLE = re.compile(r"<link\b[^>]*\bhref=\"(?P<url>[^\"]*)\"[^>]*/?>", re.I)
_ADDRESS = re.compile(
    r"(?:\b(?:src|href)\s*=\s*[\"']?|url\(\s*[\"']?|@import\s*[\"'])([^\"')\s>]+)", re.I
)
_CSS_URL = re.compile(r"url\(\s*[\"']?(?P<url>[^\"')]+)[\"']?\s*\)")
_POLICY_MARK = "<!--content-policy-->"


@dataclass(frozen=True, slots=True)
class InlineAssets:
    """Everything goes into the one HTML file; ``folder`` holds ``leaflet/leaflet.js`` and so on."""

    folder: Path


@dataclass(frozen=True, slots=True)
class ServedAssets:
    """The page links to our server: third-party files and our own, each under its address.

    ``plan`` is the plan that the page's own address names; its links to other pages pass it on.
    """

    assets_url: str = "/assets"
    static_url: str = "/static/maps"
    plan: str | None = None


AssetMode = InlineAssets | ServedAssets


def without_remote_links(element: folium.Map) -> folium.Map:
    """Take away every link that Folium would add, and name Leaflet as an asset of ours."""
    element.default_js, element.default_css = [LEAFLET_JS], [LEAFLET_CSS]
    return element


def localise(markup: str, assets: AssetMode) -> str:
    """Turn the asset links of Folium's markup into local links or into the files themselves.

    Parameters
    ----------
    markup
        HTML that Folium rendered.
    assets
        Where assets are to come from.

    Raises
    ------
    Refused
        The markup names an address that is not an asset of ours.

    Examples
    --------
    >>> localise('<script src="asset:leaflet/leaflet.js"></script>', ServedAssets())
    '<script src="/assets/leaflet/leaflet.js"></script>'
    >>> localise('<script src="http://a.b/c.js"></script>', ServedAssets())
    Traceback (most recent call last):
        ...
    gis.errors.Refused: the map names the address 'http://a.b/c.js', which is no local asset
    """
    for address in _ADDRESS.findall(markup):
        if not address.startswith((SCHEME, "data:", "#")):
            raise Refused(
                f"the map names the address {address!r}, which is no local asset", address=address
            )
    markup = _LINKED_SCRIPT.sub(lambda found: link_script(found["url"], assets), markup)
    return _LINKED_STYLE.sub(lambda found: link_style(found["url"], assets), markup)


def link_script(address: str, assets: AssetMode) -> str:
    """Return the script element of an asset (``asset:…``) or of a file of ours (``page.js``)."""
    if isinstance(assets, ServedAssets):
        return f'<script src="{_served(address, assets)}"></script>'
    source = _find(address, assets).read_text(encoding="utf-8")
    # Only an inline script can be ended by its own text.
    source = re.sub(r"</(script)", r"<\\/\1", source, flags=re.I).replace("<!--", r"<\!--")
    return f"<script>{source}</script>"


def link_style(address: str, assets: AssetMode) -> str:
    """Return the style of an asset or of a file of ours, its pictures included."""
    if isinstance(assets, ServedAssets):
        return f'<link rel="stylesheet" href="{_served(address, assets)}">'
    path = _find(address, assets)

    def inline(found: re.Match[str]) -> str:
        return found[0] if found["url"].startswith("#") else f"url({_data_uri(path, found['url'])})"

    return f"<style>{_CSS_URL.sub(inline, path.read_text(encoding='utf-8'))}</style>"


def set_content_policy(page: str) -> str:
    """Write a content security policy into the page: its own scripts by hash, and nothing else.

    Even if a text of a user ever became markup, its handlers would not run and its pictures would
    not load.
    """
    scripts = [
        found["body"]
        for found in _SCRIPT.finditer(page)
        if "application/json" not in found["attributes"] and "src=" not in found["attributes"]
    ]
    hashes = sorted({f"'sha256-{_sha256(body)}'" for body in scripts})
    policy = (
        "default-src 'none'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
        f"font-src 'self'; connect-src 'self'; script-src 'self' {' '.join(hashes)}"
    )
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    return page.replace(_POLICY_MARK, meta, 1)


def _served(address: str, assets: ServedAssets) -> str:
    if address.startswith(SCHEME):
        return f"{assets.assets_url}/{address.removeprefix(SCHEME)}"
    return f"{assets.static_url}/{address}"


def _find(address: str, assets: InlineAssets) -> Path:
    is_asset = address.startswith(SCHEME)
    path = (assets.folder if is_asset else STATIC) / address.removeprefix(SCHEME)
    if not path.is_file():
        raise NotFound(f"the asset {path} is missing; run ./wangge setup", address=address)
    return path


def _data_uri(style: Path, relative: str) -> str:
    path = (style.parent / relative).resolve()
    if not path.is_relative_to(style.parent.resolve()) or not path.is_file():
        raise Refused(f"{style.name} names {relative!r}, which is no local asset", address=relative)
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"


def _sha256(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
