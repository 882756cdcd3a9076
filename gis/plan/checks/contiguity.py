"""Is every area in one piece?"""

from __future__ import annotations

import numpy as np
import shapely

from gis import coords
from gis.plan.checks.subject import Subject, middle_of
from gis.plan.findings import format_m2, format_place
from gis.plan.model import Finding, Grid, Severity


def check_contiguity(subject: Subject) -> list[Finding]:
    """Find areas of several parts, with the size and the place of the smaller ones."""
    return [
        _tell(grid, subject.metric_srid)
        for grid in subject.look_at()
        if shapely.get_num_geometries(grid.geometry) > 1
    ]


def _tell(grid: Grid, metric_srid: int) -> Finding:
    parts = shapely.get_parts(grid.geometry)
    sizes = shapely.area(coords.to_metric(parts, srid=metric_srid))
    order = np.argsort(-sizes, kind="stable")
    smaller = float(sizes[order[1:]].sum())
    lon, lat = middle_of(parts[order[1]])
    return Finding(
        "contiguity",
        Severity.WARNING,
        f"{grid.code} has {len(parts)} parts; apart from the largest lie {format_m2(smaller)}, "
        f"at {format_place(lon, lat)}",
        "give the smaller parts to their neighbours, unless an enclave is meant",
        lon,
        lat,
        (grid.code,),
        smaller,
    )
