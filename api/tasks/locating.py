"""In which grid did each report of a block occur?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sqlalchemy import Connection

from api.tasks.indexing import index_plan, narrowest_codes
from gis.locate import PlanIndex
from gis.plan import Revision
from gis.store.plans import grid_ids


@dataclass(frozen=True, slots=True)
class _Part:
    revision: Revision
    index: PlanIndex
    ids: pd.Series


class RevisionLocator:
    """Locate blocks of reports, each by the revision in force when it occurred."""

    def __init__(
        self, connection: Connection, revisions: Sequence[Revision], metric_srid: int
    ) -> None:
        self._parts = [
            _Part(
                revision,
                index_plan(revision, metric_srid),
                pd.Series(grid_ids(connection, revision.id), dtype="Int64"),
            )
            for revision in revisions
        ]

    def locate(self, frame: pd.DataFrame) -> int:
        """Add the columns ``code``, ``grid_id`` and ``position`` to a block in place.

        Returns
        -------
        int
            How many positioned reports occurred when no revision was in force; they count as
            outside.
        """
        lon, lat = frame["lon"].to_numpy(), frame["lat"].to_numpy()
        positioned = ~np.isnan(lon)
        codes = np.full(len(frame), None, dtype=object)
        ids = pd.array([pd.NA] * len(frame), dtype="Int64")
        dated = np.zeros(len(frame), dtype=bool)
        for part in self._parts:
            chosen = _within(frame["occurred_at"], part.revision)
            dated |= chosen
            rows = np.flatnonzero(chosen & positioned)
            codes[rows] = narrowest_codes(part.index, lon[rows], lat[rows])
            ids[rows] = part.ids.reindex(codes[rows]).array
        frame["code"] = codes
        frame["grid_id"] = ids
        located = np.array([code is not None for code in codes], dtype=bool)
        frame["position"] = np.where(
            located, "located", np.where(positioned, "outside", "unlocated")
        )
        return int((positioned & ~dated).sum())


def _within(moments: pd.Series, revision: Revision) -> np.ndarray:
    chosen = np.ones(len(moments), dtype=bool)
    if revision.effective_from is not None:
        chosen &= (moments >= revision.effective_from).to_numpy()
    if revision.effective_to is not None:
        chosen &= (moments < revision.effective_to).to_numpy()
    return chosen
