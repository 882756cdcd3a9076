"""Does every level tile its ground, as far as it is looked at?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis import coords
from gis.plan.checks.subject import Subject, level_bounds, meet
from gis.plan.coverage import (
    Geometries,
    find_gaps_in,
    find_holes,
    find_in_layer,
    find_overlaps,
    find_unmatched_edges,
    tell_gaps,
    unite,
)
from gis.plan.model import Finding, Grid, Level

_TOUCH_M = 1.0


def check_coverage(subject: Subject) -> list[Finding]:
    """Find overlaps, gaps and unmatched borders at every level."""
    find = _find_at_level if subject.touched is None else _find_near
    return [finding for level in subject.plan.levels for finding in find(subject, level)]


def _find_at_level(subject: Subject, level: Level) -> list[Finding]:
    grids = subject.plan.at(level)
    codes, region = [grid.code for grid in grids], subject.plan.region(level)
    return find_in_layer(_areas(grids), codes, metric_srid=subject.metric_srid, region=region)


def _find_near(subject: Subject, level: Level) -> list[Finding]:
    looked_at = {grid.code for grid in subject.look_at(level)}
    if not looked_at:
        return []
    region = subject.plan.region(level)
    if region is not None:
        grids = subject.plan.at(level)
        codes = [grid.code for grid in grids]
        found = find_gaps_in(region, _areas(grids), codes, metric_srid=subject.metric_srid)
    else:
        found = _measure_near(subject, level)
    return [finding for finding in found if looked_at.intersection(finding.codes)]


def _measure_near(subject: Subject, level: Level) -> list[Finding]:
    """Measure the neighbourhood in a level that does not tile its ground exactly."""
    near, srid = subject.neighbourhood(level), subject.metric_srid
    areas, codes = _areas(near), [grid.code for grid in near]
    holes = _find_bare_holes(subject, level, near)
    around = _grids_at(subject, level, holes)
    found = find_overlaps(areas, codes, metric_srid=srid)
    found += tell_gaps(holes, _areas(around), [grid.code for grid in around], metric_srid=srid)
    return found + find_unmatched_edges(areas, codes, known=found)


def _find_bare_holes(subject: Subject, level: Level, near: Sequence[Grid]) -> Geometries:
    """Return the holes between the neighbours and their neighbours that no other area fills."""
    srid = subject.metric_srid
    wider = subject.meeting(level, near)
    holes = find_holes(unite(coords.to_metric(_areas(wider), srid=srid)))
    known = {grid.code for grid in wider}
    filling = [grid for grid in _grids_at(subject, level, holes) if grid.code not in known]
    if not filling:
        return holes
    bare = shapely.difference(holes, unite(coords.to_metric(_areas(filling), srid=srid)))
    parts = shapely.get_parts(bare)
    return np.asarray(parts[shapely.area(parts) > 0.0])


def _grids_at(subject: Subject, level: Level, holes: Geometries) -> Sequence[Grid]:
    """Return the areas whose boxes meet those of holes, which are in metres."""
    wider = shapely.buffer(holes, _TOUCH_M)
    boxes = shapely.bounds(coords.from_metric(wider, srid=subject.metric_srid))
    found = meet(level_bounds(subject.plan, level), boxes.reshape(-1, 4))
    grids = subject.plan.at(level)
    return [grids[index] for index in np.flatnonzero(found).tolist()]


def _areas(grids: Sequence[Grid]) -> NDArray[Any]:
    areas = np.empty(len(grids), dtype=object)
    areas[:] = [grid.geometry for grid in grids]
    return areas
