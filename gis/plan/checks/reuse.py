"""Was a code that is new in this plan another area's before?"""

from __future__ import annotations

from gis.plan.checks.subject import Subject, middle_of
from gis.plan.model import Finding, Severity


def check_reuse(subject: Subject) -> list[Finding]:
    """Find retired codes that were given again.

    A code that was in use once and is not in the plan before leads to its successors; an area that
    gets it now would be taken for the old one wherever the past is looked at.
    """
    if subject.previous is None:
        return []
    return [
        Finding(
            "code-reuse",
            Severity.ERROR,
            f"the code {grid.code} belonged to an area that was given up",
            "give it a code that was never used",
            *middle_of(grid.geometry),
            (grid.code,),
        )
        for grid in subject.look_at()
        if grid.code in subject.used and grid.code not in subject.previous
    ]
