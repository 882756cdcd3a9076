"""How does a layer of polygons become a checked plan?

Read the rows, put rings right where that was agreed, merge what shares a code, hang every area
under its parent, issue the codes that are missing, then check: the file's own geometry for the
faults that are in it, and the stored one for those that rounding brings.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely

from gis.plan.checks import check_plan, choose_metric_srid, find_in_layer, find_invalid
from gis.plan.features import (
    Area,
    Feature,
    Fields,
    find_inside,
    keep_polygons,
    merge_duplicates,
    only_touches_itself,
    read_areas,
    settle,
)
from gis.plan.findings import find_blocking
from gis.plan.hierarchy import hang
from gis.plan.model import Finding, Grid, Level, Plan, Severity
from gis.plan.shift import find_shift

__all__ = ["Assembly", "Feature", "assemble"]

_COVERAGE = ("overlaps", "gaps")


@dataclass(frozen=True, slots=True)
class Assembly:
    """A plan, or None where none can be made, with everything that was found on the way."""

    plan: Plan | None
    findings: list[Finding]


def assemble(
    features: Iterable[Feature],
    *,
    level: Level | None = None,
    level_field: str | None = None,
    code_field: str | None = None,
    name_field: str | None = None,
    parent_field: str | None = None,
    dissolve: bool = False,
    base: Plan | None = None,
    accepted: Collection[str] = (),
    used_codes: Collection[str] = (),
    metric_srid: int | None = None,
) -> Assembly:
    """Make a plan of a boundary layer and tell every fault that is in it.

    Parameters
    ----------
    features
        The rows, EPSG:4490 snapped.
    level, level_field
        The level of all rows, or the column that names it; grids when both are None.
    code_field, name_field, parent_field
        Columns. Codes are issued where there is no column; names default to the code; without a
        parent column the area of the next wider level that holds most of it is the parent. If the
        column names parents but there is no wider level anywhere, each parent is made as the union
        of its areas.
    dissolve
        Make one area of all rows that share a code.
    base
        A plan whose levels are kept, save those that occur in the file.
    accepted
        Names of checks whose errors are taken as they are. ``invalid`` lets rings be put right,
        ``not-an-area`` leaves such rows out, ``missing-code`` lets codes be issued.
    used_codes
        Codes that were ever in use; none of them is issued again.
    metric_srid
        The projected CRS for areas; the UTM zone of the layer when None.

    Returns
    -------
    Assembly
        ``plan`` is None when errors that are not accepted leave no plan to speak of (a ring that
        is not valid, a code several times, a row without one). Overlaps, gaps and misnesting leave
        a plan; whether it may be published says :func:`gis.plan.findings.find_blocking`.

    Raises
    ------
    InputError
        A column does not exist, a level is unknown, there is no polygon at all, or the layer and
        the base have no ground in common.

    Examples
    --------
    >>> squares = [Feature(i + 1, {"id": i + 1.0}, shapely.box(i, 0, i + 1, 1)) for i in range(2)]
    >>> made = assemble(squares, level=Level.GRID, code_field="id")
    >>> [grid.code for grid in made.plan], made.findings
    (['1', '2'], [])
    """
    fields = Fields(code_field, name_field, parent_field, level_field, level)
    areas, findings = read_areas(features, fields, accepted=accepted)
    if not areas:
        return Assembly(None, findings)
    invalid = find_invalid(
        np.array([area.geometry for area in areas], dtype=object), [area.label for area in areas]
    )
    findings += invalid
    areas = [
        _put_right(area) if "invalid" in accepted or only_touches_itself(area.geometry) else area
        for area in areas
    ]
    merged, repeated, unique = merge_duplicates(areas, dissolve=dissolve)
    kept = _keep(base, {area.level for area in merged})
    clashes = _find_clashes(merged, kept)
    srid = metric_srid or choose_metric_srid([area.geometry for area in merged])
    stops = clashes or not unique or find_blocking(findings, accepted)
    findings += repeated + clashes + _check_file(merged, srid)
    if base is not None and len(base):
        findings += find_shift([_valid(area.geometry) for area in merged], base)
    if stops:
        return Assembly(None, findings)
    ever_used = {*used_codes, *(grid.code for grid in base or ())}
    plan, hung = hang(merged, kept, ever_used)
    return Assembly(plan, findings + hung + _check_stored(plan, srid, findings))


def _put_right(area: Area) -> Area:
    if shapely.is_valid(area.geometry) and shapely.is_valid(area.exact):
        return area
    return replace(
        area, geometry=settle(keep_polygons(area.geometry)), exact=keep_polygons(area.exact)
    )


def _keep(base: Plan | None, replaced: set[Level]) -> list[Grid]:
    return [grid for grid in base or () if grid.level not in replaced]


def _find_clashes(areas: Sequence[Area], kept: Sequence[Grid]) -> list[Finding]:
    other = {grid.code: grid for grid in kept}
    return [
        Finding(
            "duplicates",
            Severity.ERROR,
            f"{area.code} is already the code of a {other[area.code].level}",
            "give the area a code of its own",
            *find_inside(area.geometry),
            (area.code,),
        )
        for area in areas
        if area.code in other
    ]


def _check_file(areas: Sequence[Area], srid: int) -> list[Finding]:
    found: list[Finding] = []
    for level in Level:
        group = [area for area in areas if area.level is level]
        if group:
            exact = np.array([_valid(area.exact) for area in group], dtype=object)
            found += find_in_layer(exact, [area.label for area in group], metric_srid=srid)
    return found


def _check_stored(plan: Plan, srid: int, known: Iterable[Finding]) -> list[Finding]:
    told = {finding.check for finding in known}
    stored = check_plan(plan, metric_srid=srid)
    return [
        replace(finding, message=f"{finding.message} once rounded to 1e-7°")
        if finding.check in _COVERAGE
        else finding
        for finding in stored
        if finding.check not in told or finding.check not in _COVERAGE
    ]


def _valid(geometry: shapely.Geometry) -> shapely.Geometry:
    return geometry if shapely.is_valid(geometry) else keep_polygons(geometry)
