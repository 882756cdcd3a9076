"""Which entries of an address book are the same building?

Rooms fold into their entrance, and entrances into their building where the book has an entry of it:
that entry says where the building is. Without one, each entrance stays, since two entrances of one
building may lie in two grids. Entries with equal words at different places all stay: they are told
apart by nobody, and an answer has to say so.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int32]

_SAME_PLACE_DEG = 1e-6


def fold_rooms(raw: dict[str, Any]) -> tuple[Rows, Rows]:
    """Return the entries that stay, and for each entry the new position of the one it joins.

    Parameters
    ----------
    raw
        Columns of all entries: numbers of their areas (``context``), parts, and what is said of the
        inside (``inner``, 0 is nothing), with ``lon`` and ``lat``.

    Returns
    -------
    kept, becomes
        int32 arrays: ascending positions of those that stay; for each entry a position in these.
    """
    count = len(raw["lon"])
    group = np.zeros(count, dtype=np.int64)
    for part in ("context", "road", "lane", "number", "estate", "building", "place"):
        group = _renumber_pairs(group, raw[part])
    bare = raw["inner"] == 0
    with_bare = np.bincount(group[bare], minlength=count + 1)[group] > 0
    group = _renumber_pairs(group, np.where(with_bare, 0, raw["unit"]))
    joins = ~bare | (raw["unit"] != 0)
    place = np.where(joins, 0, _number_places(raw["lon"], raw["lat"]) + 1)
    order = np.lexsort((np.arange(count), joins, group)).astype(np.int64)
    first = np.ones(count, dtype=bool)
    first[1:] = group[order][1:] != group[order][:-1]
    leaders = np.empty(count, dtype=np.int64)
    leaders[order] = order[np.maximum.accumulate(np.where(first, np.arange(count), 0))]
    leaders = np.where(joins, leaders, _first_of(_renumber_pairs(group, place)))
    kept = np.unique(leaders)
    return kept.astype(np.int32), np.searchsorted(kept, leaders).astype(np.int32)


def _renumber_pairs(a: NDArray[Any], b: NDArray[Any]) -> NDArray[np.int64]:
    pairs = (a.astype(np.int64) << 32) | b.astype(np.int64)
    numbers: NDArray[np.int64] = np.unique(pairs, return_inverse=True)[1].astype(np.int64)
    return numbers


def _number_places(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.int64]:
    x, y = (np.round(v / _SAME_PLACE_DEG).astype(np.int64) + (1 << 29) for v in (lon, lat))
    return _renumber_pairs(x, y)


def _first_of(group: NDArray[np.int64]) -> NDArray[np.int64]:
    _, first, inverse = np.unique(group, return_index=True, return_inverse=True)
    leaders: NDArray[np.int64] = first[inverse].astype(np.int64)
    return leaders
