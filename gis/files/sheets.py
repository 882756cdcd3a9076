"""How does a table of figures become a CSV file or a workbook?

Texts come from outside (names of grids), so whatever a spreadsheet would run is written as text.
In a workbook codes stay texts of all their digits; a CSV file cannot say so.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from gis.files.writing import neutralise

Value = str | float | int | None

_MOST_TITLE = 31
_FORBIDDEN_IN_TITLE = str.maketrans(dict.fromkeys("[]:*?/\\", "-"))
_WIDEST = 48


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table: its title, one heading a column, and rows of texts and numbers."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]


def write_csv(sheet: Sheet) -> bytes:
    """Return a table as CSV in UTF-8, with the mark by which spreadsheets know it.

    Examples
    --------
    >>> write_csv(Sheet("t", ("name", "n"), (("=1+1", 2),))).decode("utf-8-sig").splitlines()
    ['name,n', "'=1+1,2"]
    """
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow([neutralise(heading) for heading in sheet.headings])
    writer.writerows([_plain(value) for value in row] for row in sheet.rows)
    return stream.getvalue().encode("utf-8-sig")


def write_xlsx(sheets: Sequence[Sheet]) -> bytes:
    """Return tables as one workbook, a sheet each, with a heading that stays in view."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for sheet in sheets:
        title = sheet.title.translate(_FORBIDDEN_IN_TITLE)[:_MOST_TITLE]
        page = book.create_sheet(ILLEGAL_CHARACTERS_RE.sub("�", title) or "1")
        rows: list[tuple[Value, ...]] = [sheet.headings, *sheet.rows]
        for i, row in enumerate(rows, 1):
            for j, value in enumerate(row, 1):
                _fill(page.cell(i, j), value, is_heading=i == 1)
        page.freeze_panes = "A2"
        for j, heading in enumerate(sheet.headings, 1):
            longest = max([len(heading), *(len(str(row[j - 1])) for row in sheet.rows[:500])])
            page.column_dimensions[get_column_letter(j)].width = min(_WIDEST, 4 + 1.3 * longest)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _plain(value: Value) -> str:
    return neutralise(_rounded(value)).replace("\x00", "�")


def _rounded(value: Value) -> Value:
    """Leave out the digits that only the way of adding up made."""
    if isinstance(value, float):
        return int(value) if value.is_integer() else round(value, 6)
    return value


def _fill(cell: Cell, value: Value, *, is_heading: bool) -> None:
    if isinstance(value, str):
        cell.value = ILLEGAL_CHARACTERS_RE.sub("�", neutralise(value))
        # A text that looks like a formula or a number stays a text.
        cell.data_type = "s"
        cell.number_format = "@"
    else:
        cell.value = _rounded(value)
    if is_heading:
        cell.font = Font(bold=True)
