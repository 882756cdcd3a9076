"""How do many rows get into a table quickly? By COPY, in its text form.

Measured with a million reports of 10 columns: joining column by column takes 2 to 3 s of processor
time, psycopg's ``write_row`` 5 to 6 s in text and 3 to 5 s in binary.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from psycopg import sql
from sqlalchemy import Connection

from gis.coords import STORAGE_SRID
from gis.errors import InputError
from gis.store.sessions import driver_connection, translating

NULL = "\\N"
_SPECIAL = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_POINT = np.dtype([("order", "u1"), ("kind", "<u4"), ("srid", "<i4"), ("x", "<f8"), ("y", "<f8")])
_WKB_POINT_WITH_SRID = 0x20000001


def copy_columns(
    connection: Connection,
    table: str,
    names: Sequence[str],
    blocks: Iterable[Sequence[Sequence[str]]],
) -> int:
    """Copy blocks of columns into a table and return how many rows went in.

    Parameters
    ----------
    connection
        In a transaction, to which the rows belong.
    table, names
        The table, and its columns in the order of the data.
    blocks
        Each block is one list per column, all of one length; texts as COPY reads them, which
        :func:`escape_texts`, :func:`point_texts` and :func:`geometry_texts` make.
    """
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    with translating(), driver_connection(connection).cursor() as cursor:
        with cursor.copy(statement) as copy:
            for columns in blocks:
                lines = "\n".join(map("\t".join, zip(*columns, strict=True)))
                if lines:
                    copy.write(_encode(lines + "\n"))
        return cursor.rowcount


def escape_texts(values: Iterable[str | None]) -> list[str]:
    """Return texts as COPY reads them; None becomes NULL.

    Examples
    --------
    >>> escape_texts(["a\\tb", None, ""])
    ['a\\\\tb', '\\\\N', '']
    """
    texts = list(values)
    has_null = None in texts
    whole = "".join(text for text in texts if text is not None) if has_null else "".join(texts)  # type: ignore[arg-type]
    if any(special in whole for special in "\\\t\n\r"):
        return [NULL if text is None else text.translate(_SPECIAL) for text in texts]
    return [NULL if text is None else text for text in texts] if has_null else texts  # type: ignore[return-value]


def point_texts(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> list[str]:
    """Return points as COPY reads them, exact to the last bit; NaN becomes NULL.

    Parameters
    ----------
    lon, lat
        Degrees in EPSG:4490, one shape (n,).
    """
    points = np.empty(len(lon), dtype=_POINT)
    points["order"], points["kind"], points["srid"] = 1, _WKB_POINT_WITH_SRID, STORAGE_SRID
    points["x"], points["y"] = lon, lat
    text = points.tobytes().hex()
    width = 2 * _POINT.itemsize
    texts = [text[start : start + width] for start in range(0, len(text), width)]
    for missing in np.flatnonzero(np.isnan(lon) | np.isnan(lat)):
        texts[missing] = NULL
    return texts


def geometry_texts(geometries: Sequence[shapely.Geometry]) -> list[str]:
    """Return shapely geometries in EPSG:4490 as COPY reads them, exact to the last bit."""
    with_srid = shapely.set_srid(np.asarray(geometries, dtype=object), STORAGE_SRID)
    return list(shapely.to_wkb(with_srid, hex=True, include_srid=True))


def _encode(text: str) -> bytes:
    if "\x00" in text:
        before = text[: text.index("\x00")][-20:]
        raise InputError(
            f"a text holds a NUL character after {before!r}, which cannot be stored; take it out "
            "of the file"
        )
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise InputError(
            f"a text holds half a character ({error.object[error.start]!r}) and cannot be stored; "
            "check the encoding of the file"
        ) from None
