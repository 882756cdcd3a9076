"""Can the whole story of a draft be told from the command line?"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from api.cli import main
from gis.demo import District
from gis.plan import Level
from tests.api.planning import CHEN, LIN, cut_through


class Terminal:
    """The command line within this process: what it says, and how it ends."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch, self._capsys = monkeypatch, capsys
        self.url = ""

    def run(self, *words: str) -> tuple[int, str]:
        self._monkeypatch.setenv("WANGGE_DATABASE_URL", self.url)
        self._monkeypatch.setattr("sys.argv", ["wangge", *words])
        with pytest.raises(SystemExit) as ended:
            main()
            sys.exit(0)
        said = self._capsys.readouterr()
        return int(ended.value.code or 0), said.err + said.out

    def do(self, *words: str) -> str:
        status, said = self.run(*words)
        assert status == 0, said
        return said

    def tell(self, *words: str) -> Any:
        return json.loads(self.do(*words, "--json").splitlines()[-1])


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    """A command line."""
    return Terminal(monkeypatch, capsys)


def test_a_draft_from_its_first_edit_to_its_roll_back(
    terminal: Terminal, own_url: str, district: District, tmp_path: Path
) -> None:
    terminal.url = own_url
    grid = next(g for g in district.plan.at(Level.GRID) if not district.plan.children(g.code))
    edits = tmp_path / "edits.json"
    edits.write_text(
        json.dumps(
            [
                {"kind": "split", "code": grid.code, "line": cut_through(grid)},
                {"kind": "rename", "code": grid.code, "name": "西半网格"},
            ]
        )
    )
    assert terminal.tell("plan", "draft", "new", "试点", "--as", CHEN)["created_by"] == CHEN
    done = terminal.tell("plan", "draft", "edit", "1", str(edits), "--as", CHEN)
    assert [each["version"] for each in done] == [2, 3]
    impact = terminal.tell("plan", "draft", "impact", "1")
    assert impact["totals"][0]["moved"] > 0
    map_file, table = tmp_path / "diff.html", tmp_path / "diff.xlsx"
    terminal.do("map", "diff", "-o", str(map_file), "--draft", "1")
    assert grid.code in map_file.read_text(encoding="utf-8")
    terminal.do("plan", "diff", "-o", str(table), "--draft", "1")
    assert table.read_bytes()[:2] == b"PK"
    terminal.do("plan", "export", "-o", str(tmp_path / "draft.gpkg"), "--draft", "1")
    submitted = terminal.run("plan", "draft", "submit", "1", "--as", CHEN, "--json")
    assert submitted[0] == 0, submitted[1]
    status, said = terminal.run("plan", "draft", "approve", "1", "--as", CHEN)
    assert (status, said.count("\n")) == (1, 1), said
    terminal.do("plan", "draft", "approve", "1", "--as", LIN)
    published = terminal.tell("plan", "draft", "publish", "1", "--from", "2099-01-01")
    assert published["status"] == "scheduled"
    terminal.do("plan", "cancel")
    assert terminal.tell("plan", "draft", "publish", "1")["status"] == "in_force"
    assert terminal.tell("plan", "rollback", "--to", "1")["status"] == "in_force"
    assert len(terminal.tell("plan", "list")) == 3
    assert terminal.tell("plan", "diff", "--before", "1")["handovers"] == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("draft", "show", "7"), "7"),
        (("draft", "edit", "1", "nowhere.json"), "No such file"),
        (("draft", "new", "x", "--as", "\t"), "printable"),
        (("diff", "--draft", "99"), "99"),
        (("export", "-o", "plan.docx"), "docx"),
        (("check", "--revision", "1", "--draft", "1"), "not both"),
        (("rollback", "--to", "77"), "77"),
    ],
)
def test_a_refusal_is_one_line(
    terminal: Terminal, demo_url: str, words: tuple[str, ...], said: str
) -> None:
    terminal.url = demo_url
    status, output = terminal.run("plan", *words)
    assert (status, output.count("\n")) == (1, 1), output
    assert said in output


def test_an_edit_that_is_none_is_named(terminal: Terminal, demo_url: str, tmp_path: Path) -> None:
    terminal.url = demo_url
    file = tmp_path / "edits.json"
    file.write_text('[{"kind": "rename", "code": "1", "name": "x"}, {"kind": "rename"}]')
    status, output = terminal.run("plan", "draft", "edit", "1", str(file))
    assert (status, output.count("\n")) == (1, 1), output
    assert "edit 2" in output
