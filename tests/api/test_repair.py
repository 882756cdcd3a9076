"""Is a repair shown before it is kept, to people and to programs?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.api.test_faults import command, finish
from tests.api.test_import_boundaries import slivered


def test_a_dry_run_shows_everything_and_keeps_nothing(database_url: str, tmp_path: Path) -> None:
    file, moved = slivered(tmp_path), tmp_path / "moved.geojson"
    words = ("import", "boundaries", str(file), "--code", "code", "--repair", "--dry-run")
    status, said = finish(command(database_url, *words, "-o", str(moved)))
    assert status == 0, said
    for part in ("overlaps: 1 before, 0 after", "taken_m2", "moved_m", "nothing was kept"):
        assert part in said
    pieces = json.loads(moved.read_text())["features"]
    assert sorted(piece["properties"]["from"] or "" for piece in pieces)[0] == ""
    assert {piece["properties"]["to"] for piece in pieces} <= {"1", "2", "3"}
    assert all(piece["properties"]["m2"] > 100 for piece in pieces)
    status, said = finish(command(database_url, "plan", "list", "--json"))
    assert json.loads(said) == []


def test_a_program_gets_the_figures_of_a_repair(database_url: str, tmp_path: Path) -> None:
    words = ("import", "boundaries", str(slivered(tmp_path)), "--code", "code", "--repair")
    status, said = finish(command(database_url, *words, "--json"))
    assert status == 0, said
    told = json.loads(said)["repair"]
    assert told["before"] == {"overlaps": 1, "nesting": 0, "gaps": 1}
    assert told["after"] == {"overlaps": 0, "nesting": 0, "gaps": 0}
    taken = sum(grid["taken_m2"] for grid in told["grids"])
    assert taken == pytest.approx(told["size_m2"], rel=1.0)
    assert 0.2 < told["moved_m"] < 0.5
    status, said = finish(command(database_url, *words[:-1], "--max-move-m", "0.5"))
    assert (status, "need --repair" in said) == (1, True)
