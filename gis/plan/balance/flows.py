"""How much load must cross which border?

A flow of least cost on the graph of grids: nothing is said yet about which units move, so no
proposal can move less load than the flow over the borders there are (Ahuja, Magnanti, Orlin, 1993,
"Network Flows", chapter 9).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.optimize
import scipy.sparse

from gis.plan.work import Array

_NOTHING = 1e-6


@dataclass(frozen=True, slots=True)
class Flows:
    """How much load goes from grid to grid, and by how much each misses its limits even so."""

    amount: dict[tuple[int, int], float]
    missing: Array

    @property
    def total(self) -> float:
        """The load that crosses borders, once for each border."""
        return sum(self.amount.values())


def solve_flows(load: Array, low: Array, high: Array, ways: Collection[tuple[int, int]]) -> Flows:
    """Bring every load between its limits by the least flow over the ways there are.

    Parameters
    ----------
    load, low, high
        Load of each grid and its limits, shape (k,).
    ways
        Pairs (from, to) of grids between which load may go.

    Returns
    -------
    Flows
        ``missing`` is above zero (too much) or below (too little) where no flow is enough.

    Examples
    --------
    >>> flows = solve_flows(np.array([9.0, 5.0, 1.0]), np.full(3, 4.0), np.full(3, 6.0),
    ...                     [(0, 1), (1, 0), (1, 2), (2, 1)])
    >>> flows.amount
    {(0, 1): 3.0, (1, 2): 3.0}
    """
    count, pairs = len(load), sorted(ways)
    source = np.array([pair[0] for pair in pairs], dtype=np.int64)
    target = np.array([pair[1] for pair in pairs], dtype=np.int64)
    columns = np.arange(len(pairs))
    change = scipy.sparse.coo_array(
        (
            np.repeat([-1.0, 1.0], len(pairs)),
            (np.concatenate([source, target]), np.concatenate([columns, columns])),
        ),
        shape=(count, len(pairs)),
    )
    slack = scipy.sparse.eye_array(count)
    # Missing a limit must be dearer than the longest way round all grids.
    price = np.concatenate([np.ones(len(pairs)), np.full(2 * count, 10.0 * (count + 1))])
    rows: Any = scipy.sparse.hstack([change, -slack, slack])
    both: Any = scipy.sparse.vstack([rows, -rows])
    solved = scipy.optimize.linprog(
        price,
        A_ub=both.tocsr(),
        b_ub=np.concatenate([high - load, load - low]),
        method="highs-ds",
    )
    flow, over, under = np.split(np.asarray(solved.x), [len(pairs), len(pairs) + count])
    amount = {
        pair: round(float(value), 9)
        for pair, value in zip(pairs, flow, strict=True)
        if value > _NOTHING
    }
    return Flows(amount, np.round(over - under, 6))
