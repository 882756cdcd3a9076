"""What does a table that is to be located hand over, whatever kind of file it is?

Blocks of columns: Arrow arrays of Parquet, values of workbooks, texts of everything else. So that
types stay what they are where the file has types.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from gis.coords import Array
from gis.files.delimited import check_headings
from gis.files.parquet import ENDINGS, Geometry, open_parquet, read_points
from gis.files.records import Chunk
from gis.files.sources import open_table
from gis.files.workbook import read_cells

BLOCK_ROWS = 50_000


@dataclass(frozen=True, slots=True)
class TableChoice:
    """What a person said about a table: its columns, its coordinates, its dates.

    ``at`` is the heading of a column; the common date belongs to the locator.
    """

    lon: str | None = None
    lat: str | None = None
    address: str | None = None
    crs: str | None = None
    at: str | None = None
    encoding: str | None = None
    layer: str | None = None
    zone: tzinfo = UTC


@dataclass(frozen=True, slots=True)
class Block:
    """Some rows: columns by heading (lists or Arrow arrays), positions where geometry has them."""

    columns: Mapping[str, Any]
    x: Array | None = None
    y: Array | None = None
    faults: Mapping[int, str] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(next(iter(self.columns.values()))) if self.columns else len(self.x or ())


@dataclass(frozen=True, slots=True)
class Source:
    """An opened table of any kind."""

    headings: Sequence[str]
    blocks: Iterator[Block]
    rows: int | None = None
    crs: str | None = None
    crs_by_format: bool = False
    has_geometry: bool = False
    schema: pa.Schema | None = None
    geometry: Geometry | None = None
    notes: tuple[str, ...] = ()


def open_source(path: Path, choice: TableChoice) -> Source:
    """Open a table: CSV, XLSX, Parquet, GeoParquet; or points of GeoJSON or GeoPackage."""
    suffix = path.suffix.lower()
    if suffix in ENDINGS:
        return _open_parquet(path)
    if suffix == ".xlsx":
        return _open_workbook(path, choice.layer)
    table = open_table(path, encoding=choice.encoding, layer=choice.layer, chunk_rows=BLOCK_ROWS)
    notes = tuple(table.notes)
    if table.has_geometry:
        notes += ("the points themselves are not written; their attributes are",)
    return Source(
        table.headings,
        (_read_chunk(chunk, table.headings) for chunk in table.chunks),
        crs=table.crs,
        crs_by_format=table.crs_by_format,
        has_geometry=table.has_geometry,
        notes=notes,
    )


def _open_parquet(path: Path) -> Source:
    file = open_parquet(path)
    geometry = file.geometry

    def blocks() -> Iterator[Block]:
        for batch in file.blocks():
            x, y = (
                (None, None) if geometry is None else read_points(batch, geometry, file=path.name)
            )
            yield Block(dict(zip(batch.schema.names, batch.columns, strict=True)), x, y)

    return Source(
        file.schema.names,
        blocks(),
        rows=file.rows,
        crs=None if geometry is None else geometry.crs,
        has_geometry=geometry is not None,
        schema=file.schema,
        geometry=geometry,
    )


def _open_workbook(path: Path, sheet: str | None) -> Source:
    """Open a sheet with its values as they are, so that numbers and dates stay what they are."""
    rows = read_cells(path, sheet=sheet)
    first = ["" if cell is None else str(cell) for cell in next(rows, ())]
    headings = check_headings(first, file=path.name)
    width = len(headings)

    def blocks() -> Iterator[Block]:
        filled = (row for row in rows if any(cell not in (None, "") for cell in row))
        while batch := list(islice(filled, BLOCK_ROWS)):
            even = [(*row, *[None] * width)[:width] for row in batch]
            columns = dict(zip(headings, map(list, zip(*even, strict=True)), strict=True))
            yield Block(columns, faults=_find_wide(batch, width))

    return Source(headings, blocks())


def _find_wide(rows: Sequence[Sequence[Any]], width: int) -> dict[int, str]:
    """Tell which rows have something where no heading stands: it would be lost in silence."""
    return {
        number: f"the row has {len(row)} cells under {width} headings"
        for number, row in enumerate(rows)
        if any(cell not in (None, "") for cell in row[width:])
    }


def _read_chunk(chunk: Chunk, headings: Sequence[str]) -> Block:
    if not chunk.bad:
        columns = {name: chunk.column(place) for place, name in enumerate(headings)}
        return Block(columns, chunk.x, chunk.y)
    # Rows that no table can hold come out in their place all the same, with the reason.
    numbered = [*zip(chunk.numbers, chunk.records, [""] * len(chunk.records), strict=True)]
    numbered += [(bad.row, bad.cells, bad.reason) for bad in chunk.bad]
    numbered.sort(key=lambda each: each[0])
    width = len(headings)
    even = [(*cells, *[""] * width)[:width] for _, cells, _ in numbered]
    columns = dict(zip(headings, map(list, zip(*even, strict=True)), strict=True))
    faults = {k: f"the row {reason}" for k, (_, _, reason) in enumerate(numbered) if reason}
    return Block(columns, faults=faults)
