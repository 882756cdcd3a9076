"""Is every area a proper polygon?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import shapely

from gis.plan.checks.subject import Subject
from gis.plan.coverage import Geometries
from gis.plan.features import only_touches_itself
from gis.plan.findings import format_place
from gis.plan.model import Finding, Severity


def check_rings(subject: Subject) -> list[Finding]:
    """Find areas whose rings cross or touch themselves; all errors.

    A stored plan is compared ring by ring, so nothing that is not valid may be in it. Neighbours
    are asked as well, since nothing can be compared with one that is not valid.
    """
    grids = [grid for level in subject.plan.levels for grid in subject.neighbourhood(level)]
    geometries = np.empty(len(grids), dtype=object)
    geometries[:] = [grid.geometry for grid in grids]
    found = find_invalid(geometries, [grid.code for grid in grids])
    return [replace(finding, severity=Severity.ERROR) for finding in found]


def find_invalid(geometries: Geometries, codes: Sequence[str]) -> list[Finding]:
    """Find areas whose rings cross or touch themselves, with the place.

    Parameters
    ----------
    geometries
        Polygons or multipolygons, EPSG:4490, shape (n,).
    codes
        What to call them, in the same order.

    Returns
    -------
    list of Finding
        Check ``invalid``: a warning for a ring that only touches itself, else an error.
    """
    found = []
    for index in np.flatnonzero(~shapely.is_valid(geometries)).tolist():
        reason = shapely.is_valid_reason(geometries[index])
        lon, lat = _place_of(reason, geometries[index])
        touches = only_touches_itself(geometries[index])
        found.append(
            Finding(
                "invalid",
                Severity.WARNING if touches else Severity.ERROR,
                f"the border of {codes[index]} is not a proper ring: "
                f"{reason.split('[')[0].strip()} at {format_place(lon, lat)}",
                "its ground is the same either way, so it was put right"
                if touches
                else "redraw it, or let it be put right with --accept invalid",
                lon,
                lat,
                (codes[index],),
            )
        )
    return found


def _place_of(reason: str, geometry: shapely.Geometry) -> tuple[float, float]:
    if "[" in reason:
        lon, lat = reason.rsplit("[", 1)[1].rstrip("]").split()[:2]
        return float(lon), float(lat)
    first = shapely.get_coordinates(geometry)[0].tolist()
    return first[0], first[1]
