"""Do tables of reports become frames, whatever wrote them, and is what cannot be read told?"""

import csv
import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

from gis.errors import InputError, InputTooLarge, Refused, UnsupportedFile
from gis.files import delimited
from gis.files.columns import ColumnChoice
from gis.files.tables import read_reports
from gis.files.writing import neutralise
from gis.reports.model import REPORT_COLUMNS, Kind, Status
from tests.files.makers import blob, write_geojson, write_geopackage

TEXT = """编号,发生时间,类型,问题分类,标题,状态,经度,纬度,地址
a1,2022-01-03 08:05,诉求,噪音,施工,办理中,117.6,26.2,翁墩1号
a2,2022年1月3日,建议,绿化,种树,已办结,117.7,26.3,翁墩2号
"""


def write(tmp_path, text=TEXT, *, name="a.csv", encoding="utf-8"):
    path = tmp_path / name
    raw = text.encode(encoding)
    path.write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
    return path


def read(path, **options):
    table = read_reports(path, **{"crs": "wgs84", **options})
    frames = list(table.frames())
    return table, pd.concat(frames) if frames else pd.DataFrame(columns=list(REPORT_COLUMNS))


def test_chinese_headings_and_words_are_understood(tmp_path):
    table, frame = read(write(tmp_path))
    assert table.columns_used == {
        "lon": "经度",
        "lat": "纬度",
        "occurred_at": "发生时间",
        "kind": "类型",
        "category": "问题分类",
        "external_id": "编号",
        "title": "标题",
        "status": "状态",
        "address": "地址",
    }
    assert tuple(frame.columns) == REPORT_COLUMNS
    first = frame.iloc[0]
    assert first["kind"] == Kind.SERVICE_REQUEST and first["status"] == Status.OPEN
    assert frame["kind"].tolist() == ["service_request", "suggestion"]
    assert first["occurred_at"].isoformat() == "2022-01-03T08:05:00+08:00"
    assert (first["lon"], first["lat"]) == (117.6, 26.2)
    assert (table.taken, table.unlocated, table.rejected) == (2, 0, 0)
    assert not table.rejected_path.exists()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz"])
def test_encodings_are_told_apart(tmp_path, encoding, name):
    _, frame = read(write(tmp_path, encoding=encoding, name=name))
    assert frame["address"].tolist() == ["翁墩1号", "翁墩2号"]


def test_big5_is_read_when_named(tmp_path):
    text = "date,lon,lat,address\n2022-01-03,121.5,25.0,臺北\n"
    _, frame = read(write(tmp_path, text, encoding="big5"), encoding="big5")
    assert frame["address"].tolist() == ["臺北"]


@pytest.mark.parametrize(("mark", "name"), [(";", "a.csv"), ("\t", "a.tsv"), ("\t", "a.txt")])
def test_other_delimiters_are_found(tmp_path, mark, name):
    _, frame = read(write(tmp_path, TEXT.replace(",", mark), name=name))
    assert len(frame) == 2


def test_the_crs_has_to_be_named_and_moves_the_points(tmp_path):
    path = write(tmp_path)
    with pytest.raises(InputError, match="give --crs wgs84, cgcs2000, gcj02"):
        read_reports(path)
    _, frame = read(path, crs="gcj02")
    assert 0.003 < 117.6 - frame["lon"].iloc[0] < 0.007


def test_projected_positions_become_degrees(tmp_path):
    text = "date,x,y\n2022-01-03,560000,2900000\n2022-01-03,0,0\n"
    table, frame = read(write(tmp_path, text), crs="EPSG:4548")
    assert frame["lon"].iloc[0] == pytest.approx(117.6, abs=0.01)
    assert table.unlocated == 1


@pytest.mark.parametrize("cell", ["", "0", "NaN", "nowhere", "inf", "1e400", "200", "-"])
def test_a_report_without_a_usable_position_is_kept_unlocated(tmp_path, cell):
    other = "0" if cell == "0" else "26.2"
    text = f"date,lon,lat\n2022-01-03,{cell},{other}\n2022-01-03,117.6,26.2\n"
    table, frame = read(write(tmp_path, text))
    assert (table.taken, table.unlocated, table.rejected) == (2, 1, 0)
    assert frame.iloc[0][["lon", "lat"]].isna().all()
    assert frame["lon"].iloc[1] == 117.6


def test_full_width_digits_are_numbers(tmp_path):
    _, frame = read(write(tmp_path, "date,lon,lat\n2022-01-03,１１７．６,26.2°\n"))
    assert frame[["lon", "lat"]].iloc[0].tolist() == [117.6, 26.2]


def test_swapped_columns_are_told(tmp_path):
    with pytest.raises(InputError, match="swapped"):
        read(write(tmp_path, "date,lon,lat\n2022-01-03,26.2,117.6\n"))


def test_bad_rows_go_to_a_file_with_number_and_reason(tmp_path):
    text = (
        "date,lon,lat,title\n"
        "2022-01-03,117.6,26.2,fine\n"
        "someday,117.6,26.2,=cmd()\n"
        "2022-01-03,117.6,26.2,a,b,c\n"
        ",117.6,26.2,no date\n"
        "2022-01-03,117.6,26.2,nul\x00\n"
        "\n"
        "2022-01-03,117.6\n"
    )
    table, frame = read(write(tmp_path, text), chunk_rows=2)
    assert frame["title"].tolist() == ["fine", ""]
    assert (table.taken, table.rejected, table.unlocated) == (2, 4, 1)
    assert table.rejected_path == tmp_path / "a.csv.rejected.csv"
    with table.rejected_path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    assert rows[0] == ["row", "reason", "date", "lon", "lat", "title"]
    assert sorted((row[0], row[1]) for row in rows[1:]) == [
        ("3", "the date 'someday' cannot be read"),
        ("4", "has 6 cells under 4 headings"),
        ("5", "there is no date"),
        ("6", "holds a NUL character"),
    ]
    assert next(row for row in rows if row[0] == "3")[5] == "'=cmd()"


def test_rejected_rows_of_an_earlier_run_do_not_stay(tmp_path):
    path = write(tmp_path, "date,lon,lat\nsoon,1,1\n")
    table, _ = read(path)
    assert table.rejected_path.exists()
    write(tmp_path)
    read(path)
    assert not table.rejected_path.exists()


def test_a_formula_is_stored_as_it_is(tmp_path):
    text = 'date,lon,lat,title\n2022-01-03,117.6,26.2,"=HYPERLINK(""x"")"\n'
    _, frame = read(write(tmp_path, text))
    assert frame["title"].iloc[0] == '=HYPERLINK("x")'
    assert neutralise(frame["title"].iloc[0]).startswith("'=")


@pytest.mark.parametrize("cell", ["=1", "+cmd", "-cmd", "@x", "\tx", "\rx", "-1 "])
def test_what_a_spreadsheet_would_run_is_neutralised(cell):
    assert neutralise(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["-1.5", "+86", "翁墩", "", "1-2", 26.2])
def test_what_it_would_not_run_stays(cell):
    assert neutralise(cell) == str(cell)


def test_named_columns_and_defaults_win(tmp_path):
    text = "when,lng,lat,what,district,id\n2022-01-03,117.6,26.2,?,7,x\n"
    choice = ColumnChoice(
        occurred_at="when",
        kind="what",
        expected="district",
        default_kind=Kind.DISPUTE,
        default_category="noise",
        default_status=Status.OPEN,
    )
    _, frame = read(write(tmp_path, text), columns=choice)
    (row,) = frame.to_dict("records")
    assert (row["kind"], row["category"], row["status"]) == ("dispute", "noise", "open")
    assert (row["expected"], row["external_id"]) == ("7", "x")
    with pytest.raises(InputError, match=r"no column 'day'.*when"):
        read_reports(write(tmp_path, text), columns=ColumnChoice(occurred_at="day"), crs="wgs84")
    with pytest.raises(InputError, match=r"hold the date.*--date.*when"):
        read_reports(write(tmp_path, text), crs="wgs84")


def test_only_the_chosen_columns_are_handed_over(tmp_path):
    text = "date,lon,lat,caller,telephone\n2022-01-03,117.6,26.2,王某,13800000000\n"
    _, frame = read(write(tmp_path, text))
    assert tuple(frame.columns) == REPORT_COLUMNS
    assert not frame.astype(str).map(lambda cell: "王" in cell or "138" in cell).to_numpy().any()


def test_dates_without_offset_are_in_the_time_zone(tmp_path):
    text = "date,lon,lat\n2022-07-01 00:30,-87.6,41.8\n2022-07-01T00:30:00Z,-87.6,41.8\n"
    _, frame = read(write(tmp_path, text), time_zone="America/Chicago")
    assert [date.isoformat() for date in frame["occurred_at"]] == [
        "2022-07-01T00:30:00-05:00",
        "2022-06-30T19:30:00-05:00",
    ]
    with pytest.raises(InputError, match="no time zone"):
        read_reports(write(tmp_path), crs="wgs84", time_zone="Mars/Base")


def test_another_order_of_dates_is_read_by_its_pattern(tmp_path):
    path = write(tmp_path, "date,lon,lat\n01/03/2022 08:05 PM,-87.6,41.8\n")
    assert read(path)[0].rejected == 1
    _, frame = read(path, date_format="%m/%d/%Y %I:%M %p")
    assert frame["occurred_at"].iloc[0].isoformat() == "2022-01-03T20:05:00+08:00"


def test_chunks_keep_their_size_and_order(tmp_path):
    rows = "".join(f"2022-01-03,117.6,26.2,{number}\n" for number in range(105))
    table = read_reports(write(tmp_path, "date,lon,lat,id\n" + rows), crs="wgs84", chunk_rows=50)
    frames = list(table.frames())
    assert [len(frame) for frame in frames] == [50, 50, 5]
    assert pd.concat(frames)["external_id"].tolist() == [str(number) for number in range(105)]


def test_a_chunk_of_blank_rows_does_not_end_the_table(tmp_path):
    text = "date,lon,lat\n" + "\n" * 10 + "2022-01-03,117.6,26.2\n"
    assert len(read(write(tmp_path, text), chunk_rows=3)[1]) == 1


class TestDamage:
    def test_an_unclosed_quote_is_an_input_error(self, tmp_path):
        text = 'date,lon,lat,title\n2022-01-03,117.6,26.2,"open\n' + "x" * 200_000
        with pytest.raises(InputError, match="quote is not closed"):
            read(write(tmp_path, text))

    def test_an_endless_line_is_refused(self, tmp_path, monkeypatch):
        monkeypatch.setattr(delimited, "MAX_LINE_CHARACTERS", 1000)
        with pytest.raises(InputTooLarge, match="1,000 characters"):
            read(write(tmp_path, "date,lon,lat\n" + "x" * 2000, name="a.csv.gz"))

    def test_an_expanding_gzip_is_refused(self, tmp_path, monkeypatch):
        monkeypatch.setattr(delimited, "MAX_TABLE_BYTES", 10_000)
        with pytest.raises(InputTooLarge, match="expands"):
            read(write(tmp_path, "date,lon,lat\n" + "\n" * 100_000, name="a.csv.gz"))

    def test_a_cut_gzip_and_bytes_that_are_no_text_are_input_errors(self, tmp_path):
        path = write(tmp_path, name="a.csv.gz")
        path.write_bytes(path.read_bytes()[:-9])
        with pytest.raises(InputError, match="damaged gzip"):
            read(path)
        broken = tmp_path / "b.csv"
        broken.write_bytes(b"date,lon,lat\n2022-01-03,\xff\xff\xff,1\n")
        with pytest.raises(InputError, match="is not gb18030"):
            read(broken)
        with pytest.raises(InputError, match="cannot be read in this encoding"):
            read(broken, encoding="utf-16")

    @pytest.mark.parametrize("text", ["\n", ",,\n1,2,3\n", "date,date,lon\n"])
    def test_headings_that_cannot_be_used_are_told(self, tmp_path, text):
        with pytest.raises(InputError, match="heading"):
            read(write(tmp_path, text))

    def test_a_virtual_dataset_is_refused(self, tmp_path):
        with pytest.raises(UnsupportedFile, match="virtual"):
            read(write(tmp_path, "<OGRVRTDataSource></OGRVRTDataSource>"))


class TestPointLayers:
    ROWS = ({"id": 7, "date": "2022-01-03", "lon": "x"}, {"id": "b", "date": "2022-01-04"})

    def test_geojson_brings_its_own_positions(self, tmp_path):
        points = [shapely.Point(117.6, 26.2), shapely.LineString([(117, 26), (118, 27)])]
        table, frame = read(write_geojson(tmp_path / "a.geojson", points, self.ROWS), crs=None)
        assert frame["external_id"].tolist() == ["7", "b"]
        assert frame["lon"].tolist()[0] == 117.6
        assert table.unlocated == 1
        assert "lon" not in table.columns_used

    def test_geopackage_is_streamed(self, tmp_path):
        cells = {"id": list(range(25)), "date": ["2022-01-03"] * 25}
        blobs = [blob(shapely.Point(117 + number / 100, 26)) for number in range(24)] + [None]
        path = write_geopackage(tmp_path / "a.gpkg", blobs, cells=cells)
        table = read_reports(path, chunk_rows=10)
        frames = list(table.frames())
        assert [len(frame) for frame in frames] == [10, 10, 5]
        assert table.unlocated == 1
        assert np.allclose(pd.concat(frames)["lon"].iloc[:24], 117 + np.arange(24) / 100)


def test_rows_that_need_care_and_rows_that_need_none_come_out_alike(tmp_path: Path) -> None:
    """A quoted comma, a quoted line break, a short row and a NUL stand between plain rows."""
    rows = [
        "2026-01-01,117.1,26.1,a",
        '2026-01-02,117.2,26.2,"b, quoted"',
        '2026-01-03,117.3,26.3,"c\nbroken"',
        "2026-01-04,117.4,26.4",
        "2026-01-05,117.5,26.5,e\x00",
        "2026-01-06,117.6,26.6,f",
        "2026-01-07,117.7,26.7,g",
        "2026-01-08,117.8,26.8,h",
    ]
    text = "date,lon,lat,title\n" + "\n".join(rows)
    for chunk_rows in (1, 2, 3, 100):
        table, frame = read(write(tmp_path, text), chunk_rows=chunk_rows)
        assert frame["title"].tolist() == ["a", "b, quoted", "c\nbroken", "", "f", "g", "h"]
        assert frame["lon"].tolist() == [117.1, 117.2, 117.3, 117.4, 117.6, 117.7, 117.8]
        assert table.rejected == 1


def test_rejected_rows_that_cannot_be_written_stop_the_import(tmp_path):
    path = write(tmp_path, "lon,lat,date\n117.6,26.2,never\n", name="a.csv")
    (tmp_path / "a.csv.rejected.csv").mkdir()
    with pytest.raises(Refused, match="nothing was imported"):
        read(path)


def test_a_long_name_matters_only_when_rows_are_rejected(tmp_path):
    good = write(tmp_path, "lon,lat,date\n117.6,26.2,2026-01-01\n", name="a" * 245 + ".csv")
    assert len(read(good)[1]) == 1
    good.write_text("lon,lat,date\n117.6,26.2,never\n")
    with pytest.raises(Refused, match="cannot be written"):
        read(good)


def test_a_codec_that_is_none_of_text_is_refused(tmp_path):
    with pytest.raises(InputError, match="no encoding"):
        read(write(tmp_path), encoding="base64")
