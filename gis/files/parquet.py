"""Which rows does a Parquet or GeoParquet file hold, and how is one written?

Read some rows at a time. What a file says about itself is checked before anything is read: its
columns, the size of its row groups, and where its positions are. Positions of GeoParquet are points
in WKB or in two numbers; its metadata name their coordinates, WGS84 if they say nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import shapely

from gis.coords import WGS84_CRS, Array, parse_crs
from gis.errors import InputError, InputTooLarge, UnsupportedFile
from gis.files.delimited import MAX_COLUMNS, check_headings
from gis.files.limits import check_file
from gis.files.wkb import check_wkb

ENDINGS = (".parquet", ".geoparquet", ".pq")
MAX_PARQUET_BYTES = 100_000_000_000
MAX_ROW_GROUP_BYTES = 2_000_000_000
BLOCK_ROWS = 65_536
_MAX_GEO_CHARACTERS = 1_000_000
_POINT_WKB = b"\x01\x01\x00\x00\x00"
_POINT_BYTES = 21
_POINT = shapely.GeometryType.POINT


@dataclass(frozen=True, slots=True)
class Geometry:
    """Which column holds the positions, how, and in which coordinates (None: it is not known)."""

    column: str
    encoding: str
    crs: str | None


@dataclass(frozen=True, slots=True)
class ParquetFile:
    """A file whose rows can be read block by block; ``blocks`` may be called again."""

    path: Path
    schema: pa.Schema
    rows: int
    geometry: Geometry | None

    def blocks(self, *, block_rows: int = BLOCK_ROWS) -> Iterator[pa.RecordBatch]:
        """Yield the rows, at most so many at a time.

        Raises
        ------
        InputError
            The file is damaged.
        """
        with _damage(self.path.name), _open(self.path) as file:
            for batch in file.iter_batches(batch_size=block_rows):
                batch.validate(full=True)  # texts may be no UTF-8, positions lie outside
                yield batch


def open_parquet(path: Path) -> ParquetFile:
    """Read what a Parquet file says about itself.

    Raises
    ------
    InputError
        It is damaged, or what it says about its geometry is no sense.
    InputTooLarge
        It has more columns, or larger row groups, than are read.
    UnsupportedFile
        It is no Parquet, or holds nested columns.
    """
    check_file(path, max_bytes=MAX_PARQUET_BYTES)
    _check_magic(path)
    with _damage(path.name), _open(path) as file:
        metadata, schema = file.metadata, file.schema_arrow
        groups = [metadata.row_group(k).total_byte_size for k in range(metadata.num_row_groups)]
    check_headings(schema.names, file=path.name)
    if max(groups, default=0) > MAX_ROW_GROUP_BYTES:
        raise InputTooLarge(
            f"{path.name} has a row group of {max(groups):,} bytes; at most "
            f"{MAX_ROW_GROUP_BYTES:,} are read; write it with fewer rows in a group",
            file=path.name,
        )
    described = _read_geo(schema, path.name)
    geometry = _find_geometry(described, schema, path.name)
    _check_types(schema, geometry, _name_boxes(described), path.name)
    return ParquetFile(path, schema, metadata.num_rows, geometry)


def read_points(block: pa.RecordBatch, geometry: Geometry, *, file: str) -> tuple[Array, Array]:
    """Return the positions of a block in the coordinates of the file; NaN where there is no point.

    Raises
    ------
    InputError
        A geometry is not sound.
    """
    column = block.column(geometry.column)
    if geometry.encoding == "point":
        parts = [pc.struct_field(column, part) for part in ("x", "y")]
        return to_floats(parts[0]), to_floats(parts[1])
    column = column.storage if isinstance(column, pa.ExtensionArray) else column
    plain = _read_plain_points(column)
    return plain if plain is not None else _read_any(column, file)


def to_floats(column: pa.Array) -> Array:
    """Return a column of numbers as float64; what is missing is NaN."""
    floats = column.cast(pa.float64(), safe=False)
    return np.asarray(floats.to_numpy(zero_copy_only=False), dtype=np.float64)


class ParquetWriter:
    """Writes blocks of columns; the first says their types.

    Parameters
    ----------
    path
        Where to write; the caller moves it to its place when it is whole.
    schema
        Of the columns that come from a Parquet file, with its metadata (``geo`` among them).
    more_metadata
        Put into the metadata of the file when it is closed.
    """

    def __init__(
        self,
        path: Path,
        schema: pa.Schema | None = None,
        *,
        more_metadata: Mapping[str, str] | None = None,
    ) -> None:
        self._path = path
        self._schema = schema
        self._more = {} if more_metadata is None else more_metadata
        self._writer: pq.ParquetWriter | None = None

    def write(self, columns: Mapping[str, Any]) -> None:
        """Write a block: by heading an Arrow array, or a list that is written as text."""
        arrays = [
            column if isinstance(column, pa.Array) else _to_text(column)
            for column in columns.values()
        ]
        if self._writer is None:
            self._writer = self._open(list(columns), arrays)
        self._writer.write_batch(pa.record_batch(arrays, schema=self._writer.schema))

    def close(self) -> None:
        """Write the end of the file."""
        if self._writer is not None:
            if self._more:
                self._writer.add_key_value_metadata(dict(self._more))
            self._writer.close()

    def _open(self, names: list[str], arrays: list[pa.Array]) -> pq.ParquetWriter:
        known = self._schema
        fields = [
            known.field(name)
            if known is not None and name in known.names and known.field(name).type == array.type
            else pa.field(name, array.type)
            for name, array in zip(names, arrays, strict=True)
        ]
        metadata = None if known is None else known.metadata
        return pq.ParquetWriter(
            self._path, pa.schema(fields, metadata=metadata), compression="zstd"
        )


def read_metadata(path: Path, name: str) -> str | None:
    """Return an entry of a file's metadata; None if it has none, or is not whole."""
    try:
        with _damage(path.name), _open(path) as file:
            found = (file.metadata.metadata or {}).get(name.encode())
    except InputError:
        return None
    return None if found is None else found.decode("utf-8", "replace")


def _open(path: Path) -> pq.ParquetFile:
    return pq.ParquetFile(path, buffer_size=1 << 20, pre_buffer=False, schema_depth_limit=100)


@contextmanager
def _damage(file: str) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError, OverflowError, UnicodeDecodeError, KeyError) as error:
        said = " ".join(str(error).split())[:200]
        raise InputError(
            f"{file} is a damaged Parquet file ({said}); write it again", file=file
        ) from None


def _check_magic(path: Path) -> None:
    with path.open("rb") as stream:
        head = stream.read(4)
        stream.seek(-min(4, path.stat().st_size), 2)
        tail = stream.read(4)
    if head == b"PARE" or tail == b"PARE":
        raise UnsupportedFile(f"{path.name} is encrypted; write it without a key", file=path.name)
    if head != b"PAR1":
        raise UnsupportedFile(
            f"{path.name} is named as Parquet but holds something else; give it its own name",
            file=path.name,
        )
    if tail != b"PAR1":
        raise InputError(
            f"{path.name} ends before its end: it was not written or copied whole; copy it again",
            file=path.name,
        )


def _check_types(schema: pa.Schema, geometry: Geometry | None, boxes: set[str], file: str) -> None:
    if len(schema) > MAX_COLUMNS:
        raise InputTooLarge(f"{file} has {len(schema):,} columns; at most {MAX_COLUMNS} are read")
    for field in schema:
        own = geometry is not None and field.name == geometry.column
        if pa.types.is_nested(field.type) and not own and field.name not in boxes:
            raise UnsupportedFile(
                f"{file}: the column {field.name!r} is nested ({str(field.type)[:60]}); write its "
                "parts as columns of their own, or leave it out",
                file=file,
                column=field.name,
            )


def _read_geo(schema: pa.Schema, file: str) -> Mapping[str, Any]:
    raw = (schema.metadata or {}).get(b"geo", b"")
    if not raw:
        return {}
    try:
        if len(raw) > _MAX_GEO_CHARACTERS:
            raise ValueError("it is too long")  # noqa: TRY301
        described = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{file}: its metadata 'geo' cannot be read: {error}", file=file) from None
    return described if isinstance(described, dict) else {}


def _find_geometry(geo: Mapping[str, Any], schema: pa.Schema, file: str) -> Geometry | None:
    if not geo:
        return None
    name = geo.get("primary_column")
    columns = geo.get("columns")
    column = columns.get(name) if isinstance(columns, dict) and isinstance(name, str) else None
    if not isinstance(column, dict) or name not in schema.names:
        raise InputError(
            f"{file}: its metadata name the geometry column {str(name)[:60]!r}, and there is none; "
            "write it again, or name columns with --lon and --lat",
            file=file,
        )
    encoding = str(column.get("encoding", "WKB"))
    if encoding not in ("WKB", "point"):
        raise UnsupportedFile(
            f"{file}: its geometries are encoded as {encoding[:40]!r}; write points, or WKB",
            file=file,
        )
    _check_encoding(schema.field(name).type, encoding, file)
    return Geometry(str(name), encoding, _read_crs(column, file))


def _check_encoding(kind: pa.DataType, encoding: str, file: str) -> None:
    kind = kind.storage_type if isinstance(kind, pa.ExtensionType) else kind
    if encoding == "WKB":
        fits = pa.types.is_binary(kind) or pa.types.is_large_binary(kind)
    else:
        fits = pa.types.is_struct(kind) and {"x", "y"} <= {part.name for part in kind}
    if not fits:
        raise InputError(
            f"{file}: its geometries are said to be {encoding}, but the column is {str(kind)[:60]}",
            file=file,
        )


def _read_crs(column: Mapping[str, Any], file: str) -> str | None:
    if "crs" not in column:
        return WGS84_CRS
    crs = column["crs"]
    if crs is None:
        return None
    named = crs.get("id") if isinstance(crs, dict) else None
    if isinstance(named, dict):
        text = f"{named.get('authority')}:{named.get('code')}"
        return WGS84_CRS if text == "OGC:CRS84" else parse_crs(text)
    if isinstance(crs, dict) and crs.get("type") in ("GeographicCRS", "ProjectedCRS"):
        return parse_crs(json.dumps(crs))
    raise UnsupportedFile(
        f"{file}: its coordinate system has no code and is not described; write it with one",
        file=file,
    )


def _name_boxes(geo: Mapping[str, Any]) -> set[str]:
    """Return the columns that hold the box of each geometry: nested, and of no use here."""
    names: set[str] = set()
    columns = geo.get("columns")
    for column in columns.values() if isinstance(columns, dict) else ():
        covering = column.get("covering") if isinstance(column, dict) else None
        box = covering.get("bbox") if isinstance(covering, dict) else None
        for way in box.values() if isinstance(box, dict) else ():
            if isinstance(way, list) and way:
                names.add(str(way[0]))
    return names


def _read_plain_points(column: pa.Array) -> tuple[Array, Array] | None:
    """Read points that all have the shortest form, at once: most files hold nothing else."""
    if column.null_count or not len(column) or not pa.types.is_binary(column.type):
        return None
    _, offsets, data = column.buffers()
    if data is None:
        return None
    ends = np.frombuffer(offsets, dtype=np.int32)[column.offset : column.offset + len(column) + 1]
    if not (np.diff(ends) == _POINT_BYTES).all():
        return None
    raw = np.frombuffer(data, dtype=np.uint8)[ends[0] : ends[-1]].reshape(-1, _POINT_BYTES)
    if not (raw[:, :5] == np.frombuffer(_POINT_WKB, dtype=np.uint8)).all():
        return None
    xy = np.ascontiguousarray(raw[:, 5:]).view("<f8").astype(np.float64)
    return xy[:, 0].copy(), xy[:, 1].copy()


def _read_any(column: pa.Array, file: str) -> tuple[Array, Array]:
    x, y = np.full(len(column), np.nan), np.full(len(column), np.nan)
    for row, cell in enumerate(column.to_pylist()):
        if cell is None:
            continue
        check_wkb(cell, where=f"{file}, a geometry")
        try:
            point = shapely.from_wkb(cell)
        except shapely.errors.GEOSException:
            raise InputError(f"{file}: a geometry is damaged; write it again") from None
        if shapely.get_type_id(point) == _POINT and not shapely.is_empty(point):
            x[row], y[row] = shapely.get_x(point), shapely.get_y(point)
    return x, y


def _to_text(cells: Any) -> pa.Array:
    return pa.array(
        [None if cell is None or cell == "" else str(cell) for cell in cells], type=pa.string()
    )
