"""How does a draft get published, and how is a publish taken back?

What takes long (the lineage) is computed before the series is locked; the store then looks
again whether it still fits. One publish at a time in a process: the others wait here rather than
with a connection in their hands.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection

from api.tasks.figures import load_base_map
from api.tasks.ground import load_ground
from api.tasks.indexing import index_plan, narrowest_codes
from api.tasks.workshop import Bench, Workshop
from gis.errors import NotFound
from gis.plan import Plan, Revision
from gis.plan.lineage import LineageRow, trace_lineage
from gis.store import audit, publishing
from gis.store.plans import RevisionSummary, Series, load_plan, revision_summaries
from gis.store.routing import Locate, Routed, reroute_due

_REQUEST = "draft.publish-request"


def publish(
    workshop: Workshop,
    draft_id: int,
    *,
    actor: str,
    effective_from: datetime | None = None,
    reason: str = "",
    key: str | None = None,
) -> RevisionSummary:
    """Publish an approved draft from a date on, or at once.

    Parameters
    ----------
    key
        Names the request: a draft that was published by it already is not published again, and
        the same is said once more.

    Raises
    ------
    Conflict
        The base of the draft is not the latest revision any more, or it is published already.
    """
    with workshop.publishing, workshop.at_draft(draft_id) as bench:
        published = bench.draft.revision_id
        if published is not None and key is not None and _was_asked(bench, key):
            return _find_summary(bench.connection, bench.series, published)
        plan = bench.plan()
        done = publishing.publish_draft(
            bench.connection,
            draft_id,
            plan,
            effective_from=effective_from,
            lineage=_trace(workshop, bench.connection, bench.series, bench.base_plan(), plan),
            locate=locate_in(plan, bench.series),
            note=reason,
            actor=actor,
        )
        if key is not None:
            subject, detail = f"draft/{draft_id}/{key}", {"revision": done.id}
            audit.record(bench.connection, actor, _REQUEST, subject, detail)
        return done


def publish_staged(
    connection: Connection,
    series: Series,
    *,
    actor: str,
    effective_from: datetime | None = None,
) -> RevisionSummary:
    """Publish the staged revision of a series: the first since ever, others from a date or now."""
    summaries = revision_summaries(connection, series)
    if not summaries or not summaries[-1].staged:
        raise NotFound(f"plan {series.name!r} has no staged revision; import boundaries first")
    plan = load_plan(connection, summaries[-1].id)
    start, lineage = effective_from, []
    if len(summaries) > 1:
        start = effective_from or datetime.now(UTC)
        ground = load_ground(connection, series, load_base_map(connection, series))
        lineage = trace_lineage(
            load_plan(connection, summaries[-2].id),
            plan,
            metric_srid=series.metric_srid,
            work=ground.work,
        )
    return publishing.publish(
        connection,
        series,
        summaries[-1].id,
        effective_from=start,
        lineage=lineage,
        locate=locate_in(plan, series),
        actor=actor,
    )


def roll_back(
    workshop: Workshop,
    series: Series,
    to_revision_id: int,
    *,
    actor: str,
    effective_from: datetime | None = None,
    reason: str = "",
) -> RevisionSummary:
    """Publish the plan of an earlier revision again."""
    with workshop.publishing, workshop.open() as connection:
        published = [each for each in revision_summaries(connection, series) if not each.staged]
        if to_revision_id not in {each.id for each in published}:
            raise NotFound(
                f"plan {series.name!r} has no published revision {to_revision_id}",
                revision=to_revision_id,
            )
        plan = load_plan(connection, to_revision_id)
        latest = load_plan(connection, published[-1].id)
        return publishing.roll_back(
            connection,
            series,
            to_revision_id,
            effective_from=effective_from,
            lineage=_trace(workshop, connection, series, latest, plan),
            locate=locate_in(plan, series),
            note=reason,
            actor=actor,
        )


def cancel_scheduled(
    workshop: Workshop, series: Series, revision_id: int, *, actor: str
) -> RevisionSummary | None:
    """Take back a scheduled revision before its date; return the one that goes on."""
    with workshop.publishing, workshop.open() as connection:
        return publishing.cancel_scheduled(connection, series, revision_id, actor=actor)


def route_due(workshop: Workshop) -> list[Routed]:
    """Hand open reports to the grids of revisions whose date has come."""
    with workshop.open() as connection:
        return reroute_due(connection, lambda series, found: locate_in(found.plan, series))


def locate_in(plan: Plan, series: Series) -> Locate:
    """Return a function that finds the narrowest grid of points; the index is built when asked."""

    def locate(lon, lat):
        revision = Revision(0, series.name, None, None, plan)
        return narrowest_codes(index_plan(revision, series.metric_srid), lon, lat)

    return locate


def _trace(
    workshop: Workshop, connection: Connection, series: Series, before: Plan, after: Plan
) -> list[LineageRow]:
    work = workshop.ground(connection, series).work
    return trace_lineage(before, after, metric_srid=series.metric_srid, work=work)


def _was_asked(bench: Bench, key: str) -> bool:
    subject = f"draft/{bench.draft.id}/{key}"
    found = audit.entries(bench.connection, subject=subject, limit=1)
    return any(entry.action == _REQUEST for entry in found)


def _find_summary(connection: Connection, series: Series, revision_id: int) -> RevisionSummary:
    return next(each for each in revision_summaries(connection, series) if each.id == revision_id)


def is_in_force(summary: RevisionSummary) -> bool:
    """Tell whether a published revision has begun."""
    return summary.effective_from is None or summary.effective_from <= datetime.now(UTC)
