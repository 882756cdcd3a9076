"""How is a scheduled revision taken back before its date comes?"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, text

from gis.errors import Refused
from gis.plan.describing import list_some
from gis.plan.drafts import Change, DraftStatus
from gis.store import audit, outbox, tables
from gis.store.draft_rows import change, clean_person, get, read_drafts
from gis.store.plans import RevisionSummary, Series, announce, lock_series
from gis.store.sessions import translating
from gis.store.timeline import Latest, end_revision, find_before, find_published, read_clock

_revision = tables.revision.c


def cancel_scheduled(
    connection: Connection, series: Series, revision_id: int, *, actor: str
) -> RevisionSummary | None:
    """Remove the scheduled revision before it comes into force; the one before goes on.

    Its draft is approved again and may be published for another date. Reports that are dated after
    it would have begun go back to the grids of the revision before.

    Returns
    -------
    RevisionSummary
        The revision before it, with its end opened; None if there is none.

    Raises
    ------
    Refused
        The revision is in force already, others follow it, or drafts are based on it.
    NotFound
        The series has no such published revision.
    """
    person = clean_person(actor)
    with translating():
        lock_series(connection, series)
        scheduled = find_published(connection, series, revision_id)
        began = scheduled.effective_from
        if began is None or began <= read_clock(connection):
            raise Refused(
                f"revision {revision_id} of {series.name!r} is in force since "
                f"{began.isoformat() if began else 'ever'} and stays in history; roll back instead",
                revision=revision_id,
            )
        _require_last(connection, series, scheduled)
        before = find_before(connection, series, began)
        _give_reports_back(connection, series, scheduled.id, began, before)
        if scheduled.draft_id is not None:
            draft = get(connection, scheduled.draft_id, for_update=True)
            change(
                connection, draft, Change.UNSCHEDULED, actor=person,
                summary=f"revision {revision_id} was cancelled before {began.isoformat()}",
                detail={"revision": revision_id},
                values={"status": DraftStatus.APPROVED.value},
            )  # fmt: skip
        connection.execute(delete(tables.revision).where(_revision.id == revision_id))
        if before is not None:
            end_revision(connection, before, None)
        detail = {"revision": revision_id, "effective_from": began.isoformat()}
        audit.record(connection, person, "plan.cancel", series.name, detail)
        outbox.enqueue(connection, "revision.cancelled", {"plan": series.name, **detail})
        announce(connection, series)
        return find_published(connection, series, before.id) if before else None


def _require_last(connection: Connection, series: Series, scheduled: RevisionSummary) -> None:
    if scheduled.effective_to is not None:
        raise Refused(
            f"another revision follows {scheduled.id}; cancel that one first",
            revision=scheduled.id,
        )
    based = [
        draft
        for draft in read_drafts(connection, series_id=series.id)
        if draft.base_revision_id == scheduled.id and draft.status is not DraftStatus.CANCELLED
    ]
    if based:
        names = list_some([f"{draft.id} ({draft.name})" for draft in based])
        raise Refused(
            f"drafts are based on revision {scheduled.id}: {names}; cancel or rebase them first",
            drafts=[draft.id for draft in based],
        )


_GIVE_BACK = text("""
UPDATE report SET (grid_id, position) = (
    SELECT found.id, CASE WHEN found.id IS NULL THEN 'outside' ELSE 'located' END
    FROM (SELECT (
        SELECT grid.id FROM grid
        WHERE grid.revision_id = :before AND ST_Covers(grid.geom, report.geom)
        ORDER BY array_position(
            ARRAY['subgrid', 'grid', 'community', 'subdistrict', 'district'], grid.level), grid.code
        LIMIT 1) AS id) AS found)
WHERE series_id = :series AND geom IS NOT NULL
  AND (occurred_at >= :began OR grid_id IN (SELECT id FROM grid WHERE revision_id = :cancelled))
""")


def _give_reports_back(
    connection: Connection,
    series: Series,
    cancelled_id: int,
    began: datetime,
    before: Latest | None,
) -> None:
    parameters = {
        "series": series.id,
        "cancelled": cancelled_id,
        "began": began,
        "before": before.id if before else None,
    }
    connection.execute(_GIVE_BACK, parameters)
