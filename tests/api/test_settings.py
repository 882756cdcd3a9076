"""Is every setting documented, and every text translated?"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from api.settings import PROJECT_FOLDER, Settings
from api.text import locate_texts, translator

CALL = re.compile(r"""_\(\s*["']([^"']+)["']\s*\)""")


def test_every_setting_is_in_the_table_with_its_name() -> None:
    table = (PROJECT_FOLDER / "docs" / "settings.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"`(WANGGE_[A-Z_]+)`", table))
    assert documented == {f"WANGGE_{name.upper()}" for name in Settings.model_fields}


def test_every_text_of_the_pages_has_a_translation() -> None:
    wanted: list[str] = []
    for template in Path(PROJECT_FOLDER / "api" / "templates").glob("*.html"):
        wanted += CALL.findall(template.read_text(encoding="utf-8"))
    locate_texts(lambda text: wanted.append(text) or text)
    chinese = translator("zh")
    assert len(wanted) > 20
    assert [text for text in wanted if chinese(text) == text] == []


def test_the_environment_is_read_when_settings_are_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANGGE_TIME_ZONE", "Europe/Berlin")
    assert Settings().zone.key == "Europe/Berlin"
    monkeypatch.setenv("WANGGE_TIME_ZONE", "Moon/Base")
    with pytest.raises(ValueError, match="Moon/Base"):
        Settings()
