"""How does a file of points or addresses become the same file with its grids?

Block by block: read, locate, write. Columns keep their order, and their types where the kinds of
file allow it; ours come last. Columns that an earlier run added are made anew.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from api.answers.located_rows import make_columns, make_remarks, name_columns
from api.dates import parse_instant
from api.tasks.locate_rows import STATUSES, Outcomes, RowLocator
from api.tasks.row_places import Given, read_rows
from api.tasks.table_sources import Block, Source, TableChoice
from gis.coords import WGS84_CRS
from gis.errors import InputError, Refused
from gis.files.columns import USUAL_HEADINGS, choose_columns
from gis.files.layer import RawLayer, choose_crs
from gis.files.parquet import ENDINGS, to_floats
from gis.files.row_writers import open_writer

MARK = "wangge_located"
_COMMON = ("lon", "lat", "address")


@dataclass(slots=True)
class TableSummary:
    """How many rows a table had, and what became of them."""

    rows: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    first_error: str = ""
    columns_used: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def add(self, found: Outcomes, start: int) -> None:
        """Count a block that begins after ``start`` rows."""
        self.rows += len(found)
        counts = np.bincount(found.status + 1, minlength=len(STATUSES) + 1).tolist()
        for name, count in zip(("error", *STATUSES), counts, strict=True):
            self.statuses[name] += count
        if found.errors and not self.first_error:
            row = min(found.errors)
            self.first_error = f"row {start + row + 1}: {found.errors[row]}"

    def merge(self, other: TableSummary) -> None:
        """Add the rows of another table."""
        self.rows += other.rows
        self.statuses.update(other.statuses)
        self.first_error = self.first_error or other.first_error

    def dump(self, mark: str) -> str:
        """Return the counts as text, with a mark."""
        return json.dumps([mark, self.rows, self.statuses, self.first_error])

    @classmethod
    def load(cls, text: str, mark: str) -> TableSummary | None:
        """Return the counts that were written with the same mark."""
        try:
            known, rows, statuses, first_error = json.loads(text)
            return cls(rows, Counter(statuses), first_error) if known == mark else None
        except (ValueError, TypeError):
            return None


def locate_table(
    source: Source,
    locator: RowLocator,
    choice: TableChoice,
    *,
    file: Path,
    output: Path,
    advance: Callable[[int], object] = lambda _: None,
    mark: str | None = None,
) -> TableSummary:
    """Locate every row of a table, and write it with what was found.

    Parameters
    ----------
    file
        Where the source comes from; it is never written to.
    output
        Its ending says what is written.
    advance
        Takes the number of rows just done.
    mark
        Put into the metadata of a Parquet file with the summary, under the name :data:`MARK`.

    Raises
    ------
    InputError
        The table cannot be read; nothing is written.
    Refused
        The output is the input, or cannot be written.
    """
    refuse_same(file, output)
    used = choose_parts(source, choice, file=file.name)
    needs_crs = "lon" in used or (source.has_geometry and "address" not in used)
    crs = _choose_crs(source, choice, file.name) if needs_crs else WGS84_CRS
    summary = TableSummary(columns_used=used, notes=source.notes)
    keeps_types = output.suffix.lower() in ENDINGS
    ours = name_columns(locator.levels)
    kept = [name for name in source.headings if name not in ours]
    more_metadata: dict[str, str] = {}
    with open_writer(output, schema=source.schema, more_metadata=more_metadata) as writer:
        empty = True
        for block in source.blocks:
            found = _locate_block(block, used, locator, crs=crs, zone=choice.zone)
            summary.add(found, summary.rows)
            columns = {name: _present(block, name, source, keeps_types) for name in kept}
            more = _make_arrow(locator, found) if keeps_types else make_columns(locator, found)
            writer.write(columns | more)
            advance(len(found))
            empty = False
        if empty:
            writer.write(_no_rows(source, kept, locator, keeps_types))
        if mark is not None:
            more_metadata[MARK] = summary.dump(mark)
    return summary


def refuse_same(file: Path, output: Path) -> None:
    """Refuse to write over what is read."""
    if output.exists() and file.samefile(output):
        raise Refused(f"{output.name} is the file that is read; write to another", file=str(file))


def choose_parts(source: Source, choice: TableChoice, *, file: str) -> dict[str, str]:
    """Tell which heading is the longitude, the latitude, the address and the date.

    What is named wins. Otherwise the geometry of the file says where, or the usual headings.

    Raises
    ------
    InputError
        A column is not there, or nothing says where the rows are.
    """
    named = {"lon": choice.lon, "lat": choice.lat, "address": choice.address, "at": choice.at}
    places = bool(choice.lon or choice.lat or choice.address)
    usual = {} if places or source.has_geometry else {x: USUAL_HEADINGS[x] for x in _COMMON}
    used = choose_columns(list(source.headings), named, file=file, usual=usual)
    if ("lon" in used) != ("lat" in used):
        if places:
            raise InputError(f"{file}: name both columns, --lon and --lat", file=file)
        used.pop("lon", None)
        used.pop("lat", None)
    if not source.has_geometry and not {"lon", "address"} & used.keys():
        raise InputError(
            f"{file}: no column is known to hold positions or addresses; name them with --lon and "
            f"--lat, or --address; the columns are: {', '.join(source.headings)[:500]}",
            file=file,
        )
    return used


def _choose_crs(source: Source, choice: TableChoice, file: str) -> str:
    layer = RawLayer([], np.array([], dtype=object), source.crs, source.crs_by_format)
    return choose_crs(layer, choice.crs, file=file)


def _locate_block(
    block: Block, used: Mapping[str, str], locator: RowLocator, *, crs: str, zone: tzinfo
) -> Outcomes:
    takes_columns = "lon" in used or "address" in used
    given = Given(
        block.rows,
        _numbers(block, used.get("lon")) if takes_columns else block.x,
        _numbers(block, used.get("lat")) if takes_columns else block.y,
        address=_texts(block, used.get("address")),
        at=_dates(block, used.get("at"), zone),
    )
    rows = read_rows(given, crs=crs, zone=zone)
    if block.faults:
        rows = type(rows)(
            rows.lon, rows.lat, rows.addresses, rows.at, {**rows.faults, **block.faults}
        )
    return locator.locate(rows)


def _numbers(block: Block, heading: str | None) -> Any:
    if heading is None:
        return None
    column = block.columns[heading]
    if not isinstance(column, pa.Array):
        return column
    kind = column.type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return to_floats(column)
    return column.to_pylist()


def _texts(block: Block, heading: str | None) -> Sequence[Any] | None:
    if heading is None:
        return None
    column = block.columns[heading]
    return column.to_pylist() if isinstance(column, pa.Array) else column


def _dates(block: Block, heading: str | None, zone: tzinfo) -> Any:
    """Return the dates of a column: as instants where the file knows them, else as text."""
    column = None if heading is None else block.columns[heading]
    if not isinstance(column, pa.Array):
        return column
    if pa.types.is_date(column.type):
        column = column.cast(pa.timestamp("us"))
    if not pa.types.is_timestamp(column.type):
        return column.to_pylist()
    column = column.cast(pa.timestamp("us", column.type.tz), safe=False)
    if column.type.tz is None:
        column = pc.assume_timezone(column, str(zone), ambiguous="latest", nonexistent="latest")
    return (
        column.cast(pa.timestamp("us", "UTC"))
        .to_numpy(zero_copy_only=False)
        .astype("datetime64[us]")
    )


def _present(block: Block, name: str, source: Source, keeps_types: bool) -> Any:
    """Return a column as it is written; geometry is text where the file has none."""
    column = block.columns[name]
    if keeps_types or source.geometry is None or name != source.geometry.column:
        return column
    assert block.x is not None and block.y is not None  # noqa: S101 (geometry was read)
    return [
        None if np.isnan(x) else f"POINT ({x!r} {y!r})"
        for x, y in zip(block.x.tolist(), block.y.tolist(), strict=True)
    ]


def _make_arrow(locator: RowLocator, found: Outcomes) -> dict[str, pa.Array]:
    """Return the added columns as Arrow arrays, made of the catalogue without touching texts."""
    columns = {"status": _take([*STATUSES, None], found.status)}
    for level in locator.levels:
        columns[level] = _take(locator.codes[level], found.places[level])
        columns[f"{level}_name"] = _take(locator.names[level], found.places[level])
    ids = np.array([*(each.id for each in locator.revisions), 0], dtype=np.int64)
    columns["revision"] = pa.array(ids[found.revision], mask=found.revision < 0)
    arrays = {f"wangge_{name}": column for name, column in columns.items()}
    for name, cells in make_remarks(found).items():
        kind = pa.float64() if name == "wangge_confidence" else pa.string()
        arrays[name] = pa.array(cells, type=kind)
    return arrays


def _take(texts: Any, places: Any) -> pa.Array:
    last = np.int32(len(texts) - 1)
    numbers = np.where(places < 0, last, places).astype(np.int32)
    return pa.array(texts, type=pa.string()).take(pa.array(numbers))


def _no_rows(source: Source, kept: Sequence[str], locator: RowLocator, keeps_types: bool) -> Any:
    """Return the columns of a table without rows."""
    nothing: dict[str, Any] = {name: [] for name in kept}
    if keeps_types and source.schema is not None:
        nothing = {name: pa.array([], type=source.schema.field(name).type) for name in kept}
    empty = np.zeros(0, dtype=np.int32)
    found = Outcomes(
        np.zeros(0, dtype=np.int8), empty, dict.fromkeys(locator.levels, empty), {}, {}
    )
    return nothing | (_make_arrow(locator, found) if keeps_types else make_columns(locator, found))


def read_common_date(text: str | None, headings: Sequence[str], zone: tzinfo) -> datetime | None:
    """Return the instant that ``--at`` names; None if it names a column or nothing."""
    return None if text is None or text in headings else parse_instant(text, zone)
