"""How are tables and files handed to whoever asks, with a name that may be Chinese?"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from typing import Literal
from urllib.parse import quote

from fastapi import Response

from gis.files.sheets import Sheet, write_csv, write_xlsx

TableFormat = Literal["csv", "xlsx"]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def answer_file(content: bytes | str, name: str, media_type: str) -> Response:
    """Return a file to be saved under a name, which older programs get without its letters."""
    plain = "".join(mark if mark.isascii() and mark.isalnum() else "_" for mark in name)
    stem, _, suffix = name.rpartition(".")
    plain = f"{plain[: len(stem)]}.{suffix}" if stem else plain
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    return Response(content, media_type=media_type, headers={"Content-Disposition": disposition})


def answer_tables(sheets: Sequence[Sheet], form: TableFormat, stem: str) -> Response:
    """Return tables as one workbook, or as an archive of CSV files; a single one as it is."""
    if form == "xlsx":
        return answer_file(write_xlsx(sheets), f"{stem}.xlsx", XLSX)
    if len(sheets) == 1:
        return answer_file(write_csv(sheets[0]), f"{stem}.csv", "text/csv; charset=utf-8")
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for sheet in sheets:
            archive.writestr(f"{sheet.title}.csv", write_csv(sheet))
    return answer_file(stream.getvalue(), f"{stem}.zip", "application/zip")
