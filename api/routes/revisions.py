"""Which revisions are there, how do they differ, and how is one taken back?"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from fastapi.responses import HTMLResponse

from api.answers.draft_schemas import RevisionAnswer, RollBack
from api.answers.drafts import tell_revision
from api.answers.impact import tell_lineage
from api.dates import parse_instant
from api.principal import Asker
from api.routes.asked import (
    AskedLanguage,
    AskedPlan,
    NamedPlan,
    OurSettings,
    OurWorkshop,
    RevisionId,
)
from api.routes.draft_views import AskedFormat, OnLevel, answer_impact
from api.tasks import publishing
from api.tasks.comparing import compare_revisions, find_summary
from gis.store.lineage import load_lineage
from gis.store.plans import revision_summaries
from maps.diff import draw_diff
from maps.offline import ServedAssets

router = APIRouter(prefix="/v1/revisions", tags=["revisions"])


@router.get("", summary="The revisions of a plan, from the earliest on")
def list_revisions(live: AskedPlan, workshop: OurWorkshop, _: Asker) -> list[RevisionAnswer]:
    """Return all revisions; a staged one is last."""
    with workshop.open() as connection:
        return [tell_revision(each) for each in revision_summaries(connection, live.series)]


@router.get("/compare", summary="What changed between two revisions", response_model=None)
def compare(
    live: AskedPlan,
    workshop: OurWorkshop,
    lang: AskedLanguage,
    _: Asker,
    before: Annotated[int, Query(ge=1, le=2**63 - 1, description="Id of a revision.")],
    after: Annotated[int, Query(ge=1, le=2**63 - 1, description="Id of a revision.")],
    plan: NamedPlan = None,
    level: OnLevel = None,
    form: AskedFormat = "json",
) -> Response:
    """Compare any two revisions of a plan; `html` is the map of both states."""
    with workshop.open() as connection:
        compared = compare_revisions(workshop, connection, live.series, before, after, level)
    if form == "html":
        page = draw_diff(compared.view(), live.base, lang, ServedAssets(plan=plan))
        return HTMLResponse(page)
    return answer_impact(compared, form, lang, f"{live.series.name}-{before}-{after}")


@router.post("/roll-back", status_code=201, summary="Publish an earlier revision again")
def roll_back(
    body: RollBack,
    live: AskedPlan,
    workshop: OurWorkshop,
    settings: OurSettings,
    asker: Asker,
) -> RevisionAnswer:
    """Publish the plan of an earlier revision as a new one, at once or from a date on."""
    wanted = parse_instant(body.effective_from, settings.zone) if body.effective_from else None
    done = publishing.roll_back(
        workshop,
        live.series,
        body.to,
        actor=asker.name,
        effective_from=wanted,
        reason=body.reason,
    )
    return tell_revision(done)


@router.get("/{revision_id}", summary="One revision")
def show(
    revision_id: RevisionId, live: AskedPlan, workshop: OurWorkshop, _: Asker
) -> RevisionAnswer:
    """Return a revision without its grids; `/v1/grids?at=` has those."""
    with workshop.open() as connection:
        return tell_revision(find_summary(connection, live.series, revision_id))


@router.get("/{revision_id}/lineage", summary="What became of the grids of the revision before")
def show_lineage(
    revision_id: RevisionId, live: AskedPlan, workshop: OurWorkshop, _: Asker
) -> dict[str, Any]:
    """Return for every pair of old and new grid what they share."""
    with workshop.open() as connection:
        find_summary(connection, live.series, revision_id)
        rows = load_lineage(connection, revision_id) or live.lineage.get(revision_id, ())
    return {"revision": revision_id, "lineage": [tell_lineage(row) for row in rows]}


@router.post("/{revision_id}/cancel", summary="Take back a scheduled revision")
def cancel(
    revision_id: RevisionId, live: AskedPlan, workshop: OurWorkshop, asker: Asker
) -> RevisionAnswer | None:
    """Take a revision back before its date; return the one that goes on instead."""
    goes_on = publishing.cancel_scheduled(workshop, live.series, revision_id, actor=asker.name)
    return tell_revision(goes_on) if goes_on else None
