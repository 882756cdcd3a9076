"""Which reports does a table hold?

Rows come in chunks, so that a million of them need no more memory than a few. A row without a
usable position is kept and counted as unlocated; a row that cannot be read is written to a file
beside the input, with its number and the reason, and the rest goes on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from gis import coords
from gis.files.columns import ColumnChoice, choose_columns
from gis.files.dates import parse_dates, parse_zone
from gis.files.layer import RawLayer, choose_crs
from gis.files.records import Chunk, Table
from gis.files.sources import locate_cells, open_table, read_numbers
from gis.files.vocabulary import KINDS, STATUSES
from gis.files.writing import RejectedRows
from gis.reports.model import REPORT_COLUMNS


@dataclass(slots=True)
class ReportTable:
    """The reports of one file, to be read once.

    ``columns_used`` maps parts to headings; ``notes`` are decisions that a person should know.
    ``taken``, ``unlocated`` and ``rejected`` count rows and are complete after :meth:`frames`;
    rejected rows are in the file ``rejected_path``, which exists only if there are any.
    """

    columns_used: Mapping[str, str]
    notes: list[str]
    rejected_path: Path
    _table: Table = field(repr=False)
    _crs: str = field(repr=False)
    _choice: ColumnChoice = field(repr=False)
    _zone: ZoneInfo = field(repr=False)
    _date_format: str | None = field(repr=False, default=None)
    _file: str = field(repr=False, default="")
    taken: int = 0
    unlocated: int = 0
    rejected: int = 0

    def frames(self) -> Iterator[pd.DataFrame]:
        """Yield the reports, some at a time.

        Returns
        -------
        iterator of pandas.DataFrame
            With the columns of :data:`gis.reports.model.REPORT_COLUMNS`, and ``expected`` if such
            a column was named; ``lon``/``lat`` EPSG:4490, NaN when unlocated.
        """
        with RejectedRows(self.rejected_path, self._table.headings) as rejected:
            for chunk in self._table.chunks:
                for bad in chunk.bad:
                    rejected.add(bad.row, bad.reason, bad.cells)
                frame = self._read(chunk, rejected)
                self.rejected = rejected.count
                self.taken += len(frame)
                self.unlocated += int(frame["lon"].isna().sum())
                if len(frame):
                    yield frame
            self.rejected = rejected.count

    def _read(self, chunk: Chunk, rejected: RejectedRows) -> pd.DataFrame:
        cells = _pick(chunk, self._table.headings, self.columns_used)
        dates = parse_dates(
            cells["occurred_at"], time_zone=self._zone, date_format=self._date_format
        )
        unread = dates.isna().to_numpy()
        for index in np.flatnonzero(unread).tolist():
            cell = cells["occurred_at"].iloc[index]
            reason = f"the date {cell!r} cannot be read" if cell else "there is no date"
            rejected.add(chunk.numbers[index], reason, chunk.records[index])
        lon, lat = self._locate(chunk, cells)
        frame = self._fill(cells, dates, lon, lat)
        return frame[~unread].reset_index(drop=True) if unread.any() else frame

    def _locate(self, chunk: Chunk, cells: pd.DataFrame) -> tuple[coords.Array, coords.Array]:
        if chunk.x is not None and chunk.y is not None:
            x, y = chunk.x, chunk.y
        else:
            x, y = read_numbers(cells["lon"]), read_numbers(cells["lat"])
        return locate_cells(x, y, crs=self._crs, file=self._file)

    def _fill(
        self, cells: pd.DataFrame, dates: Any, lon: coords.Array, lat: coords.Array
    ) -> pd.DataFrame:
        choice = self._choice
        columns: dict[str, Any] = {
            "external_id": _text(cells, "external_id"),
            "occurred_at": dates,
            "kind": _translate(cells, "kind", KINDS, choice.default_kind),
            "category": _text(cells, "category").replace("", choice.default_category),
            "title": _text(cells, "title"),
            "status": _translate(cells, "status", STATUSES, choice.default_status),
            "lon": lon,
            "lat": lat,
            "address": _text(cells, "address"),
        }
        frame = pd.DataFrame(columns, columns=list(REPORT_COLUMNS))
        if "expected" in self.columns_used:
            frame["expected"] = _text(cells, "expected")
        return frame


def read_reports(
    path: Path | str,
    *,
    columns: ColumnChoice | None = None,
    crs: str | None = None,
    encoding: str | None = None,
    time_zone: str = "Asia/Shanghai",
    date_format: str | None = None,
    layer: str | None = None,
    rejected_path: Path | None = None,
    chunk_rows: int = 20_000,
) -> ReportTable:
    """Open a file of reports and decide how it is read; the rows follow from ``frames()``.

    Parameters
    ----------
    path
        ``.csv``/``.tsv`` (also ``.gz``), ``.xlsx``, ``.geojson`` or ``.gpkg`` with points.
    columns
        Which heading plays which part; the usual headings are known.
    crs
        Of the positions; needed for CSV and XLSX, which cannot name it.
    encoding
        Of a CSV file; else UTF-8 or GB18030, whichever it is.
    time_zone
        Of dates without an offset.
    date_format
        A ``strptime`` pattern, for dates in another order.
    layer
        Which layer of a GeoPackage or sheet of a workbook.
    rejected_path
        Where rows that cannot be read are written; else ``<name>.rejected.csv`` beside the file.
    chunk_rows
        How many rows one frame holds at most.

    Raises
    ------
    InputError
        The file is damaged, a needed column or the CRS is missing; the message says what to do.
    """
    source, choice = Path(path), columns or ColumnChoice()
    zone = parse_zone(time_zone)
    table = open_table(source, encoding=encoding, layer=layer, chunk_rows=chunk_rows)
    needed = ("occurred_at",) if table.has_geometry else ("lon", "lat", "occurred_at")
    used = choose_columns(table.headings, choice.named(), file=source.name, required=needed)
    if table.has_geometry:
        used = {part: name for part, name in used.items() if part not in ("lon", "lat")}
    empty = RawLayer([], np.array([], dtype=object), table.crs, table.crs_by_format)
    return ReportTable(
        columns_used=used,
        notes=list(table.notes),
        rejected_path=rejected_path or source.with_name(f"{source.name}.rejected.csv"),
        _table=table,
        _crs=choose_crs(empty, crs, file=source.name),
        _choice=choice,
        _zone=zone,
        _date_format=date_format,
        _file=source.name,
    )


def _pick(chunk: Chunk, headings: Sequence[str], used: Mapping[str, str]) -> pd.DataFrame:
    cells = {}
    for part, heading in used.items():
        column = chunk.column(list(headings).index(heading))
        cells[part] = pd.Series(list(map(str.strip, column)), dtype=object)
    return pd.DataFrame(cells, index=range(len(chunk.records)), columns=list(used))


def _text(cells: pd.DataFrame, part: str) -> pd.Series[Any]:
    if part not in cells:
        return pd.Series([""] * len(cells), dtype=object)
    return cells[part]


def _translate(
    cells: pd.DataFrame, part: str, words: Mapping[str, Any], default: Any
) -> pd.Series[Any]:
    if part not in cells:
        return pd.Series([default.value] * len(cells), dtype=object)
    known = {cell: words.get(cell.lower(), default).value for cell in cells[part].unique()}
    return cells[part].map(known)
