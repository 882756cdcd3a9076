"""How is the plan of a draft changed, by several people, without losing an edit?

An edit may be sent on an older version of the draft: it is taken if nobody has changed since what
it changes. Undo, redo and rebase need the newest version.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection, func, select

from gis.errors import InputError, NotFound, Refused
from gis.plan.describing import describe_edit, list_some
from gis.plan.drafts import (
    Change,
    DraftState,
    DraftStatus,
    EntryState,
    KnownPlans,
    LogEntry,
    explain_conflict,
    find_changed_codes,
    find_conflicts,
    replay,
    state_at,
)
from gis.plan.edits.apply import Applied, apply_edit
from gis.plan.edits.model import Edit, write_edit
from gis.plan.model import Plan
from gis.plan.rebasing import explain_rebase, rebase
from gis.store import tables
from gis.store.draft_rows import (
    Draft,
    append_entries,
    change,
    clean_person,
    events_since,
    get,
    log,
    require,
    require_version,
    set_states,
)
from gis.store.lineage import used_codes
from gis.store.plans import load_plan
from gis.store.sessions import translating

_revision = tables.revision.c


@dataclass(frozen=True, slots=True)
class Changed:
    """A draft after a change of its plan; ``conflicts`` are edits that a rebase dropped."""

    draft: Draft
    plan: Plan = field(repr=False)
    entry: LogEntry | None = None
    conflicts: tuple[LogEntry, ...] = ()


def append_edit(
    connection: Connection,
    draft_id: int,
    edit: Edit,
    *,
    seen_version: int,
    actor: str,
    summary: str = "",
    known: KnownPlans | None = None,
) -> Changed:
    """Apply an edit to a draft and write it into the log; what was undone is dropped.

    Parameters
    ----------
    edit
        Without issued codes.
    seen_version
        The version of the draft that the sender looked at. If it is not the newest, the edit is
        taken if nothing that it changes was changed since, and it still applies.
    summary
        In words, for the log; by default said from the edit.
    known
        Plans that this process has at hand; without them everything is replayed.

    Raises
    ------
    Conflict
        Someone changed the same grids since; ``data`` has ``edits`` (``summary``, ``codes``,
        ``actor``, ``at``), ``grids``, ``persons`` and ``version``.
    Refused
        The draft is not open, a grid is locked, or the edit cannot be made.
    NotFound
        There is no such draft, or no such grid in it.
    """
    person = clean_person(actor)
    draft = get(connection, draft_id, for_update=True)
    require(draft, DraftStatus.OPEN, to="edit it")
    used = used_codes(connection, draft.series_id)
    state = find_state(connection, draft, draft.version)
    plan = _plan(connection, draft, state, known)
    applied = _apply(connection, draft, plan, edit, seen_version, known, used)
    _refuse_locked(draft, applied.changed)
    undone = _in_state(log(connection, draft_id), EntryState.UNDONE)
    set_states(connection, [entry.id for entry in undone], EntryState.DROPPED)
    row = {
        "edit": write_edit(applied.edit),
        "changed": sorted(applied.changed),
        "summary": summary or describe_edit(applied.edit),
        "actor": person,
    }
    [entry] = append_entries(connection, draft_id, [row])
    draft = change(
        connection, draft, Change.EDITED, actor=person, summary=entry.summary, entry_id=entry.id,
        changed=entry.changed,
    )  # fmt: skip
    _keep(known, DraftState(state.base_revision_id, (*state.entry_ids, entry.id)), applied.plan)
    return Changed(draft, applied.plan, entry)


def undo(
    connection: Connection,
    draft_id: int,
    *,
    seen_version: int,
    actor: str,
    known: KnownPlans | None = None,
) -> Changed:
    """Take back the last applied edit.

    Raises
    ------
    Conflict
        ``seen_version`` is not the newest.
    Refused
        There is nothing to undo, a grid is locked, or the draft is not open.
    """
    draft = _open_at(connection, draft_id, seen_version)
    applied = _in_state(log(connection, draft_id), EntryState.APPLIED)
    if not applied:
        raise Refused(f"draft {draft_id} has no edit to undo", draft=draft_id)
    return _turn(connection, draft, applied[-1], EntryState.UNDONE, actor, known)


def redo(
    connection: Connection,
    draft_id: int,
    *,
    seen_version: int,
    actor: str,
    known: KnownPlans | None = None,
) -> Changed:
    """Apply the edit that was undone last.

    Raises
    ------
    Conflict
        ``seen_version`` is not the newest.
    Refused
        There is nothing to redo, a grid is locked, or the draft is not open.
    """
    draft = _open_at(connection, draft_id, seen_version)
    undone = _in_state(log(connection, draft_id), EntryState.UNDONE)
    if not undone:
        raise Refused(f"draft {draft_id} has no edit to redo", draft=draft_id)
    return _turn(connection, draft, undone[0], EntryState.APPLIED, actor, known)


def rebase_onto(
    connection: Connection,
    draft_id: int,
    *,
    seen_version: int,
    actor: str,
    revision_id: int | None = None,
    drop_conflicts: bool = False,
    known: KnownPlans | None = None,
) -> Changed:
    """Put an open draft on a newer revision, the latest published one by default.

    Edits that touch nothing that differs between the two bases are made again there, with other
    codes where theirs are taken by now. In the log they are new entries, and the old ones dropped,
    with those that were undone.

    Parameters
    ----------
    drop_conflicts
        Drop (and return) the edits that cannot be kept; otherwise they are named in a Conflict.

    Raises
    ------
    Conflict
        ``seen_version`` is not the newest, or edits cannot be kept.
    """
    person = clean_person(actor)
    draft = _open_at(connection, draft_id, seen_version)
    base = find_base(connection, draft.series_id, revision_id)
    if base == draft.base_revision_id:
        raise Refused(f"draft {draft_id} is on revision {base} already", revision=base)
    entries = log(connection, draft_id)
    applied = _in_state(entries, EntryState.APPLIED)
    before = current_plan(connection, draft, known=known)
    old, new = (_base_plan(connection, each, known) for each in (draft.base, base))
    rebased = rebase(old, new, applied, used_codes(connection, draft.series_id))
    if rebased.conflicts and not drop_conflicts:
        raise explain_rebase(
            rebased, find_changed_codes(old, new), base=base, version=draft.version
        )
    stale = [entry.id for entry in entries if entry.state is not EntryState.DROPPED]
    set_states(connection, stale, EntryState.DROPPED)
    rows = [write_row(entry, again) for entry, again in rebased.kept]
    state = DraftState(base, tuple(e.id for e in append_entries(connection, draft_id, rows)))
    draft = change(
        connection, draft, Change.REBASED, actor=person, state=state,
        changed=find_changed_codes(before, rebased.plan),
        summary=f"put on revision {base}; {len(rebased.conflicts)} edits dropped",
        detail={"dropped": [entry.id for entry in rebased.conflicts]},
        values={"base_revision_id": base},
    )  # fmt: skip
    _keep(known, state, rebased.plan)
    return Changed(draft, rebased.plan, None, rebased.conflicts)


def current_plan(connection: Connection, draft: Draft, *, known: KnownPlans | None = None) -> Plan:
    """Return the plan of a draft as it is at the draft's version."""
    return plan_at(connection, draft, draft.version, known=known)


def plan_at(
    connection: Connection, draft: Draft, version: int, *, known: KnownPlans | None = None
) -> Plan:
    """Return the plan of a draft as it was at a version, or raise NotFound."""
    state = find_state(connection, draft, version)
    return _plan(connection, draft, state, known)


def find_base(connection: Connection, series_id: int, revision_id: int | None) -> int:
    """Return a published revision of a series, the latest one by default."""
    query = (
        select(_revision.id)
        .where(_revision.series_id == series_id, _revision.valid.is_not(None))
        .order_by(func.lower(_revision.valid).desc().nulls_last())
        .limit(1)
    )
    if revision_id is not None:
        query = query.where(_revision.id == revision_id)
    with translating():
        found: int | None = connection.execute(query).scalar()
    if found is None:
        which = "no published revision" if revision_id is None else f"no revision {revision_id}"
        raise NotFound(f"the plan has {which}; publish one first", revision=revision_id)
    return found


def write_row(entry: LogEntry, applied: Applied | None = None) -> dict[str, object]:
    """Return an entry as a row to be written again, with what became of it on another base."""
    edit, changed = (applied.edit, applied.changed) if applied else (entry.edit, entry.changed)
    return {
        "edit": write_edit(edit),
        "changed": sorted(changed),
        "summary": entry.summary,
        "actor": entry.actor,
    }


def _apply(
    connection: Connection,
    draft: Draft,
    plan: Plan,
    edit: Edit,
    seen: int,
    known: KnownPlans | None,
    used: Collection[str],
) -> Applied:
    """Apply an edit that was sent on a version of a draft to its newest plan."""
    if seen == draft.version:
        return apply_edit(plan, edit, used=used)
    if not 1 <= seen < draft.version:
        raise InputError(
            f"draft {draft.id} has no version {seen}; the newest is {draft.version}",
            version=draft.version,
        )
    events = events_since(connection, draft.id)
    theirs = [event for event in events if event.version > seen and event.changed]

    def refuse_conflicts(before: Plan, changed: Collection[str]) -> None:
        # A code that is new with an edit is in nobody's way: it is issued here and now.
        touched = [code for code in changed if code in before]
        conflicts = find_conflicts(touched, theirs)
        if conflicts:
            raise explain_conflict(conflicts, touched, seen=seen, now=draft.version)

    if theirs:
        seen_plan = _plan(connection, draft, state_at(events, seen), known)
        refuse_conflicts(seen_plan, apply_edit(seen_plan, edit, used=used).changed)
    try:
        applied = apply_edit(plan, edit, used=used)
    except (InputError, NotFound, Refused) as error:
        if theirs:
            raise explain_conflict(theirs, (), seen=seen, now=draft.version) from error
        raise
    refuse_conflicts(plan, applied.changed)
    return applied


def _refuse_locked(draft: Draft, changed: Collection[str]) -> None:
    locked = sorted(draft.locked.intersection(changed))
    if locked:
        raise Refused(
            f"{list_some(locked)} must not be changed in draft {draft.id} ({draft.name}): locked; "
            "unlock it first",
            codes=locked,
        )


def _open_at(connection: Connection, draft_id: int, seen_version: int) -> Draft:
    draft = get(connection, draft_id, for_update=True)
    require(draft, DraftStatus.OPEN, to="edit it")
    require_version(draft, seen_version)
    return draft


def _turn(
    connection: Connection,
    draft: Draft,
    entry: LogEntry,
    to: EntryState,
    actor: str,
    known: KnownPlans | None,
) -> Changed:
    """Set one entry undone or applied again."""
    _refuse_locked(draft, entry.changed)
    set_states(connection, [entry.id], to)
    what = Change.UNDONE if to is EntryState.UNDONE else Change.REDONE
    draft = change(
        connection, draft, what, actor=actor, summary=f"{what}: {entry.summary}",
        entry_id=entry.id, changed=entry.changed,
    )  # fmt: skip
    return Changed(draft, current_plan(connection, draft, known=known), replace(entry, state=to))


def find_state(connection: Connection, draft: Draft, version: int) -> DraftState:
    """Return the base and the applied edits of a draft at a version."""
    return state_at(events_since(connection, draft.id), version)


def _base_plan(connection: Connection, revision_id: int, known: KnownPlans | None) -> Plan:
    state = DraftState(revision_id, ())
    plan = known.get(state) if known else None
    if plan is None:
        plan = load_plan(connection, revision_id)
        _keep(known, state, plan)
    return plan


def _plan(
    connection: Connection, draft: Draft, state: DraftState, known: KnownPlans | None
) -> Plan:
    """Replay what is not known of the way to a state."""
    done = len(state.entry_ids)
    plan = known.get(state) if known else None
    while plan is None and done > 0:
        done -= 1
        plan = known.get(replace(state, entry_ids=state.entry_ids[:done])) if known else None
    if plan is None:
        plan = _base_plan(connection, state.base_revision_id, known)
    left = state.entry_ids[done:]
    if left:
        by_id = {entry.id: entry for entry in log(connection, draft.id)}
        plan = replay(plan, [by_id[entry_id].edit for entry_id in left])[-1]
        _keep(known, state, plan)
    return plan


def _keep(known: KnownPlans | None, state: DraftState, plan: Plan) -> None:
    if known is not None:
        known.keep(state, plan)


def _in_state(entries: Sequence[LogEntry], state: EntryState) -> list[LogEntry]:
    return [entry for entry in entries if entry.state is state]
