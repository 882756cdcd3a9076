"""How do the geometries of any number of grids become one run of vertices, with little memory?

They are read in chunks, and every chunk is appended to arrays that grow where they are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.errors import InputError, InputTooLarge
from gis.locate.table.layout import Array, Rings
from gis.locate.table.sides import TINY

CHUNK = 4096
# A listed edge is four times its first vertex, and two bits, in 32 bits with a sign.
MOST_VERTICES = 1 << 29
MOST_LISTED = (1 << 31) - 1

_HUGE = 2.0**400
_POLYGON, _MULTIPOLYGON = 3, 6


class GrowingArray:
    """An array that grows at its end; the system moves its pages, so there is no second copy."""

    def __init__(self, dtype: type[np.generic], *shape: int) -> None:
        self._items = np.empty((0, *shape), dtype=dtype)
        self._used = 0

    def __len__(self) -> int:
        return self._used

    def extend(self, items: NDArray[Any]) -> None:
        """Append items of the same width."""
        used = self._used + len(items)
        if used > len(self._items):
            self._resize(used + used // 16)
        self._items[self._used : used] = items
        self._used = used

    def finish(self) -> NDArray[Any]:
        """Return what was appended, and nothing beyond it."""
        self._resize(self._used)
        return self._items

    def _resize(self, length: int) -> None:
        self._items.resize((length, *self._items.shape[1:]), refcheck=False)


@dataclass
class Extent:
    """Where polygons are: their bounds, how far their edges run, and each one's reach in y."""

    west: float = np.inf
    south: float = np.inf
    east: float = -np.inf
    north: float = -np.inf
    run_x: float = 0.0
    run_y: float = 0.0
    reach: Array = field(default_factory=lambda: np.empty((0, 2)))


def read_rings(geometries: Iterable[Any]) -> tuple[Rings, Extent]:
    """Read polygons and multipolygons.

    Raises
    ------
    InputError
        A geometry is not a (multi)polygon, or has a coordinate that is no usable number.
    InputTooLarge
        There are 2**29 vertices or more.
    """
    reader = _Reader()
    source = iter(geometries)
    while chunk := list(islice(source, CHUNK)):
        reader.read(np.array(chunk, dtype=object))
    return reader.finish()


class _Reader:
    def __init__(self) -> None:
        self._xy = GrowingArray(np.float64, 2)
        self._reach = GrowingArray(np.float64, 2)
        self._sizes = [GrowingArray(np.int32) for _ in range(3)]
        self._extent = Extent()

    def read(self, given: NDArray[np.object_]) -> None:
        first = len(self._sizes[2])
        kinds = shapely.get_type_id(given)
        wrong = np.flatnonzero((kinds != _POLYGON) & (kinds != _MULTIPOLYGON))
        if wrong.size:
            what = f"is {given[wrong[0]]!r:.60}, not a polygon or multipolygon"
            raise _refuse(first + wrong[0], what)
        parts, owner = shapely.get_parts(given, return_index=True)
        rings, part = shapely.get_rings(parts, return_index=True)
        xy, ring = shapely.get_coordinates(rings, return_index=True)
        unusable = np.flatnonzero(~(np.abs(xy) <= _HUGE).all(axis=1))
        if unusable.size:
            what = "has a coordinate that is no usable number"
            raise _refuse(first + owner[part[ring[unusable[0]]]], what)
        if len(self._xy) + len(xy) >= MOST_VERTICES:
            raise InputTooLarge(
                f"the grids have {MOST_VERTICES:,} vertices or more; build one index for each "
                "part of the plan"
            )
        xy[np.abs(xy) < TINY] = 0.0
        self._xy.extend(xy)
        held = ((ring, rings), (part, parts), (owner, given))
        for sizes, (inner, outer) in zip(self._sizes, held, strict=True):
            sizes.extend(np.bincount(inner, minlength=len(outer)))
        self._measure(xy, np.diff(ring) == 0, shapely.bounds(parts))

    def _measure(self, xy: Array, joined: NDArray[np.bool_], bounds: Array) -> None:
        reach = np.where(np.abs(bounds[:, 1::2]) < TINY, 0.0, bounds[:, 1::2])
        self._reach.extend(np.where(np.isnan(reach), 0.0, reach))
        if not len(xy):
            return
        extent = self._extent
        west, south = xy.min(axis=0).tolist()
        east, north = xy.max(axis=0).tolist()
        run_x, run_y = np.abs(np.diff(xy, axis=0))[joined].sum(axis=0).tolist()
        self._extent = Extent(
            min(extent.west, west),
            min(extent.south, south),
            max(extent.east, east),
            max(extent.north, north),
            extent.run_x + run_x,
            extent.run_y + run_y,
        )

    def finish(self) -> tuple[Rings, Extent]:
        """Return all rings; without vertices, an extent that nothing is inside of."""
        vertices, ring_counts, polygon_counts = (sizes.finish() for sizes in self._sizes)
        owner = np.repeat(np.arange(len(polygon_counts), dtype=np.int32), polygon_counts)
        rings = Rings(
            xy=self._xy.finish(),
            ring=_starts(vertices),
            polygon=_starts(ring_counts),
            owner=owner,
            grid=_starts(polygon_counts),
        )
        extent = self._extent if len(rings.xy) else Extent(0.0, 0.0, -1.0, -1.0)
        extent.reach = self._reach.finish()
        return rings, extent


def _starts(sizes: NDArray[np.int32]) -> NDArray[np.int32]:
    return np.append(0, np.cumsum(sizes)).astype(np.int32)


def _refuse(position: int, what: str) -> InputError:
    return InputError(
        f"the geometry at position {position} {what}; mend it or leave it out",
        position=int(position),
    )
