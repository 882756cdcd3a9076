"""What does a shapefile hold?

GDAL reads it, by the path of a ``.shp`` whose first bytes have been checked, so that no other
driver comes into play. Its texts are taken as bytes and decoded here: by the ``.cpg`` beside it,
by the encoding that was given, or else as UTF-8 if they are, and as GB18030.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely

from gis import coords
from gis.errors import InputError
from gis.files.encodings import guess_encoding, parse_encoding
from gis.files.layer import RawLayer
from gis.files.limits import MAX_EXPANDED_BYTES, check_file, check_vertices
from gis.plan.features import Cell

_NEEDED = (".shx", ".dbf")
_AS_BYTES = "ISO-8859-1"
_DAMAGE = (
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
    shapely.errors.GEOSException,
    ValueError,
)


def read_shapefile(path: Path, *, crs: str | None, encoding: str | None) -> RawLayer:
    """Read a shapefile with its companions.

    Parameters
    ----------
    path
        The ``.shp`` file; ``.shx`` and ``.dbf`` must lie beside it, and ``.prj`` unless ``crs`` is
        given.

    Raises
    ------
    InputError
        A companion is missing or the file is damaged.
    """
    check_file(path, max_bytes=MAX_EXPANDED_BYTES)
    check_vertices(path.stat().st_size // 16, file=path.name)
    companions = _companions(path)
    needed = _NEEDED if crs else (*_NEEDED, ".prj")
    for suffix in needed:
        if suffix not in companions:
            hint = ", or give --crs" if suffix == ".prj" else ""
            raise InputError(
                f"{path.name} has no {suffix} beside it; a shapefile needs .shp, .shx, .dbf and "
                f".prj with the same name{hint}",
                file=path.name,
                missing=suffix,
            )
    _check_length(path)
    meta, geometries, columns = _read(path)
    named = parse_encoding(encoding) if encoding else _declared(companions)
    names, decoded, notes = _decode([str(name) for name in meta["fields"]], columns, named, path)
    rows = [dict(zip(names, cells, strict=True)) for cells in zip(*decoded, strict=True)]
    return RawLayer(
        rows=list(rows) or [{} for _ in geometries],
        geometries=geometries,
        crs=_crs(meta["crs"], path) if ".prj" in companions else None,
        notes=notes,
    )


def _companions(path: Path) -> dict[str, Path]:
    return {
        other.suffix.lower(): other
        for other in path.parent.iterdir()
        if other.stem == path.stem and other.is_file()
    }


def _check_length(path: Path) -> None:
    # GDAL gives empty geometries for what a cut file lacks; its header says how long it was.
    with path.open("rb") as stream:
        (words,) = struct.unpack(">i", stream.read(28)[24:].ljust(4, b"\x00"))
    if path.stat().st_size < 2 * words:
        raise InputError(
            f"{path.name} is cut: it has {path.stat().st_size:,} of {2 * words:,} bytes; "
            "copy it again",
            file=path.name,
        )


def _read(path: Path) -> tuple[dict[str, Any], Any, Sequence[Any]]:
    try:
        meta, _, wkb, columns = pyogrio.raw.read(
            path, encoding=_AS_BYTES, force_2d=True, datetime_as_string=True
        )
        return meta, np.asarray(shapely.from_wkb(wkb)), columns
    except _DAMAGE as error:
        raise InputError(
            f"{path.name} is damaged or no shapefile ({error}); export it again", file=path.name
        ) from None


def _declared(companions: dict[str, Path]) -> str | None:
    page = companions.get(".cpg")
    if page is None:
        return None
    text = page.read_bytes()[:80].decode("ascii", errors="ignore").strip()
    return parse_encoding(text) if text else None


def _crs(text: str | None, path: Path) -> str:
    if not text:
        raise InputError(
            f"the .prj of {path.name} names no coordinate system that is known here; "
            "take it away and give --crs",
            file=path.name,
        )
    return coords.parse_crs(text)


def _decode(
    names: list[str], columns: Sequence[Any], named: str | None, path: Path
) -> tuple[list[str], list[list[Cell]], list[str]]:
    texts = [name.encode(_AS_BYTES) for name in names]
    texts += [
        cell.encode(_AS_BYTES) for column in columns for cell in column if isinstance(cell, str)
    ]
    encoding = named or guess_encoding(text + b"\n" for text in texts)
    try:
        decoded = [[_cell(cell, encoding) for cell in column] for column in columns]
        fields = [name.encode(_AS_BYTES).decode(encoding) for name in names]
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path.name}: {error.object[:20]!r} is not {encoding}; name the right encoding "
            "with --encoding (utf-8, gb18030 or big5)",
            file=path.name,
        ) from None
    notes = [] if named else [f"{path.name} names no encoding; its texts were read as {encoding}"]
    return fields, decoded, notes


def _cell(cell: Any, encoding: str) -> Cell:
    if cell is None:
        return None
    if isinstance(cell, str):
        return cell.encode(_AS_BYTES).decode(encoding).strip("\x00 ")
    value = cell.item() if isinstance(cell, np.generic) else cell
    if isinstance(value, float):
        return None if np.isnan(value) else value
    return str(value)
