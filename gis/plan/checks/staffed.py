"""Has every area someone who answers for it?"""

from __future__ import annotations

from gis.plan.checks.subject import Subject, middle_of
from gis.plan.measures import find_near, sum_work
from gis.plan.model import Finding, Severity


def check_staffed(subject: Subject) -> list[Finding]:
    """Find areas without staff, where it is known where the staff is."""
    level = subject.staffed_level
    if level is None or "staff" not in subject.work:
        return []
    looked_at = subject.staffed_areas()
    if not looked_at:
        return []
    work = {"staff": subject.work["staff"]}
    counts = sum_work(looked_at, find_near(subject.plan, looked_at), work)["staff"].tolist()
    return [
        Finding(
            "staffed",
            Severity.WARNING,
            f"{grid.code} has no staff",
            "name someone who answers for it, or merge it with a neighbour",
            *middle_of(grid.geometry),
            (grid.code,),
        )
        for grid, count in zip(looked_at, counts, strict=True)
        if count <= 0
    ]
