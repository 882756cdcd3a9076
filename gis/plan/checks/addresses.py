"""Has every address a grid?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gis.plan.checks.subject import Subject, boxes_of, level_bounds, meet, points_within
from gis.plan.findings import format_place
from gis.plan.model import Finding, Severity
from gis.plan.work import place_points


def check_addresses(subject: Subject) -> list[Finding]:
    """Find addresses that no area with staff covers; one finding for all, placed at the first."""
    addresses = subject.work.get("addresses")
    level = subject.staffed_level
    if addresses is None or level is None:
        return []
    grids = subject.plan.at(level)
    if subject.touched is not None:
        boxes = _boxes_before_and_after(subject)
        addresses = points_within(addresses, boxes)
        near = meet(level_bounds(subject.plan, level), boxes)
        grids = tuple(grids[index] for index in np.flatnonzero(near).tolist())
    lost = np.flatnonzero(place_points([grid.geometry for grid in grids], addresses) < 0)
    if not len(lost):
        return []
    lon, lat = float(addresses.lon[lost[0]]), float(addresses.lat[lost[0]])
    return [
        Finding(
            "addresses",
            Severity.WARNING,
            f"{len(lost):,} addresses lie in no {level}, the first at {format_place(lon, lat)}",
            "extend an area to them, or put their position right",
            lon,
            lat,
        )
    ]


def _boxes_before_and_after(subject: Subject) -> NDArray[np.float64]:
    before = [
        subject.previous[code]
        for code in subject.touched or ()
        if subject.previous is not None and code in subject.previous
    ]
    level = subject.staffed_level
    return boxes_of([*subject.staffed_areas(), *(grid for grid in before if grid.level is level)])
