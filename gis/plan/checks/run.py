"""What is wrong with a plan, or with the part of it that was just edited?"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any

from gis.plan.checks.invalid import check_rings
from gis.plan.checks.limits import Limits
from gis.plan.checks.registry import CHECKS
from gis.plan.checks.subject import Placed, Subject, as_placed, choose_metric_srid
from gis.plan.model import BaseFeature, Building, Finding, Plan, Severity
from gis.plan.work import Work


def check_plan(
    plan: Plan,
    *,
    metric_srid: int | None = None,
    work: Work | None = None,
    buildings: Placed[Building] | Iterable[Building] = (),
    base: Placed[BaseFeature] | Iterable[BaseFeature] = (),
    limits: Limits | None = None,
    previous: Plan | None = None,
    used: Collection[str] = (),
) -> list[Finding]:
    """Run every check on a plan.

    Parameters
    ----------
    plan
        The plan as it would be published.
    metric_srid
        The projected CRS of the district; the UTM zone of the plan when None.
    work, buildings, base
        What lies on the ground, as far as it is known.
    limits
        What the district asks of its grids.
    previous, used
        The plan that would be replaced, and every code that was ever in use.

    Returns
    -------
    list of Finding
        Only those of the check ``invalid`` if there are any: nothing else can be asked then.

    Examples
    --------
    Two areas, one of which reaches 0.0001° into the other::

        +-----+-----+
        |  a  ▒  b  |
        +-----+-----+

    >>> import shapely
    >>> from gis.plan.model import Grid, Level
    >>> a = Grid("a", "a", Level.GRID, shapely.box(117.6, 26.2, 117.6101, 26.21))
    >>> b = Grid("b", "b", Level.GRID, shapely.box(117.61, 26.2, 117.62, 26.21))
    >>> [(finding.check, finding.codes) for finding in check_plan(Plan([a, b]))]
    [('overlaps', ('a', 'b'))]
    """
    if not len(plan):
        return []
    return ask_checks(
        _subject(plan, metric_srid, work, buildings, base, limits, previous, used, None)
    )


def check_touched(
    plan: Plan,
    codes: Collection[str],
    *,
    metric_srid: int | None = None,
    work: Work | None = None,
    buildings: Placed[Building] | Iterable[Building] = (),
    base: Placed[BaseFeature] | Iterable[BaseFeature] = (),
    limits: Limits | None = None,
    previous: Plan | None = None,
    used: Collection[str] = (),
) -> list[Finding]:
    """Run every check on some areas, those above and below them, and where they meet others.

    It finds what :func:`check_plan` finds and names one of those areas. Only where the same level
    is faulty elsewhere, a gap is seen no further than the neighbours' neighbours.

    Parameters
    ----------
    plan
        The plan after an edit. It is quick if it came from ``Plan.replacing`` of a plan that was
        checked: then its borders are known.
    codes
        Of the areas that were edited (``Applied.changed``); codes that are gone are passed over.
    buildings, base
        Give a ``Placed``, or its tree is built again every time.

    Examples
    --------
    >>> import shapely
    >>> from gis.plan.model import Grid, Level
    >>> a = Grid("a", "a", Level.GRID, shapely.box(117.6, 26.2, 117.61, 26.21))
    >>> check_touched(Plan([a]), {"a", "gone"})
    []
    """
    touched = set(codes)
    for code in [code for code in codes if code in plan]:
        touched.update(area.code for area in plan.ancestors(code))
        touched.update(area.code for area in plan.children(code))
    if not any(code in plan for code in touched):
        return []
    return ask_checks(
        _subject(
            plan, metric_srid, work, buildings, base, limits, previous, used, frozenset(touched)
        )
    )


def ask_checks(subject: Subject) -> list[Finding]:
    """Run every check on a subject."""
    invalid = check_rings(subject)
    if invalid:
        return invalid
    others = [check for check in CHECKS.values() if check.find is not check_rings]
    found = [finding for check in others for finding in check.find(subject)]
    return [
        replace(finding, severity=Severity.ERROR)
        if finding.check in subject.limits.errors
        else finding
        for finding in found
    ]


def _subject(
    plan: Plan,
    metric_srid: int | None,
    work: Work | None,
    buildings: Any,
    base: Any,
    limits: Limits | None,
    previous: Plan | None,
    used: Collection[str],
    touched: frozenset[str] | None,
) -> Subject:
    return Subject(
        plan=plan,
        metric_srid=metric_srid or choose_metric_srid(plan.geometries),
        work=work or {},
        buildings=as_placed(buildings),
        base=as_placed(base),
        limits=limits or Limits(),
        previous=previous,
        used=frozenset(used),
        touched=touched,
    )
