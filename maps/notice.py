"""What does the front page say while there is no plan to draw?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from markupsafe import Markup

from maps.offline import ServedAssets, link_style
from maps.page import describe_site, load_template
from maps.text import choose_language

Reason = Literal["loading", "empty", "choose", "unknown", "not-in-force"]
"""Plans are being loaded; none is published; there are several; none has the name that was asked
for; the one has no boundaries in force today."""


def draw_notice(
    reason: Reason, lang: str, assets: ServedAssets, *, plans: Sequence[str] = ()
) -> str:
    """Write a plain page that says why there is no map and what to do.

    Parameters
    ----------
    reason
        What is the matter.
    lang
        ``zh`` or ``en``.
    plans
        Names of the plans to choose from.
    """
    language = choose_language(lang)
    return load_template("notice.html").render(
        **describe_site("lookup", language, assets),
        reason=reason,
        plans=plans,
        style=Markup(link_style("page.css", assets)),  # noqa: S704
    )
