"""What does a plan look like after an edit?"""

from __future__ import annotations

from collections.abc import Collection
from types import MappingProxyType
from typing import Any

from gis.errors import InputError
from gis.plan.edits.applied import Applied
from gis.plan.edits.limits import set_outer_limit
from gis.plan.edits.merging import merge
from gis.plan.edits.model import (
    ChangeParent,
    Edit,
    Merge,
    Rename,
    Renumber,
    Reshape,
    SetOuterLimit,
    Split,
    Transfer,
)
from gis.plan.edits.rehanging import change_parent
from gis.plan.edits.renaming import rename, renumber
from gis.plan.edits.reshaping import reshape
from gis.plan.edits.splitting import split
from gis.plan.edits.transferring import transfer
from gis.plan.model import Plan

__all__ = ["Applied", "apply_edit"]


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


_HOW: MappingProxyType[type, Any] = MappingProxyType(
    {
        Split: split,
        Merge: merge,
        Transfer: transfer,
        Reshape: reshape,
        SetOuterLimit: set_outer_limit,
        Rename: rename,
        Renumber: renumber,
        ChangeParent: change_parent,
    }
)
