"""Does the house keep its one-way rule, and would it notice a breach?"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from api.settings import PROJECT_FOLDER

PACKAGES = ("gis", "maps", "api")
WRITTEN = {".py", ".txt", ".json", ".toml", ".md", ".sh", ".js", ".html", ".css", ".ipynb", ""}


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def copy_house(folder: Path) -> Path:
    for package in PACKAGES:
        shutil.copytree(
            PROJECT_FOLDER / package,
            folder / package,
            ignore=shutil.ignore_patterns("__pycache__", "static", "templates"),
        )
    shutil.copy(PROJECT_FOLDER / "pyproject.toml", folder)
    return folder


@pytest.mark.parametrize(
    ("file", "planted"),
    [
        ("gis/plan/measures.py", "import sqlalchemy"),
        ("gis/reports/model.py", "import fastapi"),
        ("gis/plan/planted.py", "from gis.locate import GridIndex"),
        ("maps/planted.py", "from gis.store import plans"),
        ("api/planted.py", "import folium"),
    ],
)
def test_a_planted_import_is_noticed(tmp_path: Path, file: str, planted: str) -> None:
    house = copy_house(tmp_path)
    with (house / file).open("a") as target:
        target.write(f"\n{planted}\n")
    result = lint(house)
    assert result.returncode == 1, result.stdout
    assert "BROKEN" in result.stdout


def test_the_house_as_it_is_keeps_its_rule(tmp_path: Path) -> None:
    result = lint(copy_house(tmp_path))
    assert result.returncode == 0, result.stdout
    assert "0 broken" in result.stdout


def test_no_address_of_a_registry_and_no_path_of_one_machine_is_committed() -> None:
    words = ("regis" + "try.npmjs", "py" + "pi.org", "python" + "hosted", "deb." + "debian")
    read = 0
    for path in sorted(PROJECT_FOLDER.rglob("*")):
        inside = path.relative_to(PROJECT_FOLDER)
        if inside.parts[0].startswith(".") or path.suffix not in WRITTEN or not path.is_file():
            continue
        content = path.read_text(encoding="utf-8", errors="ignore")
        assert not any(word in content for word in words), inside
        read += 1
    assert read > 100
