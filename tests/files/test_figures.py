"""Do figures leave as tables that a spreadsheet shows, and does not run?"""

import csv
import io
import json

import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely

from gis.files.impact import tabulate_impact, write_impact_geojson
from gis.files.sheets import Sheet, write_csv, write_xlsx
from gis.files.trend import tabulate_trend
from gis.plan.impact import compare
from gis.plan.model import Grid, Level, Plan
from gis.plan.work import Points
from gis.reports.trend import Basis, count_by_period
from tests.reports.test_trend import NAMES, REPORTS, day

CODES = "35040200200300101", "35040200200300102"
HOSTILE = '=HYPERLINK("http://evil")'


def make_plan(middle: float, name: str = HOSTILE) -> Plan:
    return Plan(
        [
            Grid(CODES[0], name, Level.SUBGRID, shapely.box(117.60, 26.2, middle, 26.21)),
            Grid(CODES[1], "东", Level.SUBGRID, shapely.box(middle, 26.2, 117.62, 26.21)),
        ]
    )


@pytest.fixture(scope="module")
def impact():
    homes = Points(np.array([117.602, 117.611]), np.full(2, 26.205), np.array([30.0, 7.0]))
    return compare(
        make_plan(117.612), make_plan(117.61), metric_srid=4548, work={"households": homes}
    )


def open_book(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def test_tables_of_an_impact_in_both_languages(impact):
    english = {sheet.title: sheet for sheet in tabulate_impact(impact, language="en")}
    assert list(english) == ["Totals", "Handovers", "Areas", "Lineage"]
    assert english["Totals"].rows[1] == ("households", 7.0, 0.0, 37.0, pytest.approx(7 / 37))
    [row] = english["Handovers"].rows
    assert row[:5] == (CODES[0], HOSTILE, CODES[1], "东", "moved")
    assert [row[:4] for row in english["Lineage"].rows][1] == ("subgrid", *CODES, "moved")
    areas = dict(zip(english["Areas"].headings, english["Areas"].rows[0], strict=True))
    assert (areas["households: before"], areas["households: after"]) == (37.0, 30.0)
    assert areas["deviation: after"] == pytest.approx(30 / 18.5 - 1)
    chinese = tabulate_impact(impact)
    assert [sheet.title for sheet in chinese] == ["合计", "移交", "各区", "沿革"]
    assert chinese[1].headings[:5] == ("移出编码", "移出名称", "移入编码", "移入名称", "类型")
    for sheet in chinese:
        assert all(not heading.isascii() for heading in sheet.headings)


def test_csv_and_workbook_run_nothing_and_keep_long_codes(impact):
    sheets = tabulate_impact(impact)
    [row] = csv.DictReader(io.StringIO(write_csv(sheets[1]).decode("utf-8-sig")))
    assert row["移出名称"] == "'" + HOSTILE
    assert (row["移出编码"], row["户数"]) == (CODES[0], "7")
    page = open_book(write_xlsx(sheets))["移交"]
    cells = {heading.value: cell for heading, cell in zip(*page.iter_rows(), strict=True)}
    assert (cells["移出编码"].value, cells["移出编码"].data_type) == (CODES[0], "s")
    assert (cells["移出名称"].value, cells["移出名称"].data_type) == ("'" + HOSTILE, "s")
    assert (cells["户数"].value, cells["户数"].data_type) == (7, "n")


def test_titles_and_texts_that_a_workbook_does_not_take():
    sheet = Sheet("a/b:" + "c" * 40, ("n\x01", "m"), (("x\x00", None), ("+1", 1.0)))
    page = open_book(write_xlsx([sheet])).worksheets[0]
    assert page.title == "a-b-" + "c" * 27
    assert [[cell.value for cell in row] for row in page.iter_rows()] == [
        ["n�", "m"],
        ["x�", None],
        ["+1", 1],
    ]
    assert write_csv(sheet).decode("utf-8-sig").splitlines()[1:] == ["x�,", "+1,1"]


def test_geojson_has_the_ground_and_the_borders(impact):
    features = json.loads(write_impact_geojson(impact))["features"]
    assert [feature["properties"]["what"] for feature in features] == [
        "handover",
        "new_border",
        "vanished_border",
    ]
    ground = shapely.geometry.shape(features[0]["geometry"])
    assert ground.equals(shapely.box(117.61, 26.2, 117.612, 26.21))
    assert features[0]["properties"]["households"] == 7.0
    assert features[1]["properties"]["length_m"] == pytest.approx(1108, abs=1)


def test_a_trend_ends_with_what_is_in_no_grid():
    trend = count_by_period(
        REPORTS,
        since=day("2026-01-01"),
        until=day("2026-03-15"),
        names=NAMES,
        households={"a": [((None, None), 500)]},
        lives={"c": (day("2026-02-01"), None)},
        basis=Basis.AS_WAS,
    )
    counts, rates, households, about = tabulate_trend(trend, language="en")
    assert counts.headings == ("Code", "Name", "2026-01", "2026-02", "2026-03", "Total")
    assert counts.rows == (
        ("a", "甲", 1, 0, 0, 1),
        ("b", "乙", 0, 0, 1, 1),
        ("c", "丙", None, 0, 0, 0),
        ("", "outside every grid", 0, 1, 0, 1),
        ("", "without a position", 0, 1, 0, 1),
        ("", "all reports", 1, 2, 1, 4),
    )
    assert rates.rows[0] == ("a", "甲", 2.0, 0.0, 0.0)
    assert households.rows[0] == ("a", "甲", 500, 500, 500)
    facts = dict(about.rows)
    assert facts["Boundaries"] == "as they were when each report occurred"
    assert facts["Only in part"] == "2026-03"
    assert tabulate_trend(trend)[0].headings[-1] == "合计"
    frame = pd.read_excel(io.BytesIO(write_xlsx([counts])), dtype={"Code": str})
    assert frame["Total"].tolist() == [1, 1, 0, 1, 1, 4]
