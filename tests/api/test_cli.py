"""Does the command line end as it promises: 0, or one clear line and 1, or 2?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from api.tasks.draw_maps import write_page
from gis.errors import Refused
from tests.api.test_faults import command, finish
from tests.api.test_import_boundaries import nine, square, write_layer


def test_the_way_from_boundaries_to_maps(database_url: str, tmp_path: Path) -> None:
    words = ("import", "boundaries", str(nine(tmp_path)), "--code", "code", "--plan", "nine")
    status, said = finish(command(database_url, *words))
    assert status == 0, said
    assert "staged" in said
    status, said = finish(command(database_url, "plan", "publish"))
    assert status == 0, said
    status, said = finish(command(database_url, "plan", "list", "--json"))
    (only,) = json.loads(said)
    assert only["plan"] == "nine"
    assert only["revision"]["staged"] is False
    status, said = finish(command(database_url, "plan", "publish"))
    assert (status, "no staged revision" in said) == (1, True)


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("plan", "cancel"), 1, "there is no plan yet"),
        (("import", "reports", "missing.csv"), 2, "does not exist"),
        (("import", "boundaries"), 2, "Missing argument"),
        (("map", "density", "-o", "x.html"), 1, "there is no plan yet"),
        (("db", "down"), 1, "not ours"),
        (("plan", "publish", "--from", "9999-12-31"), 1, "there is no plan yet"),
        (("db", "backup", "/dev/null/x"), 1, "Not a directory"),
        (("nonsense",), 2, "No such command"),
    ],
)
def test_a_refusal_is_one_line(
    database_url: str, words: tuple[str, ...], status: int, said: str
) -> None:
    ended, output = finish(command(database_url, *words))
    assert ended == status, output
    assert said in output
    if status == 1:
        assert output.count("\n") == 1
        assert output.startswith("wangge: ")


def test_a_faulty_plan_is_refused_by_name(database_url: str, tmp_path: Path) -> None:
    file = write_layer(tmp_path, {"1": square(0, 0, 1.1), "2": square(1, 0)})
    words = ("import", "boundaries", str(file), "--code", "code", "--publish")
    status, said = finish(command(database_url, *words))
    assert status == 1
    assert "--accept overlaps" in said.splitlines()[-1]
    status, said = finish(command(database_url, *words, "--accept", "overlaps", "--json"))
    assert status == 0, said
    assert json.loads(said.splitlines()[-1])["grids"] == {"grid": 2}


def test_a_fault_that_cannot_be_accepted_is_named(database_url: str, tmp_path: Path) -> None:
    words = ("import", "boundaries", str(nine(tmp_path)), "--code", "code", "--accept", "gpas")
    status, said = finish(command(database_url, *words))
    assert (status, said.count("\n")) == (1, 1)
    assert "'gpas'" in said
    assert "overlaps" in said


def test_a_map_is_not_written_over_a_device(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no ordinary file"):
        write_page("<html>", Path("/dev/null"))
    write_page("<html>", tmp_path / "new" / "map.html")
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["map.html"]
