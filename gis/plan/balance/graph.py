"""Which units touch, along how much of a border, and how much of it is a street?

Units that share their corners are matched segment by segment. What is left over (two layers noded
apart) is matched where segments run along each other within two centimetres.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis import coords
from gis.plan.chains import Chain, border_with_owner, group_segments
from gis.plan.units import Units
from gis.plan.work import Array

Places = NDArray[np.int64]

_BESIDE_M = 0.02
_ON_STREET_M = 2.0
_TOUCH_M = 0.1
"""Units whose common border is shorter touch at a corner, which keeps nothing together."""


@dataclass(frozen=True, slots=True, eq=False)
class Links:
    """Pairs of units with a common border.

    ``first`` < ``second``: positions of units, shape (m,); ``length_m`` of their border;
    ``street_m``: how much of that is on a street; ``outer_m``: border that a unit shares with
    nobody, shape (n,).
    """

    first: Places
    second: Places
    length_m: Array
    street_m: Array
    outer_m: Array


def link_units(units: Units) -> Links:
    """Find the pairs of units with a common border, and measure it in metres.

    Examples
    --------
    >>> from gis.plan.units import take_units
    >>> squares = np.array([shapely.box(i / 1000, 0, (i + 1) / 1000, 0.001) for i in range(3)])
    >>> units = take_units("abc", squares, "112", metric_srid=32631, load=np.ones(3))
    >>> links = link_units(units)
    >>> links.first.tolist(), links.second.tolist(), links.length_m.round().tolist()
    ([0, 1], [1, 2], [111.0, 111.0])
    """
    chain, owner = border_with_owner(units.ground)
    metric = coords.to_metric(shapely.linestrings(chain.reshape(-1, 2, 2)), srid=units.metric_srid)
    length = shapely.length(metric)
    pairs, segment = _match_exactly(chain, owner)
    lone = np.ones(len(chain), dtype=bool)
    lone[segment.ravel()] = False
    near, beside, shared = _match_nearly(metric, owner, np.flatnonzero(lone))
    along = np.concatenate([length[segment[:, 0]], shared])
    street = _on_street(metric, units)
    welcome = np.concatenate([street[segment[:, 0]], street[beside]])
    one, other, shared_m, street_m = _sum_up(np.concatenate([pairs, near]), along, along * welcome)
    outer = np.bincount(owner, weights=length, minlength=len(units))
    for end in (one, other):
        outer -= np.bincount(end, weights=shared_m, minlength=len(units))
    kept = shared_m > _TOUCH_M
    return Links(one[kept], other[kept], shared_m[kept], street_m[kept], np.maximum(outer, 0.0))


def _match_exactly(chain: Chain, owner: Places) -> tuple[Places, Places]:
    """Return pairs of units, and their two segments, that run along each other exactly."""
    group, sign, _ = group_segments(chain)
    order = np.lexsort((sign, group))
    same = group[order][1:] == group[order][:-1]
    opposite = sign[order][1:] != sign[order][:-1]
    at = np.flatnonzero(same & opposite)
    segment = np.column_stack([order[at], order[at + 1]])
    return np.sort(owner[segment], axis=1), segment


def _match_nearly(metric: Any, owner: Places, lone: Places) -> tuple[Places, Places, Array]:
    """Return pairs of units, one segment of each pair, and how far it runs beside the other."""
    lines = metric[lone]
    one, other = shapely.STRtree(lines).query(lines, predicate="dwithin", distance=_BESIDE_M)
    two = owner[lone[one]] < owner[lone[other]]
    one, other = one[two], other[two]
    strip = shapely.buffer(lines[other], _BESIDE_M, cap_style="flat")
    shared = shapely.length(shapely.intersection(lines[one], strip))
    kept = shared > 2.0 * _BESIDE_M
    pairs = np.column_stack([owner[lone[one]], owner[lone[other]]])[kept]
    return pairs.astype(np.int64), lone[one[kept]], shared[kept]


def _on_street(metric: Any, units: Units) -> NDArray[np.bool_]:
    """Tell which segments run on a street: begin, middle and end are near one."""
    found = np.zeros(len(metric), dtype=bool)
    if not len(units.streets) or not len(metric):
        return found
    streets = shapely.STRtree(
        shapely.get_parts(coords.to_metric(units.streets, srid=units.metric_srid))
    )
    near = np.ones(len(metric), dtype=bool)
    for share in (0.0, 0.5, 1.0):
        place = shapely.line_interpolate_point(metric, share, normalized=True)
        hit = streets.query(place, predicate="dwithin", distance=_ON_STREET_M)[0]
        near[np.setdiff1d(np.arange(len(metric)), hit)] = False
    return near


def _sum_up(pairs: Places, along: Array, street: Array) -> tuple[Places, Places, Array, Array]:
    unique, number = np.unique(pairs.reshape(-1, 2), axis=0, return_inverse=True)
    number = number.ravel()
    lengths = np.bincount(number, weights=along, minlength=len(unique)).astype(np.float64)
    streets = np.bincount(number, weights=street, minlength=len(unique)).astype(np.float64)
    return unique[:, 0], unique[:, 1], lengths, streets
