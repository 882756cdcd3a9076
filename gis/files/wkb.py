"""Is a WKB geometry safe to give to GEOS?

GEOS reads collections inside collections by recursion and ends the process when they are nested
100,000 deep, and it would build curves that no plan can hold. So the headers are walked first.
"""

from __future__ import annotations

import struct

from gis.errors import InputError, UnsupportedFile

_POINT, _LINE, _POLYGON = 1, 2, 3
_SINGLE_OF = {4: _POINT, 5: _LINE, 6: _POLYGON}
_COLLECTION = 7


def check_wkb(wkb: bytes, *, where: str) -> None:
    """Refuse WKB that is nested, curved, or shorter than it says.

    Examples
    --------
    >>> import shapely
    >>> check_wkb(shapely.box(0, 0, 1, 1).wkb, where="row 1")
    """
    try:
        kind, count, offset = _header(wkb, 0)
        if kind in _SINGLE_OF:
            for _ in range(count):
                part, inner, offset = _header(wkb, offset)
                if part != _SINGLE_OF[kind]:
                    raise InputError(f"{where}: the geometry holds parts of another type")
                offset = _skip(wkb, part, inner, offset)
        elif kind not in (_POINT, _LINE, _POLYGON):
            what = "collections are" if kind == _COLLECTION else "curved geometries are"
            raise UnsupportedFile(f"{where}: {what} not read; export plain polygons")
    except struct.error:
        raise InputError(f"{where}: the geometry ends too early; export it again") from None


def _header(wkb: bytes, offset: int) -> tuple[int, int, int]:
    order = "<" if wkb[offset : offset + 1] == b"\x01" else ">"
    (code,) = struct.unpack_from(f"{order}I", wkb, offset + 1)
    kind = (code & 0x0FFFFFFF) % 1000
    if kind == _POINT:
        return kind, _dimensions(code), offset + 5
    (count,) = struct.unpack_from(f"{order}I", wkb, offset + 5)
    return kind, count, offset + 9


def _dimensions(code: int) -> int:
    iso = (code & 0x0FFFFFFF) // 1000
    extra = {0: 0, 1: 1, 2: 1, 3: 2}.get(iso, 0)
    return 2 + extra + bool(code & 0x80000000) + bool(code & 0x40000000)


def _skip(wkb: bytes, part: int, count: int, offset: int) -> int:
    if part == _POINT:
        return offset + 8 * count
    order = "<" if wkb[offset - 9 : offset - 8] == b"\x01" else ">"
    (code,) = struct.unpack_from(f"{order}I", wkb, offset - 8)
    size = 8 * _dimensions(code)
    if part == _LINE:
        return offset + size * count
    for _ in range(count):
        (positions,) = struct.unpack_from(f"{order}I", wkb, offset)
        offset += 4 + size * positions
    return offset
