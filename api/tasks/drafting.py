"""How does a draft change, and what is said about the change?

Each function is one transaction: the draft is locked, changed, and what it touched is checked and
measured. Plans that this process has seen are not replayed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from api.tasks.measuring import Row, measure_rows
from api.tasks.workshop import Bench, Workshop
from gis.errors import InputError
from gis.plan import Finding, Plan
from gis.plan.checks import check_touched
from gis.plan.drafts import LogEntry
from gis.plan.edits import Edit, write_edit
from gis.store import audit, drafts
from gis.store.drafts import Changed, Draft

REPEATED_WITHIN = timedelta(days=1)
"""How long a request is known by its key, so that sending it again changes nothing."""
_REQUEST = "draft.request"


@dataclass(frozen=True, slots=True)
class Edited:
    """A draft after a change, and what the change did.

    ``changed`` are the codes whose value differs in any way, among them areas above and neighbours
    that only got a further corner; ``gone`` those that are no longer there; ``before`` and
    ``after`` hold the measures of all of them. ``dropped`` are edits that a rebase left out.
    """

    draft: Draft
    entry: LogEntry | None
    plan: Plan = field(repr=False)
    changed: tuple[str, ...]
    gone: tuple[str, ...]
    findings: list[Finding]
    before: dict[str, Row]
    after: dict[str, Row]
    dropped: tuple[LogEntry, ...] = ()


def make_edit(
    workshop: Workshop,
    draft_id: int,
    edit: Edit,
    *,
    seen_version: int,
    actor: str,
    key: str | None = None,
) -> Edited:
    """Apply an edit to a draft.

    Parameters
    ----------
    seen_version
        The version of the draft that the person looked at.
    key
        Names the request. When a request with this key was carried out within a day, nothing is
        done and the same is said again.

    Raises
    ------
    InputError
        The key named another request.
    Conflict
        Someone changed the same grids since that version.
    Refused
        The edit cannot be made here, or the draft takes none.
    """
    with workshop.at_draft(draft_id, for_update=True) as bench:
        if key is not None and (version := _find_request(bench, key, edit)) is not None:
            return _say_again(bench, version)
        before = bench.plan()
        done = drafts.append_edit(
            bench.connection,
            draft_id,
            edit,
            seen_version=seen_version,
            actor=actor,
            known=bench.known,
        )
        if key is not None:
            detail = {"version": done.draft.version, "edit": _digest(edit)}
            audit.record(bench.connection, actor, _REQUEST, _name_request(draft_id, key), detail)
        return _compare(bench, before, done)


def make_edits(
    workshop: Workshop,
    draft_id: int,
    edits: Sequence[Edit],
    *,
    actor: str,
    seen_version: int | None = None,
) -> list[Edited]:
    """Apply several edits in their order, all of them or none."""
    with workshop.at_draft(draft_id, for_update=True) as bench:
        version = bench.draft.version if seen_version is None else seen_version
        done: list[Edited] = []
        for edit in edits:
            before = done[-1].plan if done else bench.plan()
            changed = drafts.append_edit(
                bench.connection,
                draft_id,
                edit,
                seen_version=version,
                actor=actor,
                known=bench.known,
            )
            done.append(_compare(bench, before, changed))
            version = changed.draft.version
        return done


def undo(workshop: Workshop, draft_id: int, *, seen_version: int, actor: str) -> Edited:
    """Take back the last edit of a draft."""
    return _step(workshop, draft_id, drafts.undo, seen_version, actor)


def redo(workshop: Workshop, draft_id: int, *, seen_version: int, actor: str) -> Edited:
    """Make the edit again that was taken back last."""
    return _step(workshop, draft_id, drafts.redo, seen_version, actor)


def rebase(
    workshop: Workshop,
    draft_id: int,
    *,
    seen_version: int,
    actor: str,
    drop_conflicts: bool = False,
) -> Edited:
    """Put a draft on the latest revision; edits in conflict with it are named, or dropped."""
    with workshop.at_draft(draft_id, for_update=True) as bench:
        before = bench.plan()
        done = drafts.rebase_onto(
            bench.connection,
            draft_id,
            seen_version=seen_version,
            actor=actor,
            drop_conflicts=drop_conflicts,
            known=bench.known,
        )
        return _compare(bench, before, done)


def find_differing(before: Plan, after: Plan) -> set[str]:
    """Return the codes whose grid is not the same in two plans, in whatever way."""
    gone = {grid.code for grid in before if grid.code not in after}
    return gone | {
        grid.code
        for grid in after
        if grid.code not in before or not (before[grid.code] is grid or before[grid.code] == grid)
    }


def _step(
    workshop: Workshop,
    draft_id: int,
    take: Callable[..., Changed],
    seen_version: int,
    actor: str,
) -> Edited:
    with workshop.at_draft(draft_id, for_update=True) as bench:
        before = bench.plan()
        done = take(
            bench.connection, draft_id, seen_version=seen_version, actor=actor, known=bench.known
        )
        return _compare(bench, before, done)


def _compare(bench: Bench, before: Plan, done: Changed) -> Edited:
    after = done.plan
    differing = sorted(find_differing(before, after))
    touched = done.entry.changed if done.entry else frozenset(differing)
    ground, limits, srid = bench.ground, bench.workshop.limits, bench.series.metric_srid
    base = bench.base_plan()
    has_new = any(code in after and code not in base for code in differing)

    def measure(plan: Plan) -> dict[str, Row]:
        return measure_rows(plan, differing, ground, limits, metric_srid=srid)

    return Edited(
        draft=done.draft,
        entry=done.entry,
        plan=after,
        changed=tuple(code for code in differing if code in after),
        gone=tuple(code for code in differing if code not in after),
        findings=check_touched(
            after,
            touched,
            metric_srid=srid,
            work=ground.work,
            buildings=ground.buildings,
            base=ground.base,
            limits=limits,
            previous=base,
            used=bench.used() if has_new else (),
        ),
        before=measure(before),
        after=measure(after),
        dropped=done.conflicts,
    )


def _find_request(bench: Bench, key: str, edit: Edit) -> int | None:
    since = datetime.now(UTC) - REPEATED_WITHIN
    subject = _name_request(bench.draft.id, key)
    found = audit.entries(bench.connection, subject=subject, since=since, limit=1)
    if not found:
        return None
    if found[0].action != _REQUEST or found[0].detail["edit"] != _digest(edit):
        raise InputError(
            "this Idempotency-Key named another request already; send each request with its own",
            key=key,
        )
    return int(found[0].detail["version"])


def _digest(edit: Edit) -> str:
    written = json.dumps(write_edit(edit), sort_keys=True)
    return hashlib.sha256(written.encode()).hexdigest()


def _name_request(draft_id: int, key: str) -> str:
    return f"draft/{draft_id}/{key}"


def _say_again(bench: Bench, version: int) -> Edited:
    """Tell once more what the edit did that made a version of the draft."""
    connection, draft, known = bench.connection, bench.draft, bench.known
    before = drafts.plan_at(connection, draft, version - 1, known=known)
    after = drafts.plan_at(connection, draft, version, known=known)
    entry = _entry_of(connection, draft, version)
    return _compare(bench, before, Changed(replace(draft, version=version), after, entry))


def _entry_of(connection: Connection, draft: Draft, version: int) -> LogEntry | None:
    events = drafts.events_since(connection, draft.id, version - 1)
    wanted = events[0].entry_id if events else None
    log = drafts.log(connection, draft.id)
    return next((entry for entry in log if entry.id == wanted), None)
