"""How does any text stay text inside a page?

Folium 0.20 escapes almost nothing. So no text of a user ever goes through Folium: it is handed to
the page as JSON that no HTML parser can leave, and the page's own script puts it on the screen
with ``textContent``. Two contexts are left: JSON in a script element, and HTML outside of one.
"""

from __future__ import annotations

import html
import json
from typing import Any

_UNSAFE = {
    "<": "\\u003c",
    ">": "\\u003e",
    "&": "\\u0026",
    "'": "\\u0027",
    "`": "\\u0060",
    "$": "\\u0024",
    "\u2028": "\\u2028",
    "\u2029": "\\u2029",
}


def to_inert_json(value: Any) -> str:
    r"""Write a value as JSON that is inert in HTML, in a script and in a template literal.

    Parameters
    ----------
    value
        Anything that ``json`` writes; NaN and infinity are refused.

    Raises
    ------
    ValueError
        The value holds NaN or infinity, which JSON does not know.

    Examples
    --------
    >>> to_inert_json("</script><img src=x onerror=alert(1)>")
    '"\\u003c/script\\u003e\\u003cimg src=x onerror=alert(1)\\u003e"'
    >>> to_inert_json("${alert(1)}`")
    '"\\u0024{alert(1)}\\u0060"'
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character, escaped in _UNSAFE.items():
        text = text.replace(character, escaped)
    return text


def to_html_text(text: object) -> str:
    """Write a text so that HTML shows it as it is, in elements and in quoted attributes.

    Examples
    --------
    >>> to_html_text('"<b>" & `${x}`')
    '&quot;&lt;b&gt;&quot; &amp; &#96;&#36;&#123;x&#125;&#96;'
    """
    text = html.escape(str(text), quote=True)
    for character in "`${}\\":
        text = text.replace(character, f"&#{ord(character)};")
    return text
