"""In which language does a map speak?

English is written in the code and is its own key; every other language is one gettext catalogue
``locale/<language>/maps.po``, read with Babel. A text without a translation stays English, and
the tests see to it that there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from babel.messages.pofile import read_po

LANGUAGES = {"zh": "zh-CN", "en": "en"}
"""Languages of the maps, the first is the default, with their tag for HTML."""

Translate = Callable[[str], str]

_LOCALE = Path(__file__).parent / "locale"


@lru_cache(maxsize=8)
def load_catalogue(
    language: str, *, folder: Path = _LOCALE, domain: str = "maps"
) -> Mapping[str, str]:
    """Return the translations of one language by their English text.

    Parameters
    ----------
    language
        One of :data:`LANGUAGES`; any other counts as the first.
    folder, domain
        The catalogue is ``folder/<language>/<domain>.po``.

    Examples
    --------
    >>> load_catalogue("zh")["Reports"]
    '报告'
    """
    path = folder / choose_language(language) / f"{domain}.po"
    if not path.exists():
        return MappingProxyType({})
    with path.open("rb") as file:
        catalogue = read_po(file)
    return MappingProxyType(
        {str(message.id): str(message.string) for message in catalogue if message.id}
    )


def choose_language(wanted: str) -> str:
    """Return the language that is asked for, or the default.

    Examples
    --------
    >>> choose_language("en-GB"), choose_language("fr")
    ('en', 'zh')
    """
    short = wanted.lower().replace("_", "-").split("-")[0]
    return short if short in LANGUAGES else next(iter(LANGUAGES))


def translator(language: str, *, folder: Path = _LOCALE, domain: str = "maps") -> Translate:
    """Return a function from English text to the text in a language."""
    catalogue = load_catalogue(language, folder=folder, domain=domain)
    return lambda english: catalogue.get(english) or english
