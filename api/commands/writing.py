"""How do plans and comparisons get into files?"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from api.tasks.comparing import Compared
from gis.coords import STORAGE_CRS
from gis.errors import InputError, Refused
from gis.files.impact import tabulate_impact, write_impact_geojson
from gis.files.plans import write_plan
from gis.files.sheets import write_csv, write_xlsx
from gis.plan import Plan

FILE_HELP = "File to write: .xlsx .geojson, or .csv for the handovers alone."
_FORMATS = {".geojson": "geojson", ".json": "geojson", ".topojson": "topojson", ".gpkg": "gpkg"} | {
    ".zip": "shp",
    ".kml": "kml",
}


def write_plan_file(plan: Plan, file: Path, *, crs: str | None, encoding: Any) -> tuple[str, ...]:
    """Write a plan in the format that the ending of the name says; return notes."""
    try:
        form: Any = _FORMATS[file.suffix.lower()]
    except KeyError:
        raise InputError(f"{file.name}: end the name with {', '.join(_FORMATS)}") from None
    found = write_plan(plan, form, crs=crs or STORAGE_CRS, encoding=encoding)
    write_bytes(found.content, file)
    return found.notes


def write_comparison(compared: Compared, file: Path, language: str) -> None:
    """Write a comparison in the format that the ending of the name says."""
    suffix = file.suffix.lower()
    if suffix == ".geojson":
        write_bytes(write_impact_geojson(compared.impact).encode(), file)
        return
    sheets = tabulate_impact(compared.impact, language=language)
    if suffix == ".xlsx":
        write_bytes(write_xlsx(sheets), file)
    elif suffix == ".csv":
        write_bytes(write_csv(sheets[1]), file)
    else:
        raise InputError(f"{file.name}: end the name with .xlsx, .csv or .geojson")


def write_bytes(content: bytes, file: Path) -> None:
    """Write a file; it is either the whole new one or what it was before."""
    if file.exists() and not file.is_file():
        raise Refused(f"cannot write {file}: it is no ordinary file", file=str(file))
    partial = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(content)
        partial.replace(file)
    except OSError as error:
        with suppress(OSError):
            partial.unlink()
        raise Refused(f"cannot write {file}: {error.strerror}", file=str(file)) from None
