"""Does an area have as many households as its staff can know?"""

from __future__ import annotations

from gis.plan.checks.subject import Subject, middle_of
from gis.plan.measures import find_near, sum_work
from gis.plan.model import Finding, Severity


def check_households(subject: Subject) -> list[Finding]:
    """Find areas with fewer or more households than the district asks of one."""
    level = subject.staffed_level
    if level is None or subject.limits.households is None or "households" not in subject.work:
        return []
    least, most = subject.limits.households
    looked_at = subject.staffed_areas()
    if not looked_at:
        return []
    work = {"households": subject.work["households"]}
    counts = sum_work(looked_at, find_near(subject.plan, looked_at), work)["households"].tolist()
    return [
        Finding(
            "households",
            Severity.WARNING,
            f"{grid.code} has {count:,.0f} households, not {least:,.0f} to {most:,.0f}",
            "merge it with a neighbour" if count < least else "split it, or give a part away",
            *middle_of(grid.geometry),
            (grid.code,),
        )
        for grid, count in zip(looked_at, counts, strict=True)
        if not least <= count <= most
    ]
