"""Are workbooks read cell by cell, and are those refused that would not end?"""

import zipfile
from datetime import datetime

import openpyxl
import pytest

from gis.errors import InputError, InputTooLarge, UnsupportedFile
from gis.files import workbook
from gis.files.columns import ColumnChoice
from tests.files.test_reports import read


def write_workbook(path, rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def test_cells_of_every_sort_are_read(tmp_path):
    path = write_workbook(
        tmp_path / "a.xlsx",
        [
            ["编号", "日期", "经度", "纬度", "district", None],
            [17, datetime(2022, 1, 3, 8, 5), 117.6, 26.2, 7.0],
            [],
            ["18", 44564.25, "117.7", 26.3, "x"],
        ],
    )
    table, frame = read(path, columns=ColumnChoice(expected="district"))
    assert frame["external_id"].tolist() == ["17", "18"]
    assert frame["expected"].tolist() == ["7", "x"]
    assert [date.isoformat()[:16] for date in frame["occurred_at"]] == [
        "2022-01-03T08:05",
        "2022-01-03T06:00",
    ]
    assert table.rejected == 0
    with pytest.raises(InputError, match="no sheet 'x'"):
        read(path, layer="x")


def test_an_entity_bomb_is_refused(tmp_path):
    path = write_workbook(tmp_path / "a.xlsx", [["date", "lon", "lat"]])
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]><x>&a;</x>'
    with zipfile.ZipFile(path) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    parts["xl/sharedStrings.xml"] = bomb
    with zipfile.ZipFile(path, "w") as target:
        for name, body in parts.items():
            target.writestr(name, body)
    with pytest.raises(InputError, match="document type"):
        read(path)


def test_one_that_expands_too_far_is_refused(tmp_path, monkeypatch):
    path = write_workbook(tmp_path / "a.xlsx", [["date", "lon", "lat"]])
    monkeypatch.setattr(workbook, "MAX_WORKBOOK_EXPANDED_BYTES", 100)
    with pytest.raises(InputTooLarge, match="save it as CSV"):
        read(path)


def test_a_row_far_below_is_not_waited_for(tmp_path, monkeypatch):
    path = tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    for number, cells in ((1, ["lon", "lat", "date"]), (5_000, [117.6, 26.2, "2026-01-01"])):
        for column, cell in enumerate(cells, 1):
            book.active.cell(number, column, cell)
    book.save(path)
    assert len(read(path)[1]) == 1
    monkeypatch.setattr(workbook, "MAX_SHEET_ROWS", 4_999)
    with pytest.raises(InputTooLarge, match="4,999 rows"):
        read(path)


def test_a_cell_that_points_nowhere_is_an_input_error(tmp_path):
    path = tmp_path / "a.xlsx"
    write_workbook(path, [["lon", "lat", "date"], [117, 26, "2026-01-01"]])
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = parts[sheet].replace(b't="n"', b't="s"')
    with zipfile.ZipFile(path, "w") as package:
        for name, content in parts.items():
            package.writestr(name, content)
    with pytest.raises(InputError, match="damaged"):
        read(path)


def test_what_is_no_workbook_is_an_input_error(tmp_path):
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "x")
    with pytest.raises(UnsupportedFile, match="no XLSX"):
        read(path)
    path.write_bytes(b"PK\x03\x04" + b"x" * 100)
    with pytest.raises(InputError, match="damaged"):
        read(path)
