"""How does a layer of polygons become a checked plan?

Read the rows, put rings right where that was agreed, merge what shares a code, hang every area
under its parent, issue the codes that are missing, repair what was agreed to, then check: the
file's own geometry for the faults that are in it, the stored one for those that rounding brings.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import shapely

from gis.plan.checks import check_plan, choose_metric_srid, find_in_layer, find_invalid
from gis.plan.diagnosis import find_loose_corners
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
from gis.plan.repair import PlanRepair, RepairChoice, repair_plan
from gis.plan.shift import find_shift

__all__ = ["Assembly", "Feature", "assemble"]

_COVERAGE = ("overlaps", "gaps")


@dataclass(frozen=True, slots=True)
class Assembly:
    """A plan, or None where none can be made, with everything that was found on the way.

    ``lasting`` are those findings that no repair of borders changes. After a repair ``findings``
    are the ones that are left, and ``before`` the ones there were.
    """

    plan: Plan | None
    findings: list[Finding]
    lasting: list[Finding] = field(default_factory=list)
    before: list[Finding] = field(default_factory=list)
    repair: PlanRepair | None = None

    def repaired(self, choice: RepairChoice, *, metric_srid: int) -> Assembly:
        """Return the assembly with its plan repaired as agreed, and checked anew.

        Without a plan there is nothing to repair; then it is returned as it is.
        """
        if self.plan is None:
            return self
        done = repair_plan(self.plan, metric_srid=metric_srid, choice=choice)
        left = check_plan(done.plan, metric_srid=metric_srid)
        findings = self.lasting + left + _find_drawn_twice(done.plan, metric_srid, left)
        return Assembly(done.plan, findings, self.lasting, self.findings, done)


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
    repair: RepairChoice | None = None,
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
    repair
        Close slivers, as far as was agreed to (see :mod:`gis.plan.repair`); nothing when None.

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
    findings += repeated + clashes
    drawn = _check_file(merged, srid)
    if base is not None and len(base):
        findings += find_shift([_valid(area.geometry) for area in merged], base)
    if stops:
        return Assembly(None, findings + drawn)
    ever_used = {*used_codes, *(grid.code for grid in base or ())}
    plan, hung = hang(merged, kept, ever_used)
    lasting = findings + hung
    made = Assembly(plan, lasting + drawn + _check_stored(plan, srid, drawn), lasting)
    return made if repair is None else made.repaired(repair, metric_srid=srid)


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
            labels = [area.label for area in group]
            known = find_in_layer(exact, labels, metric_srid=srid)
            found += known + find_loose_corners(exact, labels, metric_srid=srid, known=known)
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
        if finding.check != "contiguity"  # a file says how many parts its areas have
    ]


def _find_drawn_twice(plan: Plan, srid: int, known: Sequence[Finding]) -> list[Finding]:
    found: list[Finding] = []
    for level in plan.levels:
        grids = plan.at(level)
        areas = np.array([grid.geometry for grid in grids], dtype=object)
        codes = [grid.code for grid in grids]
        told = [each for each in known if each.check in _COVERAGE and set(each.codes) <= set(codes)]
        found += find_loose_corners(areas, codes, metric_srid=srid, known=told)
    return found


def _valid(geometry: shapely.Geometry) -> shapely.Geometry:
    return geometry if shapely.is_valid(geometry) else keep_polygons(geometry)
