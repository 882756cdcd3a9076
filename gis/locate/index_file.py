"""How is a point index kept in a file, so that processes share it and start at once?

The file is what is in memory: a header, then the arrays, each on a border of 64 bytes, in the
order of ``Rings`` and ``Cells`` in :mod:`gis.locate.table.layout`. It is mapped
read-only, so its pages are loaded once for all processes. The header says what the file is, how
long it is, where every array lies and what its words add up to; its last four bytes are the
checksum of those before. A file is written under another name, forced to the disk and then
renamed, so under its own name there is always a whole one.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import struct
import sys
import uuid
import zlib
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gis.errors import InputError
from gis.locate.table.layout import Cells, Rings

VERSION = 1

_MAGIC = b"\x89WGIDX\r\n"
_ORDER = 0x01020304
_ALIGNMENT = 64
_WIDTHS = {"xy": 2, "border": 3}
_DOUBLES = {"xy", "column_west", "row_south"}
_ARRAYS = (*Rings._fields, *Cells._fields[6:])
# Magic, byte order, version, length of the file, extent and steps; place, items, sum of each array.
_FIXED = struct.Struct("=8sIIQ6d")
_PLACES = struct.Struct(f"={3 * len(_ARRAYS)}Q")
_CHECKSUM = struct.Struct("=I")
_HEADER_BYTES = _FIXED.size + _PLACES.size + _CHECKSUM.size


class _Place(NamedTuple):
    offset: int
    items: int
    total: int


def write_index(path: Path, rings: Rings, cells: Cells) -> None:
    """Write an index to a file, whole or not at all.

    Raises
    ------
    OSError
        The file cannot be written; one that was there before stays as it was.
    """
    unfinished = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        with unfinished.open("xb") as file:
            _write(file, rings, cells)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            unfinished.unlink()
    _force_folder(path.parent)


def _write(file: BinaryIO, rings: Rings, cells: Cells) -> None:
    arrays: tuple[NDArray[Any], ...] = (*rings, *cells[6:])
    places, end = [], _HEADER_BYTES
    for array in arrays:
        start = -(-end // _ALIGNMENT) * _ALIGNMENT
        places.append(_Place(start, array.size, _add_up(array)))
        end = start + array.nbytes
    header = _FIXED.pack(_MAGIC, _ORDER, VERSION, end, *cells[:6])
    header += _PLACES.pack(*(number for place in places for number in place))
    file.write(header + _CHECKSUM.pack(zlib.crc32(header)))
    for place, array in zip(places, arrays, strict=True):
        file.write(b"\0" * (place.offset - file.tell()))
        file.write(array.data.cast("B") if array.size else b"")


def _force_folder(folder: Path) -> None:
    # A renamed file is on disk when its folder is.
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read_index(path: Path) -> tuple[Rings, Cells]:
    """Map a saved index into memory, read-only, after checking that it is whole.

    Raises
    ------
    InputError
        There is no such file, or it is torn, foreign, or of another version.
    """
    try:
        with path.open("rb") as file:
            length = os.fstat(file.fileno()).st_size
            extent, places = _read_header(path, file.read(_HEADER_BYTES), length)
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError as error:
        raise _refuse(path, f"cannot be read ({error.strerror})") from error
    arrays: dict[str, Any] = {
        name: _view(path, mapped, name, place) for name, place in zip(_ARRAYS, places, strict=True)
    }
    rings = Rings(**{name: arrays[name] for name in Rings._fields})
    cells = Cells(*extent, **{name: arrays[name] for name in Cells._fields[6:]})
    _check_lengths(path, rings, cells)
    return rings, cells


def _read_header(path: Path, header: bytes, length: int) -> tuple[list[Any], list[_Place]]:
    if header[: len(_MAGIC)] != _MAGIC:
        raise _refuse(path, "is not a saved point index")
    if len(header) < _HEADER_BYTES:
        raise _refuse(path, f"is torn: it ends after {length} bytes, within its header")
    _, order, version, total, *extent = _FIXED.unpack_from(header)
    if order != _ORDER:
        raise _refuse(path, "was saved on a machine with another order of bytes")
    if version != VERSION:
        raise _refuse(path, f"was saved in form {version}, and this program reads form {VERSION}")
    if zlib.crc32(header[: -_CHECKSUM.size]) != _CHECKSUM.unpack(header[-_CHECKSUM.size :])[0]:
        raise _refuse(path, "is damaged: its header does not add up")
    if total != length:
        raise _refuse(path, f"is torn: it has {length:,} bytes of {total:,}")
    numbers = iter(_PLACES.unpack_from(header, _FIXED.size))
    return extent, [_Place(*three) for three in zip(numbers, numbers, numbers, strict=True)]


def _view(path: Path, mapped: mmap.mmap, name: str, place: _Place) -> NDArray[Any]:
    dtype = np.float64 if name in _DOUBLES else np.int32
    array = np.frombuffer(mapped, dtype, place.items, place.offset)
    if _add_up(array) != place.total:
        raise _refuse(path, f"is damaged: its array {name!r} does not add up")
    return array.reshape(-1, _WIDTHS[name]) if name in _WIDTHS else array


def _add_up(array: NDArray[Any]) -> int:
    """Add up the words of 64 bits of an array modulo 2**64, as fast as memory is read."""
    content = array.reshape(-1).view(np.uint8)
    whole = len(content) // 8 * 8
    rest = int.from_bytes(content[whole:].tobytes(), sys.byteorder)
    return (int(np.add.reduce(content[:whole].view(np.uint64))) + rest) % (1 << 64)


def _check_lengths(path: Path, rings: Rings, cells: Cells) -> None:
    """Refuse arrays that do not fit each other, however they came to be so."""
    columns, rows = len(cells.column_west) - 1, len(cells.row_south) - 1
    fits = (
        rings.ring[-1] == len(rings.xy)
        and rings.polygon[-1] == len(rings.ring) - 1
        and rings.grid[-1] == len(rings.polygon) - 1 == len(rings.owner)
        and len(cells.answer) == columns * rows + 1
    )
    if not fits:
        raise _refuse(path, "is damaged: its arrays do not fit each other")


def _refuse(path: Path, what: str) -> InputError:
    return InputError(f"{path} {what}; build and save the index anew", path=str(path))
