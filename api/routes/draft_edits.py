"""How is a draft changed over HTTP?"""

from __future__ import annotations

from fastapi import APIRouter, Response

from api.answers.draft_schemas import (
    BalanceRequest,
    DivisionRequest,
    EditedAnswer,
    EditRequest,
    RebaseRequest,
    SeenVersion,
    UnitChoice,
)
from api.answers.drafts import tell_edited
from api.answers.geojson import dump
from api.principal import Asker
from api.routes.asked import DraftId, OurWorkshop, RequestKey
from api.tasks import balancing, drafting

router = APIRouter(prefix="/v1/drafts/{draft_id}", tags=["edits"])


def _answer(edited: drafting.Edited) -> Response:
    # Written as it is: validating thousands of coordinates once more would cost more than the edit.
    return Response(
        dump(tell_edited(edited).model_dump(mode="json")), media_type="application/json"
    )


@router.post("/edits", response_model=EditedAnswer, summary="Change a draft by an edit")
def edit(
    draft_id: DraftId,
    body: EditRequest,
    workshop: OurWorkshop,
    asker: Asker,
    key: RequestKey = None,
) -> Response:
    """Apply an edit.

    Sent on an older version it is taken as long as nobody has changed the same grids since; else
    409 names the edits, grids and persons (`data`).
    """
    return _answer(
        drafting.make_edit(
            workshop,
            draft_id,
            body.edit,
            seen_version=body.seen_version,
            actor=asker.name,
            key=key,
        )
    )


@router.post("/undo", response_model=EditedAnswer, summary="Take back the last edit")
def undo(draft_id: DraftId, body: SeenVersion, workshop: OurWorkshop, asker: Asker) -> Response:
    """Take back the last edit; the version seen must be the newest."""
    return _answer(
        drafting.undo(workshop, draft_id, seen_version=body.seen_version, actor=asker.name)
    )


@router.post("/redo", response_model=EditedAnswer, summary="Make the edit undone last again")
def redo(draft_id: DraftId, body: SeenVersion, workshop: OurWorkshop, asker: Asker) -> Response:
    """Make the edit that was undone last again; the version seen must be the newest."""
    return _answer(
        drafting.redo(workshop, draft_id, seen_version=body.seen_version, actor=asker.name)
    )


@router.post("/rebase", response_model=EditedAnswer, summary="Put a draft on the latest revision")
def rebase(draft_id: DraftId, body: RebaseRequest, workshop: OurWorkshop, asker: Asker) -> Response:
    """Make the edits again on the latest revision; those in conflict are named, or dropped."""
    return _answer(
        drafting.rebase(
            workshop,
            draft_id,
            seen_version=body.seen_version,
            actor=asker.name,
            drop_conflicts=body.drop_conflicts,
        )
    )


@router.post("/units", summary="The transfer that gives buildings to a grid")
def choose_units(draft_id: DraftId, body: UnitChoice, workshop: OurWorkshop, _: Asker) -> Response:
    """Return the edit that gives the ground of buildings to a grid; nothing is changed."""
    found = balancing.transfer_of(
        workshop, draft_id, body.buildings, to=body.to, across=body.across
    )
    return Response(dump(found), media_type="application/json")


@router.post("/balance", summary="Propose edits that even out the load")
def balance(draft_id: DraftId, body: BalanceRequest, workshop: OurWorkshop, _: Asker) -> Response:
    """Return a proposal as ordinary edits, each with its reason; nothing is changed."""
    choices = balancing.BalanceChoices(**body.model_dump())
    found = balancing.propose(workshop, draft_id, choices)
    return Response(dump(found), media_type="application/json")


@router.post("/divide", summary="Propose splits that divide a grid evenly")
def divide(draft_id: DraftId, body: DivisionRequest, workshop: OurWorkshop, _: Asker) -> Response:
    """Return the splits, to be sent in their order; nothing is changed."""
    found = balancing.propose_division(workshop, draft_id, **body.model_dump())
    return Response(dump(found), media_type="application/json")
