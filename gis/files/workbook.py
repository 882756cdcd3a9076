"""What rows does an XLSX workbook hold?

Read row by row. The parts of the package are looked at first: their sizes are added up, and a part
that declares a document type (the door to entity bombs) is refused.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from gis.errors import InputError, InputTooLarge, UnsupportedFile
from gis.files.delimited import MAX_COLUMNS, check_headings
from gis.files.limits import MAX_MEMBERS, check_file
from gis.files.records import Chunk, Table

MAX_WORKBOOK_BYTES = 200_000_000
MAX_WORKBOOK_EXPANDED_BYTES = 1_000_000_000
MAX_STRINGS_BYTES = 200_000_000
MAX_SHEET_ROWS = 1_048_576
_HEAD_BYTES = 1 << 16
# What the reader of workbooks raises where a part does not say what it should.
_DAMAGE = (
    InvalidFileException,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    OverflowError,
    OSError,
    SyntaxError,
    EOFError,
    zlib.error,
    zipfile.BadZipFile,
)


def read_workbook(path: Path, *, sheet: str | None, chunk_rows: int) -> Table:
    """Read the headings of a sheet and prepare to read its rows.

    Parameters
    ----------
    sheet
        Its name; the first one when None.

    Raises
    ------
    InputError
        The workbook is damaged, declares entities, or has no such sheet.
    InputTooLarge
        It expands to more than is read.
    """
    rows = ([_text(cell) for cell in row] for row in read_cells(path, sheet=sheet))
    headings = check_headings(next(rows, []), file=path.name)
    return Table(headings, _chunks(rows, len(headings), chunk_rows))


def check_package(path: Path) -> None:
    """Refuse a workbook that is no workbook, expands too far, or declares a document type."""
    try:
        with zipfile.ZipFile(path) as package:
            members = package.infolist()
            if "[Content_Types].xml" not in package.namelist():
                raise UnsupportedFile(f"{path.name} is a zip archive but no XLSX workbook")
            _check_sizes(members, path.name)
            for member in members:
                if member.filename.endswith((".xml", ".rels", ".vml")):
                    _check_part(package, member, path.name)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise _damaged(path.name, error) from None


def _check_sizes(members: Sequence[zipfile.ZipInfo], file: str) -> None:
    strings = sum(item.file_size for item in members if "sharedStrings" in item.filename)
    expanded = sum(item.file_size for item in members)
    too_large = strings > MAX_STRINGS_BYTES or expanded > MAX_WORKBOOK_EXPANDED_BYTES
    if too_large or len(members) > MAX_MEMBERS:
        raise InputTooLarge(
            f"{file} expands to {expanded:,} bytes in {len(members):,} parts; that is more than is "
            "read; save it as CSV",
            file=file,
        )


def _check_part(package: zipfile.ZipFile, member: zipfile.ZipInfo, file: str) -> None:
    with package.open(member) as part:
        head = part.read(_HEAD_BYTES).replace(b"\x00", b"")
    if b"<!" in head.replace(b"<!--", b"").replace(b"<![CDATA[", b""):
        raise InputError(
            f"{file} declares a document type in {member.filename!r}, which no spreadsheet program "
            "does; it is not read; save it again",
            file=file,
        )


def read_cells(path: Path, *, sheet: str | None = None) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a sheet as a workbook holds them: texts, numbers, dates and None.

    Raises
    ------
    InputError, InputTooLarge
        As :func:`read_workbook`.
    """
    check_file(path, max_bytes=MAX_WORKBOOK_BYTES)
    check_package(path)
    try:
        book = load_workbook(path, read_only=True, data_only=True, keep_links=False)
    except _DAMAGE as error:
        raise _damaged(path.name, error) from None
    try:
        names = [page.title for page in book.worksheets]
        if not names or (sheet is not None and sheet not in names):
            listed = ", ".join(names) or "none"
            raise InputError(f"{path.name} has no sheet {sheet!r}; there are: {listed}")
        page = book[sheet or names[0]]
        page.reset_dimensions()
        for number, row in enumerate(page.iter_rows(values_only=True), 1):
            if number > MAX_SHEET_ROWS:
                raise InputTooLarge(
                    f"{path.name} has more than {MAX_SHEET_ROWS:,} rows; save it as CSV",
                    file=path.name,
                )
            yield row[: MAX_COLUMNS + 1]
    except _DAMAGE as error:
        raise _damaged(path.name, error) from None
    finally:
        book.close()


def _chunks(rows: Iterator[list[str]], width: int, chunk_rows: int) -> Iterator[Chunk]:
    number = 1
    while batch := list(islice(rows, chunk_rows)):
        numbers, records = [], []
        for cells in batch:
            number += 1
            if any(cells):
                numbers.append(number)
                records.append((cells + [""] * width)[:width])
        yield Chunk(numbers, records)


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return str(int(cell))
    if isinstance(cell, datetime | date):
        return cell.isoformat(sep=" ") if isinstance(cell, datetime) else cell.isoformat()
    return str(cell)


def _damaged(file: str, error: Exception) -> InputError:
    return InputError(f"{file} is a damaged or locked workbook ({error}); save it again", file=file)
