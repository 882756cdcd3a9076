"""Is every setting documented?"""

from __future__ import annotations

import re

import pytest

from api.settings import PROJECT_FOLDER, Settings


def test_every_setting_is_in_the_table_with_its_name() -> None:
    table = (PROJECT_FOLDER / "docs" / "settings.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"`(WANGGE_[A-Z_]+)`", table))
    assert documented == {f"WANGGE_{name.upper()}" for name in Settings.model_fields}


def test_the_environment_is_read_when_settings_are_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANGGE_TIME_ZONE", "Europe/Berlin")
    assert Settings().zone.key == "Europe/Berlin"
    monkeypatch.setenv("WANGGE_TIME_ZONE", "Moon/Base")
    with pytest.raises(ValueError, match="Moon/Base"):
        Settings()
