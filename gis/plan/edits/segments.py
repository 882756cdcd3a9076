"""What are the segments of a border, one by one?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.plan.chains import EMPTY, Chain, group_segments, reverse

Place = tuple[float, float]
Edge = tuple[float, float, float, float]
"""An undirected segment: its lower end first."""
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_STEPS = np.arange(-4.0, 5.0)


def chain_of(line: Sequence[Place]) -> Chain:
    """Return the segments of a line of corners.

    Examples
    --------
    >>> chain_of([(0, 0), (1, 0), (1, 1)]).tolist()
    [[0.0, 0.0, 1.0, 0.0], [1.0, 0.0, 1.0, 1.0]]
    """
    points = np.asarray(line, dtype=np.float64).reshape(-1, 2) + 0.0
    return np.hstack([points[:-1], points[1:]])


def edges_of(chain: Chain) -> Chain:
    """Return each undirected segment once, its lower end first."""
    if not len(chain):
        return EMPTY
    group, direction, count = group_segments(chain)
    first = np.empty(count, np.int64)
    first[group[::-1]] = np.arange(len(chain))[::-1]
    ahead = np.where(direction[:, None] > 0, chain, reverse(chain)) + 0.0
    return np.asarray(ahead[np.sort(first)])


def missing_from(whole: Chain, chain: Chain) -> Chain:
    """Return the segments of a chain that another chain does not have in the same direction."""
    group, sign, count = group_segments(np.concatenate([chain, whole]))
    signed = 2 * group + (sign > 0.0)
    has = np.zeros(2 * count, dtype=bool)
    has[signed[len(chain) :]] = True
    return np.asarray(chain[~has[signed[: len(chain)]]])


def lines_of(chain: Chain) -> NDArray[np.object_]:
    """Return each segment of a chain as a line, shape (n,)."""
    return np.atleast_1d(np.asarray(shapely.linestrings(chain.reshape(-1, 2, 2)), dtype=object))


def meets_box(chain: Chain, box: Sequence[float]) -> NDArray[np.bool_]:
    """Tell for each segment whether its bounding box meets ``(west, south, east, north)``."""
    west, south, east, north = box
    low = np.minimum(chain[:, :2], chain[:, 2:])
    high = np.maximum(chain[:, :2], chain[:, 2:])
    across = (low[:, 0] <= east) & (high[:, 0] >= west)
    return np.asarray(across & (low[:, 1] <= north) & (high[:, 1] >= south))


def project(points: Floats, segments: Chain) -> tuple[Floats, Floats]:
    """Return for pairs how far along its segment a point lies (0 to 1), and how far from it."""
    start, along = segments[:, :2], segments[:, 2:] - segments[:, :2]
    to = points - start
    squared = np.maximum((along**2).sum(axis=1), np.finfo(float).tiny)
    share = np.clip((to * along).sum(axis=1) / squared, 0.0, 1.0)
    apart = np.hypot(*(to - share[:, None] * along).T)
    return share, apart


def point_on(segment: Floats, share: float) -> Place:
    """Return a double as near to a segment as there is one, at that share of its length.

    Rounding alone leaves it up to a unit in the last place off; of the doubles around, the one that
    bends the segment least is taken.
    """
    x0, y0, x1, y1 = segment.tolist()
    if share <= 0.5:
        x, y = x0 + share * (x1 - x0), y0 + share * (y1 - y0)
    else:
        x, y = x1 + (1.0 - share) * (x0 - x1), y1 + (1.0 - share) * (y0 - y1)
    around_x, around_y = x + _STEPS * np.spacing(abs(x)), y + _STEPS * np.spacing(abs(y))
    bends = np.abs(
        (around_x[:, None] - x0) * (y1 - y0) - (around_y[None, :] - y0) * (x1 - x0)
    ) + 1e-30 * (np.abs(_STEPS)[:, None] + np.abs(_STEPS)[None, :])
    i, j = np.unravel_index(int(np.argmin(bends)), bends.shape)
    return float(around_x[i]), float(around_y[j])


def crossing_share(one: Chain, other: Chain) -> Floats:
    """Return how far along the first of each pair they cross; NaN if they do not, or at an end."""
    a, b = one[:, :2], one[:, 2:]
    c, d = other[:, :2], other[:, 2:]
    from_c, from_d = _side(c, d, a), _side(c, d, b)
    from_a, from_b = _side(a, b, c), _side(a, b, d)
    crosses = (from_c * from_d < 0.0) & (from_a * from_b < 0.0)
    share = np.full(len(one), np.nan)
    share[crosses] = (from_c / np.where(crosses, from_c - from_d, 1.0))[crosses]
    return share


def _side(start: Floats, end: Floats, point: Floats) -> Floats:
    (ux, uy), (vx, vy) = (end - start).T, (point - start).T
    return np.asarray(ux * vy - uy * vx)
