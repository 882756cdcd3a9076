"""In which grid did each report occur, told on the boundaries of another revision?

A report counts in the grid that it had in its day. Where that code is no longer there, it is
carried to the heir with the largest share of the grid's households (of its area where nobody
counted them), so that nothing falls out of a map; how many were carried is told.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import shapely
from sqlalchemy import Connection

from gis.plan import Building, Revision
from gis.plan.lineage import successors, trace_lineage
from gis.plan.work import Points, Work
from gis.store.plans import grid_ids


def carry_codes(
    connection: Connection,
    grid_of_report: pd.Series,
    revision: Revision,
    revisions: Sequence[Revision],
    *,
    metric_srid: int,
    buildings: Sequence[Building] = (),
) -> tuple[pd.Series, int]:
    """Return the code of each report's own grid, or of its heir, and how many were carried.

    Parameters
    ----------
    grid_of_report
        The database's id of the grid in which each report occurred; missing for none.
    revision
        On whose grids the reports are shown.
    revisions
        All published revisions of the series.
    buildings
        Whose households weigh the heirs.

    Returns
    -------
    codes, carried
        Codes of ``revision``, missing where there is none.
    """
    wanted = set(grid_of_report.dropna().unique().tolist())
    work = _weigh(buildings)
    codes: dict[int, str | None] = {}
    carried_ids: set[int] = set()
    for other in revisions:
        own = {n: c for c, n in grid_ids(connection, other.id).items() if n in wanted}
        gone = {number: code for number, code in own.items() if code not in revision.plan}
        codes |= {number: code for number, code in own.items() if number not in gone}
        if gone:
            rows = trace_lineage(other.plan, revision.plan, metric_srid=metric_srid, work=work)
            for number, code in gone.items():
                heirs = successors(rows, code, by="households")
                codes[number] = heirs[0].to_code if heirs else None
            carried_ids |= {number for number in gone if codes[number] is not None}
    return grid_of_report.map(codes), int(grid_of_report.isin(carried_ids).sum())


def _weigh(buildings: Sequence[Building]) -> Work:
    if not any(building.households for building in buildings):
        return {}
    places = shapely.point_on_surface(np.array([building.geometry for building in buildings]))
    homes = np.array([building.households for building in buildings], dtype=np.float64)
    return {"households": Points(shapely.get_x(places), shapely.get_y(places), homes)}
