"""Is Parquet from outside read as it is meant, and refused in words where it cannot be?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import InputError, InputTooLarge, UnsupportedFile
from gis.files import parquet
from gis.files.parquet import open_parquet, read_points


def points_of(path: Path) -> tuple[list[float], list[float]]:
    file = open_parquet(path)
    assert file.geometry is not None
    blocks = [
        read_points(block, file.geometry, file=path.name) for block in file.blocks(block_rows=3)
    ]
    return (
        np.concatenate([x for x, _ in blocks]).tolist(),
        np.concatenate([y for _, y in blocks]).tolist(),
    )


@pytest.mark.parametrize("encoding", ["WKB", "geoarrow"])
def test_points_are_read_in_both_encodings(tmp_path: Path, encoding: Any) -> None:
    x, y = np.linspace(117, 118, 10), np.linspace(26, 27, 10)
    frame = gpd.GeoDataFrame({"a": range(10)}, geometry=gpd.points_from_xy(x, y), crs="EPSG:4548")
    path = tmp_path / "points.parquet"
    frame.to_parquet(path, geometry_encoding=encoding)
    file = open_parquet(path)
    assert file.geometry is not None
    assert (file.geometry.crs, file.rows) == ("EPSG:4548", 10)
    assert points_of(path) == (x.tolist(), y.tolist())


def test_whatever_is_no_plain_point_is_read_one_by_one(tmp_path: Path) -> None:
    shapes = [
        shapely.Point(1, 2),
        None,
        shapely.Point(3, 4, 5),
        shapely.box(0, 0, 1, 1),
        shapely.Point(),
        shapely.Point(6, 7),
    ]
    path = tmp_path / "mixed.parquet"
    gpd.GeoDataFrame(geometry=shapes, crs="EPSG:4326").to_parquet(path)
    x, y = points_of(path)
    np.testing.assert_array_equal(x, [1, np.nan, 3, np.nan, np.nan, 6])
    np.testing.assert_array_equal(y, [2, np.nan, 4, np.nan, np.nan, 7])


def test_big_endian_points_are_read(tmp_path: Path) -> None:
    wkb = [shapely.to_wkb(shapely.Point(k, -k), byte_order=k % 2) for k in range(4)]
    path = write(tmp_path, pa.table({"geometry": pa.array(wkb, pa.binary())}), geo("geometry"))
    assert points_of(path) == ([0, 1, 2, 3], [0, -1, -2, -3])


def geo(column: str, **more: Any) -> dict[str, Any]:
    described = {"encoding": "WKB", "geometry_types": ["Point"]} | more
    return {"version": "1.1.0", "primary_column": column, "columns": {column: described}}


def write(folder: Path, table: pa.Table, described: Any = None) -> Path:
    path = folder / "in.parquet"
    if described is not None:
        text = described if isinstance(described, str) else json.dumps(described)
        table = table.replace_schema_metadata({"geo": text})
    pq.write_table(table, path)
    return path


POINT = pa.array([shapely.Point(1, 2).wkb], pa.binary())


@pytest.mark.parametrize(
    ("crs", "expected"),
    [
        ({}, "EPSG:4326"),
        ({"crs": None}, None),
        (
            {"crs": {"type": "GeographicCRS", "id": {"authority": "OGC", "code": "CRS84"}}},
            "EPSG:4326",
        ),
        ({"crs": {"type": "ProjectedCRS", "id": {"authority": "EPSG", "code": 4548}}}, "EPSG:4548"),
    ],
)
def test_coordinates_are_those_that_the_file_names(
    tmp_path: Path, crs: dict[str, Any], expected: str | None
) -> None:
    file = open_parquet(write(tmp_path, pa.table({"g": POINT}), geo("g", **crs)))
    assert file.geometry is not None
    assert file.geometry.crs == expected


@pytest.mark.parametrize(
    ("table", "described", "kind", "said"),
    [
        (pa.table({"a": [[1, 2]]}), None, UnsupportedFile, "nested"),
        (pa.table({"a": [{"b": 1}]}), None, UnsupportedFile, "'a' is nested"),
        (pa.table({"a": [1]}), "{", InputError, "'geo' cannot be read"),
        (pa.table({"a": [1]}), "[" * 100_000, InputError, "'geo' cannot be read"),
        (pa.table({"a": [1]}), geo("b"), InputError, "'b'"),
        (
            pa.table({"a": [1]}),
            {"columns": [], "primary_column": {}},
            InputError,
            "geometry column",
        ),
        (pa.table({"a": [1]}), geo("a"), InputError, "int64"),
        (pa.table({"a": POINT}), geo("a", encoding="polygon"), UnsupportedFile, "polygon"),
        (pa.table({"a": POINT}), geo("a", encoding="point"), InputError, "binary"),
        (pa.table({"a": POINT}), geo("a", crs="moon"), UnsupportedFile, "no code"),
        (pa.table({"a": POINT}), geo("a", crs={"id": {"code": 1}}), InputError, "None:1"),
        (pa.table({"a": POINT}), geo("a", crs={"type": "BoundCRS"}), UnsupportedFile, "no code"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(
    tmp_path: Path, table: pa.Table, described: Any, kind: type[InputError], said: str
) -> None:
    with pytest.raises(kind, match=said):
        open_parquet(write(tmp_path, table, described))


@pytest.mark.parametrize(
    "wkb", [b"", b"\x01", POINT[0].as_py()[:-1], b"\x01\x07\x00\x00\x00" * 50_000]
)
def test_a_damaged_geometry_is_refused(tmp_path: Path, wkb: bytes) -> None:
    table = pa.table({"g": pa.array([POINT[0].as_py(), wkb], pa.binary())})
    with pytest.raises(InputError):
        points_of(write(tmp_path, table, geo("g")))


def test_limits_are_checked_before_anything_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wide = pa.table({f"c{k}": [1] for k in range(1001)})
    with pytest.raises(InputTooLarge, match="1,001 columns"):
        open_parquet(write(tmp_path, wide))
    monkeypatch.setattr(parquet, "MAX_ROW_GROUP_BYTES", 1000)
    with pytest.raises(InputTooLarge, match="row group"):
        open_parquet(write(tmp_path, pa.table({"a": np.random.default_rng(1).random(1000)})))


@given(st.data())
def test_a_file_with_any_byte_changed_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("torn") / "in.parquet"
    pq.write_table(pa.table({"a": ["翁墩"] * 50, "b": list(range(50))}), path)
    raw = bytearray(path.read_bytes())
    for place in data.draw(st.lists(st.integers(0, len(raw) - 1), min_size=1, max_size=4)):
        raw[place] ^= data.draw(st.integers(1, 255))
    path.write_bytes(
        raw[: data.draw(st.integers(1, len(raw)))] if data.draw(st.booleans()) else raw
    )
    try:
        columns = {name for each in open_parquet(path).blocks() for name in each.column_names}
    except InputError as error:
        columns = set()
        assert path.name in error.message
    assert len(columns) <= 2
