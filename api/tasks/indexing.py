"""How does a revision become an index that answers at once?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from api.tasks.index_files import IndexFiles
from gis.locate import GridIndex, PlanIndex
from gis.plan import Revision


def index_plan(revision: Revision, metric_srid: int, files: IndexFiles | None = None) -> PlanIndex:
    """Make the point indexes of all levels of a revision.

    Parameters
    ----------
    files
        Where indexes are kept; built in memory when None.
    """
    levels = {
        level.value: [(grid.code, grid.name, grid.geometry) for grid in revision.plan.at(level)]
        for level in revision.plan.levels
    }
    ready = {} if files is None else _find_ready(levels, files)
    return PlanIndex(
        revision.id,
        revision.effective_from,
        revision.effective_to,
        levels,
        metric_srid=metric_srid,
        indexes=ready,
    )


def _find_ready(
    levels: Mapping[str, Sequence[tuple[str, str, Any]]], files: IndexFiles
) -> dict[str, GridIndex]:
    return {
        level: files.find([geometry for _, _, geometry in grids]) for level, grids in levels.items()
    }


def narrowest_codes(index: PlanIndex, lon: Any, lat: Any) -> NDArray[np.object_]:
    """Return the code of the narrowest grid that covers each point; None where there is none.

    Parameters
    ----------
    lon, lat
        float64 arrays of shape (n,), EPSG:4490 degrees; NaN is nowhere.

    Returns
    -------
    codes
        Array of shape (n,) of text or None.
    """
    found: NDArray[np.object_] = np.full(len(lon), None, dtype=object)
    for level, positions in index.locate_levels(lon, lat).items():
        # The last entry stands for position -1: nothing narrower here, keep what is known.
        codes = np.array([*index.codes(level), None], dtype=object)
        found = np.where(positions >= 0, codes[positions], found)
    return found
