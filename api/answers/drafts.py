"""How are drafts, edits and revisions told to whoever asks?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from api.answers.draft_schemas import (
    DraftAnswer,
    EditedAnswer,
    FindingAnswer,
    FindingsAnswer,
    LogEntryAnswer,
    RevisionAnswer,
    SubmissionAnswer,
)
from api.answers.geojson import write_collection
from api.tasks.drafting import Edited
from api.tasks.workshop import Bench
from gis.plan import Finding, Plan, Severity
from gis.plan.drafts import EntryState, LogEntry
from gis.plan.edits import write_edit
from gis.store import approvals, drafts
from gis.store.approvals import Submission
from gis.store.drafts import Draft
from gis.store.plans import RevisionSummary


def tell_entry(entry: LogEntry) -> LogEntryAnswer:
    """Tell one edit of a log."""
    return LogEntryAnswer(
        id=entry.id,
        number=entry.number,
        state=entry.state.value,
        summary=entry.summary,
        actor=entry.actor,
        at=entry.at,
        changed=sorted(entry.changed),
        edit=write_edit(entry.edit),
    )


def tell_draft(draft: Draft, *, latest: int | None = None) -> DraftAnswer:
    """Tell a draft without what is in it; ``latest`` is the latest published revision."""
    still_counts = draft.status.value in {"open", "submitted", "approved"}
    return DraftAnswer(
        id=draft.id,
        plan=draft.series,
        name=draft.name,
        status=draft.status.value,
        version=draft.version,
        base=draft.base_revision_id,
        superseded=still_counts and latest is not None and latest != draft.base_revision_id,
        locked=sorted(draft.locked),
        revision=draft.revision_id,
        created_by=draft.created_by,
        created_at=draft.created_at,
    )


def tell_whole_draft(bench: Bench, latest: int | None) -> DraftAnswer:
    """Tell a draft with its numbers of grids and edits, the last edit, and its submission."""
    log = drafts.log(bench.connection, bench.draft.id)
    applied = [entry for entry in log if entry.state is EntryState.APPLIED]
    submissions = approvals.submissions(bench.connection, bench.draft.id)
    answer = tell_draft(bench.draft, latest=latest)
    answer.grids = count_levels(bench.plan()) if bench.draft.base_revision_id else {}
    answer.applied = len(applied)
    answer.undone = sum(entry.state is EntryState.UNDONE for entry in log)
    answer.last = tell_entry(applied[-1]) if applied else None
    answer.submission = _tell_submission(submissions[0]) if submissions else None
    return answer


def tell_findings(version: int, findings: Iterable[Finding]) -> FindingsAnswer:
    """Tell what checks have found, errors first."""
    rows = sorted(findings, key=lambda finding: finding.severity is not Severity.ERROR)
    errors = sum(finding.severity is Severity.ERROR for finding in rows)
    return FindingsAnswer(
        version=version,
        errors=errors,
        warnings=len(rows) - errors,
        findings=[tell_finding(finding) for finding in rows],
    )


def tell_finding(finding: Finding) -> FindingAnswer:
    """Tell a fault, its place and its remedy."""
    return FindingAnswer(
        check=finding.check,
        severity=finding.severity.value,
        message=finding.message,
        remedy=finding.remedy,
        lon=finding.lon,
        lat=finding.lat,
        codes=list(finding.codes),
        size_m2=finding.size_m2,
    )


def tell_edited(edited: Edited) -> EditedAnswer:
    """Tell what a change of a draft did."""
    codes = sorted({*edited.before, *edited.after})
    return EditedAnswer(
        version=edited.draft.version,
        entry=tell_entry(edited.entry) if edited.entry else None,
        grids=write_collection(edited.plan[code] for code in edited.changed),
        gone=list(edited.gone),
        findings=[tell_finding(finding) for finding in edited.findings],
        measures=[
            {"code": code, "before": edited.before.get(code), "after": edited.after.get(code)}
            for code in codes
        ],
        dropped=[tell_entry(entry) for entry in edited.dropped],
    )


def tell_revision(summary: RevisionSummary) -> RevisionAnswer:
    """Tell a revision without its grids."""
    now = datetime.now(UTC)
    begun = summary.effective_from is None or summary.effective_from <= now
    over = summary.effective_to is not None and summary.effective_to <= now
    return RevisionAnswer(
        id=summary.id,
        status="staged"
        if summary.staged
        else "past"
        if over
        else "in_force"
        if begun
        else "scheduled",
        effective_from=summary.effective_from,
        effective_to=summary.effective_to,
        grids={level.value: count for level, count in summary.grids_by_level.items()},
        fingerprint=summary.fingerprint,
        note=summary.note,
        created_by=summary.created_by,
        created_at=summary.created_at,
    )


def count_levels(plan: Plan) -> dict[str, int]:
    """Count the areas of each level."""
    return {level.value: len(plan.at(level)) for level in plan.levels}


def _tell_submission(found: Submission) -> SubmissionAnswer:
    exceptions: list[dict[str, Any]] = [
        {"check": each.check, "reason": each.reason, "codes": list(each.codes)}
        for each in found.exemptions
    ]
    return SubmissionAnswer(
        version=found.version,
        submitted_by=found.submitted_by,
        submitted_at=found.submitted_at,
        note=found.note,
        exceptions=exceptions,
        findings=[dict(row) for row in found.findings],
        decision=found.decision,
        decided_by=found.decided_by,
        decided_at=found.decided_at,
        comment=found.comment,
    )
