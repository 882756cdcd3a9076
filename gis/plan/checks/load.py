"""Is the work of an area too little or too much?"""

from __future__ import annotations

from gis.plan.checks.subject import Subject, middle_of
from gis.plan.measures import find_near, sum_work
from gis.plan.model import Finding, Severity


def check_load(subject: Subject) -> list[Finding]:
    """Find areas whose load is below the floor or above the ceiling of the district."""
    limits, level = subject.limits, subject.staffed_level
    if level is None or (limits.load_floor is None and limits.load_ceiling is None):
        return []
    looked_at = subject.staffed_areas()
    if not looked_at:
        return []
    work = {kind: subject.work[kind] for kind in limits.load_weights if kind in subject.work}
    if not work:
        return []
    sums = sum_work(looked_at, find_near(subject.plan, looked_at), work)
    found = []
    for index, grid in enumerate(looked_at):
        load = sum(limits.load_weights[kind] * float(sums[kind][index]) for kind in work)
        if limits.load_floor is not None and load < limits.load_floor:
            bound, remedy = f"below the floor of {limits.load_floor:,.0f}", "merge or extend it"
        elif limits.load_ceiling is not None and load > limits.load_ceiling:
            bound, remedy = f"above the ceiling of {limits.load_ceiling:,.0f}", "split or reduce it"
        else:
            continue
        found.append(
            Finding(
                "load",
                Severity.WARNING,
                f"the load of {grid.code} is {load:,.0f}, {bound}",
                remedy,
                *middle_of(grid.geometry),
                (grid.code,),
            )
        )
    return found
