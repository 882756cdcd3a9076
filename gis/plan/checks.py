"""Is a plan fit to be published?

A check is a function from a plan to findings. Its name is stable: it is what ``--accept`` takes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
import shapely

from gis import coords
from gis.plan.coverage import Geometries, find_gaps, find_overlaps, find_unmatched_edges
from gis.plan.features import only_touches_itself
from gis.plan.findings import format_place
from gis.plan.model import Finding, Plan, Severity
from gis.plan.nesting import find_misnested
from gis.plan.numbering import find_odd_codes

Check = Callable[[Plan, int], list[Finding]]


def check_plan(plan: Plan, *, metric_srid: int | None = None) -> list[Finding]:
    """Run every check on a plan.

    Parameters
    ----------
    plan
        The plan as it would be published.
    metric_srid
        The projected CRS of the district; the UTM zone of the plan when None.

    Examples
    --------
    Two areas, one of which reaches 0.0001° into the other::

        +-----+-----+
        |  a  ▒  b  |
        +-----+-----+

    >>> from gis.plan.model import Grid, Level
    >>> a = Grid("a", "a", Level.GRID, shapely.box(117.6, 26.2, 117.6101, 26.21))
    >>> b = Grid("b", "b", Level.GRID, shapely.box(117.61, 26.2, 117.62, 26.21))
    >>> [(finding.check, finding.codes) for finding in check_plan(Plan([a, b]))]
    [('overlaps', ('a', 'b'))]
    """
    if not len(plan):
        return []
    srid = metric_srid or choose_metric_srid([grid.geometry for grid in plan])
    invalid = _check_rings(plan, srid)
    if invalid:
        return invalid
    return [finding for check in CHECKS.values() for finding in check(plan, srid)]


def choose_metric_srid(geometries: Sequence[Any]) -> int:
    """Choose the UTM zone of the middle of some areas in EPSG:4490."""
    west, south, east, north = shapely.total_bounds(np.array(geometries, dtype=object)).tolist()
    return coords.estimate_metric_srid((west + east) / 2.0, (south + north) / 2.0)


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


def find_in_layer(
    geometries: Geometries, codes: Sequence[str], *, metric_srid: int
) -> list[Finding]:
    """Find overlaps, gaps and unmatched borders among the areas of one level."""
    overlaps = find_overlaps(geometries, codes, metric_srid=metric_srid)
    gaps = find_gaps(geometries, codes, metric_srid=metric_srid)
    known = [*overlaps, *gaps]
    return known + find_unmatched_edges(geometries, codes, known=known)


def _check_rings(plan: Plan, _: int) -> list[Finding]:
    geometries = np.array([grid.geometry for grid in plan], dtype=object)
    found = find_invalid(geometries, [grid.code for grid in plan])
    # A stored plan is compared ring by ring, so nothing that is not valid may be in it.
    return [replace(finding, severity=Severity.ERROR) for finding in found]


def _check_coverage(plan: Plan, metric_srid: int) -> list[Finding]:
    found = []
    for level in plan.levels:
        grids = plan.at(level)
        geometries = np.array([grid.geometry for grid in grids], dtype=object)
        found += find_in_layer(geometries, [grid.code for grid in grids], metric_srid=metric_srid)
    return found


def _check_nesting(plan: Plan, metric_srid: int) -> list[Finding]:
    return find_misnested(plan, metric_srid=metric_srid)


def _check_codes(plan: Plan, _: int) -> list[Finding]:
    return find_odd_codes(plan)


def _place_of(reason: str, geometry: shapely.Geometry) -> tuple[float, float]:
    if "[" in reason:
        lon, lat = reason.rsplit("[", 1)[1].rstrip("]").split()[:2]
        return float(lon), float(lat)
    first = shapely.get_coordinates(geometry)[0].tolist()
    return first[0], first[1]


CHECKS: Mapping[str, Check] = MappingProxyType(
    {
        "invalid": _check_rings,
        "coverage": _check_coverage,
        "nesting": _check_nesting,
        "codes": _check_codes,
    }
)
