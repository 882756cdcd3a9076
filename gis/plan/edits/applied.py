"""What does an edit make of a plan?"""

from __future__ import annotations

from dataclasses import dataclass

from gis.plan.edits.model import Edit
from gis.plan.model import Plan


@dataclass(frozen=True, slots=True)
class Applied:
    """What an edit made of a plan.

    Parameters
    ----------
    plan
        The new plan.
    edit
        The edit with the codes that were issued for it, ready to be stored and replayed.
    changed
        Codes, before and after, whose ground, name, code or parent the planner changed. Two edits
        without a common one do not disturb each other. Areas that only got a further corner on a
        border, and areas above whose border follows, are not among them.
    """

    plan: Plan
    edit: Edit
    changed: frozenset[str]
