"""How does a draft get from its planner into force?"""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from api.answers.draft_schemas import (
    Approval,
    Comment,
    DraftAnswer,
    FindingsAnswer,
    PublishRequest,
    Rejection,
    RevisionAnswer,
    SubmitRequest,
)
from api.answers.drafts import tell_draft, tell_findings, tell_revision
from api.dates import parse_instant
from api.principal import Asker
from api.routes.asked import DraftId, OurSettings, OurWorkshop, RequestKey
from api.tasks import publishing, submitting
from gis.plan.drafts import Exemption
from gis.store import approvals

router = APIRouter(prefix="/v1/drafts/{draft_id}", tags=["approval"])


class SubmittedAnswer(BaseModel):
    """A draft that waits for approval, and what the checks said of it."""

    draft: DraftAnswer
    findings: FindingsAnswer


@router.post("/submit", summary="Ask for approval")
def submit(
    draft_id: DraftId, body: SubmitRequest, workshop: OurWorkshop, asker: Asker
) -> SubmittedAnswer:
    """Run all checks; errors must be gone, or be accepted for a reason that is kept."""
    done = submitting.submit(
        workshop,
        draft_id,
        seen_version=body.seen_version,
        actor=asker.name,
        exemptions=[Exemption(e.check, e.reason, tuple(e.codes)) for e in body.exceptions],
        note=body.note,
    )
    return SubmittedAnswer(
        draft=tell_draft(done.draft), findings=tell_findings(done.draft.version, done.findings)
    )


@router.post("/withdraw", summary="Open a submitted draft again")
def withdraw(
    draft_id: DraftId, workshop: OurWorkshop, asker: Asker, body: Comment | None = None
) -> DraftAnswer:
    """Take back a submission, also an approved one."""
    comment = body.reason if body else ""
    with workshop.open() as connection:
        return tell_draft(
            approvals.withdraw(connection, draft_id, actor=asker.name, comment=comment)
        )


@router.post("/reject", summary="Send a submitted draft back")
def reject(draft_id: DraftId, body: Rejection, workshop: OurWorkshop, asker: Asker) -> DraftAnswer:
    """Open the draft again, with the reason."""
    with workshop.open() as connection:
        return tell_draft(
            approvals.reject(connection, draft_id, actor=asker.name, comment=body.reason)
        )


@router.post("/approve", summary="Approve a submitted draft")
def approve(
    draft_id: DraftId, workshop: OurWorkshop, asker: Asker, body: Approval | None = None
) -> DraftAnswer:
    """Approve; only by another person than who submitted it."""
    body = body or Approval()
    with workshop.open() as connection:
        return tell_draft(
            approvals.approve(
                connection,
                draft_id,
                actor=asker.name,
                seen_version=body.seen_version,
                comment=body.reason,
            )
        )


@router.post("/publish", summary="Bring an approved draft into force")
def publish(
    draft_id: DraftId,
    workshop: OurWorkshop,
    settings: OurSettings,
    asker: Asker,
    body: PublishRequest | None = None,
    key: RequestKey = None,
) -> RevisionAnswer:
    """Publish at once, or from `effective_from` on; all of it or nothing."""
    body = body or PublishRequest()
    wanted = parse_instant(body.effective_from, settings.zone) if body.effective_from else None
    done = publishing.publish(
        workshop,
        draft_id,
        actor=asker.name,
        effective_from=wanted,
        reason=body.reason,
        key=key,
    )
    return tell_revision(done)
