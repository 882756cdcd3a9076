"""Which position or address does each row of a block give, and on which date?

Cells come as numbers, as text, or not at all. Nothing is raised for a row: what cannot be used is
told in the faults of the block.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from typing import Any

import numpy as np
from numpy.typing import NDArray

from api.dates import parse_instant
from api.tasks.locate_rows import Instants, Rows
from api.tasks.position import read_crs, read_position
from gis.coords import Array, to_storage
from gis.errors import InputError
from gis.files.layer import DEGREES

MOST_SYSTEMS = 20
FIRST, END = np.datetime64("0002-01-01", "us"), np.datetime64("9999-01-01", "us")
"""The instants that every part of the way can tell as a date."""
_NUMBERS = (float, int, type(None))


@dataclass(frozen=True, slots=True)
class Given:
    """The cells of n rows that say where; each a sequence of n cells, an array, or None.

    ``crs`` names the system of a row that does not use the common one. ``at`` may be UTC instants.
    """

    count: int
    x: Sequence[Any] | Array | None = None
    y: Sequence[Any] | Array | None = None
    crs: Sequence[Any] | None = None
    address: Sequence[Any] | None = None
    at: Sequence[Any] | Instants | None = None


def read_rows(given: Given, *, crs: str, zone: tzinfo) -> Rows:
    """Read the places of rows; a row with a position is never looked up by its address.

    Parameters
    ----------
    crs
        Canonical name of the CRS of rows that name none.
    zone
        Of dates without an offset.

    Examples
    --------
    >>> rows = read_rows(Given(3, ["117.6", "x", None], ["26.2", "26.2", ""],
    ...     address=["", "", "列东街12号"]), crs="EPSG:4326", zone=UTC)
    >>> rows.lon.tolist(), dict(rows.addresses), dict(rows.faults)
    ([117.6, nan, nan], {2: '列东街12号'}, {1: "lon 'x' is no number"})
    """
    faults: dict[int, str] = {}
    at = None if given.at is None else _read_dates(given.at, zone, faults)
    lon, lat, said = _read_positions(given, crs, faults)
    addresses = {} if given.address is None else _read_addresses(given.address, said)
    return Rows(lon, lat, addresses, at, faults)


def _read_positions(
    given: Given, crs: str, faults: dict[int, str]
) -> tuple[Array, Array, NDArray[np.bool_]]:
    """Return positions in EPSG:4490, and which rows say any."""
    if given.x is None or given.y is None:
        nowhere = np.full(given.count, np.nan)
        return nowhere, nowhere, np.zeros(given.count, dtype=bool)
    x, y = read_numbers(given.x), read_numbers(given.y)
    # Zero, zero is how tables write that nothing is known.
    empty = (np.isnan(x) & np.isnan(y)) | ((x == 0.0) & (y == 0.0))
    known_x, known_y = np.where(empty, np.nan, x), np.where(empty, np.nan, y)
    lon, lat = _bring_to_storage(given, known_x, known_y, crs, faults)
    lost = np.isnan(lon) | np.isnan(lat)
    said = ~empty
    for row in np.flatnonzero(lost).tolist():
        reason = _explain(given, row, x, y, crs)
        said[row] |= bool(reason)
        if reason:
            faults.setdefault(row, reason)
    return np.where(lost, np.nan, lon), np.where(lost, np.nan, lat), said


def _bring_to_storage(
    given: Given, x: Array, y: Array, crs: str, faults: dict[int, str]
) -> tuple[Array, Array]:
    names = [] if given.crs is None else [name or None for name in given.crs]
    if not any(names):
        return to_storage(x, y, crs=crs)
    lon, lat = np.full(given.count, np.nan), np.full(given.count, np.nan)
    rows_of: dict[Any, list[int]] = {}
    for row, name in enumerate(names):
        rows_of.setdefault(None if name is None else str(name), []).append(row)
    for number, (name, rows) in enumerate(rows_of.items()):
        try:
            chosen = crs if name is None else _read_crs(name, number)
            lon[rows], lat[rows] = to_storage(x[rows], y[rows], crs=chosen)
        except InputError as error:
            faults.update(dict.fromkeys(rows, error.message))
    return lon, lat


def _read_crs(name: str, number: int) -> str:
    if number > MOST_SYSTEMS:
        raise InputError(f"more than {MOST_SYSTEMS} systems of coordinates so close together")
    return read_crs(name)


def _explain(given: Given, row: int, x: Array, y: Array, crs: str) -> str:
    """Say why a row has no usable position; nothing if it gives none."""
    for part, cells, number in (("lon", given.x, x[row]), ("lat", given.y, y[row])):
        cell = None if cells is None else cells[row]
        if np.isnan(number) and not _is_nothing(cell):
            return f"{part} {str(cell)[:40]!r} is no number"
    if np.isnan(x[row]) != np.isnan(y[row]):
        return f"{'lat' if np.isnan(y[row]) else 'lon'} is missing"
    if np.isnan(x[row]) or (x[row] == 0.0 and y[row] == 0.0):
        return ""
    name = crs if given.crs is None or not given.crs[row] else str(given.crs[row])
    try:
        if name != crs or crs in DEGREES:
            read_position(lon=float(x[row]), lat=float(y[row]), crs=name)
    except InputError as error:
        return error.message
    return f"({x[row]:.10g}, {y[row]:.10g}) lies outside the area of its coordinates"


def _is_nothing(cell: Any) -> bool:
    if isinstance(cell, str):
        return not cell.strip()
    return cell is None or (isinstance(cell, float) and np.isnan(cell))


def read_numbers(cells: Sequence[Any] | Array) -> Array:
    """Read cells as numbers; what is none becomes NaN."""
    if isinstance(cells, np.ndarray):
        return cells.astype(np.float64)
    if all(issubclass(kind, _NUMBERS) and kind is not bool for kind in set(map(type, cells))):
        try:
            return np.array(cells, dtype=np.float64)
        except OverflowError:
            pass  # an integer of more than 308 digits
    import pandas as pd

    from gis.files.sources import read_numbers as read_texts

    texts = ["" if isinstance(cell, bool | list | dict) else _text(cell) for cell in cells]
    return read_texts(pd.Series(texts, dtype=object))


def _read_addresses(cells: Sequence[Any], said: NDArray[np.bool_]) -> dict[int, str]:
    return {
        row: text
        for row, cell in enumerate(cells)
        if not said[row] and (text := _text(cell).strip())
    }


def _read_dates(
    cells: Sequence[Any] | Instants, zone: tzinfo, faults: dict[int, str]
) -> Instants | None:
    if isinstance(cells, np.ndarray):
        return cells
    texts = [_text(cell).strip() for cell in cells]
    if not any(texts):
        return None
    instants = _parse_all(texts, zone)
    told = (instants >= FIRST) & (instants < END)
    instants = np.where(told, instants, np.datetime64("NaT", "us"))
    for row in np.flatnonzero(np.isnat(instants)).tolist():
        if texts[row]:
            faults[row] = (
                f"at {texts[row][:40]!r} is no date; write 2026-01-31 or 2026-01-31T08:30:00+08:00"
            )
    return instants


def _parse_all(texts: Sequence[str], zone: tzinfo) -> Instants:
    import pandas as pd

    from gis.files.dates import parse_dates

    try:
        dates = parse_dates(pd.Series(texts, dtype=object), time_zone=zone)  # type: ignore[arg-type]
        return dates.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy("datetime64[us]")
    except (ValueError, OverflowError):
        # One cell beyond every calendar spoils a block: read each on its own.
        return np.array([_parse_one(text, zone) for text in texts], dtype="datetime64[us]")


def _parse_one(text: str, zone: tzinfo) -> Any:
    try:
        return np.datetime64(parse_instant(text, zone).astimezone(UTC).replace(tzinfo=None), "us")
    except (InputError, ValueError, OverflowError):
        return np.datetime64("NaT")


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, datetime | date):
        return cell.isoformat()
    try:
        return str(cell)
    except ValueError:  # an integer of more digits than Python writes
        return "∞"
