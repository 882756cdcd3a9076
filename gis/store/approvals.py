"""Who submitted a draft, with which findings, and who approved it?

A submitted draft takes no edits. Whoever approves it is another person than who submitted it;
the database refuses anything else. Exemptions from checks are kept with their reasons.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, func, insert, select, update

from gis.errors import InputError, Refused
from gis.plan.describing import list_some
from gis.plan.drafts import Change, DraftStatus, EntryState, Exemption, find_blocking
from gis.plan.model import Finding, Plan
from gis.store import tables
from gis.store.draft_rows import Draft, change, clean_person, get, log, require, require_version
from gis.store.sessions import translating

LONGEST_TEXT = 2000

_submission = tables.submission.c


@dataclass(frozen=True, slots=True)
class Submission:
    """One attempt to have a draft approved.

    ``findings``: one ``{"check", "version", "severity", "count"}`` for each check and severity.
    ``decision`` is ``approved``, ``rejected``, ``withdrawn``, ``cancelled`` or None while it waits;
    an approval that was withdrawn is ``withdrawn``, and the events say who had approved.
    """

    id: int
    draft_id: int
    version: int
    fingerprint: str
    findings: tuple[Mapping[str, Any], ...]
    exemptions: tuple[Exemption, ...]
    note: str
    submitted_by: str
    submitted_at: datetime
    decision: str | None
    decided_by: str | None
    decided_at: datetime | None
    comment: str


def submit(
    connection: Connection,
    draft_id: int,
    plan: Plan,
    *,
    seen_version: int,
    actor: str,
    findings: Sequence[Finding],
    check_versions: Mapping[str, str],
    exemptions: Sequence[Exemption] = (),
    note: str = "",
) -> Draft:
    """Ask for approval of an open draft as it is now.

    Parameters
    ----------
    plan
        What the draft looks like; only this may be published.
    findings, check_versions
        What the checks said of it, and the version of each check by its name.
    exemptions
        Findings that are accepted, each with its reason.

    Raises
    ------
    Refused
        The draft is not open, it has no edits, or errors are left: ``data["findings"]``.
    Conflict
        The draft was changed since ``seen_version``.
    InputError
        An exemption has no reason, or nobody is named.
    """
    person = clean_person(actor)
    for exemption in exemptions:
        _check_text(exemption.reason, f"the exemption from {exemption.check!r}", least=1)
    _check_text(note, "the note")
    draft = get(connection, draft_id, for_update=True)
    require(draft, DraftStatus.OPEN, to="submit it")
    require_version(draft, seen_version)
    if not any(entry.state is EntryState.APPLIED for entry in log(connection, draft_id)):
        raise Refused(f"draft {draft_id} has no edits, so there is nothing to approve")
    _refuse_blocking(draft, find_blocking(findings, exemptions))
    values = {
        "draft_id": draft_id,
        "version": draft.version,
        "fingerprint": plan.fingerprint,
        "findings": _summarise(findings, check_versions),
        "exemptions": [asdict(exemption) for exemption in exemptions],
        "note": note,
        "submitted_by": person,
    }
    with translating():
        connection.execute(insert(tables.submission).values(values))
    detail = {"exemptions": values["exemptions"], "findings": values["findings"]}
    return _move(connection, draft, Change.SUBMITTED, DraftStatus.SUBMITTED, person, note, detail)


def withdraw(connection: Connection, draft_id: int, *, actor: str, comment: str = "") -> Draft:
    """Open a submitted or approved draft again."""
    draft = get(connection, draft_id, for_update=True)
    require(draft, DraftStatus.SUBMITTED, DraftStatus.APPROVED, to="withdraw it")
    _decide(connection, draft, "withdrawn", actor, comment)
    return _move(connection, draft, Change.WITHDRAWN, DraftStatus.OPEN, actor, comment)


def reject(connection: Connection, draft_id: int, *, actor: str, comment: str = "") -> Draft:
    """Send a submitted draft back; it is open again."""
    draft = get(connection, draft_id, for_update=True)
    require(draft, DraftStatus.SUBMITTED, to="reject it")
    _decide(connection, draft, "rejected", actor, comment)
    return _move(connection, draft, Change.REJECTED, DraftStatus.OPEN, actor, comment)


def approve(
    connection: Connection,
    draft_id: int,
    *,
    actor: str,
    seen_version: int | None = None,
    comment: str = "",
) -> Draft:
    """Approve a submitted draft.

    Raises
    ------
    Refused
        The draft is not submitted, or by this very person.
    Conflict
        The draft was changed since ``seen_version``.
    """
    person = clean_person(actor)
    draft = get(connection, draft_id, for_update=True)
    require(draft, DraftStatus.SUBMITTED, to="approve it")
    if seen_version is not None:
        require_version(draft, seen_version)
    submitter = submissions(connection, draft_id)[0].submitted_by
    if submitter.casefold() == person.casefold():
        raise Refused(
            f"{person} submitted draft {draft_id} ({draft.name}); another person must approve it",
            draft=draft_id,
            submitted_by=submitter,
        )
    _decide(connection, draft, "approved", person, comment)
    return _move(connection, draft, Change.APPROVED, DraftStatus.APPROVED, person, comment)


def cancel(connection: Connection, draft_id: int, *, actor: str, comment: str = "") -> Draft:
    """Give up a draft that is not published; Refused for one that is."""
    draft = get(connection, draft_id, for_update=True)
    alive = (DraftStatus.OPEN, DraftStatus.SUBMITTED, DraftStatus.APPROVED)
    require(draft, *alive, to="cancel it")
    if draft.status is not DraftStatus.OPEN:
        _decide(connection, draft, "cancelled", actor, comment)
    return _move(connection, draft, Change.CANCELLED, DraftStatus.CANCELLED, actor, comment)


def submissions(connection: Connection, draft_id: int) -> list[Submission]:
    """Return all submissions of a draft, the newest first."""
    query = (
        select(tables.submission)
        .where(_submission.draft_id == draft_id)
        .order_by(_submission.id.desc())
    )
    with translating():
        return [_to_submission(row) for row in connection.execute(query).mappings()]


def _to_submission(row: RowMapping) -> Submission:
    decided = row["decided_at"]
    exemptions = tuple(
        Exemption(each["check"], each["reason"], tuple(each["codes"])) for each in row["exemptions"]
    )
    return Submission(
        **{
            **row,
            "findings": tuple(row["findings"]),
            "exemptions": exemptions,
            "submitted_at": row["submitted_at"].astimezone(UTC),
            "decided_at": decided.astimezone(UTC) if decided else None,
        }
    )


def _decide(connection: Connection, draft: Draft, decision: str, actor: str, comment: str) -> None:
    _check_text(comment, "the comment")
    latest = select(func.max(_submission.id)).where(_submission.draft_id == draft.id)
    values = {
        "decision": decision,
        "decided_by": clean_person(actor),
        "decided_at": func.clock_timestamp(),
        "comment": comment,
    }
    with translating():
        connection.execute(
            update(tables.submission)
            .where(_submission.id == latest.scalar_subquery())
            .values(values)
        )


def _move(
    connection: Connection,
    draft: Draft,
    what: Change,
    to: DraftStatus,
    actor: str,
    comment: str,
    detail: Mapping[str, Any] | None = None,
) -> Draft:
    _check_text(comment, "the comment")
    return change(
        connection,
        draft,
        what,
        actor=actor,
        summary=f"{what}: {comment}" if comment else what.value,
        detail=detail,
        values={"status": to.value},
    )


def _refuse_blocking(draft: Draft, blocking: Sequence[Finding]) -> None:
    if blocking:
        told = [f"{finding.check}: {finding.message}" for finding in blocking]
        raise Refused(
            f"draft {draft.id} ({draft.name}) has {len(blocking)} errors; mend them, or give a "
            f"reason for each: {list_some(told)}",
            draft=draft.id,
            findings=[{"check": f.check, "message": f.message, "codes": f.codes} for f in blocking],
        )


def _summarise(
    findings: Sequence[Finding], check_versions: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Count the findings of each check, also those of checks that found nothing."""
    counts = Counter((finding.check, finding.severity.value) for finding in findings)
    silent = sorted(set(check_versions) - {check for check, _ in counts})
    rows = [*sorted(counts.items()), *(((check, ""), 0) for check in silent)]
    return [
        {
            "check": check,
            "version": check_versions.get(check, ""),
            "severity": severity,
            "count": count,
        }
        for (check, severity), count in rows
    ]


def _check_text(given: str, what: str, *, least: int = 0) -> None:
    if not least <= len(given.strip()) <= LONGEST_TEXT or "\x00" in given:
        raise InputError(f"{what} needs {least} to {LONGEST_TEXT} characters of text")
