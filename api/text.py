"""In which language do the pages speak?

English is the key; Chinese is the gettext catalogue ``locale/zh/pages.po``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from maps.text import Translate
from maps.text import translator as map_translator

_LOCALE = Path(__file__).parent / "locale"


def translator(language: str) -> Translate:
    """Return a function from English text to the text in a language."""
    return map_translator(language, folder=_LOCALE, domain="pages")


def locate_texts(translate: Translate) -> dict[str, Any]:
    """Return the texts that the script of the locate page writes."""
    return {
        "zoom_in": translate("Zoom in"),
        "zoom_out": translate("Zoom out"),
        "outside": translate("No grid of this plan covers the place."),
        "valid": translate("Boundaries in force from {from} until {to}."),
        "since_ever": translate("the beginning"),
        "until_further": translate("further notice"),
        "on_border": translate(
            "The place lies exactly on a border; it belongs to the grid with the lowest code."
        ),
        "border": translate("{m} m to the nearest border; across it lies grid {neighbour}."),
        "outer_border": translate("{m} m to the nearest border, the outer limit of the plan."),
        "levels": {
            "district": translate("District"),
            "subdistrict": translate("Subdistrict"),
            "community": translate("Community"),
            "grid": translate("Grid"),
            "subgrid": translate("Subgrid"),
        },
    }
