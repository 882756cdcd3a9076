"""Is a plan fit to be published, and who is asked to approve it?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from api.tasks.workshop import Workshop
from gis.plan import Finding, Plan
from gis.plan.checks import CHECK_VERSIONS, check_plan
from gis.plan.drafts import Exemption
from gis.store import approvals
from gis.store.drafts import Draft
from gis.store.lineage import used_codes
from gis.store.plans import Series, load_plan, revision_summaries


@dataclass(frozen=True, slots=True)
class Submitted:
    """A draft that was sent for approval, with what the checks said of it."""

    draft: Draft
    findings: list[Finding]


def submit(
    workshop: Workshop,
    draft_id: int,
    *,
    seen_version: int,
    actor: str,
    exemptions: Sequence[Exemption] = (),
    note: str = "",
) -> Submitted:
    """Run all checks on a draft and ask for approval.

    Raises
    ------
    Refused
        Errors are left that nobody gave a reason for.
    """
    with workshop.at_draft(draft_id, for_update=True) as bench:
        plan = bench.plan()
        findings = bench.check(plan)
        draft = approvals.submit(
            bench.connection,
            draft_id,
            plan,
            seen_version=seen_version,
            actor=actor,
            findings=findings,
            check_versions=CHECK_VERSIONS,
            exemptions=exemptions,
            note=note,
        )
        return Submitted(draft, findings)


def check(workshop: Workshop, connection: Connection, series: Series, plan: Plan) -> list[Finding]:
    """Run every check on a plan that would replace the latest revision."""
    ground = workshop.ground(connection, series)
    published = [each for each in revision_summaries(connection, series) if not each.staged]
    return check_plan(
        plan,
        metric_srid=series.metric_srid,
        work=ground.work,
        buildings=ground.buildings,
        base=ground.base,
        limits=workshop.limits,
        previous=load_plan(connection, published[-1].id) if published else None,
        used=used_codes(connection, series.id),
    )
