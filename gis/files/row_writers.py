"""How do tables of any length get into files: CSV, XLSX or Parquet, by the ending of the name?

Blocks of columns go in, one after the other. A file appears under its name when it is whole; before
that it is a hidden one beside it. In CSV and XLSX whatever a spreadsheet would run is text.
"""

from __future__ import annotations

import csv
import math
import os
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any, Protocol

import pyarrow as pa
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from gis.errors import InputTooLarge, Refused, UnsupportedFile
from gis.files.parquet import ENDINGS, ParquetWriter
from gis.files.workbook import MAX_SHEET_ROWS
from gis.files.writing import neutralise

PARTIAL = ".wangge-part"
_LARGEST_WHOLE = 2**53
_MOST_CELL = 32_767

Columns = Mapping[str, Any]


class RowWriter(Protocol):
    """Takes blocks of columns: by heading an Arrow array or a list."""

    def write(self, columns: Columns) -> None:
        """Write a block; all have the same headings."""

    def close(self) -> None:
        """Write the end."""


@contextmanager
def open_writer(
    file: Path,
    *,
    schema: pa.Schema | None = None,
    more_metadata: Mapping[str, str] | None = None,
) -> Iterator[RowWriter]:
    """Write a table; the file is there when the block ends, and only if nothing went wrong.

    Parameters
    ----------
    file
        Its name ends with ``.csv``, ``.xlsx``, ``.parquet`` or ``.geoparquet``.
    schema, more_metadata
        As :class:`gis.files.parquet.ParquetWriter`.

    Raises
    ------
    Refused
        The file cannot be written.
    """
    check_ending(file)
    if file.exists() and not file.is_file():
        raise Refused(f"cannot write {file}: it is no ordinary file", file=str(file))
    partial = file.with_name(f".{file.name}.{uuid.uuid4().hex}{PARTIAL}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        writer = _make(file, partial, schema, more_metadata)
        try:
            yield writer
        finally:
            writer.close()
        if not partial.exists():
            writer.write({})
        with partial.open("rb+") as stream:
            os.fsync(stream.fileno())
        partial.replace(file)
    except OSError as error:
        raise Refused(f"cannot write {file}: {error.strerror or error}", file=str(file)) from None
    finally:
        with suppress(OSError):
            partial.unlink()


def check_ending(file: Path) -> None:
    """Refuse a name that says none of the kinds of table that are written."""
    if file.suffix.lower() not in (".csv", ".xlsx", *ENDINGS):
        raise UnsupportedFile(
            f"{file.name}: end the name with .csv, .xlsx, .parquet or .geoparquet", file=str(file)
        )


def _make(
    file: Path, partial: Path, schema: pa.Schema | None, more: Mapping[str, str] | None
) -> RowWriter:
    suffix = file.suffix.lower()
    if suffix == ".csv":
        return CsvWriter(partial)
    if suffix == ".xlsx":
        return XlsxWriter(partial, file.name)
    return ParquetWriter(partial, schema, more_metadata=more)


class CsvWriter:
    """Writes CSV in UTF-8, with the mark by which spreadsheets know it."""

    def __init__(self, path: Path) -> None:
        self._stream: IO[str] = path.open("w", encoding="utf-8-sig", newline="", errors="replace")
        self._writer = csv.writer(self._stream)
        self._begun = False

    def write(self, columns: Columns) -> None:
        """Write a block, and the headings before the first."""
        if not self._begun:
            self._writer.writerow(list(map(neutralise, columns)))
            self._begun = True
        texts = [_to_texts(column) for column in columns.values()]
        self._writer.writerows(zip(*texts, strict=True))

    def close(self) -> None:
        """Write what is left."""
        self._stream.close()


class XlsxWriter:
    """Writes the one sheet of a workbook, row by row."""

    def __init__(self, path: Path, name: str) -> None:
        self._path = path
        self._name = name
        self._book = Workbook(write_only=True)
        self._page = self._book.create_sheet("1")
        self._page.freeze_panes = "A2"
        self._rows = 0

    def write(self, columns: Columns) -> None:
        """Write a block, and the headings before the first."""
        if not self._rows:
            self._append(list(columns))
        for row in zip(*(_to_list(column) for column in columns.values()), strict=True):
            self._append(row)

    def _append(self, row: Sequence[Any]) -> None:
        self._rows += 1
        if self._rows > MAX_SHEET_ROWS:
            raise InputTooLarge(
                f"{self._name} would have more than the {MAX_SHEET_ROWS:,} rows of a sheet; "
                "write CSV or Parquet",
                file=self._name,
            )
        self._page.append([self._cell(value) for value in row])

    def _cell(self, value: Any) -> Any:
        value = _to_cell(value)
        if not isinstance(value, str):
            return value
        cell = WriteOnlyCell(self._page)
        cell.value = ILLEGAL_CHARACTERS_RE.sub("�", neutralise(value))[:_MOST_CELL]
        # A text that looks like a formula or a number stays a text.
        cell.data_type = "s"
        return cell

    def close(self) -> None:
        """Write the workbook."""
        self._book.save(self._path)


def _to_list(column: Any) -> list[Any]:
    return column.to_pylist() if isinstance(column, pa.Array) else list(column)


def _to_texts(column: Any) -> list[str]:
    cells = _to_list(column)
    if not set(map(type, cells)) <= {str, type(None)}:
        return [_harmless(_to_text(cell)) for cell in cells]
    # Codes and names come again and again.
    known = {cell: _harmless(cell) for cell in set(cells)}
    return [known[cell] for cell in cells]


def _harmless(cell: Any) -> str:
    return neutralise(cell).replace("\x00", "�")


def _to_text(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, float):
        if math.isnan(value):
            return ""
        return int(value) if value.is_integer() and abs(value) < _LARGEST_WHOLE else value
    return value


def _to_cell(value: Any) -> Any:
    """Return a value as a workbook can hold it: what it cannot is text."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.isoformat(sep=" ")
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else str(value)
    if isinstance(value, int) and abs(value) >= _LARGEST_WHOLE:
        return str(value)
    if value is None or isinstance(value, bool | int | float | str | datetime | date):
        return value
    return str(value)
