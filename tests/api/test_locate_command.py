"""Does a file come back as it was, with the grid of every row, whatever kind of file it is?"""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from openpyxl import Workbook, load_workbook
from typer.testing import CliRunner, Result

from api.cli import app
from gis.coords import wgs84_to_gcj02
from gis.demo import District
from gis.errors import WanggeError
from gis.plan import Level
from tests.api.test_locate import inner_point

runner = CliRunner()


@pytest.fixture
def run(demo_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Run the command on the demonstration district."""
    monkeypatch.setenv("WANGGE_DATABASE_URL", demo_url)
    monkeypatch.setenv("WANGGE_DATA_FOLDER", str(tmp_path / "data"))

    def call(*words: object) -> Result:
        return runner.invoke(app, ["locate", *map(str, words)])

    return call


@pytest.fixture(scope="session")
def places(district: District) -> pd.DataFrame:
    """A point in every grid with the grid's code, and one far outside."""
    grids = district.plan.at(Level.GRID)
    points = [inner_point(district, grid.code) for grid in grids]
    return pd.DataFrame(
        {
            "编号": [f"{k:05}" for k in range(len(grids) + 1)],
            "lon": [*(x for x, _ in points), 100.0],
            "lat": [*(y for _, y in points), 30.0],
            "expected": [*(grid.code for grid in grids), None],
        }
    )


def check_codes(found: pd.DataFrame) -> None:
    expected = found["expected"].fillna("").astype(str)
    assert (found["wangge_grid"].fillna("").astype(str) == expected).all()
    assert (found["wangge_status"] == np.where(expected == "", "outside", "inside")).all()
    assert found["编号"].astype(str).str.len().eq(5).all()


@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet"])
@pytest.mark.parametrize("source", ["csv", "gb18030", "xlsx", "parquet"])
def test_every_kind_of_file_becomes_every_other(
    run: Any, places: pd.DataFrame, tmp_path: Path, source: str, ending: str
) -> None:
    file = tmp_path / f"in.{'csv' if source == 'gb18030' else source}"
    if source == "xlsx":
        places.to_excel(file, index=False)
    elif source == "parquet":
        places.to_parquet(file, index=False)
    else:
        places.to_csv(file, index=False, encoding=None if source == "csv" else source)
    output = tmp_path / f"out.{ending}"
    result = run(file, "-o", output, "--crs", "wgs84", "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["rows"] == len(places)
    assert told["statuses"]["outside"] == 1
    found = read(output)
    check_codes(found)
    assert list(found.columns[:4]) == list(places.columns)


def read(file: Path) -> pd.DataFrame:
    if file.suffix == ".csv":
        return pd.read_csv(file, dtype=str, encoding="utf-8-sig")
    if file.suffix == ".xlsx":
        return pd.read_excel(file, dtype={"编号": str, "wangge_grid": str, "expected": str})
    return pd.read_parquet(file)


@pytest.mark.parametrize("crs", ["EPSG:4490", "EPSG:4548", None])
def test_geoparquet_says_where_it_is_and_keeps_its_geometry(
    run: Any, places: pd.DataFrame, tmp_path: Path, crs: str | None
) -> None:
    frame = gpd.GeoDataFrame(
        places[["编号", "expected"]],
        geometry=gpd.points_from_xy(places["lon"], places["lat"]),
        crs="EPSG:4490",
    ).to_crs(crs or "EPSG:4490")
    frame["when"] = pd.Timestamp("2024-05-01", tz="Asia/Shanghai")
    file, output = tmp_path / "in.parquet", tmp_path / "out.geoparquet"
    if crs is None:
        frame = frame.set_crs(None, allow_override=True)
    frame.to_parquet(file, write_covering_bbox=True, index=False)
    result = run(file, "-o", output)
    if crs is None:
        assert result.exit_code != 0
        assert "--crs" in str(result.exception)
        result = run(file, "-o", output, "--crs", "cgcs2000")
    assert result.exit_code == 0, result.output
    found = gpd.read_parquet(output)
    check_codes(found)
    assert found.geometry.geom_equals(frame.geometry).all()
    assert (found.crs is None) == (crs is None)
    assert found.crs == frame.crs
    assert found["when"].dtype == frame["when"].dtype
    table = run(file, "-o", tmp_path / "out.csv", *(["--crs", "cgcs2000"] if crs is None else []))
    assert table.exit_code == 0, table.output
    text = read(tmp_path / "out.csv")["geometry"]
    assert shapely.from_wkt(text[0]).equals(frame.geometry[0])


def test_types_and_metadata_of_parquet_stay(run: Any, places: pd.DataFrame, tmp_path: Path) -> None:
    count = len(places)
    table = pa.table(
        {
            "lon": pa.array(places["lon"]),
            "lat": pa.array(places["lat"].astype(str)),
            "day": pa.array([date(2024, 1, 1)] * count),
            "price": pa.array([1] * count, type=pa.decimal128(9, 2)),
            "kind": pa.array(["a"] * count).dictionary_encode(),
            "raw": pa.array([b"\x00\xff"] * count),
            "wangge_status": ["old"] * count,
        }
    ).replace_schema_metadata({"owner": "翁墩"})
    file, output = tmp_path / "in.parquet", tmp_path / "out.parquet"
    pq.write_table(table, file, row_group_size=37)
    assert run(file, "-o", output, "--crs", "wgs84", "--at", "day").exit_code == 0
    found = pq.read_table(output)
    assert found.schema.metadata[b"owner"].decode() == "翁墩"
    for name in ("lon", "lat", "day", "price", "kind", "raw"):
        assert found.column(name).combine_chunks() == table.column(name).combine_chunks()
    assert found.column_names.count("wangge_status") == 1
    assert found.column("wangge_status").to_pylist()[0] == "inside"


def test_a_workbook_keeps_numbers_dates_and_texts(
    run: Any, district: District, tmp_path: Path
) -> None:
    lon, lat = inner_point(district, district.plan.at(Level.GRID)[0].code)
    book = Workbook()
    book.active.append(["经度", "纬度", "金额", "日期", "号", "式"])
    book.active.append([lon, lat, 12.5, datetime(2024, 1, 2, 3, 4), "000123", "x"])
    book.active.append([None, None, 3, None, "9" * 20, "+1+cmd"])
    file, output = tmp_path / "in.xlsx", tmp_path / "out.xlsx"
    book.save(file)
    assert run(file, "-o", output, "--crs", "wgs84").exit_code == 0
    rows = list(load_workbook(output).active.iter_rows(values_only=True))
    assert rows[1][:6] == (lon, lat, 12.5, datetime(2024, 1, 2, 3, 4), "000123", "x")
    assert rows[2][4:6] == ("9" * 20, "'+1+cmd")
    assert rows[1][rows[0].index("wangge_status")] == "inside"
    assert "no position" in rows[2][rows[0].index("wangge_error")]


def test_columns_systems_and_dates_may_be_named(
    run: Any, places: pd.DataFrame, tmp_path: Path
) -> None:
    moved = wgs84_to_gcj02(places["lon"], places["lat"])
    table = places.assign(
        a=moved[0],
        b=moved[1],
        lon=0,
        lat=0,
        when=["2023/5/1", "2021-12-31"] * (len(places) // 2) + ["soon"] * (len(places) % 2),
    )
    file, output = tmp_path / "in.csv", tmp_path / "out.csv"
    table.to_csv(file, index=False)
    words = (file, "-o", output, "--lon", "a", "--lat", "b", "--crs", "gcj02")
    assert run(*words).exit_code == 0
    check_codes(read(output))
    assert run(*words, "--at", "when").exit_code == 0
    found = read(output)
    assert (found["wangge_status"][::2][:-1] == "inside").all()
    assert found["wangge_error"][1::2].str.contains("in force").all()
    refused = run(*words, "--at", "2021-01-01")
    assert "in force" in str(refused.exception)


def test_rows_that_are_no_rows_come_out_in_their_place(run: Any, tmp_path: Path) -> None:
    file, output = tmp_path / "in.csv", tmp_path / "out.csv"
    file.write_text('id,lon,lat\n1,117.63,26.27\n2,1,2,3\n3,26.27,117.63\n4,"=1+1",\n', "utf-8")
    assert run(file, "-o", output, "--crs", "wgs84").exit_code == 0
    rows = list(csv.DictReader(io.StringIO(output.read_text("utf-8-sig"))))
    assert [row["id"] for row in rows] == ["1", "2", "3", "4"]
    assert "4 cells" in rows[1]["wangge_error"]
    assert "swapped" in rows[2]["wangge_error"]
    assert rows[3]["lon"] == "'=1+1"


@pytest.mark.parametrize(
    ("name", "content", "words", "said"),
    [
        ("a.csv", "lon,lat\n1,2\n", [], "--crs"),
        ("a.csv", "x1,x2\n1,2\n", ["--crs", "wgs84"], "--address"),
        ("a.csv", "lon,lat\n1,2\n", ["--lon", "lon", "--crs", "wgs84"], "both"),
        ("a.csv", "lon,lat\n1,2\n", ["--lon", "east", "--lat", "lat"], "east"),
        ("a.csv", "lon,lat\n1,2\n", ["--crs", "wgs84", "--at", "soon"], "soon"),
        ("a.csv", "lon,lat\n1,2\n", ["--crs", "wgs84", "--plan", "none"], "none"),
        ("a.parquet", "PAR1 no more", [], "ends before"),
        ("a.parquet", "PAR1" + "x" * 50 + "PAR1", [], "damaged"),
        ("a.parquet", "lon,lat\n", [], "something else"),
        ("a.xlsx", "lon,lat\n", [], "workbook"),
        ("a.docx", "x", [], "docs/formats.md"),
    ],
)
def test_what_cannot_be_located_is_refused_and_nothing_is_written(
    run: Any, tmp_path: Path, name: str, content: str, words: list[str], said: str
) -> None:
    file, output = tmp_path / name, tmp_path / "out.csv"
    file.write_text(content, "utf-8")
    result = run(file, "-o", output, *words)
    assert isinstance(result.exception, WanggeError), result.output
    assert said in result.exception.message
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "data") == [name]


def test_the_input_is_never_written_over(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "in.csv"
    file.write_text("lon,lat\n117.63,26.27\n", "utf-8")
    (tmp_path / "link.csv").symlink_to(file)
    for output in (file, tmp_path / "link.csv"):
        assert "is read" in str(run(file, "-o", output, "--crs", "wgs84").exception)
    assert "end the name" in str(run(file, "-o", tmp_path / "out.docx", "--crs", "wgs84").exception)
    assert file.read_text("utf-8") == "lon,lat\n117.63,26.27\n"


def test_what_stops_half_way_leaves_the_earlier_output(run: Any, tmp_path: Path) -> None:
    file, output = tmp_path / "in.csv", tmp_path / "out.csv"
    file.write_text("lon,lat\n117.63,26.27\n", "utf-8")
    assert run(file, "-o", output, "--crs", "wgs84").exit_code == 0
    before = output.read_bytes()
    rows = "117.63,26.27\n" * 60_000
    file.write_bytes(b"lon,lat\n" + rows.encode() + b'1,"' + b"x" * 2_000_000)
    assert isinstance(run(file, "-o", output, "--crs", "wgs84").exception, WanggeError)
    assert output.read_bytes() == before
    assert not list(tmp_path.glob(".out*"))


def test_a_table_without_rows_gets_its_headings(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "in.parquet"
    pq.write_table(
        pa.table({"lon": pa.array([], pa.float64()), "lat": pa.array([], pa.float64())}), file
    )
    for ending in ("csv", "parquet", "xlsx"):
        output = tmp_path / f"out.{ending}"
        assert run(file, "-o", output, "--crs", "wgs84").exit_code == 0
        assert "wangge_grid" in read(output).columns
    assert pq.read_schema(tmp_path / "out.parquet").field("lon").type == pa.float64()


def test_instants_of_parquet_are_read_as_they_are(
    run: Any, district: District, tmp_path: Path
) -> None:
    lon, lat = inner_point(district, district.plan.at(Level.GRID)[0].code)
    moments = [datetime(2021, 12, 31, 16, tzinfo=UTC), datetime(2021, 12, 31, 15, 59, tzinfo=UTC)]
    naive = [datetime(2022, 1, 1), datetime(2021, 12, 31, 23, 59)]
    for column in (pa.array(moments), pa.array(naive), pa.array([m.isoformat() for m in moments])):
        file, output = tmp_path / "in.parquet", tmp_path / "out.parquet"
        pq.write_table(pa.table({"lon": [lon] * 2, "lat": [lat] * 2, "t": column}), file)
        assert run(file, "-o", output, "--crs", "wgs84", "--at", "t").exit_code == 0
        assert read(output)["wangge_status"].tolist()[0] == "inside"
        assert "in force" in read(output)["wangge_error"].tolist()[1]


def test_a_cell_without_heading_is_told(run: Any, district: District, tmp_path: Path) -> None:
    lon, lat = inner_point(district, district.plan.at(Level.GRID)[0].code)
    book = Workbook()
    for row in (["lon", "lat"], [lon, lat, None, "x"], [lon, lat, None, ""]):
        book.active.append(row)
    book.save(tmp_path / "in.xlsx")
    output = tmp_path / "out.csv"
    assert run(tmp_path / "in.xlsx", "-o", output, "--crs", "wgs84").exit_code == 0
    wide, plain = csv.DictReader(io.StringIO(output.read_text("utf-8-sig")))
    assert wide["wangge_error"] == "the row has 4 cells under 2 headings"
    assert (plain["wangge_status"], plain["wangge_error"]) == ("inside", "")


def test_addresses_are_looked_up_in_the_address_book(
    run: Any, district: District, tmp_path: Path
) -> None:
    known = district.addresses[:: len(district.addresses) // 40]
    file, output = tmp_path / "in.csv", tmp_path / "out.csv"
    lines = [f"{k},{address.text}\n" for k, address in enumerate(known)]
    file.write_text("id,地址\n" + "".join(lines) + "x,没有这条路99号\ny,\n", "utf-8")
    result = run(file, "-o", output)
    assert result.exit_code == 0, result.output
    *rows, odd, empty = csv.DictReader(io.StringIO(output.read_text("utf-8-sig")))
    assert len(rows) == len(known)
    grids = {grid.code: grid.geometry for grid in district.plan.at(Level.GRID)}
    for row, address in zip(rows, known, strict=True):
        if row["wangge_status"] == "inside":
            assert grids[row["wangge_grid"]].covers(shapely.Point(address.lon, address.lat))
            assert 0.5 < float(row["wangge_confidence"]) <= 1.0
    assert sum(row["wangge_status"] == "inside" for row in rows) > 0.9 * len(rows)
    assert (odd["wangge_status"], odd["wangge_grid"]) == ("unknown", "")
    assert odd["wangge_reason"].startswith("road 没有这条路: ")
    assert "; number 99: " in odd["wangge_reason"]
    assert "no address" in empty["wangge_error"]
