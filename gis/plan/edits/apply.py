"""What does a plan look like after an edit?"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from gis.errors import InputError
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


def apply_edit(plan: Plan, edit: Edit, *, used: Collection[str] = frozenset()) -> Applied:
    """Return the plan after an edit; the coverage stays exact or the edit is refused.

    Parameters
    ----------
    plan
        The plan before; it is not changed.
    edit
        With issued codes when it is replayed, without when it is new.
    used
        Codes that were ever in use besides those of the plan; none of them is issued.

    Raises
    ------
    Refused
        The edit is understood and cannot be made here: the message says why, where and what to do;
        ``data`` holds ``codes`` and, where there is a place, ``lon`` and ``lat``.
    NotFound
        It names a grid that is not in the plan.
    """
    try:
        how = _HOW[type(edit)]
    except KeyError:
        raise InputError(f"{type(edit).__name__} is no edit") from None
    applied: Applied = how(plan, edit, used)
    return applied


_HOW: MappingProxyType[type, Any] = MappingProxyType({})
