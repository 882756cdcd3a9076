"""Which drafts does a series have, and which of their versions have names?

Every function works inside the caller's transaction. Those that change a draft lock its row, make
it one version older, and write an event and an audit entry; listeners on ``DRAFT_CHANNEL`` hear of
it when the transaction commits. How the plan of a draft is edited is in :mod:`gis.store.drafting`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, insert, select

from gis.errors import Conflict, NotFound
from gis.plan.describing import list_some
from gis.plan.drafts import Change, DraftState, DraftStatus, LogEntry
from gis.store import audit, tables
from gis.store.draft_rows import (
    DRAFT_CHANNEL,
    Draft,
    append_entries,
    change,
    clean_name,
    clean_person,
    events_since,
    get,
    log,
    read_drafts,
    require,
    write_event,
)
from gis.store.drafting import (
    Changed,
    append_edit,
    current_plan,
    find_base,
    find_state,
    plan_at,
    rebase_onto,
    redo,
    undo,
    write_row,
)
from gis.store.plans import Series
from gis.store.sessions import translating

__all__ = [
    "DRAFT_CHANNEL", "Changed", "Draft", "NamedVersion", "append_edit", "clone", "create",
    "current_plan", "events_since", "get", "list_drafts", "list_versions", "lock_codes", "log",
    "name_version", "plan_at", "rebase_onto", "redo", "undo", "unlock_codes",
]  # fmt: skip

_version = tables.draft_version.c


@dataclass(frozen=True, slots=True)
class NamedVersion:
    """A version that someone gave a name to find it again."""

    version: int
    name: str
    created_by: str
    created_at: datetime


def create(
    connection: Connection,
    series: Series,
    name: str,
    *,
    actor: str,
    base_revision_id: int | None = None,
) -> Draft:
    """Begin a draft on a published revision, the latest one by default.

    Raises
    ------
    NotFound
        The series has no published revision, or not this one.
    InputError
        The name is empty or too long, or nobody is named.
    """
    base = find_base(connection, series.id, base_revision_id)
    return _begin(connection, series.id, DraftState(base, ()), name, actor, (), "")


def list_drafts(
    connection: Connection, series: Series, *, statuses: Collection[DraftStatus] | None = None
) -> list[Draft]:
    """Return the drafts of a series, the newest first; all, or those of some statuses."""
    found = read_drafts(connection, series_id=series.id)
    return [draft for draft in found if statuses is None or draft.status in statuses]


def clone(
    connection: Connection,
    draft_id: int,
    name: str,
    *,
    actor: str,
    from_version: str | None = None,
) -> Draft:
    """Begin a draft that looks as another one does now, or did at a named version."""
    draft = get(connection, draft_id)
    version = draft.version
    if from_version is not None:
        version = _find_version(connection, draft_id, from_version).version
    state = find_state(connection, draft, version)
    find_base(connection, draft.series_id, state.base_revision_id)  # it may have been cancelled
    by_id = {entry.id: entry for entry in log(connection, draft_id)}
    entries = [by_id[entry_id] for entry_id in state.entry_ids]
    said = f"as draft {draft_id} ({draft.name}) at version {version}"
    return _begin(connection, draft.series_id, state, name, actor, entries, said)


def name_version(connection: Connection, draft_id: int, name: str, *, actor: str) -> NamedVersion:
    """Give the newest version of a draft a name; Conflict if the draft has the name already."""
    person, clean = clean_person(actor), clean_name(name)
    draft = get(connection, draft_id, for_update=True)
    if any(each.name == clean for each in list_versions(connection, draft_id)):
        raise Conflict(f"draft {draft_id} has a version {clean!r} already; take another name")
    draft = change(connection, draft, Change.NAMED, actor=person, summary=f"named {clean}")
    values = {
        "draft_id": draft_id,
        "version": draft.version,
        "name": clean,
        "created_by": person,
    }
    with translating():
        connection.execute(insert(tables.draft_version).values(values))
    return _find_version(connection, draft_id, clean)


def list_versions(connection: Connection, draft_id: int) -> list[NamedVersion]:
    """Return the named versions of a draft, the earliest first."""
    query = (
        select(_version.version, _version.name, _version.created_by, _version.created_at)
        .where(_version.draft_id == draft_id)
        .order_by(_version.version)
    )
    with translating():
        rows = connection.execute(query).all()
    return [NamedVersion(v, name, by, at.astimezone(UTC)) for v, name, by, at in rows]


def lock_codes(
    connection: Connection, draft_id: int, codes: Collection[str], *, actor: str
) -> Draft:
    """Keep grids from being changed in an open draft, until they are unlocked.

    Raises
    ------
    NotFound
        The draft has no grid of such a code.
    """
    draft = get(connection, draft_id, for_update=True)
    require(draft, DraftStatus.OPEN, to="lock grids")
    plan = current_plan(connection, draft)
    missing = sorted(code for code in codes if code not in plan)
    if missing:
        raise NotFound(f"no grid has the code {list_some(missing)}", codes=missing)
    return _set_locked(connection, draft, Change.LOCKED, codes, draft.locked | {*codes}, actor)


def unlock_codes(
    connection: Connection, draft_id: int, codes: Collection[str], *, actor: str
) -> Draft:
    """Let locked grids be changed again."""
    draft = get(connection, draft_id, for_update=True)
    require(draft, DraftStatus.OPEN, to="unlock grids")
    return _set_locked(connection, draft, Change.UNLOCKED, codes, draft.locked - {*codes}, actor)


def _begin(
    connection: Connection,
    series_id: int,
    state: DraftState,
    name: str,
    actor: str,
    entries: Sequence[LogEntry],
    said: str,
) -> Draft:
    person = clean_person(actor)
    values = {
        "series_id": series_id,
        "base_revision_id": state.base_revision_id,
        "name": clean_name(name),
        "created_by": person,
    }
    with translating():
        query = insert(tables.draft).values(values).returning(tables.draft.c.id)
        draft_id: int = connection.execute(query).scalar_one()
    copies = append_entries(connection, draft_id, [write_row(entry) for entry in entries])
    state = DraftState(state.base_revision_id, tuple(entry.id for entry in copies))
    write_event(
        connection, draft_id, 1, Change.CREATED, actor=person, summary=said or "created",
        state=state,
    )  # fmt: skip
    draft = get(connection, draft_id)
    told = {"draft": draft_id, "name": draft.name, "base": draft.base_revision_id, "said": said}
    audit.record(connection, person, "draft.created", draft.series, told)
    return draft


def _find_version(connection: Connection, draft_id: int, name: str) -> NamedVersion:
    known = list_versions(connection, draft_id)
    for each in known:
        if each.name == name:
            return each
    names = list_some([each.name for each in known]) or "none"
    raise NotFound(f"draft {draft_id} has no version {name!r}; there are: {names}", version=name)


def _set_locked(
    connection: Connection,
    draft: Draft,
    what: Change,
    codes: Collection[str],
    locked: Collection[str],
    actor: str,
) -> Draft:
    return change(
        connection, draft, what, actor=actor, summary=f"{what} {list_some(sorted(codes))}",
        detail={"codes": sorted(codes)}, values={"locked": sorted(locked)},
    )  # fmt: skip
