"""How does a plan come into force, and how is that undone?

There is one way for all: in a single transaction the series is locked, the base must still be the
latest published revision, the revision before it ends where the new one begins, and lineage, routes
of open reports, audit and outbox are written with it. Readers see all of it or nothing.

A date is never before now, except for a first revision and an imported one with a date of its own:
history is not rewritten. A scheduled revision may be cancelled until its date comes. After that
the way back is a new revision with the geometry of an old one; only then do retired codes come
back.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, literal, select

from gis.errors import Conflict, Refused
from gis.plan.describing import list_some
from gis.plan.drafts import Change, DraftStatus
from gis.plan.lineage import LineageRow
from gis.plan.model import Plan
from gis.store import approvals, tables
from gis.store.cancelling import cancel_scheduled
from gis.store.draft_rows import Draft, change, clean_person, get, require
from gis.store.lineage import save_lineage, used_codes
from gis.store.plans import (
    RevisionSummary,
    Series,
    copy_grids,
    grid_ids,
    list_series,
    lock_series,
)
from gis.store.routing import Locate
from gis.store.sessions import translating
from gis.store.timeline import (
    Latest,
    announce_published,
    choose_start,
    find_latest,
    find_published,
    finish_revision,
    insert_revision,
    put_in_line,
    require_after,
    require_aware,
    route_if_due,
)

__all__ = ["cancel_scheduled", "publish", "publish_draft", "roll_back"]

_revision = tables.revision.c
_grid = tables.grid.c


def publish(
    connection: Connection,
    series: Series,
    revision_id: int,
    *,
    effective_from: datetime | None = None,
    lineage: Sequence[LineageRow] = (),
    locate: Locate | None = None,
    actor: str = "",
) -> RevisionSummary:
    """Bring the staged revision of a series into force from a date on, and announce it.

    The revision in force until then ends at that instant. Listeners on ``REVISION_CHANNEL``
    hear of it when the transaction commits.

    Parameters
    ----------
    revision_id
        What :func:`gis.store.plans.stage` returned.
    effective_from
        Aware date and time; None is "since ever", for the first revision of a series only.
    lineage, locate
        As for :func:`publish_draft`.

    Raises
    ------
    Conflict
        The revision is not staged any more: someone published or replaced it.
    Refused
        The date is not after the start of the latest published revision.
    """
    require_aware(effective_from)
    with translating():
        lock_series(connection, series)
        _require_staged(connection, series, revision_id)
        latest = find_latest(connection, series)
        if latest is not None:
            require_after(series, latest, effective_from)
        save_lineage(connection, revision_id, lineage)
        routed = route_if_due(connection, series, revision_id, effective_from, locate)
        put_in_line(connection, latest, revision_id, effective_from, routed)
        return announce_published(connection, series, revision_id, "plan.publish", actor)


def publish_draft(
    connection: Connection,
    draft_id: int,
    plan: Plan,
    *,
    effective_from: datetime | None = None,
    lineage: Sequence[LineageRow] = (),
    locate: Locate | None = None,
    note: str = "",
    actor: str,
) -> RevisionSummary:
    """Publish an approved draft from a date on, or at once.

    Parameters
    ----------
    plan
        What the draft looks like; must be what was submitted (by its fingerprint).
    effective_from
        Aware; None is from now on. At most a minute before now counts as now.
    lineage
        From the base to ``plan``, by :mod:`gis.plan.lineage`.
    locate
        Finds the grid of points in ``plan``; routes open reports if the revision is in force at
        once. None leaves that to :func:`gis.store.routing.reroute_due`.

    Raises
    ------
    Conflict
        The base is not the latest published revision any more (``data["latest"]``): rebase the
        draft. Or the draft was published or changed meanwhile.
    Refused
        The draft is not approved, the date is past, or a retired code would be used again.
    """
    person = clean_person(actor)
    require_aware(effective_from)
    with translating():
        series = _series_of(connection, get(connection, draft_id))
        lock_series(connection, series)
        draft = get(connection, draft_id, for_update=True)
        latest = find_latest(connection, series)
        _require_latest(draft, latest)
        _require_approved(connection, draft, plan)
        _require_fresh_codes(connection, series, draft.base, plan)
        start = choose_start(connection, series, latest, effective_from)
        values = {"origin": "draft", "draft_id": draft.id, "note": note or draft.name}
        revision_id = insert_revision(connection, series, plan.fingerprint, values, person)
        copy_grids(connection, revision_id, plan)
        start = finish_revision(connection, series, latest, revision_id, start, lineage, locate)
        change(
            connection, draft, Change.SCHEDULED, actor=person,
            summary=f"published as revision {revision_id} from {start.isoformat()}",
            detail={"revision": revision_id, "effective_from": start.isoformat()},
            values={"status": DraftStatus.SCHEDULED.value},
        )  # fmt: skip
        return announce_published(connection, series, revision_id, "plan.publish", person)


def roll_back(
    connection: Connection,
    series: Series,
    to_revision_id: int,
    *,
    effective_from: datetime | None = None,
    lineage: Sequence[LineageRow] = (),
    locate: Locate | None = None,
    note: str = "",
    actor: str,
) -> RevisionSummary:
    """Publish the plan of an earlier revision again, from a date on or at once.

    ``lineage`` is from the latest revision to the earlier one. Codes retired since come back.

    Raises
    ------
    Refused
        It is the latest revision already, or the date is past or before a scheduled revision.
    NotFound
        The series has no such published revision.
    """
    person = clean_person(actor)
    require_aware(effective_from)
    with translating():
        lock_series(connection, series)
        wanted = find_published(connection, series, to_revision_id)
        latest = find_latest(connection, series)
        if latest is None or latest.id == wanted.id:
            raise Refused(
                f"revision {to_revision_id} is the latest of {series.name!r} already; there is "
                "nothing to roll back",
                revision=to_revision_id,
            )
        start = choose_start(connection, series, latest, effective_from)
        values = {
            "origin": "rollback",
            "restored_id": wanted.id,
            "note": note or f"roll back to revision {wanted.id}",
        }
        revision_id = insert_revision(connection, series, wanted.fingerprint, values, person)
        _copy_grids_of(connection, wanted.id, revision_id)
        finish_revision(connection, series, latest, revision_id, start, lineage, locate)
        return announce_published(connection, series, revision_id, "plan.rollback", person)


def _require_staged(connection: Connection, series: Series, revision_id: int) -> None:
    staged = connection.execute(
        select(_revision.id).where(
            _revision.id == revision_id,
            _revision.series_id == series.id,
            _revision.valid.is_(None),
        )
    ).first()
    if staged is None:
        raise Conflict(
            f"revision {revision_id} of {series.name!r} is not staged any more: it was published "
            "or replaced meanwhile; look at `wangge plan list`",
            revision=revision_id,
        )


def _require_latest(draft: Draft, latest: Latest | None) -> None:
    if draft.status in (DraftStatus.SCHEDULED, DraftStatus.IN_FORCE):
        raise Conflict(
            f"draft {draft.id} ({draft.name}) was published as revision {draft.revision_id}",
            draft=draft.id,
            revision=draft.revision_id,
        )
    if latest is None or latest.id != draft.base_revision_id:
        newer = latest.id if latest else None
        raise Conflict(
            f"draft {draft.id} ({draft.name}) is based on revision {draft.base_revision_id}, and "
            f"revision {newer} was published since; withdraw it, rebase it, and have it approved",
            draft=draft.id,
            base=draft.base_revision_id,
            latest=newer,
        )


def _require_approved(connection: Connection, draft: Draft, plan: Plan) -> None:
    require(draft, DraftStatus.APPROVED, to="publish it")
    [approved, *_] = approvals.submissions(connection, draft.id)
    if approved.fingerprint != plan.fingerprint:
        raise Conflict(
            f"this is not the plan that was approved in draft {draft.id}; load the draft again",
            draft=draft.id,
        )


def _require_fresh_codes(connection: Connection, series: Series, base_id: int, plan: Plan) -> None:
    new = {grid.code for grid in plan}.difference(grid_ids(connection, base_id))
    again = sorted(new & used_codes(connection, series.id)) if new else []
    if again:
        raise Refused(
            f"{list_some(again)} belonged to earlier grids of {series.name!r}, and a code is never "
            "used again; renumber them",
            codes=again,
        )


def _copy_grids_of(connection: Connection, revision_id: int, to_revision_id: int) -> None:
    names = ("level", "code", "name", "parent_code", "geom")
    same = select(literal(to_revision_id), *(_grid[name] for name in names)).where(
        _grid.revision_id == revision_id
    )
    connection.execute(insert(tables.grid).from_select(("revision_id", *names), same))


def _series_of(connection: Connection, draft: Draft) -> Series:
    return next(each for each in list_series(connection) if each.id == draft.series_id)
