"""Steps that the tests of drafts and of publishing have in common."""

from __future__ import annotations

import shapely
from sqlalchemy import Connection

from gis.plan.edits.model import Edit, Rename, Renumber
from gis.plan.model import Plan
from gis.store import approvals, drafts
from gis.store.drafts import Draft
from gis.store.plans import Series

COMMUNITY = "350402002003"


def code(number: int) -> str:
    """Return the code of one of the nine grids."""
    return f"{COMMUNITY}{number:03d}"


def rename(number: int, name: str = "新") -> Edit:
    """Rename one of the nine grids."""
    return Rename(code=code(number), name=name)


def renumber(old: int, new: int) -> Edit:
    """Give one of the nine grids another number."""
    return Renumber(codes={code(old): code(new)})


def make_draft(
    connection: Connection, series: Series, *edits: Edit, name: str = "重划"
) -> tuple[Draft, Plan]:
    """Begin a draft with some edits; return it with its plan."""
    draft = drafts.create(connection, series, name, actor="chen")
    for edit in edits:
        draft = drafts.append_edit(
            connection, draft.id, edit, seen_version=draft.version, actor="chen"
        ).draft
    return draft, drafts.current_plan(connection, draft)


def make_approved(
    connection: Connection, series: Series, *edits: Edit, name: str = "重划"
) -> tuple[Draft, Plan]:
    """Begin a draft with some edits, submitted by Chen and approved by Lin."""
    draft, plan = make_draft(connection, series, *edits, name=name)
    approvals.submit(
        connection, draft.id, plan, seen_version=draft.version, actor="chen", findings=[],
        check_versions={"coverage": "1"},
    )  # fmt: skip
    return approvals.approve(connection, draft.id, actor="lin"), plan


def locate_in(plan: Plan):
    """Return a slow ``locate``: the code of the narrowest grid that covers each point."""

    def locate(lon, lat):
        points = shapely.points(lon, lat)
        return [
            next((g.code for g in reversed_by_level(plan) if g.geometry.covers(point)), None)
            for point in points
        ]

    return locate


def reversed_by_level(plan: Plan):
    """Return all grids, the narrowest level first, in ascending code order."""
    return [grid for level in reversed(plan.levels) for grid in plan.at(level)]
