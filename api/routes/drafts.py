"""Which drafts are there, and how far is each?"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from sqlalchemy import Connection

from api.answers.draft_schemas import (
    Comment,
    Copy,
    DraftAnswer,
    Locks,
    LogAnswer,
    NewDraft,
    VersionAnswer,
    VersionName,
)
from api.answers.drafts import tell_draft, tell_entry, tell_whole_draft
from api.events import DraftEvents
from api.principal import Asker
from api.routes.asked import AskedPlan, DraftId, OurWorkshop
from gis.plan.drafts import DraftStatus
from gis.store import approvals, drafts
from gis.store.plans import Series, get_series, revision_summaries

router = APIRouter(prefix="/v1/drafts", tags=["drafts"])


@router.get("", summary="The drafts of a plan, the newest first")
def list_drafts(
    live: AskedPlan,
    workshop: OurWorkshop,
    _: Asker,
    status: Annotated[
        list[DraftStatus] | None,
        Query(max_length=10, description="Only of this status; may be repeated."),
    ] = None,
) -> list[DraftAnswer]:
    """Return all drafts, or those of some statuses; `status` may be repeated."""
    with workshop.open() as connection:
        latest = latest_revision(connection, live.series)
        found = drafts.list_drafts(connection, live.series, statuses=status)
        return [tell_draft(draft, latest=latest) for draft in found]


@router.post("", status_code=201, summary="Begin a draft")
def begin(
    body: NewDraft, live: AskedPlan, workshop: OurWorkshop, asker: Asker, response: Response
) -> DraftAnswer:
    """Begin a draft on the latest revision, or on the one named."""
    with workshop.open() as connection:
        draft = drafts.create(
            connection, live.series, body.name, actor=asker.name, base_revision_id=body.base
        )
        answer = tell_draft(draft, latest=latest_revision(connection, live.series))
    response.headers["Location"] = f"/v1/drafts/{draft.id}"
    return answer


@router.get("/{draft_id}", summary="One draft: how far it is, what was done last")
def show(draft_id: DraftId, workshop: OurWorkshop, _: Asker) -> DraftAnswer:
    """Return a draft with its numbers of grids and edits, and its submission."""
    with workshop.at_draft(draft_id) as bench:
        return tell_whole_draft(bench, latest_revision(bench.connection, bench.series))


@router.delete("/{draft_id}", summary="Give up a draft")
def cancel(
    draft_id: DraftId, workshop: OurWorkshop, asker: Asker, body: Comment | None = None
) -> DraftAnswer:
    """Cancel a draft that is not published; it stays readable."""
    comment = body.reason if body else ""
    with workshop.open() as connection:
        return tell_draft(approvals.cancel(connection, draft_id, actor=asker.name, comment=comment))


@router.post("/{draft_id}/clone", status_code=201, summary="Begin a draft as another one is")
def clone(draft_id: DraftId, body: Copy, workshop: OurWorkshop, asker: Asker) -> DraftAnswer:
    """Begin a draft that looks as this one does now, or did at a named version."""
    with workshop.open() as connection:
        draft = drafts.clone(
            connection, draft_id, body.name, actor=asker.name, from_version=body.version
        )
        series = get_series(connection, draft.series)
        return tell_draft(draft, latest=latest_revision(connection, series))


@router.get("/{draft_id}/log", summary="All edits of a draft, in order")
def show_log(draft_id: DraftId, workshop: OurWorkshop, _: Asker) -> LogAnswer:
    """Return the edits, with those that were undone or dropped."""
    with workshop.at_draft(draft_id) as bench:
        entries = drafts.log(bench.connection, draft_id)
        return LogAnswer(
            version=bench.draft.version, entries=[tell_entry(entry) for entry in entries]
        )


@router.get("/{draft_id}/versions", summary="The named versions of a draft")
def list_versions(draft_id: DraftId, workshop: OurWorkshop, _: Asker) -> list[VersionAnswer]:
    """Return the named versions, the earliest first."""
    with workshop.at_draft(draft_id) as bench:
        found = drafts.list_versions(bench.connection, draft_id)
        return [VersionAnswer.model_validate(each, from_attributes=True) for each in found]


@router.post("/{draft_id}/versions", status_code=201, summary="Name the present version")
def name_version(
    draft_id: DraftId, body: VersionName, workshop: OurWorkshop, asker: Asker
) -> VersionAnswer:
    """Give the version that the draft has now a name to find it again."""
    with workshop.open() as connection:
        named = drafts.name_version(connection, draft_id, body.name, actor=asker.name)
        return VersionAnswer.model_validate(named, from_attributes=True)


@router.post("/{draft_id}/locks", summary="Keep grids from being changed")
def lock(draft_id: DraftId, body: Locks, workshop: OurWorkshop, asker: Asker) -> DraftAnswer:
    """Lock and unlock grids of an open draft."""
    with workshop.open() as connection:
        if body.lock:
            drafts.lock_codes(connection, draft_id, body.lock, actor=asker.name)
        if body.unlock:
            drafts.unlock_codes(connection, draft_id, body.unlock, actor=asker.name)
        return tell_draft(drafts.get(connection, draft_id))


@router.get("/{draft_id}/events", summary="Server-sent events: the versions of a draft")
def follow(
    draft_id: DraftId, request: Request, workshop: OurWorkshop, _: Asker
) -> StreamingResponse:
    """Send an event `version` with `{"version": n}` now and after every change."""

    def read_version() -> int:
        with workshop.open() as connection:
            return drafts.get(connection, draft_id).version

    read_version()  # 404 before the stream begins
    events: DraftEvents = request.app.state.draft_events
    stream: AsyncIterator[str] = events.follow(draft_id, read_version)
    headers = {"Cache-Control": "no-store"}
    return StreamingResponse(stream, media_type="text/event-stream", headers=headers)


def latest_revision(connection: Connection, series: Series) -> int | None:
    """Return the id of the latest published revision, which may not be in force yet."""
    found = [each.id for each in revision_summaries(connection, series) if not each.staged]
    return found[-1] if found else None
